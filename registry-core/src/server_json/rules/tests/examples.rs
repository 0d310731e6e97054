//! At least one document for and one against each rule.

use serde_json::{Value, json};

use crate::server_json::{CURRENT_SCHEMA, ServerJson};

/// A document that breaks no rule, but for these members.
pub(super) fn with(members: Value) -> ServerJson {
    let mut document = json!({
        "$schema": CURRENT_SCHEMA, "name": "com.example/weather", "description": "d", "version": "1.0.0",
    });
    for (name, value) in members.as_object().expect("members") {
        document[name] = value.clone();
    }
    serde_json::from_value(document).expect("a document")
}

fn package(members: Value) -> ServerJson {
    let mut package =
        json!({ "registryType": "npm", "identifier": "weather", "transport": { "type": "stdio" } });
    for (name, value) in members.as_object().expect("members") {
        package[name] = value.clone();
    }
    with(json!({ "packages": [package] }))
}

fn served(url: &str) -> ServerJson {
    package(json!({
        "transport": { "type": "sse", "url": url },
        "environmentVariables": [{ "name": "PORT" }],
        "runtimeArguments": [{ "type": "named", "name": "host" }],
        "packageArguments": [{ "type": "positional", "valueHint": "where" }],
    }))
}

pub(super) fn argument(argument: Value) -> ServerJson {
    package(json!({ "runtimeArguments": [argument] }))
}

fn remote(url: &str) -> ServerJson {
    with(
        json!({ "remotes": [{ "type": "streamable-http", "url": url, "variables": { "a": {}, "unused": {} } }] }),
    )
}

fn named(name: &str) -> ServerJson {
    with(json!({ "name": name }))
}

fn repository(url: &str, source: &str, subfolder: &str) -> ServerJson {
    with(json!({ "repository": { "url": url, "source": source, "subfolder": subfolder } }))
}

/// Documents that break exactly this rule, with the path and the beginning of the message.
pub(super) fn refused() -> Vec<(&'static str, ServerJson, &'static str, &'static str)> {
    let old = "https://static.modelcontextprotocol.io/schemas/2025-09-29/server.schema.json";
    let site = |url: &str| with(json!({ "websiteUrl": url }));
    let icon = |src: &str| with(json!({ "icons": [{ "src": src }] }));
    let version = |text: &str| with(json!({ "version": text }));
    let schema = |url: &str| with(json!({ "$schema": url }));
    let transport = |transport: Value| package(json!({ "transport": transport }));
    let github = "https://github.com/acme/weather";
    vec![
        ("V1", schema(""), "schema", "$schema field is required"),
        (
            "V2",
            schema("https://example.com/server.json"),
            "schema",
            "failed to extract schema version from URL: invalid schema URL format: https://example.com/server.json",
        ),
        (
            "V4",
            schema(old),
            "schema",
            "schema version 2025-09-29 is not the current version (2025-12-11). Consider updating to the latest schema version",
        ),
        (
            "N1",
            named("a/server"),
            "name",
            "server name format is invalid: namespace 'a' is invalid. Namespace must start and end with alphanumeric characters, and may contain dots and hyphens in the middle",
        ),
        ("N1", named("-com/x1"), "name", "server name format is invalid: namespace '-com'"),
        ("N1", named("com./x1"), "name", "server name format is invalid: namespace 'com.'"),
        (
            "N2",
            named("com.example/a"),
            "name",
            "server name format is invalid: name 'a' is invalid. Name must start and end with alphanumeric characters, and may contain dots, underscores, and hyphens in the middle",
        ),
        ("N2", named("com.example/x_"), "name", "server name format is invalid: name 'x_'"),
        ("N3", named(""), "name", "server name is required and must be a string"),
        (
            "N3",
            named("weather"),
            "name",
            "server name must be in format 'dns-namespace/name' (e.g., 'com.example.api/server')",
        ),
        (
            "N3",
            named("com.example/"),
            "name",
            "server name must be in format 'dns-namespace/name' with non-empty namespace and name parts",
        ),
        ("N3", named("com.example/a/b"), "name", "server name cannot contain multiple slashes"),
        ("R1", version("latest"), "version", "version string 'latest' is reserved and cannot be used"),
        ("R1", package(json!({ "version": "latest" })), "packages[0].version", "version string 'latest'"),
        ("R2", version("^1.2.3"), "version", "version must be a specific version, not a range: \"^1.2.3\""),
        (
            "R2",
            package(json!({ "version": "1.x" })),
            "packages[0].version",
            "version must be a specific version",
        ),
        (
            "P1",
            repository(github, "bitbucket", ""),
            "repository.url",
            "invalid repository URL: https://github.com/acme/weather",
        ),
        ("P1", repository(github, "GitHub", ""), "repository.url", "invalid repository URL"),
        ("P1", repository(github, "gitlab", ""), "repository.url", "invalid repository URL"),
        ("P1", repository("", "github", ""), "repository.url", "invalid repository URL: "),
        ("P1", repository(github, "", ""), "repository.url", "invalid repository URL"),
        (
            "P1",
            repository("https://github.com/a/b/tree/main", "github", ""),
            "repository.url",
            "invalid repository URL",
        ),
        (
            "P1",
            repository("https://gitlab.com/a/b/c", "gitlab", ""),
            "repository.url",
            "invalid repository URL",
        ),
        (
            "P1",
            repository("https://github.com.evil.example/a/b", "github", ""),
            "repository.url",
            "invalid repository URL",
        ),
        ("P2", repository(github, "github", "/src"), "repository.subfolder", "invalid subfolder path: /src"),
        ("P2", repository(github, "github", "src/"), "repository.subfolder", "invalid subfolder path"),
        ("P2", repository(github, "github", "a/../b"), "repository.subfolder", "invalid subfolder path"),
        ("P2", repository(github, "github", "a//b"), "repository.subfolder", "invalid subfolder path"),
        ("P2", repository(github, "github", "a b"), "repository.subfolder", "invalid subfolder path"),
        (
            "W2",
            site("http://example.com"),
            "websiteUrl",
            "websiteUrl must use https scheme: http://example.com",
        ),
        (
            "W3",
            site("https://exa mple.com"),
            "websiteUrl",
            "invalid websiteUrl: parse \"https://exa mple.com\"",
        ),
        ("T1", with(json!({ "title": " \t" })), "title", "title cannot be only whitespace"),
        ("I1", icon("/a.png"), "icons[0].src", "icon src must be an absolute URL (include scheme): /a.png"),
        ("I1", icon(""), "icons[0].src", "icon src must be an absolute URL"),
        (
            "I2",
            icon("data:image/png;base64,A"),
            "icons[0].src",
            "icon src must use https scheme (got data): data:image/png;base64,A",
        ),
        ("I2", icon("HTTP://example.com/a"), "icons[0].src", "icon src must use https scheme (got http)"),
        (
            "K1",
            package(json!({ "identifier": "a b" })),
            "packages[0].identifier",
            "package name cannot contain spaces",
        ),
        (
            "A1",
            argument(json!({ "type": "named" })),
            "packages[0].runtimeArguments[0].name",
            "named argument name is required",
        ),
        (
            "A2",
            argument(json!({ "type": "named", "name": "--port 8080" })),
            "packages[0].runtimeArguments[0].name",
            "invalid named argument name format: --port 8080",
        ),
        (
            "A2",
            argument(json!({ "type": "named", "name": "<p>" })),
            "packages[0].runtimeArguments[0].name",
            "invalid named argument name format",
        ),
        (
            "A2",
            argument(json!({ "type": "named", "name": "$P" })),
            "packages[0].runtimeArguments[0].name",
            "invalid named argument name format",
        ),
        (
            "A3",
            argument(json!({ "type": "named", "name": "--port", "value": "--port 8080" })),
            "packages[0].runtimeArguments[0].value",
            "argument value cannot start with the argument name: value starts with argument name '--port': --port 8080",
        ),
        (
            "A3",
            argument(json!({ "type": "named", "name": "-p", "value": "-path" })),
            "packages[0].runtimeArguments[0].value",
            "argument value cannot start",
        ),
        (
            "A4",
            package(
                json!({ "packageArguments": [{ "type": "named", "name": "--port", "default": "--port=1" }] }),
            ),
            "packages[0].packageArguments[0].default",
            "argument default cannot start with the argument name: default starts with argument name '--port': --port=1",
        ),
        (
            "X1",
            transport(json!({ "type": "websocket" })),
            "packages[0].transport.type",
            "unsupported transport type: websocket",
        ),
        (
            "X2",
            transport(json!({ "type": "stdio", "url": "http://x" })),
            "packages[0].transport.url",
            "url must be empty for stdio transport type, got: http://x",
        ),
        (
            "X3",
            transport(json!({ "type": "sse" })),
            "packages[0].transport.url",
            "url is required for sse transport type",
        ),
        (
            "X4",
            served("http://x:{port}"),
            "packages[0].transport.url",
            "invalid package transport URL: template variables in URL http://x:{port} reference undefined variables. Available variables: [PORT host where]",
        ),
        ("X4", served("ftp://x/a"), "packages[0].transport.url", "invalid package transport URL: ftp://x/a"),
        ("X4", served("http:///a"), "packages[0].transport.url", "invalid package transport URL: http:///a"),
        ("X4", served("{host}/a"), "packages[0].transport.url", "invalid package transport URL: {host}/a"),
        (
            "Y1",
            with(json!({ "remotes": [{ "type": "stdio" }] })),
            "remotes[0].type",
            "unsupported transport type for remotes: stdio (only streamable-http and sse are supported)",
        ),
        ("Y2", remote(""), "remotes[0].url", "url is required for streamable-http transport type"),
        ("Y3", remote("http://a.example"), "remotes[0].url", "invalid remote URL: http://a.example"),
        ("Y3", remote("https://localhost:8080/mcp"), "remotes[0].url", "invalid remote URL"),
        ("Y3", remote("https://127.0.0.1/mcp"), "remotes[0].url", "invalid remote URL"),
        ("Y3", remote("https://a.localhost/mcp"), "remotes[0].url", "invalid remote URL"),
        ("Y3", remote("https:///mcp"), "remotes[0].url", "invalid remote URL"),
        ("Y3", remote("{a}/mcp"), "remotes[0].url", "invalid remote URL"),
        ("Y3", remote("{scheme}://a.example"), "remotes[0].url", "invalid remote URL"),
        ("Y3", remote("https://a b.example"), "remotes[0].url", "invalid remote URL"),
        (
            "Y4",
            remote("https://{b}.example"),
            "remotes[0].url",
            "invalid remote URL: template variables in URL https://{b}.example reference undefined variables. Available variables: [a unused]",
        ),
        ("Y4", remote("https://x:{port}/"), "remotes[0].url", "invalid remote URL: template variables"),
    ]
}

/// Documents that come close to breaking this rule, and do not.
pub(super) fn accepted() -> Vec<(&'static str, ServerJson)> {
    let carried =
        |id: &str| with(json!({ "$schema": format!("https://example.com/schemas/{id}/server.schema.json") }));
    let site = |url: &str| with(json!({ "websiteUrl": url }));
    let icon = |src: &str| with(json!({ "icons": [{ "src": src }] }));
    let transport = |transport: Value| package(json!({ "transport": transport }));
    let mut documents = vec![
        ("V1", with(json!({}))),
        ("V2", carried("2025-07-09")),
        ("V4", with(json!({}))),
        ("N1", named("c1/weather")),
        ("N1", named("com..-example/weather")),
        ("N2", named("com.example/a1")),
        ("N2", named("com.example/a_.-b")),
        ("N3", named("com.example.api/server")),
        ("R1", with(json!({ "version": "Latest" }))),
        ("R2", with(json!({ "version": "1.2.3-linux-x64+b" }))),
        ("R2", package(json!({ "version": "" }))),
        ("P1", repository("http://www.github.com/acme/weather.git/", "github", "")),
        ("P1", repository("https://gitlab.com/acme/weather", "gitlab", "")),
        ("P1", with(json!({ "repository": { "id": "1" } }))),
        ("P2", repository("https://github.com/a/b", "github", "src/a_b-c.d")),
        ("P2", repository("", "", "/src")),
        ("W1", site("https://example.com/docs")),
        ("W2", site("HTTPS://example.com")),
        ("W3", site("https://example.com/a b")),
        ("T1", with(json!({ "title": " a " }))),
        ("I1", icon("https://example.com/a.png")),
        ("I2", icon("https://example.com/a.png")),
        ("K1", package(json!({ "identifier": "a\tb" }))),
        ("A1", argument(json!({ "type": "positional" }))),
        ("A2", argument(json!({ "type": "named", "name": "--port=%d" }))),
        ("A3", argument(json!({ "type": "named", "name": "--port", "value": "8080 --port" }))),
        ("A3", argument(json!({ "type": "positional", "name": "a", "value": "ab" }))),
        ("A4", argument(json!({ "type": "named", "name": "--port", "default": "8080" }))),
        ("X1", transport(json!({ "type": "stdio" }))),
        ("X2", transport(json!({ "type": "stdio", "url": "" }))),
        ("X3", served("http://localhost:8080/mcp")),
        ("X4", served("http://{host}:{PORT}/{where}")),
        ("Y1", with(json!({ "remotes": [{ "type": "sse", "url": "https://a.example/sse" }] }))),
        ("Y2", remote("https://a.example")),
        ("Y3", remote("https://[2001:db8::1]/mcp")),
        ("Y3", remote("https://10.0.0.1/mcp")),
        ("Y3", remote("https://a.example:{a}/mcp")),
        ("Y4", remote("https://{a}.example/{a}")),
    ];
    documents.extend(crate::server_json::CARRIED_SCHEMAS.map(|id| ("V3", carried(id))));
    documents
}
