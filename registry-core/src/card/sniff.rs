//! What a document is, told by its members alone: neither path nor media type can be trusted.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::name;

/// The `$schema` of a Server Card.
pub const V1_SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json";

static REGISTRY_SCHEMA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"/schemas/20[0-9]{2}-[0-9]{2}-[0-9]{2}/server\.schema\.json").expect("a pattern")
});

/// Members that name a place or a way to reach a server.
const REACHES: [&str; 14] = [
    "endpoint",
    "url",
    "serverUrl",
    "server_url",
    "mcp_endpoint",
    "transport",
    "transports",
    "endpoints",
    "remoteEndpoint",
    "mcpEndpoint",
    "mcpUrl",
    "mcp_url",
    "mcp_server",
    "connection",
];

/// The kinds of documents found where servers are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// An array; each element may be a card.
    List,
    /// AI Catalog, ARD manifest or MCP Catalog.
    Catalog,
    /// RFC 9727 linkset.
    Linkset,
    /// RFC 9728 metadata.
    ProtectedResource,
    /// A live endpoint answered instead of a document.
    JsonRpc,
    /// A client's configuration.
    ClientConfig,
    /// A list of servers, cards or addresses.
    ServerList,
    /// Nothing is there yet, and the document says so.
    Placeholder,
    /// Server Card v1.
    V1,
    /// Server Card v1 and SEP-1649 side by side.
    Hybrid,
    /// A registry's `server.json`.
    Registry,
    /// SEP-1649: what `initialize` answers, written down.
    Sep1649,
    /// SEP-1960.
    Sep1960,
    /// JSON Schema of a server's settings.
    Settings,
    /// A2A agent card.
    A2a,
    /// A name and an endpoint, in one of many home-made forms.
    Flat,
    /// An error in a successful answer.
    ErrorBody,
    /// None of these.
    Unknown,
}

impl Shape {
    /// The word stored with a document and shown to its owner.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Catalog => "catalog",
            Self::Linkset => "linkset",
            Self::ProtectedResource => "protected-resource-metadata",
            Self::JsonRpc => "json-rpc-answer",
            Self::ClientConfig => "client-configuration",
            Self::ServerList => "server-list",
            Self::Placeholder => "placeholder",
            Self::V1 => "server-card-v1",
            Self::Hybrid => "server-card-hybrid",
            Self::Registry => "registry-server-json",
            Self::Sep1649 => "sep-1649",
            Self::Sep1960 => "sep-1960",
            Self::Settings => "settings-schema",
            Self::A2a => "a2a-agent-card",
            Self::Flat => "flat-card",
            Self::ErrorBody => "error-body",
            Self::Unknown => "unknown",
        }
    }

    /// Whether one server is described.
    pub fn is_card(self) -> bool {
        use Shape::{Flat, Hybrid, Registry, Sep1649, Sep1960, V1};
        matches!(self, V1 | Hybrid | Registry | Sep1649 | Sep1960 | Flat)
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Tells documents apart, first match wins.
///
/// An explicit `$schema` is believed before any guess from members, and an A2A card is recognised before a flat one,
/// since its `name` and `url` would pass for one.
pub fn sniff(document: &Value) -> Shape {
    match document {
        Value::Object(members) => of_object(members),
        Value::Array(elements) if elements.iter().any(Value::is_object) => Shape::List,
        _ => Shape::Unknown,
    }
}

fn of_object(card: &Map<String, Value>) -> Shape {
    let has = |member: &str| card.contains_key(member);
    let list = |member: &str| card.get(member).is_some_and(Value::is_array);
    let object = |member: &str| card.get(member).is_some_and(Value::is_object);
    let schema = card.get("$schema").and_then(Value::as_str).unwrap_or_default();
    if list("entries") {
        return Shape::Catalog;
    }
    if list("linkset") {
        return Shape::Linkset;
    }
    if has("resource") && has("authorization_servers") {
        return Shape::ProtectedResource;
    }
    if has("jsonrpc") {
        return Shape::JsonRpc;
    }
    if object("mcpServers") {
        return Shape::ClientConfig;
    }
    if ["servers", "serverCards", "mcp_servers"].iter().any(|m| list(m) || object(m)) {
        return Shape::ServerList;
    }
    if is_placeholder(card) {
        return Shape::Placeholder;
    }
    let v1 = if object("serverInfo") { Shape::Hybrid } else { Shape::V1 };
    if schema == V1_SCHEMA {
        return v1;
    }
    if REGISTRY_SCHEMA.is_match(schema) {
        return Shape::Registry;
    }
    let namespaced = card.get("name").and_then(Value::as_str).is_some_and(|n| name::declared(n).is_some());
    if namespaced && list("packages") {
        return Shape::Registry;
    }
    if namespaced && list("remotes") {
        return v1;
    }
    by_legacy_members(card)
}

fn by_legacy_members(card: &Map<String, Value>) -> Shape {
    let has = |member: &str| card.contains_key(member);
    let object = |member: &str| card.get(member).is_some_and(Value::is_object);
    if object("serverInfo") {
        return Shape::Sep1649;
    }
    if has_registry_package(card) {
        return Shape::Registry;
    }
    if (has("mcp_version") || has("server_name")) && has("endpoints") {
        return Shape::Sep1960;
    }
    if object("properties") && card.get("type").and_then(Value::as_str) == Some("object") {
        return Shape::Settings;
    }
    if has("skills") && has("url") && !has("tools") {
        return Shape::A2a;
    }
    let named = has("name") || has("title") || has("display_name") || has("displayName");
    if named && (REACHES.iter().any(|m| has(m)) || card.get("remotes").is_some_and(Value::is_array)) {
        return Shape::Flat;
    }
    let short = card.len() <= 6 && !named && ["message", "detail", "statusCode"].iter().any(|m| has(m));
    if short || (has("error") && !named) {
        return Shape::ErrorBody;
    }
    Shape::Unknown
}

/// Whether `packages` is a list in the registry's form, not some home-made one.
fn has_registry_package(card: &Map<String, Value>) -> bool {
    let packages = card.get("packages").and_then(Value::as_array);
    packages
        .is_some_and(|p| p.iter().any(|p| p.get("registryType").is_some() && p.get("identifier").is_some()))
}

/// Whether a document says that there is no server yet.
fn is_placeholder(card: &Map<String, Value>) -> bool {
    const NOT_YET: [&str; 6] =
        ["not installed", "not available", "planned", "coming soon", "unavailable", "not implemented"];
    let says = |member: &str| {
        let words = card.get(member).and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let words: String = words.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        NOT_YET.iter().any(|phrase| words.starts_with(phrase))
    };
    if card.get("mcp_available") == Some(&Value::Bool(false)) || says("status") {
        return true;
    }
    let reaches = || REACHES.iter().filter_map(|m| card.get(*m));
    let lists = |member: &str| card.get(member).and_then(Value::as_array).is_some_and(|r| !r.is_empty());
    if lists("remotes") || lists("packages") {
        return false;
    }
    let null_endpoint = ["endpoint", "mcp_endpoint", "serverUrl", "server_url", "remoteEndpoint"]
        .iter()
        .any(|m| card.get(*m).is_some_and(Value::is_null));
    let addressed =
        reaches().any(|v| v.as_str().is_some_and(|t| t.contains('/')) || v.is_object() || v.is_array());
    (null_endpoint || says("message")) && !addressed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tells_shapes_apart() {
        let cases = [
            (json!([{ "name": "a" }]), Shape::List),
            (json!([1]), Shape::Unknown),
            (json!("text"), Shape::Unknown),
            (json!({ "specVersion": "1.0", "entries": [] }), Shape::Catalog),
            (json!({ "linkset": [] }), Shape::Linkset),
            (
                json!({ "resource": "https://a.example", "authorization_servers": [] }),
                Shape::ProtectedResource,
            ),
            (json!({ "jsonrpc": "2.0", "error": {} }), Shape::JsonRpc),
            (json!({ "mcpServers": {} }), Shape::ClientConfig),
            (json!({ "servers": [] }), Shape::ServerList),
            (json!({ "$schema": V1_SCHEMA, "name": "x" }), Shape::V1),
            (json!({ "name": "com.acme/weather", "remotes": [] }), Shape::V1),
            (json!({ "$schema": V1_SCHEMA, "serverInfo": {} }), Shape::Hybrid),
            (json!({ "name": "com.acme/weather", "remotes": [], "serverInfo": {} }), Shape::Hybrid),
            (json!({ "serverInfo": { "name": "x" } }), Shape::Sep1649),
            (
                json!({ "$schema": crate::server_json::CURRENT_SCHEMA, "name": "com.acme/weather", "remotes": [] }),
                Shape::Registry,
            ),
            (
                json!({ "name": "x", "packages": [{ "registryType": "npm", "identifier": "x" }] }),
                Shape::Registry,
            ),
            (json!({ "mcp_version": "1", "endpoints": {} }), Shape::Sep1960),
            (json!({ "type": "object", "properties": {} }), Shape::Settings),
            (json!({ "name": "x", "url": "/", "skills": [] }), Shape::A2a),
            (json!({ "name": "x", "endpoint": "/mcp" }), Shape::Flat),
            (json!({ "error": "not found" }), Shape::ErrorBody),
            (json!({ "message": "Not found" }), Shape::ErrorBody),
            (json!({ "name": "x" }), Shape::Unknown),
        ];
        for (document, shape) in cases {
            assert_eq!(sniff(&document), shape, "{document}");
        }
    }

    #[test]
    fn a_placeholder_says_that_nothing_is_there() {
        let placeholders = [
            json!({ "status": "not-installed", "message": "install it first" }),
            json!({ "name": "x", "status": "planned", "endpoint": "https://a.example/mcp" }),
            json!({ "name": "x", "mcp_available": false }),
            json!({ "name": "x", "endpoint": null }),
        ];
        for document in placeholders {
            assert_eq!(sniff(&document), Shape::Placeholder, "{document}");
        }
        let card =
            json!({ "name": "x", "status": "active", "endpoint": null, "url": "https://a.example/mcp" });
        assert_eq!(sniff(&card), Shape::Flat);
    }
}
