//! Answers whose JSON is ready: the right type, a newline at the end, an `ETag` of the bytes.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use registry_core::wire::servers::ListMetadata;
use serde::Serialize;

use crate::caching;
use crate::problem::ApiError;
use crate::read_model::entry::Entry;

/// No charset: JSON has none (contract 1.3).
const JSON: &str = "application/json";

/// A JSON document that is sent as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Of a text that is one JSON document, without the newline.
    pub fn ready(mut json: String) -> Self {
        json.push('\n');
        Self(json)
    }

    /// Of a value.
    pub fn of(value: &impl Serialize) -> Result<Self, ApiError> {
        let json = serde_json::to_string(value).map_err(|error| ApiError::Internal(error.into()))?;
        Ok(Self::ready(json))
    }

    /// A list (contract 1.5) of versions whose answers are ready.
    pub fn list(entries: &[Arc<Entry>], next_cursor: Option<String>) -> Self {
        let metadata = ListMetadata { next_cursor, count: entries.len() };
        let room = entries.iter().map(|entry| entry.json().len() + 1).sum::<usize>();
        let mut json = String::with_capacity(room + 200);
        json.push_str(r#"{"servers":["#);
        for (i, entry) in entries.iter().enumerate() {
            if i > 0 {
                json.push(',');
            }
            json.push_str(entry.json());
        }
        json.push_str(r#"],"metadata":"#);
        json.push_str(&serde_json::to_string(&metadata).unwrap_or_default());
        json.push('}');
        Self::ready(json)
    }

    /// The answer, or 304 for somebody who holds these bytes already.
    pub fn unless_known(self, asked: &HeaderMap) -> Response {
        caching::unless_known(JSON, self.0, asked)
    }
}

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, JSON)], self.0).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model::catalog::tests::entry;

    #[test]
    fn a_list_is_made_of_ready_answers() {
        let entries = [entry("a.b/c1", "1.0.0", true), entry("a.b/d1", "1.0.0", true)].map(Arc::new);
        let Json(json) = Json::list(&entries, Some("c1.x".into()));
        assert!(json.ends_with("],\"metadata\":{\"nextCursor\":\"c1.x\",\"count\":2}}\n"), "{json}");
        let list: registry_core::wire::servers::ServerList = serde_json::from_str(&json).expect("a list");
        assert_eq!(list.servers[1].server.name, "a.b/d1");
        assert_eq!(Json::list(&[], None), Json::ready(r#"{"servers":[],"metadata":{"count":0}}"#.into()));
    }
}
