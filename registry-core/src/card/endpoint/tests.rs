use super::*;
use serde_json::json;

fn of(card: &Value, shape: Shape) -> Endpoints {
    extract(card, shape, &Url::parse("https://acme.com/.well-known/mcp.json").expect("an address"))
}

fn addresses(card: &Value) -> Vec<(String, &'static str)> {
    of(card, Shape::Flat).found.into_iter().map(|e| (e.url, e.transport.as_str())).collect()
}

#[test]
fn reads_every_place_and_every_spelling() {
    let http = || vec![("https://acme.com/mcp".to_owned(), "streamable-http")];
    for card in [
        json!({ "remotes": [{ "transport_type": "http", "url": "/mcp" }] }),
        json!({ "transport": { "type": "streamableHttp", "endpoint": "/mcp" } }),
        json!({ "transports": [{ "type": "http-stream", "url": "https://acme.com/mcp" }, { "type": "stdio" }] }),
        json!({ "transports": { "http": { "url": "/mcp" } } }),
        json!({ "remotes": [{ "transportType": "https", "url": "/mcp" }] }),
        json!({ "transport": { "type": "streamablehttp", "url": "/mcp" } }),
        json!({ "transport": { "uri": "/mcp" } }),
        json!({ "transport": [{ "type": "http-streamable", "url": "/mcp" }, "stdio"], "install": "npx x" }),
        json!({ "transport": { "http": { "url": "/mcp" }, "auth": { "url": "/login" } } }),
        json!({ "transports": ["stdio", "https://acme.com/mcp"] }),
        json!({ "transports": [{ "endpoint": "/mcp" }] }),
        json!({ "endpoints": { "streamableHttp": { "url": "/mcp" }, "docs": "/docs" } }),
        json!({ "endpoints": { "http": "/mcp" } }),
        json!({ "endpoints": { "mcp": { "endpoint": "/mcp" } } }),
        json!({ "server_url": "/mcp" }),
        json!({ "mcp_endpoint": "/mcp" }),
        json!({ "mcpEndpoint": "/mcp" }),
        json!({ "mcpUrl": "/mcp" }),
        json!({ "mcp_url": "/mcp" }),
        json!({ "mcp": { "endpoint": "/mcp" } }),
        json!({ "remoteEndpoint": "/mcp" }),
        json!({ "endpoint": "mcp://acme.com/mcp" }),
        json!({ "endpoint": "//acme.com/mcp", "url": "null" }),
        json!({ "endpoint": "/mcp", "tools": [{ "url": "https://acme.com/other/mcp" }] }),
        json!({ "endpoint": "null", "serverUrl": "/mcp" }),
        json!({ "endpoints": { "streamable_http": "/mcp", "health": "/health" } }),
        json!({ "endpoint": "/mcp", "transport": "https" }),
        json!({ "serverUrl": "https://acme.com/mcp" }),
        json!({ "mcp": { "url": "/mcp" } }),
        json!({ "mcp_server": "/mcp", "url": "https://acme.com" }),
        json!({ "connection": { "url": "/mcp" } }),
        json!({ "url": "https://acme.com/mcp" }),
        json!({ "url": "https://acme.com/mcp", "endpoint": "https://acme.com/mcp/" }),
    ] {
        let found: Vec<_> = addresses(&card)
            .into_iter()
            .map(|(url, kind)| (url.trim_end_matches('/').to_owned(), kind))
            .collect();
        assert_eq!(found, http(), "{card}");
    }
    let both = json!({ "transports": { "json-rpc": { "url": "/rpc" }, "sse": { "url": "/sse" } } });
    assert_eq!(addresses(&both).len(), 2);
    for sse in [
        json!({ "endpoint": "/sse" }),
        json!({ "endpoints": { "sse": "/x" } }),
        json!({ "transport": { "type": "http+sse", "url": "/x" } }),
        json!({ "transport": "http-sse", "endpoint": "/x" }),
        json!({ "endpoints": { "mcp": "/mcp" }, "transports": ["stdio", "http-sse"] }),
    ] {
        assert_eq!(addresses(&sse)[0].1, "sse", "{sse}");
    }
    let order =
        json!({ "url": "/a/mcp", "remoteEndpoint": "/2", "endpoint": "/1", "transport": { "url": "/0" } });
    let order: Vec<_> = addresses(&order).into_iter().map(|(url, _)| url).collect();
    assert_eq!(order, ["https://acme.com/0", "https://acme.com/1", "https://acme.com/2"]);
}

#[test]
fn a_top_level_url_may_be_the_home_page() {
    assert!(addresses(&json!({ "url": "https://acme.com" })).is_empty());
    assert_eq!(addresses(&json!({ "url": "https://acme.com/", "transport": "http" })).len(), 1);
    assert_eq!(addresses(&json!({ "url": "https://mcp.acme.com/" })).len(), 1);
    assert_eq!(addresses(&json!({ "url": "https://acme.com/mcp/v1" })).len(), 1);
    assert!(addresses(&json!({ "url": "https://acme.com/v1" })).is_empty());
}

#[test]
fn v1_cards_have_remotes_only() {
    let card = json!({ "remotes": [], "transport": { "endpoint": "/mcp" } });
    assert!(of(&card, Shape::V1).found.is_empty());
    assert_eq!(of(&card, Shape::Hybrid).found.len(), 1);
}

#[test]
fn what_is_not_used_says_why() {
    let card = json!({ "remotes": [
        { "type": "websocket", "url": "https://acme.com/ws" },
        { "type": "streamable-http", "url": "https://localhost:3000/mcp" },
        { "type": "stdio", "url": "" },
    ] });
    let endpoints = of(&card, Shape::V1);
    let reasons: Vec<_> = endpoints.dropped.iter().map(|d| (d.pointer.as_str(), d.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("/remotes/0", "the transport `websocket` is not one a registry lists"),
            ("/remotes/1", "`localhost` is not a host on the web"),
        ]
    );
    assert!(endpoints.local && endpoints.dropped[1].is_own_machine);
    let elsewhere = Elsewhere { transport: "websocket".into(), url: "https://acme.com/ws".into() };
    assert_eq!(endpoints.elsewhere, [elsewhere]);
}

#[test]
fn a_program_for_ones_own_machine_is_no_endpoint() {
    let card = json!({ "transport": { "type": "stdio", "command": "npx" } });
    assert!(of(&card, Shape::Sep1649).local && of(&card, Shape::Sep1649).found.is_empty());
    let guessed = of(&json!({ "endpoint": "/mcp", "transport": "stdio" }), Shape::Flat);
    assert!(guessed.found[0].assumed);
}
