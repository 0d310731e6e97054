//! C1–C29.

use serde_json::json;

use super::Example;
use super::Shown::{Card, Remote};
use crate::card::sniff::V1_SCHEMA;
use crate::lint::table::{
    C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17, C18, C19, C20, C21, C22, C23,
    C24, C25, C26, C27, C28, C29,
};

pub(super) const EXAMPLES: &[Example] = &[
    Example(&C1, Card(|| json!({ "$schema": V1_SCHEMA })), Card(|| json!({ "$schema": null })), "$schema"),
    Example(
        &C1,
        Card(|| json!({})),
        Card(
            || json!({ "$schema": "https://static.modelcontextprotocol.io/schemas/v2/server-card.schema.json" }),
        ),
        "$schema",
    ),
    Example(&C2, Card(|| json!({ "name": "com.example/w1" })), Card(|| json!({ "name": "weather" })), "name"),
    Example(&C2, Card(|| json!({})), Card(|| json!({ "name": "com.example/a/b" })), "name"),
    Example(&C2, Card(|| json!({})), Card(|| json!({ "name": null })), "name"),
    Example(
        &C2,
        Card(|| json!({})),
        Card(|| json!({ "name": format!("com.example/{}", "a".repeat(200)) })),
        "name",
    ),
    Example(&C2, Card(|| json!({})), Card(|| json!({ "name": 7 })), "name"),
    Example(&C3, Card(|| json!({})), Card(|| json!({ "name": "example/weather" })), "name"),
    Example(&C4, Card(|| json!({ "version": "2.1.0-rc.1" })), Card(|| json!({ "version": 2 })), "version"),
    Example(&C4, Card(|| json!({})), Card(|| json!({ "version": "" })), "version"),
    Example(&C4, Card(|| json!({})), Card(|| json!({ "version": null })), "version"),
    Example(&C5, Card(|| json!({})), Card(|| json!({ "version": "^1.0" })), "version"),
    Example(&C5, Card(|| json!({})), Card(|| json!({ "version": "1.x" })), "version"),
    Example(&C6, Card(|| json!({})), Card(|| json!({ "version": "2026.11" })), "version"),
    Example(
        &C7,
        Card(|| json!({ "description": "é".repeat(100) })),
        Card(|| json!({ "description": "é".repeat(101) })),
        "description",
    ),
    Example(&C7, Card(|| json!({})), Card(|| json!({ "description": "" })), "description"),
    Example(&C7, Card(|| json!({})), Card(|| json!({ "description": null })), "description"),
    Example(&C8, Card(|| json!({ "title": "Weather" })), Card(|| json!({ "title": "" })), "title"),
    Example(&C8, Card(|| json!({})), Card(|| json!({ "title": ["Weather"] })), "title"),
    Example(
        &C9,
        Card(|| json!({ "websiteUrl": "https://example.com/about" })),
        Card(|| json!({ "websiteUrl": "example.com" })),
        "websiteUrl",
    ),
    Example(&C10, Card(|| json!({})), Card(|| json!({ "websiteUrl": "http://example.com" })), "websiteUrl"),
    Example(
        &C11,
        Card(|| json!({ "repository": { "url": "https://github.com/a/b", "source": "github", "id": "1" } })),
        Card(|| json!({ "repository": { "url": "https://github.com/a/b" } })),
        "repository.source",
    ),
    Example(
        &C11,
        Card(|| json!({})),
        Card(|| json!({ "repository": "https://github.com/a/b" })),
        "repository",
    ),
    Example(
        &C11,
        Card(|| json!({})),
        Card(|| json!({ "repository": { "url": "a/b", "source": "github" } })),
        "repository.url",
    ),
    Example(
        &C12,
        Card(|| json!({ "icons": [{ "src": "https://example.com/a.png" }] })),
        Card(|| json!({ "icons": [{ "src": "a.png" }] })),
        "icons[0].src",
    ),
    Example(&C12, Card(|| json!({})), Card(|| json!({ "icons": ["https://example.com/a.png"] })), "icons[0]"),
    Example(
        &C13,
        Card(
            || json!({ "icons": [{ "src": "https://example.com/a.png", "sizes": ["48x48", "any"], "theme": "dark" }] }),
        ),
        Card(|| json!({ "icons": [{ "src": "https://example.com/a.png", "sizes": ["big"] }] })),
        "icons[0].sizes[0]",
    ),
    Example(
        &C13,
        Card(|| json!({})),
        Card(|| json!({ "icons": [{ "src": "https://example.com/a.png", "theme": "blue" }] })),
        "icons[0].theme",
    ),
    Example(
        &C14,
        Card(|| json!({ "icons": [{ "src": "https://example.com/a.png", "mimeType": "image/png" }] })),
        Card(|| json!({ "icons": [{ "src": "data:image/png;base64,AA==" }] })),
        "icons[0].src",
    ),
    Example(
        &C14,
        Card(|| json!({})),
        Card(|| json!({ "icons": [{ "src": "https://example.com/a.gif", "mimeType": "image/gif" }] })),
        "icons[0].mimeType",
    ),
    Example(
        &C15,
        Remote(|| json!({ "type": "sse" })),
        Remote(|| json!({ "type": "stdio" })),
        "remotes[0].type",
    ),
    Example(&C15, Card(|| json!({})), Card(|| json!({ "remotes": "https://example.com/mcp" })), "remotes"),
    Example(
        &C16,
        Remote(|| json!({ "url": "{base}/mcp", "variables": { "base": {} } })),
        Remote(|| json!({ "url": "/mcp" })),
        "remotes[0].url",
    ),
    Example(&C16, Card(|| json!({})), Remote(|| json!({ "url": null })), "remotes[0].url"),
    Example(
        &C17,
        Remote(|| json!({ "url": "https://example.com:8443/mcp" })),
        Remote(|| json!({ "url": "http://example.com/mcp" })),
        "remotes[0].url",
    ),
    Example(&C17, Card(|| json!({})), Remote(|| json!({ "url": "https://localhost/mcp" })), "remotes[0].url"),
    Example(&C17, Card(|| json!({})), Remote(|| json!({ "url": "https://10.0.0.1/mcp" })), "remotes[0].url"),
    Example(
        &C18,
        Remote(
            || json!({ "url": "https://{tenant}.example.com/mcp", "variables": { "tenant": { "isRequired": true } } }),
        ),
        Remote(|| json!({ "url": "https://{tenant}.example.com/mcp" })),
        "remotes[0].url",
    ),
    Example(
        &C18,
        Card(|| json!({})),
        Remote(|| json!({ "url": "https://<tenant>.example.com/mcp" })),
        "remotes[0].url",
    ),
    Example(
        &C18,
        Card(|| json!({})),
        Remote(|| json!({ "url": "https://example.com/:tenant/mcp" })),
        "remotes[0].url",
    ),
    Example(
        &C19,
        Remote(|| json!({ "headers": [{ "name": "X-API-Key", "isRequired": true, "isSecret": true }] })),
        Remote(|| json!({ "headers": [{ "value": "x" }] })),
        "remotes[0].headers[0].name",
    ),
    Example(&C19, Card(|| json!({})), Remote(|| json!({ "headers": { "X-A": "b" } })), "remotes[0].headers"),
    Example(
        &C20,
        Remote(
            || json!({ "headers": [{ "name": "X-Region", "format": "string", "choices": ["eu"], "default": "eu" }] }),
        ),
        Remote(|| json!({ "headers": [{ "name": "X-Region", "isRequired": "yes" }] })),
        "remotes[0].headers[0].isRequired",
    ),
    Example(
        &C20,
        Card(|| json!({})),
        Remote(|| json!({ "headers": [{ "name": "X-Region", "format": "uuid" }] })),
        "remotes[0].headers[0].format",
    ),
    Example(
        &C20,
        Card(|| json!({})),
        Remote(|| json!({ "headers": [{ "name": "X-Region", "choices": [1] }] })),
        "remotes[0].headers[0].choices[0]",
    ),
    Example(
        &C21,
        Remote(|| json!({ "variables": { "tenant": { "description": "Yours" } } })),
        Remote(|| json!({ "variables": { "tenant": "acme" } })),
        "remotes[0].variables.tenant",
    ),
    Example(
        &C22,
        Remote(|| json!({ "supportedProtocolVersions": ["2025-11-25", "2026-07-28"] })),
        Remote(|| json!({ "supportedProtocolVersions": "2026-07-28" })),
        "remotes[0].supportedProtocolVersions",
    ),
    Example(
        &C23,
        Card(|| json!({})),
        Remote(|| json!({ "supportedProtocolVersions": ["1.0"] })),
        "remotes[0].supportedProtocolVersions[0]",
    ),
    Example(&C24, Card(|| json!({ "_meta": {} })), Card(|| json!({ "_meta": "x" })), "_meta"),
    Example(
        &C25,
        Card(|| json!({ "_meta": { "com.example/team": "weather" } })),
        Card(|| json!({ "_meta": { "team": "weather" } })),
        "_meta.team",
    ),
    Example(&C26, Card(|| json!({ "x-own": 1 })), Card(|| json!({ "tools": [] })), "tools"),
    Example(
        &C26,
        Card(|| json!({})),
        Card(|| json!({ "serverInfo": { "name": "weather", "version": "1.0.0" } })),
        "serverInfo",
    ),
    Example(
        &C27,
        Remote(
            || json!({ "headers": [{ "name": "Authorization", "value": "Bearer {token}", "variables": { "token": { "isSecret": true } } }] }),
        ),
        Remote(|| json!({ "headers": [{ "name": "Authorization", "value": "Bearer 0123456789abcdef" }] })),
        "remotes[0].headers[0].value",
    ),
    Example(
        &C27,
        Card(|| json!({})),
        Remote(|| json!({ "headers": [{ "name": "X-Team", "isSecret": true, "default": "opensesame" }] })),
        "remotes[0].headers[0].default",
    ),
    Example(
        &C27,
        Remote(
            || json!({ "url": "https://example.com/mcp?api_key={key}", "variables": { "key": { "isSecret": true } } }),
        ),
        Remote(|| json!({ "url": "https://example.com/mcp?api_key=opensesame" })),
        "remotes[0].url",
    ),
    Example(
        &C27,
        Card(|| json!({ "_meta": { "com.example/digest": "0f".repeat(32) } })),
        Card(|| json!({ "_meta": { "com.example/key": "sk-proj-4f8a9b2c1d7e6f5a4b3c" } })),
        "_meta.com.example/key",
    ),
    Example(&C28, Card(|| json!({})), Card(|| json!({ "remotes": [] })), "remotes"),
    Example(&C28, Card(|| json!({})), Card(|| json!({ "remotes": null })), "remotes"),
    Example(
        &C29,
        Card(|| json!({ "name": "com.example/ab" })),
        Card(|| json!({ "name": "com.example/a" })),
        "name",
    ),
    Example(
        &C29,
        Card(|| json!({ "name": "com.example/a-b" })),
        Card(|| json!({ "name": "com.example/tides-" })),
        "name",
    ),
];
