//! What a publisher's JSON must look like (S1–S18); the only way from a request to a [`ServerJson`].

use serde_json::Value;

use super::ServerJson;
use crate::listing::StatusChange;

/// One thing that is wrong with the shape of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeIssue {
    /// The rule's id: `S1`, `S2`, ….
    pub rule: &'static str,
    /// Where: `body.packages[0].transport`.
    pub location: String,
    /// What is wrong, in the contract's words.
    pub message: String,
    /// What stands there.
    pub value: Option<Value>,
}

/// Bytes that are no JSON.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotJson(String);

/// Reads a body as JSON.
pub fn parse_json(bytes: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice(bytes).map_err(|error| NotJson(error.to_string()))
}

/// The document, or everything that is wrong with its shape.
pub fn read(value: &Value) -> Result<ServerJson, Vec<ShapeIssue>> {
    let _ = value;
    Err(Vec::new())
}

/// The status somebody asks for, or everything that is wrong with the shape of the request (S18).
pub fn read_status(value: &Value) -> Result<StatusChange, Vec<ShapeIssue>> {
    let _ = value;
    Err(Vec::new())
}

/// Whether any text of the document holds a NUL character, which Postgres cannot keep.
pub fn holds_nul(server: &ServerJson) -> bool {
    server.to_canonical().contains("\\u0000")
}
