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
            } else if let Some(name) = key_in_address(text) {
                found.add(&C27, path, format!("the address carries a key in `{name}`"));
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

/// The member of an address' query that stands for itself although it is named like a secret.
fn key_in_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut pairs = url.query_pairs();
    let is_key = |name: &str, value: &str| {
        secret::is_secret_name(name) && value.len() >= 8 && secret::is_literal(value)
    };
    pairs.find(|(name, value)| is_key(name, value)).map(|(name, _)| super::members::shown(&name))
}
