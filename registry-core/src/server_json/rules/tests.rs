use super::*;
use crate::server_json::{CURRENT_SCHEMA, ServerJson, shape};
use serde_json::{Value, json};

/// A document that breaks no rule, but for these members.
fn with(members: Value) -> ServerJson {
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

fn argument(argument: Value) -> ServerJson {
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
fn refused() -> Vec<(&'static str, ServerJson, &'static str, &'static str)> {
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
fn accepted() -> Vec<(&'static str, ServerJson)> {
    let carried =
        |id: &str| with(json!({ "$schema": format!("https://example.com/schemas/{id}/server.schema.json") }));
    let site = |url: &str| with(json!({ "websiteUrl": url }));
    let icon = |src: &str| with(json!({ "icons": [{ "src": src }] }));
    let argued = |argument_: Value| argument(argument_);
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
        ("A1", argued(json!({ "type": "positional" }))),
        ("A2", argued(json!({ "type": "named", "name": "--port=%d" }))),
        ("A3", argued(json!({ "type": "named", "name": "--port", "value": "8080 --port" }))),
        ("A3", argued(json!({ "type": "positional", "name": "a", "value": "ab" }))),
        ("A4", argued(json!({ "type": "named", "name": "--port", "default": "8080" }))),
        ("X1", transport(json!({ "type": "stdio" }))),
        ("X2", transport(json!({ "type": "stdio", "url": "" }))),
        ("X3", served("http://localhost:8080/mcp")),
        ("X4", served("http://{host}:{PORT}/{where}")),
        ("Y1", with(json!({ "remotes": [{ "type": "sse", "url": "https://a.example/sse" }] }))),
        ("Y2", remote("https://a.example")),
        ("Y3", remote("https://[::1]/mcp")),
        ("Y3", remote("https://10.0.0.1/mcp")),
        ("Y3", remote("https://LOCALHOST/mcp")),
        ("Y3", remote("https://a.example:{a}/mcp")),
        ("Y4", remote("https://{a}.example/{a}")),
    ];
    documents.extend(crate::server_json::CARRIED_SCHEMAS.map(|id| ("V3", carried(id))));
    documents
}

#[test]
fn each_refused_document_breaks_its_rule_and_no_other() {
    for (id, server, path, message) in refused() {
        let found = check(&server);
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        assert_eq!((found[0].rule.id, found[0].path.as_str()), (id, path), "{found:?}");
        assert!(found[0].message.starts_with(message), "{id}: {}", found[0].message);
    }
}

#[test]
fn each_accepted_document_breaks_no_rule() {
    for (id, server) in accepted() {
        let errors: Vec<_> = check(&server).into_iter().filter(Finding::is_error).collect();
        assert!(errors.is_empty(), "{id}: {errors:?}");
    }
}

#[test]
fn an_unknown_schema_is_also_not_the_current_one() {
    for id in ["draft", "2024-01-01"] {
        let server = with(json!({ "$schema": format!("https://x/schemas/{id}/server.schema.json") }));
        let ids: Vec<_> =
            check(&server).iter().map(|f| (f.rule.id, f.rule.sort.as_str(), f.is_error())).collect();
        assert_eq!(ids, [("V3", "schema", true), ("V4", "semantic", false)]);
    }
}

#[test]
fn a_home_page_without_a_scheme_breaks_two_rules() {
    let found = check(&with(json!({ "websiteUrl": "example.com/docs" })));
    let said: Vec<_> = found.iter().map(|f| (f.rule.id, f.message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("W1", "websiteUrl must be absolute (include scheme): example.com/docs"),
            ("W2", "websiteUrl must use https scheme: example.com/docs"),
        ]
    );
}

#[test]
fn an_argument_without_a_name_repeats_it_in_every_value() {
    let found = check(&argument(json!({ "type": "named", "value": "8080", "default": "1" })));
    assert_eq!(found.iter().map(|f| f.rule.id).collect::<Vec<_>>(), ["A1", "A3", "A4"]);
}

#[test]
fn findings_come_in_the_contracts_order() {
    let server = with(json!({
        "$schema": "", "name": "a/bc", "version": "latest", "title": " ",
        "repository": { "url": "x", "source": "x" }, "websiteUrl": "http://x", "icons": [{ "src": "a" }],
        "packages": [{ "registryType": "npm", "identifier": "a b", "version": "latest", "transport": { "type": "x" },
            "packageArguments": [{ "type": "named" }] }],
        "remotes": [{ "type": "stdio" }, { "type": "sse" }],
    }));
    let ids: Vec<_> = check(&server).iter().map(|f| f.rule.id).collect();
    assert_eq!(ids, ["V1", "N1", "R1", "P1", "W2", "T1", "I1", "K1", "R1", "A1", "X1", "Y1", "Y2"]);
}

#[test]
fn every_rule_has_examples() {
    let (refused, accepted) = (refused(), accepted());
    // Broken together with another rule, so tested apart.
    let apart = ["V3", "W1"];
    for rule in RULES {
        assert!(
            apart.contains(&rule.id) || refused.iter().any(|(id, ..)| *id == rule.id),
            "{} refuses nothing",
            rule.id
        );
        assert!(accepted.iter().any(|(id, _)| *id == rule.id), "{} accepts nothing", rule.id);
    }
    let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 30);
    assert!(RULES.iter().all(|r| (r.severity == Severity::Warning) == (r.id == "V4")));
    assert!(RULES.iter().all(|r| (r.sort == Sort::Schema) == ["V2", "V3"].contains(&r.id)));
}

#[test]
fn what_the_contract_does_not_enforce_is_let_through() {
    let loose = json!({
        "$schema": CURRENT_SCHEMA, "name": "com.example/loose", "description": " ", "version": "",
        "icons": [{ "src": "https://a.example", "sizes": ["huge"] }],
        "packages": [{ "registryType": "bogus", "identifier": "a", "registryBaseUrl": "x", "runtimeHint": "?",
            "transport": { "type": "stdio" },
            "packageArguments": [{ "type": "odd" }, { "type": "positional", "value": "{undeclared}" }],
            "environmentVariables": [{ "name": "", "default": "c", "choices": ["a"] }] }],
        "remotes": [{ "type": "sse", "url": "https://other.example" }],
    });
    let server = shape::read(&loose).expect("the shape is right");
    assert_eq!(check(&server), []);
}
