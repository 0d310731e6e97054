//! The table of discovery 7.1, row by row: where each member of a `server.json` comes from, in every shape.

use super::*;
use crate::card::sniff::{V1_SCHEMA, sniff};
use serde_json::json;

/// A card of one shape with these members besides.
fn card(shape: Shape, more: Value) -> Value {
    let mut card = match shape {
        Shape::V1 => {
            json!({ "$schema": V1_SCHEMA, "remotes": [{ "type": "streamable-http", "url": "/mcp" }] })
        }
        Shape::Sep1649 => {
            json!({ "serverInfo": {}, "transport": { "type": "streamable-http", "endpoint": "/mcp" } })
        }
        Shape::Sep1960 => json!({ "mcp_version": "1.0", "endpoints": { "streamable_http": "/mcp" } }),
        Shape::Flat => json!({ "name": "Tides", "endpoint": "/mcp" }),
        other => panic!("`{other}` has no rows"),
    };
    let (Value::Object(members), Value::Object(more)) = (&mut card, more) else { panic!("members") };
    members.extend(more);
    card
}

/// What is listed and known of it, under `server`, `facts` and `synthesised`.
fn mapped(shape: Shape, more: Value) -> Value {
    let card = card(shape, more);
    assert_eq!(sniff(&card), shape, "{card}");
    let document = Url::parse("https://acme.com/.well-known/mcp.json").expect("an address");
    let first_seen = NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
    let context = Context { document_url: &document, first_seen, display: None };
    let mapped = to_server_json(&card, shape, &context).unwrap_or_else(|why| panic!("{card}: {why}"));
    json!({
        "server": serde_json::to_value(&mapped.server).expect("JSON"),
        "facts": mapped.facts,
        "synthesised": mapped.synthesised,
    })
}

fn check(rows: Vec<(Shape, Value, &str, Value)>) {
    for (shape, more, pointer, expected) in rows {
        let mapped = mapped(shape, more.clone());
        let is = mapped.pointer(pointer).cloned().unwrap_or(Value::Null);
        assert_eq!(is, expected, "{shape} {more}: {pointer} of {mapped}");
    }
}

use Shape::{Flat, Sep1649, Sep1960, V1};

#[test]
fn schema_and_name() {
    check(vec![
        (V1, json!({}), "/server/$schema", json!(CURRENT_SCHEMA)),
        (V1, json!({}), "/facts/sourceSchema", json!(V1_SCHEMA)),
        (V1, json!({ "name": "com.acme/tides" }), "/server/name", json!("com.acme/tides")),
        (V1, json!({ "name": "com.acme/tides" }), "/synthesised/0", json!("description")),
        (V1, json!({ "name": "Tides" }), "/server/name", json!("com.acme/tides")),
        (
            Sep1649,
            json!({ "name": "com.acme/tides", "serverInfo": { "name": "x1" } }),
            "/server/name",
            json!("com.acme/tides"),
        ),
        (
            Sep1649,
            json!({ "serverInfo": { "name": "@acme/tides" } }),
            "/server/name",
            json!("com.acme/acme-tides"),
        ),
        (Sep1649, json!({ "serverInfo": { "name": "tides" } }), "/synthesised/0", json!("name")),
        (Sep1960, json!({ "server_name": "High Tides" }), "/server/name", json!("com.acme/high-tides")),
        (Flat, json!({ "name": "!", "id": "tides" }), "/server/name", json!("com.acme/tides")),
        (Flat, json!({ "name": "!", "endpoint": "/eu-west/mcp" }), "/server/name", json!("com.acme/eu-west")),
    ]);
}

#[test]
fn title_and_description() {
    let long = "word ".repeat(30);
    let short = format!("{}…", "word ".repeat(20).trim());
    check(vec![
        (V1, json!({ "title": "  The \n Tides " }), "/server/title", json!("The Tides")),
        (Sep1649, json!({ "title": "A", "serverInfo": { "title": "B" } }), "/server/title", json!("A")),
        (Sep1649, json!({ "serverInfo": { "title": "B" } }), "/server/title", json!("B")),
        (Sep1649, json!({ "serverInfo": { "name": "high tides" } }), "/server/title", json!("high tides")),
        (Sep1649, json!({ "serverInfo": { "name": "Tides" } }), "/server/title", json!("Tides")),
        (Sep1649, json!({ "serverInfo": { "name": "tides" } }), "/server/title", Value::Null),
        (Flat, json!({ "display_name": "A", "displayName": "B", "title": "C" }), "/server/title", json!("A")),
        (Flat, json!({ "displayName": "B", "title": "C" }), "/server/title", json!("B")),
        (Flat, json!({ "title": "C" }), "/server/title", json!("C")),
        (Flat, json!({}), "/server/title", json!("Tides")),
        (V1, json!({ "description": "Tells" }), "/server/description", json!("Tells")),
        (V1, json!({ "description": long }), "/server/description", json!(short)),
        (V1, json!({ "description": long }), "/facts/description", json!(long.trim())),
        (V1, json!({ "title": "Tides" }), "/server/description", json!("Tides – MCP server at acme.com")),
        (V1, json!({ "name": "com.acme/x1", "version": "1.0.0" }), "/synthesised", json!(["description"])),
        (
            Sep1649,
            json!({ "description": "A", "serverInfo": { "description": "B" } }),
            "/server/description",
            json!("A"),
        ),
        (Sep1649, json!({ "serverInfo": { "description": "B" } }), "/server/description", json!("B")),
        (Sep1649, json!({ "instructions": "Ask. Wait." }), "/server/description", json!("Ask.")),
        (Flat, json!({ "summary": "A", "tagline": "B" }), "/server/description", json!("A")),
        (Flat, json!({ "tagline": "B", "description_for_human": "C" }), "/server/description", json!("B")),
        (Sep1960, json!({ "description_for_human": "C" }), "/server/description", json!("C")),
    ]);
}

#[test]
fn version() {
    check(vec![
        (V1, json!({ "version": "1.2.3" }), "/server/version", json!("1.2.3")),
        (V1, json!({ "version": 2 }), "/server/version", json!("2")),
        (
            Sep1649,
            json!({ "version": "1.0", "serverInfo": { "version": "0.8.1" } }),
            "/server/version",
            json!("0.8.1"),
        ),
        (Sep1649, json!({ "version": "1.0" }), "/server/version", json!("1.0")),
        (Sep1960, json!({ "server_version": "3.1" }), "/server/version", json!("3.1")),
        (
            Flat,
            json!({ "version": "^1.0", "package": { "version": "1.4.0" } }),
            "/server/version",
            json!("1.4.0"),
        ),
        (Flat, json!({ "version": "latest" }), "/server/version", json!("0.0.0-20260309")),
        (Flat, json!({ "version": "1.x", "description": "x" }), "/synthesised", json!(["name", "version"])),
    ]);
}

#[test]
fn remotes_headers_and_variables() {
    let bearer = json!("Bearer {token}");
    check(vec![
        (V1, json!({}), "/server/remotes/0/url", json!("https://acme.com/mcp")),
        (V1, json!({ "auth": "bearer" }), "/server/remotes/0/headers", Value::Null),
        (
            V1,
            json!({ "remotes": [{ "type": "sse", "url": "/x", "headers": [{ "name": "X-Units", "value": "metric" }] }] }),
            "/server/remotes/0/headers",
            json!([{ "name": "X-Units", "value": "metric" }]),
        ),
        (
            V1,
            json!({ "remotes": [{ "type": "sse", "url": "https://{r}.acme.com/{t}", "variables": { "r": { "default": "eu" } } }] }),
            "/server/remotes/0/variables",
            json!({ "r": { "default": "eu" }, "t": { "isRequired": true } }),
        ),
        (
            V1,
            json!({ "remotes": [{ "type": "sse", "url": "/x" }, { "type": "sse", "url": "https://acme.com/x/" }] }),
            "/server/remotes/1",
            Value::Null,
        ),
        (V1, json!({ "remotes": [] }), "/server/remotes", Value::Null),
        (
            Sep1649,
            json!({ "authentication": { "schemes": ["bearer"] } }),
            "/server/remotes/0/headers/0/value",
            bearer.clone(),
        ),
        (Flat, json!({ "auth": { "type": "bearer" } }), "/server/remotes/0/headers/0/value", bearer.clone()),
        (Flat, json!({ "auth": "oauth2" }), "/server/remotes/0/headers", Value::Null),
        (Flat, json!({ "auth": "oauth2" }), "/facts/auth", json!({ "schemes": ["oauth2"] })),
        (Flat, json!({ "auth": { "type": "x402" } }), "/facts/auth/schemes", json!(["payment"])),
        (
            Flat,
            json!({ "headers": { "X-Key": "abc" } }),
            "/server/remotes/0/headers",
            json!([{ "isRequired": true, "isSecret": true, "name": "X-Key" }]),
        ),
        (
            Flat,
            json!({ "apiKey": { "header": "X-Key" } }),
            "/server/remotes/0/headers/0/name",
            json!("X-Key"),
        ),
        (
            Flat,
            json!({ "auth": "none", "remotes": [{ "type": "http", "url": "/x", "auth": { "type": "bearer" } }] }),
            "/server/remotes/0/headers/0/value",
            bearer,
        ),
        (
            Flat,
            json!({ "endpoints": { "websocket": "wss://u:hunter2@acme.com/ws" } }),
            "/facts/otherTransports",
            json!([{ "type": "websocket", "url": "wss://u:[redacted]@acme.com/ws" }]),
        ),
    ]);
}

#[test]
fn icons_repository_and_home_page() {
    let repository = json!({ "url": "https://github.com/acme/tides", "source": "github" });
    let icon = json!([{ "src": "https://acme.com/i.png", "mimeType": "image/png" }]);
    check(vec![
        (
            V1,
            json!({ "icons": [{ "src": "https://acme.com/i.png" }, { "src": "data:x" }] }),
            "/server/icons",
            icon.clone(),
        ),
        (Sep1649, json!({ "serverInfo": { "icons": [{ "src": "/i.png" }] } }), "/server/icons", icon.clone()),
        (Sep1649, json!({ "iconUrl": "/i.png" }), "/server/icons", icon.clone()),
        (Flat, json!({ "icon": "/i.png" }), "/server/icons", icon.clone()),
        (Flat, json!({ "icons": ["http://acme.com/i.png", "/i.png"] }), "/server/icons", icon.clone()),
        (Flat, json!({ "logo": { "url": "/i.png" } }), "/server/icons", icon.clone()),
        (Flat, json!({ "logo_url": "/i.png" }), "/server/icons", icon),
        (Flat, json!({ "icon": "/i.png?token=hunter2hunter" }), "/server/icons", Value::Null),
        (
            V1,
            json!({ "repository": { "url": "https://github.com/acme/tides" } }),
            "/server/repository",
            repository.clone(),
        ),
        (
            Sep1649,
            json!({ "repository": "git+https://github.com/acme/tides.git" }),
            "/server/repository",
            repository.clone(),
        ),
        (
            Sep1649,
            json!({ "repositoryUrl": "https://github.com/acme/tides" }),
            "/server/repository",
            repository.clone(),
        ),
        (
            Flat,
            json!({ "github": "https://github.com/acme/tides" }),
            "/server/repository",
            repository.clone(),
        ),
        (
            Flat,
            json!({ "source": "https://github.com/acme/tides" }),
            "/server/repository",
            repository.clone(),
        ),
        (Flat, json!({ "repo": "https://github.com/acme/tides" }), "/server/repository", repository),
        (
            Flat,
            json!({ "repo": "https://git.acme.com/tides" }),
            "/facts/repositoryUrl",
            json!("https://git.acme.com/tides"),
        ),
        (V1, json!({ "websiteUrl": "https://acme.com" }), "/server/websiteUrl", json!("https://acme.com")),
        (
            Sep1649,
            json!({ "serverInfo": { "websiteUrl": "https://acme.com" } }),
            "/server/websiteUrl",
            json!("https://acme.com"),
        ),
        (
            Sep1649,
            json!({ "documentationUrl": "https://acme.com/d" }),
            "/server/websiteUrl",
            json!("https://acme.com/d"),
        ),
        (Flat, json!({ "homepage": "https://acme.com" }), "/server/websiteUrl", json!("https://acme.com")),
        (Flat, json!({ "website": "https://acme.com" }), "/server/websiteUrl", json!("https://acme.com")),
        (
            Flat,
            json!({ "documentation": { "url": "https://acme.com/d" } }),
            "/server/websiteUrl",
            json!("https://acme.com/d"),
        ),
        (Flat, json!({ "docs": "https://acme.com/d" }), "/server/websiteUrl", json!("https://acme.com/d")),
        (
            Flat,
            json!({ "provider": { "url": "https://acme.com" } }),
            "/server/websiteUrl",
            json!("https://acme.com"),
        ),
        (
            Flat,
            json!({ "url": "https://acme.com/about" }),
            "/server/websiteUrl",
            json!("https://acme.com/about"),
        ),
        (Flat, json!({ "homepage": "http://acme.com" }), "/server/websiteUrl", Value::Null),
    ]);
}

#[test]
fn packages_and_what_is_known_besides() {
    let npm = json!([{ "registryType": "npm", "identifier": "tides", "version": "1.0.0", "transport": { "type": "stdio" } }]);
    check(vec![
        (V1, json!({ "packages": npm }), "/server/packages", Value::Null),
        (Sep1649, json!({ "packages": npm }), "/server/packages/0/identifier", json!("tides")),
        (Flat, json!({ "npm": "tides", "install": { "npx": "npx tides" } }), "/server/packages", Value::Null),
        (
            Flat,
            json!({ "npm": "tides", "install": { "npx": "npx tides" } }),
            "/facts/install",
            json!(["tides", "npx: npx tides"]),
        ),
        (
            Sep1649,
            json!({ "protocolVersion": "2025-06-18" }),
            "/facts/protocolVersions",
            json!(["2025-06-18"]),
        ),
        (Flat, json!({ "mcp_version": "2025-06-18" }), "/facts/protocolVersions", json!(["2025-06-18"])),
        (Sep1960, json!({ "mcp_version": "2025-06-18" }), "/facts/protocolVersions", Value::Null),
        (
            Flat,
            json!({ "capabilities": { "tools": true, "prompts": false } }),
            "/facts/capabilities",
            json!(["tools"]),
        ),
        (Flat, json!({ "tools_count": 981 }), "/facts/tools", json!({ "count": 981 })),
        (
            Flat,
            json!({ "tools": [{ "name": "look", "inputSchema": {} }] }),
            "/facts/tools",
            json!({ "count": 1, "names": ["look"] }),
        ),
        (Flat, json!({}), "/facts/assumedTransport", json!(["https://acme.com/mcp"])),
        (Flat, json!({}), "/facts/shape", json!("flat-card")),
    ]);
}

#[test]
fn an_endless_list_of_tools_leaves_names_and_a_count() {
    let tool = json!({ "name": "look", "description": "x".repeat(2000) });
    let mapped = mapped(Sep1649, json!({ "tools": vec![tool; 1000] }));
    assert_eq!(mapped["facts"]["tools"]["count"], 1000);
    assert!(mapped.to_string().len() < 10_000);
}
