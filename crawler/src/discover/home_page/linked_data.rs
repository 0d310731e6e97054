//! JSON-LD in a page: nodes that are ARD entries.

use std::sync::Arc;

use registry_core::card::raw;
use serde_json::Value;
use url::Url;

use super::super::{CatalogFacts, Found, ai_catalog, ard, place};

/// How deep nodes may stand.
const MAX_DEPTH: usize = 8;

/// How many values of one page are looked at.
const MAX_VALUES: usize = 20_000;

/// How many entries of one page are read.
const MOST: usize = 500;

/// The entries of a page's scripts. What is no JSON is for a search engine to complain about.
pub(super) fn read(scripts: &[String], base: &Url) -> Vec<Found> {
    let mut nodes = Nodes { base, found: Vec::new(), values: 0, entries: 0 };
    for (at, script) in scripts.iter().enumerate() {
        let Ok(value) = raw::parse(script.as_bytes()) else { continue };
        let pointer = format!("/script/{at}");
        let facts = Arc::new(CatalogFacts {
            url: Some(base.clone()),
            pointer: pointer.clone(),
            ..CatalogFacts::default()
        });
        nodes.walk(&ard::unprefixed(value), pointer, MAX_DEPTH, &facts);
    }
    nodes.found
}

struct Nodes<'a> {
    base: &'a Url,
    found: Vec<Found>,
    values: usize,
    entries: usize,
}

impl Nodes<'_> {
    fn walk(&mut self, value: &Value, pointer: String, depth: usize, facts: &Arc<CatalogFacts>) {
        self.values += 1;
        let Some(depth) = depth.checked_sub(1).filter(|_| self.values <= MAX_VALUES) else { return };
        match value {
            Value::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    self.walk(element, format!("{pointer}/{at}"), depth, facts);
                }
            }
            Value::Object(_) if is_entry(value) => self.entry(value, pointer, facts),
            Value::Object(members) => {
                for (name, member) in
                    members.iter().filter(|(_, member)| member.is_array() || member.is_object())
                {
                    self.walk(member, format!("{pointer}/{}", place::step(name)), depth, facts);
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, value: &Value, pointer: String, facts: &Arc<CatalogFacts>) {
        self.entries += 1;
        if self.entries > MOST {
            return;
        }
        match ai_catalog::entry(value, self.base, &pointer, 1, facts) {
            Ok(found) => self.found.extend(found),
            Err(reason) => self.found.push(Found::Skipped { pointer, reason }),
        }
    }
}

/// Whether a node is an entry: an identifier of ARD's kind, a type, and something to read.
fn is_entry(node: &Value) -> bool {
    let identifier = node.get("identifier").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let is_named = identifier.starts_with("urn:air:") || identifier.starts_with("urn:ai:");
    is_named
        && node.get("type").is_some_and(Value::is_string)
        && (node.get("url").is_some() || node.get("data").is_some())
}
