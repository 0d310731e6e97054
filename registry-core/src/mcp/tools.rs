//! The tools of a living server: names and descriptions for search, and a hash of each that changes when the tool does.

use serde_json::{Map, Value, json};

use super::words;
use crate::card::secret;
use crate::digest::Digest;

/// The largest answer to `tools/list` that is read.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// How many tools are kept.
const MAX_TOOLS: usize = 1000;

/// The longest name; longer ones are no names.
const MAX_NAME: usize = 200;

/// The longest description kept.
const MAX_DESCRIPTION: usize = 2000;

/// What of a tool makes it the same tool: what a model is told, and what it may do.
const HASHED: [&str; 6] = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];

/// One tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, on one line.
    pub description: String,
    /// SHA-256 over the canonical JSON (RFC 8785) of all that a client acts on.
    pub hash: Digest,
}

/// The tools a server listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    /// The tools, by name; each name once.
    pub list: Vec<Tool>,
    /// Whether that is all of them.
    pub is_whole: bool,
}

impl Tools {
    /// Reads a result of `tools/list`; none where it has no list.
    pub fn read(result: &Map<String, Value>) -> Option<Self> {
        let all = result.get("tools")?.as_array()?;
        let mut list: Vec<Tool> = all.iter().take(MAX_TOOLS).filter_map(tool).collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list.dedup_by(|a, b| a.name == b.name);
        let has_more = result.get("nextCursor").is_some_and(|cursor| !cursor.is_null());
        Some(Self { list, is_whole: !has_more && all.len() <= MAX_TOOLS })
    }
}

/// The hash over tools that are sorted by name: it changes when one of them does.
pub fn hash<'t>(tools: impl Iterator<Item = (&'t str, Digest)>) -> Digest {
    let list: Vec<Value> =
        tools.map(|(name, hash)| json!({ "name": name, "hash": hash.to_string() })).collect();
    canonical(&Value::from(list))
}

fn tool(value: &Value) -> Option<Tool> {
    let members = value.as_object()?;
    let name = members.get("name")?.as_str()?;
    let is_odd = name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control);
    if is_odd || secret::holds_key(name) {
        return None;
    }
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    let said = text("description").or_else(|| text("title"));
    let hashed =
        HASHED.iter().filter_map(|member| Some(((*member).to_owned(), members.get(*member)?.clone())));
    Some(Tool {
        name: name.to_owned(),
        description: words(said, MAX_DESCRIPTION).unwrap_or_default(),
        hash: canonical(&Value::Object(hashed.collect())),
    })
}

fn canonical(value: &Value) -> Digest {
    // What was parsed from JSON can be written as JSON.
    Digest::of(&serde_json_canonicalizer::to_vec(value).unwrap_or_else(|_| value.to_string().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(result: Value) -> Option<Tools> {
        Tools::read(result.as_object().expect("an object"))
    }

    fn hash_of(tool: Value) -> Digest {
        read(json!({ "tools": [tool] })).expect("a list").list[0].hash
    }

    #[test]
    fn the_hash_knows_content_and_not_spelling() {
        let one = json!({ "name": "a", "description": "d", "inputSchema": { "x": 1, "y": 2.0 }, "_meta": { "at": 1 } });
        let same = json!({ "inputSchema": { "y": 2, "x": 1 }, "description": "d", "name": "a", "icons": [] });
        assert_eq!(hash_of(one.clone()), hash_of(same));
        for (member, value) in [
            ("description", json!("e")),
            ("inputSchema", json!({})),
            ("annotations", json!({ "destructiveHint": true })),
            ("title", json!("A")),
        ] {
            let mut other = one.clone();
            other[member] = value;
            assert_ne!(hash_of(one.clone()), hash_of(other), "{member}");
        }
    }

    #[test]
    fn the_hash_is_that_of_rfc_8785() {
        let expected = Digest::of(br#"{"description":"d","name":"a"}"#);
        assert_eq!(hash_of(json!({ "name": "a", "description": "d" })), expected);
    }

    #[test]
    fn hostile_lists_are_cut_and_cleaned() {
        let tools = read(json!({ "tools": [
            7, {}, { "name": "" }, { "name": "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg" }, { "name": "a\nb" }, { "name": "x".repeat(500) },
            { "name": "b", "description": "two\nlines\u{202e}" }, { "name": "a" }, { "name": "b" },
        ], "nextCursor": "more" }))
        .expect("a list");
        assert_eq!(
            tools.list.iter().map(|t| (t.name.as_str(), t.description.as_str())).collect::<Vec<_>>(),
            [("a", ""), ("b", "two lines")]
        );
        assert!(!tools.is_whole);
        assert_eq!(read(json!({ "tools": "none" })), None);
        let many: Vec<Value> = (0..1500).map(|n| json!({ "name": format!("t{n}") })).collect();
        let many = read(json!({ "tools": many })).expect("a list");
        assert_eq!((many.list.len(), many.is_whole), (MAX_TOOLS, false));
    }

    #[test]
    fn the_hash_of_all_changes_with_one() {
        let digest = |text: &str| Digest::of(text.as_bytes());
        let all = |b: &str| hash([("a", digest("1")), ("b", digest(b))].into_iter());
        assert_eq!(all("2"), all("2"));
        assert_ne!(all("2"), all("3"));
    }
}
