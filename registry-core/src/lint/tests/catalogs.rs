//! A1–A21.

use serde_json::{Value, json};

use super::Example;
use super::Shown::{Catalog, Entry};
use super::{card, catalog};
use crate::lint::table::{
    A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17, A18, A19, A20, A21,
};

/// An entry that holds a document instead of naming it.
fn inline(media: &str, data: Value) -> Value {
    json!({ "type": media, "url": null, "data": data })
}

/// A catalog `depth` levels deep.
fn tower(depth: usize) -> Value {
    let mut tower = catalog();
    for _ in 1..depth {
        let entry = json!({
            "identifier": "urn:air:example.com:more", "type": "application/ai-catalog+json", "data": tower,
        });
        tower = json!({ "specVersion": "1.0", "entries": [entry] });
    }
    tower
}

fn entries(count: usize) -> Value {
    let entry = |number| {
        json!({
            "identifier": format!("urn:air:example.com:mcp:s{number}"), "type": "application/mcp-server-card+json",
            "url": format!("/cards/{number}"),
        })
    };
    json!({ "entries": (0..count).map(entry).collect::<Vec<_>>() })
}

pub(super) const EXAMPLES: &[Example] = &[
    Example(
        &A1,
        Catalog(|| json!({ "specVersion": "1.1" })),
        Catalog(|| json!({ "specVersion": "draft" })),
        "specVersion",
    ),
    Example(&A2, Catalog(|| json!({})), Catalog(|| json!({ "specVersion": "2.0" })), "specVersion"),
    Example(&A3, Catalog(|| entries(5000)), Catalog(|| entries(5001)), "entries"),
    Example(&A4, Catalog(|| json!({ "entries": [] })), Catalog(|| json!({ "entries": ["x"] })), "entries[0]"),
    Example(&A4, Catalog(|| json!({})), Entry(|| json!({ "identifier": null })), "entries[0].identifier"),
    Example(&A5, Catalog(|| json!({})), Entry(|| json!({ "type": null })), "entries[0].type"),
    Example(
        &A6,
        Catalog(|| json!({})),
        Entry(|| json!({ "type": null, "mediaType": "application/mcp-server-card+json" })),
        "entries[0].mediaType",
    ),
    Example(
        &A7,
        Entry(|| json!({ "type": "Application/MCP-Server-Card+JSON; v=1" })),
        Entry(|| json!({ "type": "application/mcp-server+json" })),
        "entries[0].type",
    ),
    Example(
        &A8,
        Entry(|| inline("application/mcp-server-card+json", card())),
        Entry(|| json!({ "data": {} })),
        "entries[0]",
    ),
    Example(&A8, Catalog(|| json!({})), Entry(|| json!({ "url": null })), "entries[0]"),
    Example(
        &A9,
        Entry(|| json!({ "url": "/cards/weather" })),
        Entry(|| json!({ "url": "http://example.com/card" })),
        "entries[0].url",
    ),
    Example(
        &A9,
        Catalog(|| json!({})),
        Entry(|| json!({ "url": ["https://example.com/card"] })),
        "entries[0].url",
    ),
    Example(
        &A9,
        Catalog(|| json!({})),
        Entry(|| json!({ "url": "https://10.0.0.1/card" })),
        "entries[0].url",
    ),
    Example(
        &A10,
        Catalog(|| json!({})),
        Entry(|| inline("application/mcp-server-card+json", card().to_string().into())),
        "entries[0].data",
    ),
    Example(
        &A11,
        Catalog(|| {
            let mut both = catalog();
            let mut other = both["entries"][0].clone();
            other["version"] = json!("2.0.0");
            both["entries"].as_array_mut().expect("a list").push(other);
            json!({ "entries": both["entries"] })
        }),
        Catalog(|| {
            let entry = &catalog()["entries"][0];
            json!({ "entries": [entry, entry] })
        }),
        "entries[1].identifier",
    ),
    Example(
        &A12,
        Catalog(|| json!({})),
        Entry(|| json!({ "type": "application/a2a-agent-card+json" })),
        "entries[0].type",
    ),
    Example(&A13, Catalog(|| json!({ "host": null })), Catalog(|| json!({ "host": {} })), "host.displayName"),
    Example(
        &A14,
        Entry(|| json!({ "updatedAt": "2026-11-24T12:00:00Z" })),
        Entry(|| json!({ "updatedAt": "yesterday" })),
        "entries[0].updatedAt",
    ),
    Example(
        &A15,
        Entry(|| json!({ "digest": format!("sha256:{}", "0f".repeat(32)) })),
        Entry(|| json!({ "digest": format!("sha1:{}", "0f".repeat(20)) })),
        "entries[0].digest",
    ),
    Example(
        &A16,
        Catalog(|| json!({})),
        Entry(|| json!({ "identifier": "urn:mcp:server:weather" })),
        "entries[0].identifier",
    ),
    Example(
        &A17,
        Entry(|| json!({ "displayName": "Weather", "tags": ["sky"], "version": "1.0.0" })),
        Entry(|| json!({ "tags": "sky" })),
        "entries[0].tags",
    ),
    Example(&A17, Catalog(|| json!({})), Entry(|| json!({ "version": 1 })), "entries[0].version"),
    Example(
        &A18,
        Entry(|| json!({ "publisher": { "identifier": "example.com", "displayName": "Example" } })),
        Entry(|| json!({ "publisher": { "identifier": "example.com" } })),
        "entries[0].publisher.displayName",
    ),
    Example(
        &A19,
        Entry(|| inline("application/ai-catalog+json", tower(3))),
        Entry(|| inline("application/ai-catalog+json", tower(4))),
        "entries[0].data.entries[0].data.entries[0].data.entries[0].data",
    ),
    Example(
        &A20,
        Entry(|| json!({ "extensions": {} })),
        Entry(|| json!({ "metadata": {} })),
        "entries[0].metadata",
    ),
    Example(&A21, Catalog(|| json!({})), Catalog(|| json!({ "specVersion": null })), "specVersion"),
];
