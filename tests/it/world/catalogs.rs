//! Catalogs in every dialect, well-formed and not (discovery sections 4 and 5).

use super::{Expected, Site, World};
use crate::crawl::{CATALOG, card};
use registry_core::store::findings::Outcome;
use serde_json::{Value, json};

const MCP: &str = "application/mcp-server-card+json";

fn inline(host: &str, leaf: &str) -> Value {
    let name = format!("{}/{leaf}", host.split('.').rev().collect::<Vec<_>>().join("."));
    card(&name, &format!("https://{host}/{leaf}/mcp"))
}

fn entries(entries: Value) -> Value {
    json!({ "specVersion": "1.0", "entries": entries })
}

fn nested(url: &str) -> Value {
    entries(json!([{ "identifier": "urn:x", "type": "application/ai-catalog+json", "url": url }]))
}

pub fn sites() -> Vec<Site> {
    let mut sites = dialects();
    sites.extend(shapes());
    sites.extend(hostile());
    sites
}

fn dialects() -> Vec<Site> {
    vec![
        Site::new("dialect-a.com", "April 2026: mediaType and metadata")
            .json(CATALOG, entries(json!([{ "identifier": "urn:example:tides", "mediaType": MCP, "displayName": "Tides",
                "metadata": {}, "data": inline("dialect-a.com", "tides") }])))
            .lists("com.dialect-a/tides"),
        Site::new("dialect-b.com", "June 2026: type, urn:ai, no display name")
            .json(CATALOG, entries(json!([{ "identifier": "urn:ai:dialect-b.com:x:tides", "type": MCP,
                "trustManifest": { "identity": "did:web:dialect-b.com" }, "data": inline("dialect-b.com", "tides") }])))
            .lists("com.dialect-b/tides"),
        Site::new("dialect-c.com", "October 2026: extensions, trust manifests, digests")
            .json(CATALOG, entries(json!([{ "identifier": "urn:air:dialect-c.com:x:tides", "type": MCP,
                "extensions": { "com.example/x": 1 }, "trustManifests": [{ "contributor": "did:web:dialect-c.com" }],
                "data": inline("dialect-c.com", "tides") }])))
            .lists("com.dialect-c/tides"),
        Site::new("mcp-catalog.com", "an MCP Catalog")
            .json("/.well-known/mcp/catalog.json", json!({ "specVersion": "draft", "entries": [
                { "identifier": "urn:mcp:server:com.mcp-catalog/tides", "mediaType": "application/mcp-server+json",
                  "url": "https://mcp-catalog.com/card.json" }] }))
            .json("/card.json", inline("mcp-catalog.com", "tides"))
            .lists("com.mcp-catalog/tides"),
    ]
}

fn shapes() -> Vec<Site> {
    let version = |version: &str| {
        let mut data = inline("versions.com", "tides");
        data["version"] = version.into();
        json!({ "identifier": "urn:air:versions.com:x:tides", "type": MCP, "version": version, "data": data })
    };
    vec![
        Site::new("versions.com", "one server in two versions")
            .json(CATALOG, entries(json!([version("1.0.0"), version("1.1.0")])))
            .expects(Expected::Listings(2)),
        Site::new("string-data.com", "an entry whose data is a string of JSON")
            .json(CATALOG, entries(json!([{ "identifier": "urn:x", "type": MCP, "data": inline("string-data.com", "tides").to_string() }])))
            .lists("com.string-data/tides"),
        Site::new("nested.com", "a catalog by address and another inside it")
            .json(CATALOG, nested("https://nested.com/more.json"))
            .json("/more.json", entries(json!([{ "identifier": "urn:y", "type": "application/ai-catalog+json",
                "data": entries(json!([{ "identifier": "urn:z", "type": MCP, "data": inline("nested.com", "tides") }])) }])))
            .lists("com.nested/tides"),
        Site::new("broken-entries.com", "a broken entry does not sink its catalog")
            .json(CATALOG, entries(json!([
                7, { "type": MCP, "url": "https://broken-entries.com/a" }, { "identifier": "urn:a", "type": MCP },
                { "identifier": "urn:b", "type": MCP, "url": "http://broken-entries.com/b" },
                { "identifier": "urn:c", "type": "text/markdown", "url": "https://broken-entries.com/c" },
                { "identifier": "urn:d", "type": MCP, "data": inline("broken-entries.com", "tides") }])))
            .lists("com.broken-entries/tides")
            .says(Outcome::Skipped, "identifier")
            .says(Outcome::Skipped, "not an https address"),
        Site::new("relative.com", "addresses relative to the catalog")
            .json(CATALOG, entries(json!([{ "identifier": "urn:x", "type": MCP, "url": "../cards/tides.json" }])))
            .json("/cards/tides.json", inline("relative.com", "tides"))
            .lists("com.relative/tides"),
    ]
}

fn hostile() -> Vec<Site> {
    let thousands: Vec<Value> = (0..5_000)
        .map(|n| json!({ "identifier": format!("urn:air:thousands.com:x:t{n}"), "type": MCP, "data": inline("thousands.com", &format!("t{n}")) }))
        .collect();
    let mut heavy = inline("heavy.com", "tides");
    heavy["tools"] = (0..4_000)
        .map(|n| json!({ "name": format!("tool-{n}"), "description": "x".repeat(400), "inputSchema": { "type": "object" } }))
        .collect();
    vec![
        Site::new("circle.com", "catalogs that lead to each other")
            .json(CATALOG, nested("https://circle.com/two.json"))
            .json("/two.json", nested("https://circle.com/.well-known/ai-catalog.json"))
            .says(Outcome::Refused, "leads back"),
        Site::new("thousands.com", "a catalog of 5,000 entries")
            .json(CATALOG, entries(thousands.into()))
            .expects(Expected::Listings(5_000)),
        Site::new("heavy.com", "a card with almost 2 MB of tools")
            .json("/.well-known/mcp-server-card", heavy)
            .lists("com.heavy/tides"),
        Site::new("major.com", "a catalog of a later major version")
            .json(CATALOG, json!({ "specVersion": "2.0", "entries": [] }))
            .says(Outcome::Refused, "this registry reads `1.x`"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogs_of_every_dialect_are_read_and_hostile_ones_end() {
    let world = World::start().await;
    world.crawl(sites()).await;
    let heavy = &world.web.listings("com.heavy/tides").await[0];
    assert!(
        heavy.extensions.len() < 600_000 && heavy.extensions.contains("\"toolCount\":4000"),
        "{}",
        heavy.extensions.len()
    );
}
