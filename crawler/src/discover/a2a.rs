//! A2A agent cards: they describe agents, not servers, and only their explicit links to MCP are followed.

use registry_core::card::origin::Origin;
use serde_json::Value;
use url::Url;

use super::{Discovery, Expects, Follow, Found, How, Tier, place};

/// How deep links are looked for.
const MAX_DEPTH: usize = 6;

/// How many links of one card are followed.
const MOST: usize = 20;

/// An agent card.
pub(super) struct AgentCard;

impl Discovery for AgentCard {
    fn id(&self) -> &'static str {
        "a2a-agent-card"
    }

    fn precedence(&self) -> u8 {
        5
    }

    fn tier(&self) -> Tier {
        Tier::LongTail
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        ["/.well-known/agent-card.json", "/.well-known/agent.json"]
            .iter()
            .map(|path| origin.url(path))
            .collect()
    }
}

/// The MCP links of an agent card.
pub(super) fn read(card: &Value, base: &Url) -> Vec<Found> {
    let mut found = Vec::new();
    walk(card, base, String::new(), false, MAX_DEPTH, &mut found);
    if found.is_empty() {
        let reason =
            "an A2A agent card describes an agent, not an MCP server; publish a Server Card".to_owned();
        found.push(Found::Skipped { pointer: String::new(), reason });
    }
    found
}

fn walk(value: &Value, base: &Url, pointer: String, is_mcp: bool, depth: usize, into: &mut Vec<Found>) {
    let Some(depth) = depth.checked_sub(1).filter(|_| into.len() < MOST) else { return };
    match value {
        Value::String(text) if is_mcp && (text.starts_with("https://") || text.starts_with('/')) => {
            let Ok(url) = place::of(text, base) else { return };
            into.push(if place::is_document(&url) {
                Found::Follow(Follow::new(url, Expects::Card, pointer))
            } else {
                Found::Endpoint { url, pointer, how: How::Named }
            });
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                walk(element, base, format!("{pointer}/{at}"), is_mcp, depth, into);
            }
        }
        Value::Object(members) => {
            let speaks = ["transport", "protocol", "protocolBinding", "type"].iter().any(|member| {
                members
                    .get(*member)
                    .and_then(Value::as_str)
                    .is_some_and(|word| word.eq_ignore_ascii_case("mcp"))
            });
            for (name, member) in members {
                let below = format!("{pointer}/{}", place::step(name));
                let is_link = names_mcp(name)
                    || ((is_mcp || speaks) && ["url", "endpoint", "href", "card"].contains(&name.as_str()));
                walk(member, base, below, is_link, depth, into);
            }
        }
        _ => {}
    }
}

/// Whether a member is called after MCP: `mcp`, `mcpServer`, `mcp_endpoint`, and not `documentation`.
fn names_mcp(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let about = ["doc", "repo", "version", "homepage", "package"];
    (name.starts_with("mcp") || name.ends_with("mcp")) && !about.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_explicit_links_to_mcp_are_followed() {
        let card = json!({
            "name": "Agent", "url": "https://acme.com/a2a", "skills": [{ "id": "x", "url": "https://acme.com/skill" }],
            "provider": { "url": "https://acme.com" }, "mcp_documentation": "https://acme.com/docs",
            "mcp": { "endpoint": "https://acme.com/mcp", "name": "https://acme.com/not-a-link" },
            "x-acme": { "mcpServerCard": "/mcp/server-card" },
            "additionalInterfaces": [
                { "transport": "MCP", "url": "https://acme.com/more" }, { "transport": "GRPC", "url": "https://acme.com/grpc" },
            ],
        });
        let base = Url::parse("https://acme.com/.well-known/agent-card.json").expect("an address");
        let mut places: Vec<String> = read(&card, &base)
            .into_iter()
            .map(|found| match found {
                Found::Follow(follow) => follow.url.to_string(),
                Found::Endpoint { url, .. } => url.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        places.sort();
        assert_eq!(
            places,
            ["https://acme.com/mcp", "https://acme.com/mcp/server-card", "https://acme.com/more"]
        );
        assert!(matches!(&read(&json!({ "name": "x" }), &base)[..], [Found::Skipped { .. }]));
    }
}
