//! Whether a document agrees with the JSON Schema that it names (J1): asked by `validate` only.

mod budget;
mod document;
mod finding;

use std::sync::LazyLock;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use finding::Findings;
pub use finding::SchemaFinding;

use super::address::Address;
use super::{CARRIED_SCHEMAS, ServerJson, rules};

/// How many findings are told; more than these nobody reads.
const MOST_FINDINGS: usize = 1000;

/// A schema, ready to judge, and its text, in which references are looked up.
struct Schema {
    document: Value,
    validator: Validator,
}

static SCHEMAS: LazyLock<[(&str, Schema); 6]> =
    LazyLock::new(|| CARRIED_SCHEMAS.map(|id| (id, Schema::new(document::of(id)))));

/// Where the document, in its canonical form, differs from the schema that it names.
///
/// None where that schema is unknown: V2 and V3 speak of it.
pub fn check(server: &ServerJson) -> Vec<SchemaFinding> {
    let id = rules::schema_id(&server.schema);
    let schema = SCHEMAS.iter().find(|(carried, _)| Some(*carried) == id);
    match (schema, serde_json::to_value(server)) {
        (Some((_, schema)), Ok(document)) => schema.findings(&document),
        _ => Vec::new(),
    }
}

impl Schema {
    fn new(document: Value) -> Self {
        let options = jsonschema::options()
            .with_draft(Draft::Draft7)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .with_format("uri", |text| Address::parse(text).is_ok_and(|address| address.is_absolute()))
            .offline();
        let validator = options.build(&document).expect("the schemas of this registry are schemas");
        Self { document, validator }
    }

    fn findings(&self, document: &Value) -> Vec<SchemaFinding> {
        let Some(cut) = budget::cut(document) else { return self.told(document) };
        if self.validator.is_valid(document) {
            return Vec::new();
        }
        let found = self.told(&cut);
        if found.is_empty() { self.lists_that_fail_behind(document) } else { found }
    }

    fn told(&self, document: &Value) -> Vec<SchemaFinding> {
        let mut findings = Findings::new(&self.document, MOST_FINDINGS);
        for error in self.validator.iter_errors(document) {
            findings.take(&error);
        }
        findings.told()
    }

    /// The lists of which some item behind the cut does not agree.
    fn lists_that_fail_behind(&self, document: &Value) -> Vec<SchemaFinding> {
        let members = document.as_object().into_iter().flatten();
        let lists = members.filter(|(_, value)| value.is_array()).map(|(name, _)| name);
        let fails = |list: &&String| !self.validator.is_valid(&budget::only(document, list));
        let message = format!(
            "an item behind the first {} of the document does not agree with the schema; send fewer to see which",
            budget::MOST_ITEMS
        );
        let tell = |list: &String| SchemaFinding {
            path: list.clone(),
            message: message.clone(),
            reference: "#/definitions/ServerDetail".to_owned(),
        };
        lists.filter(fails).map(tell).collect()
    }
}

#[cfg(test)]
mod tests;
