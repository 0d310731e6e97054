//! Which schema a document was written for (V1–V4).

use std::sync::LazyLock;

use regex::Regex;

use super::Finding;
use super::table::{V1, V2, V3, V4};
use crate::server_json::{CARRIED_SCHEMAS, CURRENT_SCHEMA};

static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"/schemas/([a-zA-Z0-9_~.-]+)/server\.schema\.json").expect("a pattern"));

/// The id of the schema that an address names: `2025-12-11`.
pub(in crate::server_json) fn id(url: &str) -> Option<&str> {
    ID.captures(url).and_then(|found| found.get(1)).map(|id| id.as_str())
}

pub(super) fn check(url: &str, found: &mut Vec<Finding>) {
    let mut refuse = |rule, message: String| found.push(Finding::new(rule, "schema", message));
    if url.is_empty() {
        return refuse(&V1, "$schema field is required".into());
    }
    let Some(id) = id(url) else {
        return refuse(
            &V2,
            format!("failed to extract schema version from URL: invalid schema URL format: {url}"),
        );
    };
    if !CARRIED_SCHEMAS.contains(&id) {
        let carried = CARRIED_SCHEMAS.join(", ");
        refuse(&V3, format!("schema version {id} not available: this registry carries {carried}"));
    }
    if url != CURRENT_SCHEMA {
        refuse(
            &V4,
            format!(
                "schema version {id} is not the current version ({}). Consider updating to the latest schema version",
                CARRIED_SCHEMAS[CARRIED_SCHEMAS.len() - 1]
            ),
        );
    }
}
