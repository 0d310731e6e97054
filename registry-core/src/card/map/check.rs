//! The last look: whatever a registry's rules still refuse goes, with the smallest optional part it stands in.

use serde_json::{Map, Value, json};

use super::MapError;
use crate::card::secret;
use crate::card::text::clean;
use crate::server_json::{ServerJson, rules, shape};
use crate::version::ServerVersion;

/// How many dropped parts are told.
const MANY: usize = 20;

/// Whether a text can be the version of a server.
pub(super) fn is_version(text: &str) -> bool {
    text.parse::<ServerVersion>().is_ok() && rules::is_specific(text)
}

/// The document without what breaks a rule; what was dropped is told under `dropped`.
///
/// Fails where name, version, description or schema break one: no document is left without them.
pub(super) fn repair(server: ServerJson, facts: &mut Map<String, Value>) -> Result<ServerJson, MapError> {
    let mut document = serde_json::to_value(&server).map_err(|e| MapError::Rule(e.to_string()))?;
    // Every member was searched for credentials where it was read; this is for the member nobody thought of.
    secret::redact_value(&mut document);
    let mut dropped = Vec::new();
    // Each round takes something away, and a header less may leave an address with an undefined variable: look again.
    let server = loop {
        let broken = match shape::read(&document) {
            Ok(server) => match breaches(&server) {
                none if none.is_empty() => break server,
                some => some,
            },
            Err(issues) => issues.into_iter().map(Breach::from).collect(),
        };
        drop_parts(&mut document, broken, &mut dropped)?;
    };
    if !dropped.is_empty() {
        dropped.truncate(MANY);
        facts.insert("dropped".into(), dropped.into());
    }
    Ok(server)
}

/// What is wrong, and at which path.
struct Breach {
    path: String,
    message: String,
}

impl From<shape::ShapeIssue> for Breach {
    fn from(issue: shape::ShapeIssue) -> Self {
        let path = issue.location.trim_start_matches("body").trim_start_matches('.').to_owned();
        Self { path, message: issue.message }
    }
}

fn breaches(server: &ServerJson) -> Vec<Breach> {
    let found = rules::check(server).into_iter().filter(rules::Finding::is_error);
    found.map(|f| Breach { path: f.path, message: f.message }).collect()
}

fn drop_parts(document: &mut Value, broken: Vec<Breach>, dropped: &mut Vec<Value>) -> Result<(), MapError> {
    let mut parts: Vec<(Vec<Step>, String)> = Vec::new();
    for Breach { path, message } in broken {
        let Some(part) = part(&path, document) else {
            return Err(MapError::Rule(clean(&message, 300)));
        };
        if !parts.iter().any(|(known, _)| *known == part) {
            dropped.push(json!({ "at": show(&part), "reason": clean(&message, 300) }));
            parts.push((part, message));
        }
    }
    // From the back, so that what is still to be taken out of a list keeps its place.
    parts.sort_by(|a, b| b.0.cmp(&a.0));
    let mut removed = false;
    for (part, _) in &parts {
        removed |= remove(document, part);
    }
    match parts.into_iter().next() {
        Some((_, message)) if !removed => Err(MapError::Rule(clean(&message, 300))),
        _ => Ok(()),
    }
}

/// A step down into a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Member(String),
    Item(usize),
}

/// The smallest part around a path that the document can do without; none where it cannot.
fn part(path: &str, document: &Value) -> Option<Vec<Step>> {
    let (first, rest) = step(path)?;
    let Step::Member(name) = &first else { return None };
    let mut part = vec![first.clone()];
    match name.as_str() {
        "title" | "websiteUrl" | "_meta" => return Some(part),
        "repository" => {
            if rest == ".subfolder" {
                part.push(Step::Member("subfolder".into()));
            }
            return Some(part);
        }
        "icons" | "packages" | "remotes" => {}
        _ => return None,
    }
    let Some((item @ Step::Item(i), rest)) = step(rest) else { return Some(part) };
    part.push(item);
    let (list, rest) = match step(rest) {
        Some((Step::Member(transport), below)) if transport == "transport" => {
            let (Some(below), transport) = (step(below), Step::Member(transport)) else { return Some(part) };
            (vec![transport, below.0], below.1)
        }
        Some((list, below)) => (vec![list], below),
        None => return Some(part),
    };
    let is = |name: &str| matches!(list.last(), Some(Step::Member(member)) if member == name);
    if is("headers") || is("environmentVariables") {
        if let Some((item @ Step::Item(_), _)) = step(rest) {
            part.extend(list);
            part.push(item);
        }
    } else if is("variables") {
        let pointer = if list.len() == 2 { "transport/variables" } else { "variables" };
        let declared = document.pointer(&format!("/{name}/{i}/{pointer}"))?.as_object()?;
        let of_name = |key: &&String| rest.strip_prefix('.').and_then(|r| r.strip_prefix(key.as_str()));
        let is_it = |key: &&String| of_name(key).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']));
        if let Some(variable) = declared.keys().filter(is_it).max_by_key(|key| key.len()) {
            part.extend(list);
            part.push(Step::Member(variable.clone()));
        }
    }
    Some(part)
}

/// The first step of a path such as `[0].headers`, and the rest.
fn step(path: &str) -> Option<(Step, &str)> {
    if let Some(rest) = path.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        return Some((Step::Item(index.parse().ok()?), rest));
    }
    let path = path.strip_prefix('.').unwrap_or(path);
    let (name, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
    (!name.is_empty()).then(|| (Step::Member(name.to_owned()), rest))
}

/// Takes the part out; says whether it was there.
fn remove(document: &mut Value, part: &[Step]) -> bool {
    let Some((last, above)) = part.split_last() else { return false };
    let parent = above.iter().try_fold(document, |value, step| match step {
        Step::Member(name) => value.get_mut(name),
        Step::Item(i) => value.get_mut(i),
    });
    match (parent, last) {
        (Some(Value::Object(members)), Step::Member(name)) => members.shift_remove(name).is_some(),
        (Some(Value::Array(items)), Step::Item(i)) if *i < items.len() => {
            items.remove(*i);
            true
        }
        _ => false,
    }
}

fn show(part: &[Step]) -> String {
    let mut path = String::new();
    for step in part {
        match step {
            Step::Member(name) if path.is_empty() => path.push_str(name),
            Step::Member(name) => path.extend([".", name]),
            Step::Item(i) => path.push_str(&format!("[{i}]")),
        }
    }
    clean(&path, 200)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_json::CURRENT_SCHEMA;

    fn document(members: Value) -> ServerJson {
        let mut document = json!({
            "$schema": CURRENT_SCHEMA, "name": "com.acme/weather", "description": "d", "version": "1.0.0",
        });
        for (name, value) in members.as_object().expect("members") {
            document[name] = value.clone();
        }
        serde_json::from_value(document).expect("a document")
    }

    fn repaired(members: Value) -> (Value, Vec<String>) {
        let mut facts = Map::new();
        let server = repair(document(members), &mut facts).expect("repairable");
        assert_eq!(breaches(&server).len(), 0);
        let mut served = serde_json::to_value(&server).expect("JSON");
        for member in ["$schema", "name", "description", "version"] {
            served.as_object_mut().expect("an object").shift_remove(member);
        }
        let dropped = facts.get("dropped").and_then(Value::as_array).into_iter().flatten();
        (served, dropped.filter_map(|d| d["at"].as_str().map(str::to_owned)).collect())
    }

    #[test]
    fn a_document_without_a_breach_stays_as_it_is() {
        let (served, dropped) =
            repaired(json!({ "remotes": [{ "type": "sse", "url": "https://acme.com/sse" }] }));
        assert_eq!(served, json!({ "remotes": [{ "type": "sse", "url": "https://acme.com/sse" }] }));
        assert!(dropped.is_empty());
    }

    #[test]
    fn the_smallest_optional_part_goes() {
        let (served, dropped) = repaired(json!({
            "title": " ",
            "websiteUrl": "http://acme.com",
            "repository": { "url": "https://github.com/a/b", "source": "github", "subfolder": "/x" },
            "icons": [{ "src": "http://acme.com/a" }, { "src": "https://acme.com/b" }, { "src": "/c" }],
            "packages": [
                { "registryType": "npm", "identifier": "a b", "transport": { "type": "stdio" } },
                { "registryType": "npm", "identifier": "c", "version": "latest", "transport": { "type": "stdio" } },
                { "registryType": "npm", "identifier": "d", "transport": { "type": "stdio" },
                  "environmentVariables": [{ "name": "A" }, { "name": "B", "format": "int" }] },
                { "registryType": "npm", "identifier": "e", "transport": { "type": "stdio" },
                  "packageArguments": [{ "type": "named" }] },
            ],
            "remotes": [
                { "type": "websocket", "url": "https://acme.com" },
                { "type": "sse", "url": "https://acme.com/sse", "headers": [{ "name": "A", "format": "x" }, { "name": "B" }],
                  "variables": { "a": {}, "a.b": { "format": "x" } } },
            ],
        }));
        assert_eq!(
            served,
            json!({
                "repository": { "url": "https://github.com/a/b", "source": "github" },
                "icons": [{ "src": "https://acme.com/b" }],
                "packages": [{ "registryType": "npm", "identifier": "d", "transport": { "type": "stdio" },
                    "environmentVariables": [{ "name": "A" }] }],
                "remotes": [{ "type": "sse", "url": "https://acme.com/sse", "headers": [{ "name": "B" }], "variables": { "a": {} } }],
            })
        );
        for at in [
            "title",
            "websiteUrl",
            "repository.subfolder",
            "icons[0].src",
            "packages[2].environmentVariables[1]",
            "remotes[1].headers[0]",
            "remotes[1].variables.a.b",
            "remotes[0]",
        ] {
            let at = at.trim_end_matches(".src");
            assert!(dropped.iter().any(|d| d == at), "{at} is not among {dropped:?}");
        }
    }

    #[test]
    fn what_hung_on_a_dropped_part_goes_too() {
        let (served, dropped) = repaired(json!({
            "packages": [{ "registryType": "npm", "identifier": "a", "transport": { "type": "sse", "url": "http://localhost:{PORT}/" },
                "environmentVariables": [{ "name": "PORT", "format": "int" }] }],
            "remotes": [{ "type": "sse", "url": "https://{r}.acme.com", "variables": { "r": { "format": "int" } } }],
        }));
        assert_eq!(served, json!({}));
        assert_eq!(
            dropped,
            ["packages[0].environmentVariables[0]", "remotes[0].variables.r", "packages[0]", "remotes[0]"]
        );
    }

    #[test]
    fn no_document_is_left_without_name_version_and_description() {
        for (members, word) in [
            (json!({ "name": "a/weather" }), "namespace"),
            (json!({ "version": "latest" }), "reserved"),
            (json!({ "description": "" }), "length"),
            (json!({ "$schema": "https://acme.com" }), "schema"),
        ] {
            let refused = repair(document(members), &mut Map::new());
            assert!(matches!(&refused, Err(MapError::Rule(why)) if why.contains(word)), "{refused:?}");
        }
    }

    #[test]
    fn hostile_documents_end_small() {
        let remotes: Vec<Value> = (0..2000)
            .map(|i| json!({ "type": "sse", "url": format!("https://{{v{i}}}.acme.com/"), "headers": [{ "name": "", "format": "\u{0}" }] }))
            .collect();
        let variables: Map<String, Value> = Map::from_iter([
            ("a[0].headers[9]".to_owned(), json!({ "format": "x" })),
            (String::new(), json!({ "format": "x" })),
        ]);
        let (served, dropped) = repaired(json!({
            "remotes": remotes,
            "packages": [{ "registryType": "npm", "identifier": "a",
                "transport": { "type": "stdio", "variables": variables, "headers": [{ "format": "x" }] } }],
        }));
        assert_eq!(
            served,
            json!({ "packages": [{ "registryType": "npm", "identifier": "a", "transport": { "type": "stdio" } }] })
        );
        assert_eq!(dropped.len(), MANY);
    }

    #[test]
    fn a_version_is_neither_latest_nor_a_range() {
        assert!(is_version("1.0.0") && is_version("2021.03.15") && is_version("snapshot"));
        for bad in ["", " ", "latest", "^1.0", "1.x", "1 || 2", "1\n"] {
            assert!(!is_version(bad), "{bad:?}");
        }
    }
}
