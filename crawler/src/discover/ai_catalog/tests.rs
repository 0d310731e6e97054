use super::*;
use crate::discover::{Document, FoundCard};
use registry_core::card::sniff::Shape;
use serde_json::json;

fn read(body: &str) -> Result<Vec<Found>, DiscoveryError> {
    let url = Url::parse("https://acme.com/.well-known/ai-catalog.json").expect("an address");
    AiCatalog.read(&Document { url: &url, body: body.as_bytes(), content_type: None, links: &[] })
}

fn summary(found: &[Found]) -> Vec<String> {
    let line = |found: &Found| match found {
        Found::Card(FoundCard { shape, pointer, .. }) => format!("{pointer} card {shape}"),
        Found::Follow(Follow { url, expects, pointer, .. }) => format!("{pointer} {expects:?} {url}"),
        Found::Endpoint { url, pointer, .. } => format!("{pointer} endpoint {url}"),
        Found::Skipped { pointer, reason } => format!("{pointer} skipped: {reason}"),
    };
    found.iter().map(line).collect()
}

#[test]
fn three_dialects_say_the_same() {
    for body in [
        include_str!("../fixtures/catalog_april.json"),
        include_str!("../fixtures/catalog_july.json"),
        include_str!("../fixtures/catalog_october.json"),
    ] {
        let found = read(body).expect("a catalog");
        assert_eq!(
            summary(&found),
            [
                "/entries/0 Card https://acme.com/mcp/server-card",
                "/entries/1/data card server-card-v1",
                "/entries/2 skipped: `text/markdown` is not a type for MCP servers",
            ]
        );
        let Found::Follow(Follow { entry, .. }) = &found[0] else { panic!("a document to follow") };
        assert_eq!(entry.media_type, "application/mcp-server-card+json");
        assert_eq!(entry.display.fallback_title.as_deref(), Some("tides"));
    }
}

#[test]
fn broken_entries_do_not_sink_the_catalog() {
    let card = "application/mcp-server-card+json";
    let catalog = json!({ "entries": [
        "text",
        { "type": card, "url": "/a" },
        { "identifier": "urn:air:acme.com:b", "url": "/b" },
        { "identifier": "urn:air:acme.com:c", "type": card },
        { "identifier": "urn:air:acme.com:d", "type": card, "url": "/d", "data": {} },
        { "identifier": "urn:air:acme.com:e", "type": card, "url": "http://acme.com/e" },
        { "identifier": "urn:air:acme.com:f", "type": card, "url": "https://127.0.0.1/f" },
        { "identifier": "urn:air:acme.com:g", "type": card, "url": ["/g"] },
        { "identifier": "urn:air:acme.com:h", "type": card, "data": "not JSON" },
        { "identifier": "urn:air:acme.com:i", "type": "application/ai-registry+json", "url": "/i" },
        { "identifier": "urn:air:acme.com:j", "mediaType": "Application/MCP-Server+JSON; charset=utf-8", "url": "../cards/j#x", "data": null },
    ] });
    let found = read(&catalog.to_string()).expect("a catalog");
    assert_eq!(found.len(), 11);
    assert!(found[..10].iter().all(|f| matches!(f, Found::Skipped { .. })), "{:#?}", summary(&found));
    assert_eq!(summary(&found)[10], "/entries/10 Card https://acme.com/cards/j");
}

#[test]
fn catalogs_nest_by_url_and_inline_up_to_a_limit() {
    let nest = |data: Value| {
        json!({ "specVersion": "1.0", "entries": [
            { "identifier": "urn:air:acme.com:all", "type": "application/ai-catalog+json", "data": data },
        ] })
    };
    let leaf = json!({ "entries": [
        { "identifier": "x", "type": "application/ai-catalog+json", "url": "more.json" },
        { "identifier": "y", "type": "application/mcp+json", "url": "card" },
    ] });
    let found = summary(&read(&nest(leaf.clone()).to_string()).expect("a catalog"));
    assert_eq!(
        found,
        [
            "/entries/0/data/entries/0 Catalog https://acme.com/.well-known/more.json",
            "/entries/0/data/entries/1 Card https://acme.com/.well-known/card",
        ]
    );
    let tower = (0..10).fold(leaf, |inner, _| nest(inner));
    let found = read(&tower.to_string()).expect("a catalog");
    assert!(
        matches!(&found[..], [Found::Skipped { reason, .. }] if reason.contains("more than 4 deep")),
        "{found:?}"
    );
}

#[test]
fn versions_after_the_first_are_refused_and_missing_ones_forgiven() {
    let with = |version: Value| read(&json!({ "specVersion": version, "entries": [] }).to_string());
    for fine in [json!("1.0"), json!("1.7"), json!("draft"), json!(1.0), Value::Null] {
        assert_eq!(with(fine.clone()), Ok(vec![]), "{fine}");
    }
    assert_eq!(with(json!("2.0")), Err(DiscoveryError::Version("2.0".into())));
    assert_eq!(read(r#"{"entries":[]}"#), Ok(vec![]));
}

#[test]
fn inline_cards_may_be_strings_and_of_any_card_shape() {
    let entry = |data: Value| {
        let entry = json!({ "identifier": "x", "type": "application/mcp-server-card+json", "version": 2, "data": data });
        read(&json!({ "entries": [entry] }).to_string()).expect("a catalog")
    };
    let legacy = r#"{"serverInfo":{"name":"tides"},"transport":{"type":"http","endpoint":"/mcp"}}"#;
    let found = entry(json!(legacy));
    let [Found::Card(FoundCard { shape: Shape::Sep1649, entry: Some(described), .. })] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(described.display.version.as_deref(), Some("2"));
    assert!(
        matches!(&entry(json!({ "mcpServers": {} }))[..], [Found::Skipped { pointer, .. }] if pointer == "/entries/0/data")
    );
}

#[test]
fn long_catalogs_are_cut_and_say_so() {
    let one = json!({ "identifier": "x", "type": "application/mcp+json", "url": "/card" });
    let found = read(&json!({ "entries": vec![one; MAX_ENTRIES + 1] }).to_string()).expect("a catalog");
    assert_eq!(found.len(), MAX_ENTRIES + 1);
    assert!(matches!(found.last(), Some(Found::Skipped { pointer, .. }) if pointer == "/entries"));
}

#[test]
fn a_card_at_the_catalogs_path_is_still_a_card() {
    let found = read(include_str!("../fixtures/card_v1.json")).expect("a card");
    assert_eq!(summary(&found), [" card server-card-v1"]);
}

#[test]
fn a_data_address_holds_the_document_itself() {
    let card = json!({ "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": "com.acme/tides", "version": "1.0.0", "description": "Tells the tides" });
    let entry = |url: &str| {
        let entry = json!({ "identifier": "urn:x", "type": "application/mcp-server-card+json", "url": url });
        summary(&read(&json!({ "specVersion": "1.0", "entries": [entry] }).to_string()).expect("a catalog"))
    };
    let plain = card.to_string().replace(' ', "%20");
    assert_eq!(entry(&format!("data:application/json,{plain}")), ["/entries/0/url card server-card-v1"]);
    let packed = "data:application/json;base64,eyJuYW1lIjoiY29tLmFjbWUvdGlkZXMifQ==";
    assert!(entry(packed)[0].starts_with("/entries/0/url"), "{:?}", entry(packed));
    for broken in ["data:", "data:application/json;base64,%%%", "DATA:application/json;base64,/w=="] {
        assert!(
            entry(broken)[0].contains("skipped: `url` is a `data:` address"),
            "{broken}: {:?}",
            entry(broken)
        );
    }
}
