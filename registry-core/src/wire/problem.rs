//! The error document (RFC 9457, contract 1.4), with the members this registry adds at its end.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::validate::ValidationIssue;

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ErrorModel)]
pub struct Problem {
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, and what to do.
    pub detail: String,
    /// Each single problem, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemDetail>,
    /// A stable word for programs.
    #[serde(default)]
    pub code: String,
    /// The detail again, for clients that look for this member.
    #[serde(default)]
    pub error: String,
    /// The broken rules, where a document is refused for what it says: what `validate` tells, but for the JSON Schema's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<ValidationIssue>,
}

/// One of several problems.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ErrorDetail)]
pub struct ProblemDetail {
    /// What is wrong.
    pub message: String,
    /// Where: `body.packages[0].transport`, `query.limit`, `header.Authorization`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// What stands there, of whatever type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub value: Option<Value>,
    /// The number of the rule that is broken, where it is a rule about documents.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
}
