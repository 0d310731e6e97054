//! Secrets anywhere in a document (C27): the well-known kinds of keys, and those in an address.

use serde_json::Value;
use url::Url;

use super::Found;
use super::table::C27;
use crate::card::secret;

/// Members that `inputs` looks at, knowing what they are for.
const OF_INPUTS: [&str; 2] = ["value", "default"];

/// Walks through what stands at `path`.
pub(super) fn check(value: &Value, path: &str, found: &mut Found) {
    match value {
        Value::String(text) => {
            if secret::redact(text) != *text {
                found.add(&C27, path, "this looks like a key");
            } else if let Some(name) = key_in_address(text, is_of_remote(path)) {
                found.add(&C27, path, format!("the address carries a key in {name}"));
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                check(item, &format!("{path}[{number}]"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !OF_INPUTS.contains(&name.as_str())) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                check(member, &path, found);
            }
        }
        _ => {}
    }
}

/// Where in an address a key stands: a member of its query, or its path.
fn key_in_address(text: &str, is_of_remote: bool) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut pairs = url.query_pairs();
    let in_query = pairs
        .find(|(name, value)| match is_of_remote {
            true => secret::is_key_of_endpoint(name, value),
            false => secret::is_key_in_query(name, value),
        })
        .map(|(name, _)| format!("`{}`", super::members::shown(&name)));
    in_query.or_else(|| (is_of_remote && secret::path_holds_key(&url)).then(|| "its path".to_owned()))
}

/// Whether a text is where a server runs: there, what is random lets somebody in.
fn is_of_remote(path: &str) -> bool {
    path.ends_with(".url") && path.contains("remotes[")
}
