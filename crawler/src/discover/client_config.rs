//! A client's configuration published as a document: each entry with an address is a server, each with a command a local program.

use registry_core::card::origin::Origin;
use registry_core::card::sniff::Shape;
use serde_json::{Map, Value};
use url::Url;

use super::{Discovery, Found, FoundCard, MAX_ENTRIES, list, place};

/// Members by which clients name the address.
const ADDRESSES: [&str; 5] = ["url", "serverUrl", "server_url", "httpUrl", "endpoint"];

/// Such a document; it has no place of its own, and is found at everybody else's.
pub(super) struct ClientConfig;

impl Discovery for ClientConfig {
    fn id(&self) -> &'static str {
        "client-configuration"
    }

    fn precedence(&self) -> u8 {
        4
    }

    fn locations(&self, _origin: &Origin) -> Vec<Url> {
        Vec::new()
    }
}

/// The servers of a configuration, each as a flat card.
pub(super) fn read(document: &Value) -> Vec<Found> {
    let Some(servers) = document.get("mcpServers").and_then(Value::as_object) else { return Vec::new() };
    let is_one = servers.len() == 1;
    let found = servers.iter().take(MAX_ENTRIES).map(|(key, entry)| {
        let pointer = format!("/mcpServers/{}", place::step(key));
        match entry.as_object().and_then(|entry| Some((entry, address(entry)?))) {
            Some((entry, address)) => {
                let mut card = card(key, entry, address);
                if is_one {
                    card = list::adopt(&card, document).as_object().cloned().unwrap_or(card);
                }
                Found::Card(FoundCard { value: card.into(), shape: Shape::Flat, pointer, entry: None })
            }
            None => Found::Skipped {
                pointer,
                reason:
                    "the entry runs a program on one's own machine; publish its package, or give it a `url`"
                        .to_owned(),
            },
        }
    });
    found.collect()
}

/// The address of an entry; also that which a bridge on one's own machine is told to reach.
fn address(entry: &Map<String, Value>) -> Option<&str> {
    let own = ADDRESSES.iter().find_map(|member| entry.get(*member)?.as_str());
    own.or_else(|| {
        let mut words = entry.get("args")?.as_array()?.iter().filter_map(Value::as_str);
        words.any(|word| word.split('@').next() == Some("mcp-remote"));
        words.find(|word| word.starts_with("https://"))
    })
}

fn card(key: &str, entry: &Map<String, Value>, address: &str) -> Map<String, Value> {
    let mut card = Map::from_iter([("name".to_owned(), key.into()), ("endpoint".to_owned(), address.into())]);
    for (member, written) in
        [("transport", "type"), ("transport", "transport"), ("transport", "transportType")]
    {
        if let Some(value) = entry.get(written).filter(|value| value.is_string()) {
            card.insert(member.to_owned(), value.clone());
        }
    }
    // A bridge is spoken to by stdio, the server behind it is not.
    if entry.contains_key("command") {
        card.remove("transport");
    }
    for member in ["description", "title", "headers", "auth"] {
        if let Some(value) = entry.get(member) {
            card.insert(member.to_owned(), value.clone());
        }
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_servers_and_commands_are_not() {
        let config = json!({ "description": "Ours", "mcpServers": {
            "tides": { "type": "http", "url": "https://acme.com/mcp", "headers": { "X-Key": "abc" } },
            "local": { "command": "npx", "args": ["-y", "@acme/tides"] },
            "bridge": { "command": "npx", "args": ["-y", "mcp-remote@latest", "https://acme.com/bridge"] },
            "odd": 7,
        } });
        let found = read(&config);
        let cards: Vec<_> = found
            .iter()
            .filter_map(|found| match found {
                Found::Card(card) => Some((card.pointer.as_str(), card.value.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(cards.len(), 2, "{found:?}");
        let (_, tides) = cards.iter().find(|(pointer, _)| *pointer == "/mcpServers/tides").expect("a card");
        assert_eq!(tides["endpoint"], "https://acme.com/mcp");
        assert_eq!((&tides["transport"], &tides["headers"]["X-Key"]), (&json!("http"), &json!("abc")));
        assert_eq!(tides.get("description"), None, "what is above many servers is about none of them");
        let (_, bridge) = cards.iter().find(|(pointer, _)| *pointer == "/mcpServers/bridge").expect("a card");
        assert_eq!((&bridge["endpoint"], bridge.get("transport")), (&json!("https://acme.com/bridge"), None));
    }
}
