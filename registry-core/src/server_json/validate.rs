//! What `validate` says of a document whose shape is right (contract 1.8).

use super::{ServerJson, rules, schema};
use crate::wire::validate::{ValidationIssue, ValidationResult};

/// How many issues of one document are told; more than these nobody reads.
pub const MOST_ISSUES: usize = 1000;

/// Every finding about a document: on the schema it names, by that schema, and on what it says.
///
/// Nothing outside the document is asked: neither who may publish it, nor what is listed already.
pub fn validate(server: &ServerJson) -> ValidationResult {
    let by_rule = |findings: Vec<rules::Finding>| findings.into_iter().map(|finding| (&finding).into());
    let mut issues: Vec<ValidationIssue> = by_rule(rules::check_schema(server)).collect();
    issues.extend(schema::check(server).into_iter().map(ValidationIssue::from));
    issues.extend(by_rule(rules::check_meaning(server)));
    let valid = !issues.iter().any(ValidationIssue::is_error);
    issues.truncate(MOST_ISSUES);
    ValidationResult { valid, issues }
}
