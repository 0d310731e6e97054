//! What a document says beside its `server.json`: kept among the registry's own `_meta` members, marked as claims.

use serde_json::{Map, Value, json};

use super::auth::Auth;
use crate::card::endpoint::Endpoints;
use crate::card::sniff::Shape;
use crate::card::text::clean;

/// How many tool names, keywords or versions are kept.
const MANY: usize = 200;

/// Collects the facts of a card.
pub(super) fn collect(
    card: &Value,
    shape: Shape,
    endpoints: &Endpoints,
    auth: Option<&Auth>,
) -> Map<String, Value> {
    let mut facts = Map::from_iter([("shape".to_owned(), shape.as_str().into())]);
    if let Some(schema) = card.get("$schema").and_then(Value::as_str) {
        facts.insert("sourceSchema".into(), clean(schema, 300).into());
    }
    let versions = protocol_versions(card, shape, endpoints);
    if !versions.is_empty() {
        facts.insert("protocolVersions".into(), versions.into());
    }
    if let Some(auth) = auth {
        facts.insert("auth".into(), auth.summary());
    }
    for kind in ["tools", "resources", "prompts"] {
        let summary = primitives(card.get(kind)).or_else(|| counted(card, kind));
        facts.extend(summary.map(|summary| (kind.to_owned(), summary)));
    }
    if let Some(capabilities) = capabilities(card) {
        facts.insert("capabilities".into(), capabilities.into());
    }
    let keywords: Vec<String> = ["keywords", "tags", "categories"]
        .iter()
        .filter_map(|m| card.get(*m)?.as_array())
        .flat_map(|words| texts(words, 60))
        .take(50)
        .collect();
    if !keywords.is_empty() {
        facts.insert("keywords".into(), keywords.into());
    }
    if endpoints.local {
        facts.insert("local".into(), true.into());
    }
    let assumed: Vec<&str> = endpoints.found.iter().filter(|e| e.assumed).map(|e| e.url.as_str()).collect();
    if !assumed.is_empty() {
        facts.insert("assumedTransport".into(), json!(assumed));
    }
    let dropped = endpoints.dropped.iter().take(20);
    let dropped: Vec<Value> = dropped.map(|d| json!({ "at": d.pointer, "reason": d.reason })).collect();
    if !dropped.is_empty() {
        facts.insert("unusedRemotes".into(), dropped.into());
    }
    let elsewhere = endpoints.elsewhere.iter().take(20);
    let elsewhere: Vec<Value> = elsewhere.map(|e| json!({ "type": e.transport, "url": e.url })).collect();
    if !elsewhere.is_empty() {
        facts.insert("otherTransports".into(), elsewhere.into());
    }
    let installs = installs(card);
    if !installs.is_empty() {
        facts.insert("install".into(), installs.into());
    }
    facts
}

/// How the document says its program is installed: words for people, from which no package is derived.
fn installs(card: &Value) -> Vec<String> {
    let mut words = Vec::new();
    for member in
        ["npm", "pypi", "install", "installation", "installCommand", "package", "packageName", "command"]
    {
        match card.get(member) {
            Some(Value::String(text)) => words.push(clean(text, 200)),
            Some(Value::Object(ways)) => {
                let ways = ways.iter().filter_map(|(name, way)| Some((name, way.as_str()?)));
                words.extend(ways.map(|(name, way)| clean(&format!("{name}: {way}"), 200)).take(10));
            }
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words.truncate(10);
    words
}

fn texts(words: &[Value], max: usize) -> Vec<String> {
    let words = words.iter().filter_map(Value::as_str).map(|w| clean(w, max));
    words.filter(|w| !w.is_empty()).take(MANY).collect()
}

/// How many there are and what they are called; bodies are not kept.
fn primitives(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Number(count) => Some(json!({ "count": count.as_u64()? })),
        Value::String(word) if word == "dynamic" => Some(json!({ "dynamic": true })),
        Value::Array(list) if list.len() == 1 && list[0] == "dynamic" => Some(json!({ "dynamic": true })),
        Value::Array(list) => {
            let name =
                |item: &Value| item.as_str().or_else(|| item.get("name")?.as_str()).map(|n| clean(n, 100));
            let names: Vec<String> =
                list.iter().filter_map(name).filter(|n| !n.is_empty()).take(MANY).collect();
            Some(json!({ "count": list.len(), "names": names }))
        }
        Value::Object(map) => {
            let names: Vec<String> = map.keys().map(|n| clean(n, 100)).take(MANY).collect();
            Some(json!({ "count": map.len(), "names": names }))
        }
        _ => None,
    }
}

/// A count under a name of its own: `tools_count`, `toolCount`.
fn counted(card: &Value, kind: &str) -> Option<Value> {
    let one = kind.trim_end_matches('s');
    let names =
        [format!("{kind}_count"), format!("{one}_count"), format!("{one}Count"), format!("{kind}Count")];
    let count = names.iter().find_map(|name| card.get(name)?.as_u64())?;
    Some(json!({ "count": count }))
}

fn capabilities(card: &Value) -> Option<Vec<String>> {
    let named = match card.get("capabilities")? {
        Value::Array(list) => texts(list, 60),
        Value::Object(map) => map
            .iter()
            .filter(|(_, v)| **v != Value::Bool(false))
            .map(|(k, _)| clean(k, 60))
            .take(50)
            .collect(),
        _ => return None,
    };
    Some(named.into_iter().filter(|n| !n.is_empty()).take(50).collect())
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn protocol_versions(card: &Value, shape: Shape, endpoints: &Endpoints) -> Vec<String> {
    let one = ["protocolVersion", "protocol_version"].iter().filter_map(|m| card.get(*m));
    // In SEP-1960 that is the version of the document, elsewhere the protocol's, if it is a day.
    let day = card.get("mcp_version").filter(|v| shape != Shape::Sep1960 && v.as_str().is_some_and(is_day));
    let one = one.chain(day);
    let many = ["supportedProtocolVersions", "supportedVersions", "protocolVersions"];
    let beside = endpoints.found.iter().filter_map(|e| e.beside.as_ref());
    let listed = many.iter().filter_map(|m| card.get(*m)?.as_array()).flatten();
    let by_remote = beside.filter_map(|b| b.get("supportedProtocolVersions")?.as_array()).flatten();
    let mut versions: Vec<String> = Vec::new();
    for version in one.chain(listed).chain(by_remote).filter_map(Value::as_str).map(|v| clean(v, 20)) {
        if !version.is_empty() && !versions.contains(&version) && versions.len() < 20 {
            versions.push(version);
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_counted_and_their_bodies_dropped() {
        let card = json!({ "tools": [{ "name": "look", "inputSchema": { "type": "object" } }, "find"], "prompts": 3 });
        let facts = collect(&card, Shape::Sep1649, &Endpoints::default(), None);
        assert_eq!(facts["tools"], json!({ "count": 2, "names": ["look", "find"] }));
        assert_eq!(facts["prompts"], json!({ "count": 3 }));
        assert_eq!(primitives(Some(&json!(["dynamic"]))), Some(json!({ "dynamic": true })));
    }

    #[test]
    fn protocol_versions_are_gathered_once() {
        let card =
            json!({ "protocolVersion": "2025-11-25", "supportedVersions": ["2026-07-28", "2025-11-25"] });
        let facts = collect(&card, Shape::Sep1649, &Endpoints::default(), None);
        assert_eq!(facts["protocolVersions"], json!(["2025-11-25", "2026-07-28"]));
    }
}
