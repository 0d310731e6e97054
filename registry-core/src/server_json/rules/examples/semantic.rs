//! V1–V4, J1 and what a document says.

use serde_json::json;

use super::Example;
use super::Place::{Argument, Document, Icon, Package, Remote, Repository, Transport};
use super::Shown::At;
use crate::server_json::CURRENT_SCHEMA;
use crate::server_json::rules::table::{
    A1, A2, A3, A4, I1, I2, J1, K1, N1, N2, N3, P1, P2, R1, R2, T1, V1, V2, V3, V4, W1, W2, W3, X1, X2, X3,
    X4, Y1, Y2, Y3, Y4,
};

pub(super) const EXAMPLES: &[Example] = &[
    Example::new(
        &V1,
        At(Document, || json!({ "$schema": CURRENT_SCHEMA })),
        At(Document, || json!({ "$schema": "" })),
        "schema",
        "$schema field is required",
    ),
    Example::new(
        &V2,
        At(Document, || json!({ "$schema": "https://example.com/schemas/2025-12-11/server.schema.json" })),
        At(Document, || json!({ "$schema": "https://example.com/server.json" })),
        "schema",
        "failed to extract schema version from URL: invalid schema URL format: https://example.com/server.json",
    ),
    Example::new(
        &V3,
        At(
            Document,
            || json!({ "$schema": "https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json" }),
        ),
        At(
            Document,
            || json!({ "$schema": "https://static.modelcontextprotocol.io/schemas/draft/server.schema.json" }),
        ),
        "schema",
        "schema version draft not available: this registry carries 2025-07-09, 2025-09-16, 2025-09-29, 2025-10-11, 2025-10-17, 2025-12-11",
    ),
    Example::new(
        &V4,
        At(Document, || json!({ "$schema": CURRENT_SCHEMA })),
        At(
            Document,
            || json!({ "$schema": "https://static.modelcontextprotocol.io/schemas/2025-10-17/server.schema.json" }),
        ),
        "schema",
        "schema version 2025-10-17 is not the current version (2025-12-11). Consider updating to the latest schema version",
    ),
    Example::new(
        &J1,
        At(Repository, || json!({ "url": "https://github.com/example/weather", "source": "github" })),
        At(Repository, || json!({ "subfolder": "weather" })),
        "repository",
        "missing required fields: 'url', 'source'",
    ),
    Example::new(
        &N1,
        At(Document, || json!({ "name": "com.example/weather" })),
        At(Document, || json!({ "name": "com./weather" })),
        "name",
        "server name format is invalid: namespace 'com.' is invalid. Namespace must start and end with alphanumeric characters, and may contain dots and hyphens in the middle",
    ),
    Example::new(
        &N2,
        At(Document, || json!({ "name": "com.example/a_.-b" })),
        At(Document, || json!({ "name": "com.example/a" })),
        "name",
        "server name format is invalid: name 'a' is invalid. Name must start and end with alphanumeric characters, and may contain dots, underscores, and hyphens in the middle",
    ),
    Example::new(
        &N3,
        At(Document, || json!({ "name": "com.example.api/server" })),
        At(Document, || json!({ "name": "weather" })),
        "name",
        "server name must be in format 'dns-namespace/name' (e.g., 'com.example.api/server')",
    ),
    Example::new(
        &R1,
        At(Document, || json!({ "version": "Latest" })),
        At(Document, || json!({ "version": "latest" })),
        "version",
        "version string 'latest' is reserved and cannot be used",
    ),
    Example::new(
        &R2,
        At(Document, || json!({ "version": "1.2.3-linux-x64+b" })),
        At(Document, || json!({ "version": "^1.2.3" })),
        "version",
        "version must be a specific version, not a range: \"^1.2.3\"",
    ),
    Example::new(
        &P1,
        At(Repository, || json!({ "url": "https://gitlab.com/example/weather", "source": "gitlab" })),
        At(
            Repository,
            || json!({ "url": "https://github.com/example/weather/tree/main", "source": "github" }),
        ),
        "repository.url",
        "invalid repository URL: https://github.com/example/weather/tree/main",
    ),
    Example::new(
        &P2,
        At(
            Repository,
            || json!({ "url": "https://github.com/example/all", "source": "github", "subfolder": "servers/weather" }),
        ),
        At(
            Repository,
            || json!({ "url": "https://github.com/example/all", "source": "github", "subfolder": "/servers" }),
        ),
        "repository.subfolder",
        "invalid subfolder path: /servers",
    ),
    Example::new(
        &W1,
        At(Document, || json!({ "websiteUrl": "https://example.com/docs" })),
        At(Document, || json!({ "websiteUrl": "example.com/docs" })),
        "websiteUrl",
        "websiteUrl must be absolute (include scheme): example.com/docs",
    ),
    Example::new(
        &W2,
        At(Document, || json!({ "websiteUrl": "https://example.com" })),
        At(Document, || json!({ "websiteUrl": "http://example.com" })),
        "websiteUrl",
        "websiteUrl must use https scheme: http://example.com",
    ),
    Example::new(
        &W3,
        At(Document, || json!({ "websiteUrl": "https://example.com/a b" })),
        At(Document, || json!({ "websiteUrl": "https://exa mple.com" })),
        "websiteUrl",
        "invalid websiteUrl: parse \"https://exa mple.com\": invalid character ' ' in host name",
    ),
    Example::new(
        &T1,
        At(Document, || json!({ "title": "Weather" })),
        At(Document, || json!({ "title": "  " })),
        "title",
        "title cannot be only whitespace",
    ),
    Example::new(
        &I1,
        At(Icon, || json!({ "src": "https://example.com/a.png" })),
        At(Icon, || json!({ "src": "/a.png" })),
        "icons[0].src",
        "icon src must be an absolute URL (include scheme): /a.png",
    ),
    Example::new(
        &I2,
        At(Icon, || json!({ "src": "https://example.com/a.png" })),
        At(Icon, || json!({ "src": "http://example.com/a.png" })),
        "icons[0].src",
        "icon src must use https scheme (got http): http://example.com/a.png",
    ),
    Example::new(
        &K1,
        At(Package, || json!({ "identifier": "@example/weather" })),
        At(Package, || json!({ "identifier": "my weather" })),
        "packages[0].identifier",
        "package name cannot contain spaces",
    ),
    Example::new(
        &A1,
        At(Argument, || json!({ "type": "named", "name": "--port" })),
        At(Argument, || json!({ "type": "named" })),
        "packages[0].packageArguments[0].name",
        "named argument name is required",
    ),
    Example::new(
        &A2,
        At(Argument, || json!({ "type": "named", "name": "--port", "value": "8080" })),
        At(Argument, || json!({ "type": "named", "name": "--port 8080" })),
        "packages[0].packageArguments[0].name",
        "invalid named argument name format: --port 8080",
    ),
    Example::new(
        &A3,
        At(Argument, || json!({ "type": "named", "name": "--port", "value": "8080" })),
        At(Argument, || json!({ "type": "named", "name": "--port", "value": "--port=8080" })),
        "packages[0].packageArguments[0].value",
        "argument value cannot start with the argument name: value starts with argument name '--port': --port=8080",
    ),
    Example::new(
        &A4,
        At(Argument, || json!({ "type": "named", "name": "--port", "default": "8080" })),
        At(Argument, || json!({ "type": "named", "name": "--port", "default": "--port=8080" })),
        "packages[0].packageArguments[0].default",
        "argument default cannot start with the argument name: default starts with argument name '--port': --port=8080",
    ),
    Example::new(
        &X1,
        At(Transport, || json!({ "type": "stdio" })),
        At(Transport, || json!({ "type": "websocket" })),
        "packages[0].transport.type",
        "unsupported transport type: websocket",
    ),
    Example::new(
        &X2,
        At(Transport, || json!({ "type": "stdio" })),
        At(Transport, || json!({ "type": "stdio", "url": "http://localhost:8080" })),
        "packages[0].transport.url",
        "url must be empty for stdio transport type, got: http://localhost:8080",
    ),
    Example::new(
        &X3,
        At(Transport, || json!({ "type": "sse", "url": "http://localhost:8080/sse" })),
        At(Transport, || json!({ "type": "sse" })),
        "packages[0].transport.url",
        "url is required for sse transport type",
    ),
    Example::new(
        &X4,
        At(
            Package,
            || json!({ "transport": { "type": "sse", "url": "http://localhost:{PORT}/sse" }, "environmentVariables": [{ "name": "PORT" }] }),
        ),
        At(Package, || json!({ "transport": { "type": "sse", "url": "http://localhost:{PORT}/sse" } })),
        "packages[0].transport.url",
        "invalid package transport URL: template variables in URL http://localhost:{PORT}/sse reference undefined variables. Available variables: []",
    ),
    Example::new(
        &Y1,
        At(Remote, || json!({ "type": "streamable-http", "url": "https://mcp.example.com" })),
        At(Remote, || json!({ "type": "stdio" })),
        "remotes[0].type",
        "unsupported transport type for remotes: stdio (only streamable-http and sse are supported)",
    ),
    Example::new(
        &Y2,
        At(Remote, || json!({ "type": "sse", "url": "https://mcp.example.com/sse" })),
        At(Remote, || json!({ "type": "sse" })),
        "remotes[0].url",
        "url is required for sse transport type",
    ),
    Example::new(
        &Y3,
        At(Remote, || json!({ "type": "sse", "url": "https://mcp.example.com/sse" })),
        At(Remote, || json!({ "type": "sse", "url": "https://localhost/sse" })),
        "remotes[0].url",
        "invalid remote URL: https://localhost/sse",
    ),
    Example::new(
        &Y4,
        At(
            Remote,
            || json!({ "type": "sse", "url": "https://{r}.example.com/sse", "variables": { "r": { "default": "eu" } } }),
        ),
        At(Remote, || json!({ "type": "sse", "url": "https://{r}.example.com/sse" })),
        "remotes[0].url",
        "invalid remote URL: template variables in URL https://{r}.example.com/sse reference undefined variables. Available variables: []",
    ),
];
