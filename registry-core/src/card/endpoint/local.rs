//! Whether a document describes a program for one's own machine: a lead for packages, not a place on the web.

use serde_json::Value;

use super::Spoken;

/// Members under which documents keep how their program is started or installed.
const HOLDERS: [&str; 8] =
    ["transport", "server", "runtime", "usage", "config", "install", "installation", "package"];

/// Members that say how a program is installed, in words or as an object.
const INSTALLS: [&str; 7] =
    ["install", "installation", "npm", "pypi", "package", "packageName", "installCommand"];

/// Whether the card describes such a program, beside what else it may describe.
pub(super) fn is_local(card: &Value) -> bool {
    let lists = ["transport", "transports"].iter().filter_map(|member| card.get(*member)?.as_array());
    let holders = HOLDERS.iter().filter_map(|member| card.get(*member));
    let packages = card.get("packages").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    lists.flatten().chain(holders).chain([card]).any(starts)
        || INSTALLS.iter().any(|m| says(card, m))
        || packages
}

/// Whether a value names a transport of one's own machine, or a command.
fn starts(value: &Value) -> bool {
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    let spoken = value.as_str().or_else(|| text("transport")).or_else(|| text("type"));
    spoken.is_some_and(|name| Spoken::of(name) == Spoken::Local)
        || text("scope") == Some("local")
        || value.get("command").is_some_and(|command| command.is_string() || command.is_array())
}

fn says(card: &Value, member: &str) -> bool {
    card.get(member)
        .is_some_and(|value| value.is_object() || value.as_str().is_some_and(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn programs_are_known_by_transport_command_or_package() {
        for card in [
            json!({ "transport": "stdio" }),
            json!({ "transport": ["http", "stdio"] }),
            json!({ "transports": [{ "type": "stdio" }] }),
            json!({ "transport": { "command": "npx" } }),
            json!({ "transport": { "type": "streamable-http", "scope": "local" } }),
            json!({ "server": { "transport": "stdio", "command": "npx" } }),
            json!({ "command": "npx" }),
            json!({ "installation": { "pypi": "tides" } }),
            json!({ "npm": "https://www.npmjs.com/package/tides" }),
            json!({ "packages": [{ "registry": "npm", "name": "tides" }] }),
        ] {
            assert!(is_local(&card), "{card}");
        }
        for card in [
            json!({ "transport": "http" }),
            json!({ "transport": { "type": "streamable-http" } }),
            json!({ "packages": [] }),
            json!({ "npm": "" }),
            json!({ "type": "aggregator" }),
        ] {
            assert!(!is_local(&card), "{card}");
        }
    }
}
