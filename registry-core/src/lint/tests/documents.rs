//! D1–D7.

use serde_json::json;

use super::Example;
use super::Shown::{Bytes, Card};
use super::card;
use crate::lint::table::{D1, D2, D3, D4, D5, D6, D7};
use crate::server_json::CURRENT_SCHEMA;

pub(super) const EXAMPLES: &[Example] = &[
    Example(
        &D1,
        Bytes(|| [b"\xEF\xBB\xBF".as_slice(), card().to_string().as_bytes()].concat()),
        Bytes(|| b"// a comment\n{}".to_vec()),
        "",
    ),
    Example(&D1, Card(|| json!({})), Bytes(|| b"<!doctype html>".to_vec()), ""),
    Example(&D1, Card(|| json!({})), Bytes(|| [b"[".repeat(100), b"]".repeat(100)].concat()), ""),
    Example(&D2, Card(|| json!({})), Bytes(|| json!({ "hello": "world" }).to_string().into_bytes()), ""),
    Example(&D2, Card(|| json!({})), Bytes(|| json!({ "jsonrpc": "2.0" }).to_string().into_bytes()), ""),
    Example(
        &D3,
        Card(|| json!({})),
        Bytes(|| json!({ "serverInfo": { "name": "x", "version": "1" } }).to_string().into_bytes()),
        "",
    ),
    Example(
        &D4,
        Card(|| json!({})),
        Bytes(|| card().to_string().replacen('{', r#"{"name":"a.b/other","#, 1).into_bytes()),
        "name",
    ),
    Example(
        &D5,
        Card(|| json!({ "_meta": { "com.example/long": "x".repeat(1 << 20) } })),
        Card(|| json!({ "_meta": { "com.example/long": "x ".repeat(1 << 20) } })),
        "",
    ),
    Example(&D5, Card(|| json!({})), Bytes(|| vec![b' '; (5 << 20) + 1]), ""),
    Example(&D6, Bytes(|| server_json("1.0.0")), Bytes(|| server_json("^1.0.0")), "version"),
    Example(&D6, Card(|| json!({})), Bytes(|| server_json("")), ""),
    Example(
        &D7,
        Card(|| json!({})),
        Bytes(|| json!({ "servers": ["https://example.com/card"] }).to_string().into_bytes()),
        "",
    ),
];

fn server_json(version: &str) -> Vec<u8> {
    let document = json!({
        "$schema": CURRENT_SCHEMA, "name": "com.example/weather", "description": "Tells the weather", "version": version,
        "remotes": [{ "type": "sse", "url": "https://example.com/sse" }],
    });
    document.to_string().into_bytes()
}
