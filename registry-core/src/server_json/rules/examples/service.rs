//! G1–G8.

use serde_json::json;

use super::Example;
use super::Place::Document;
use super::Shown::{At, InWords};
use crate::server_json::PUBLISHER_PROVIDED;
use crate::server_json::rules::table::{G1, G2, G3, G4, G5, G6, G7, G8};

pub(super) const EXAMPLES: &[Example] = &[
    Example::new(
        &G1,
        At(Document, || json!({ "_meta": { (PUBLISHER_PROVIDED): { "notes": "x".repeat(4084) } } })),
        At(Document, || json!({ "_meta": { (PUBLISHER_PROVIDED): { "notes": "x".repeat(4085) } } })),
        "",
        "_meta.io.modelcontextprotocol.registry/publisher-provided extension exceeds 4KB limit (4097 bytes)",
    ),
    Example::new(
        &G2,
        InWords("an npm package whose `package.json` says `\"mcpName\": \"com.example/weather\"`"),
        InWords("an npm package whose `package.json` has no `mcpName`"),
        "",
        "registry validation failed for package <index> (<identifier>): <reason>",
    ),
    Example::new(
        &G3,
        InWords("a remote that only other versions of the same server have, or only deleted ones"),
        InWords("a remote with the very address of another server's"),
        "",
        "remote URL <url> is already used by server <name>",
    ),
    Example::new(
        &G4,
        InWords("the ten-thousandth version"),
        InWords("one more"),
        "",
        "maximum number of versions for this server reached (10000)",
    ),
    Example::new(
        &G5,
        InWords("a version that the server never had"),
        InWords("a version that it has, or had and deleted"),
        "",
        "invalid version: cannot publish duplicate version",
    ),
    Example::new(
        &G6,
        At(Document, || json!({ "version": "1" })),
        At(Document, || json!({ "version": " " })),
        "",
        "server name and version are required",
    ),
    Example::new(
        &G7,
        At(Document, || json!({ "title": "Weather" })),
        At(Document, || json!({ "title": "Wea\0ther" })),
        "",
        "the document contains a NUL character; remove it",
    ),
    Example::new(
        &G8,
        InWords("`com.example/weather-tools` where there is no such name in any case"),
        InWords("`com.example/Weather-T0ols` where `com.example/weather-tools` exists"),
        "",
        "the name <name> passes for the existing server <name>",
    ),
];
