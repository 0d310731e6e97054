//! The answer of `validate` (contract 1.8), with one member that this registry adds to each issue.

use serde::{Deserialize, Serialize};

use crate::server_json::rules::table::J1;
use crate::server_json::rules::{Finding, Severity};
use crate::server_json::schema::SchemaFinding;

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ValidationResult {
    /// Whether no issue is an error.
    pub valid: bool,
    /// The issues, at most a thousand.
    pub issues: Vec<ValidationIssue>,
}

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ValidationIssue {
    /// `json`, `schema`, `semantic` or `linter`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where: `packages[0].transport.url`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// The rule's stable name, or the place in the JSON Schema.
    pub reference: String,
    /// The rule's number; only this registry gives it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
}

impl ValidationIssue {
    /// Whether the document is refused for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error.as_str()
    }
}

impl From<&Finding> for ValidationIssue {
    fn from(finding: &Finding) -> Self {
        let Finding { rule, path, message } = finding;
        Self {
            kind: rule.sort.as_str().to_owned(),
            path: path.clone(),
            message: message.clone(),
            severity: rule.severity.as_str().to_owned(),
            reference: rule.reference.to_owned(),
            rule: rule.id.to_owned(),
        }
    }
}

impl From<SchemaFinding> for ValidationIssue {
    fn from(finding: SchemaFinding) -> Self {
        let SchemaFinding { path, message, reference } = finding;
        let (kind, severity) = (J1.sort.as_str().to_owned(), J1.severity.as_str().to_owned());
        Self { kind, path, message, severity, reference, rule: J1.id.to_owned() }
    }
}
