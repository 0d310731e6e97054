//! S1–S18.

use serde_json::json;

use super::Place::{
    Argument, Document, Icon, Package, Remote, Repository, Status, Transport, Variable, Whole,
};
use super::Shown::At;
use super::{Example, place};
use crate::server_json::PUBLISHER_PROVIDED;
use crate::server_json::rules::table::{
    S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15, S16, S17, S18,
};

pub(super) const EXAMPLES: &[Example] = &[
    Example::new(
        &S1,
        At(Whole, place::minimal),
        At(
            Whole,
            || json!({ "name": "com.example/weather", "description": "Tells the weather", "version": "1.0.0" }),
        ),
        "body",
        "expected required property $schema to be present",
    ),
    Example::new(
        &S2,
        At(Document, || json!({ "$schema": crate::server_json::CURRENT_SCHEMA })),
        At(Document, || json!({ "$schema": "" })),
        "body.$schema",
        "expected length >= 1",
    ),
    Example::new(
        &S3,
        At(Document, || json!({ "name": "com.example/weather" })),
        At(Document, || json!({ "name": "ab" })),
        "body.name",
        "expected length >= 3",
    ),
    Example::new(
        &S4,
        At(Document, || json!({ "name": "com.example/weather_v2.beta-1" })),
        At(Document, || json!({ "name": "com_example/weather" })),
        "body.name",
        "expected string to match pattern ^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
    ),
    Example::new(
        &S5,
        At(Document, || json!({ "description": "ä".repeat(100) })),
        At(Document, || json!({ "description": "ä".repeat(101) })),
        "body.description",
        "expected length <= 100",
    ),
    Example::new(
        &S6,
        At(Document, || json!({ "title": null })),
        At(Document, || json!({ "title": "" })),
        "body.title",
        "expected length >= 1",
    ),
    Example::new(
        &S7,
        At(Document, || json!({ "version": "1" })),
        At(Document, || json!({ "version": 1 })),
        "body.version",
        "expected string",
    ),
    Example::new(
        &S8,
        At(Repository, || json!({ "url": "https://github.com/example/weather", "source": "github" })),
        At(Repository, || json!({ "url": "git@github.com:example/weather.git", "source": "github" })),
        "body.repository.url",
        "expected string to be RFC 3986 uri: parse \"git@github.com:example/weather.git\": first path segment in URL cannot contain colon",
    ),
    Example::new(
        &S9,
        At(Icon, || json!({ "src": "https://example.com/a.png", "mimeType": "image/png", "theme": "dark" })),
        At(Icon, || json!({ "src": "https://example.com/a.gif", "mimeType": "image/gif" })),
        "body.icons[0].mimeType",
        "expected value to be one of \"image/png, image/jpeg, image/jpg, image/svg+xml, image/webp\"",
    ),
    Example::new(
        &S10,
        At(Package, || json!({ "fileSha256": "0a".repeat(32) })),
        At(Package, || json!({ "fileSha256": "ABC" })),
        "body.packages[0].fileSha256",
        "expected string to match pattern ^[a-f0-9]{64}$",
    ),
    Example::new(
        &S11,
        At(Transport, || json!({ "type": "stdio" })),
        At(Transport, || json!({})),
        "body.packages[0].transport",
        "expected required property type to be present",
    ),
    Example::new(
        &S12,
        At(Variable, || json!({ "name": "WEATHER_KEY" })),
        At(Variable, || json!({ "value": "x" })),
        "body.packages[0].environmentVariables[0]",
        "expected required property name to be present",
    ),
    Example::new(
        &S13,
        At(Argument, || json!({ "type": "named", "name": "--port" })),
        At(Argument, || json!({ "name": "--port" })),
        "body.packages[0].packageArguments[0]",
        "expected required property type to be present",
    ),
    Example::new(
        &S14,
        At(Variable, || json!({ "name": "WEATHER_DAYS", "format": "number" })),
        At(Variable, || json!({ "name": "WEATHER_DAYS", "format": "int" })),
        "body.packages[0].environmentVariables[0].format",
        "expected value to be one of \"string, number, boolean, filepath\"",
    ),
    Example::new(
        &S15,
        At(
            Remote,
            || json!({ "type": "sse", "url": "https://{r}.example.com/sse", "variables": { "r": { "default": "eu" } } }),
        ),
        At(
            Remote,
            || json!({ "type": "sse", "url": "https://{r}.example.com/sse", "variables": { "r": { "variables": {} } } }),
        ),
        "body.remotes[0].variables.r.variables",
        "unexpected property",
    ),
    Example::new(
        &S16,
        At(Document, || json!({ "_meta": { (PUBLISHER_PROVIDED): { "built": "2026-01-01" } } })),
        At(Document, || json!({ "_meta": { "com.example/built": "2026-01-01" } })),
        "body._meta.com.example/built",
        "unexpected property",
    ),
    Example::new(
        &S17,
        At(Document, || json!({ "websiteUrl": "https://example.com" })),
        At(Document, || json!({ "website_url": "https://example.com" })),
        "body.website_url",
        "unexpected property",
    ),
    Example::new(
        &S18,
        At(Status, || json!({ "status": "deprecated", "statusMessage": "Use com.example/climate" })),
        At(Status, || json!({ "status": "yanked" })),
        "body.status",
        "expected value to be one of \"active, deprecated, deleted\"",
    ),
];
