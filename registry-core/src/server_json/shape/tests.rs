use super::*;
use serde_json::json;

const NAME: &str = "com.example/weather";
const PROVIDED: &str = super::super::PUBLISHER_PROVIDED;

fn document() -> Value {
    json!({
        "$schema": super::super::CURRENT_SCHEMA,
        "name": NAME,
        "description": "Tells the weather",
        "version": "1.0.0",
    })
}

fn id(issue: &ShapeIssue) -> &'static str {
    issue.rule.map_or("", |rule| rule.id)
}

/// The document with other members.
fn with(members: Value) -> Value {
    let mut document = document();
    for (name, value) in members.as_object().expect("members") {
        document[name] = value.clone();
    }
    document
}

fn problems(document: &Value) -> Vec<(&'static str, String, String)> {
    let issues = read(document).err().unwrap_or_default();
    issues.into_iter().map(|i| (id(&i), i.location, i.message)).collect()
}

fn package(members: Value) -> Value {
    let mut package =
        json!({ "registryType": "npm", "identifier": "weather", "transport": { "type": "stdio" } });
    for (name, value) in members.as_object().expect("members") {
        package[name] = value.clone();
    }
    with(json!({ "packages": [package] }))
}

#[test]
fn a_minimal_document_is_read() {
    let server = read(&document()).expect("a document");
    assert_eq!((server.name.as_str(), server.version.as_str()), (NAME, "1.0.0"));
    assert_eq!(serde_json::to_value(&server).expect("JSON"), document());
}

#[test]
fn a_full_document_comes_back_as_it_was() {
    let full = with(json!({
        "title": "Weather",
        "repository": { "url": "https://github.com/acme/weather", "source": "github", "id": "1", "subfolder": "a/b" },
        "websiteUrl": "https://example.com",
        "icons": [{ "src": "https://example.com/i.png", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark" }],
        "packages": [{
            "registryType": "mcpb",
            "registryBaseUrl": "https://example.com",
            "identifier": "https://example.com/w.mcpb",
            "version": "1.0.0",
            "fileSha256": "ab".repeat(32),
            "runtimeHint": "npx",
            "transport": { "type": "stdio" },
            "runtimeArguments": [{ "value": "x", "type": "named", "name": "-p", "isRepeated": true }],
            "packageArguments": [{ "value": "{a}", "variables": { "a": { "format": "filepath" } }, "type": "positional", "valueHint": "path" }],
            "environmentVariables": [{ "description": "d", "isRequired": true, "isSecret": true, "choices": ["a"], "name": "KEY" }],
        }],
        "remotes": [{
            "type": "sse",
            "url": "https://{r}.example.com/sse",
            "headers": [{ "value": "v", "name": "X-A" }],
            "variables": { "r": { "default": "eu", "placeholder": "p" } },
        }],
        "_meta": { (PROVIDED): { "any": [1, { "thing": null }] } },
    }));
    let server = read(&full).unwrap_or_else(|issues| panic!("{issues:?}"));
    assert_eq!(serde_json::to_value(&server).expect("JSON"), full);
}

#[test]
fn every_problem_is_reported_in_the_order_of_the_declared_members() {
    let found = problems(&json!({ "status": "active", "version": 1, "title": "", "name": "x y" }));
    let said: Vec<_> =
        found.iter().map(|(rule, at, message)| (*rule, at.as_str(), message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("S1", "body", "expected required property $schema to be present"),
            ("S4", "body.name", "expected string to match pattern ^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$"),
            ("S1", "body", "expected required property description to be present"),
            ("S6", "body.title", "expected length >= 1"),
            ("S7", "body.version", "expected string"),
            ("S17", "body.status", "unexpected property"),
        ]
    );
}

#[test]
fn each_shape_rule_refuses_its_example() {
    let long = |n: usize| "ä".repeat(n);
    let name = |text: &str| with(json!({ "name": text }));
    let pattern = "expected string to match pattern ^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$";
    let cases: Vec<(Value, &str, &str, &str)> = vec![
        (json!([]), "S1", "body", "expected object"),
        (with(json!({ "name": null })), "S3", "body.name", "expected string"),
        (with(json!({ "$schema": "" })), "S2", "body.$schema", "expected length >= 1"),
        (
            with(json!({ "$schema": "a b:c" })),
            "S2",
            "body.$schema",
            "expected string to be RFC 3986 uri: parse \"a b:c\": first path segment in URL cannot contain colon",
        ),
        (name("ab"), "S3", "body.name", "expected length >= 3"),
        (name(&format!("a/{}", "b".repeat(199))), "S3", "body.name", "expected length <= 200"),
        (name("a/b/c"), "S4", "body.name", pattern),
        (name("com_x/y"), "S4", "body.name", pattern),
        (name("com.x/a b"), "S4", "body.name", pattern),
        (name("com.x/\n"), "S4", "body.name", pattern),
        (with(json!({ "description": "" })), "S5", "body.description", "expected length >= 1"),
        (with(json!({ "description": long(101) })), "S5", "body.description", "expected length <= 100"),
        (with(json!({ "title": long(101) })), "S6", "body.title", "expected length <= 100"),
        (with(json!({ "version": 1 })), "S7", "body.version", "expected string"),
        (
            with(json!({ "websiteUrl": "https://exa mple.com" })),
            "S8",
            "body.websiteUrl",
            "expected string to be RFC 3986 uri: parse \"https://exa mple.com\": invalid character ' ' in host name",
        ),
        (
            with(json!({ "repository": { "url": "git@github.com:a/b.git" } })),
            "S8",
            "body.repository.url",
            "expected string to be RFC 3986 uri: parse \"git@github.com:a/b.git\": first path segment in URL cannot contain colon",
        ),
        (
            with(json!({ "icons": [{}] })),
            "S9",
            "body.icons[0]",
            "expected required property src to be present",
        ),
        (
            with(json!({ "icons": [{ "src": long(256) }] })),
            "S9",
            "body.icons[0].src",
            "expected length <= 255",
        ),
        (
            with(json!({ "icons": [{ "src": "a", "mimeType": "image/gif" }] })),
            "S9",
            "body.icons[0].mimeType",
            "expected value to be one of \"image/png, image/jpeg, image/jpg, image/svg+xml, image/webp\"",
        ),
        (
            with(json!({ "icons": [{ "src": "a" }, { "src": "a", "theme": "" }] })),
            "S9",
            "body.icons[1].theme",
            "expected value to be one of \"light, dark\"",
        ),
        (package(json!({ "identifier": "" })), "S10", "body.packages[0].identifier", "expected length >= 1"),
        (package(json!({ "version": "" })), "S10", "body.packages[0].version", "expected length >= 1"),
        (package(json!({ "transport": null })), "S10", "body.packages[0].transport", "expected object"),
        (
            package(json!({ "fileSha256": "ABC" })),
            "S10",
            "body.packages[0].fileSha256",
            "expected string to match pattern ^[a-f0-9]{64}$",
        ),
        (
            package(json!({ "transport": {} })),
            "S11",
            "body.packages[0].transport",
            "expected required property type to be present",
        ),
        (with(json!({ "remotes": {} })), "S11", "body.remotes", "expected array"),
        (
            package(json!({ "environmentVariables": [{ "value": "x" }] })),
            "S12",
            "body.packages[0].environmentVariables[0]",
            "expected required property name to be present",
        ),
        (
            package(json!({ "packageArguments": [{ "name": "x" }] })),
            "S13",
            "body.packages[0].packageArguments[0]",
            "expected required property type to be present",
        ),
        (
            package(json!({ "environmentVariables": [{ "name": "A", "format": "int" }] })),
            "S14",
            "body.packages[0].environmentVariables[0].format",
            "expected value to be one of \"string, number, boolean, filepath\"",
        ),
        (
            package(json!({ "environmentVariables": [{ "name": "A", "isRequired": "yes" }] })),
            "S15",
            "body.packages[0].environmentVariables[0].isRequired",
            "expected boolean",
        ),
        (
            package(json!({ "environmentVariables": [{ "name": "A", "choices": [1] }] })),
            "S15",
            "body.packages[0].environmentVariables[0].choices[0]",
            "expected string",
        ),
        (
            with(json!({ "remotes": [{ "type": "sse", "variables": { "a": { "variables": {} } } }] })),
            "S15",
            "body.remotes[0].variables.a.variables",
            "unexpected property",
        ),
        (
            with(json!({ "remotes": [{ "type": "sse", "variables": { "a": null } }] })),
            "S15",
            "body.remotes[0].variables.a",
            "expected object",
        ),
        (
            with(json!({ "_meta": { "io.modelcontextprotocol.registry/official": {} } })),
            "S16",
            "body._meta.io.modelcontextprotocol.registry/official",
            "unexpected property",
        ),
        (
            with(json!({ "_meta": { (PROVIDED): [] } })),
            "S16",
            "body._meta.io.modelcontextprotocol.registry/publisher-provided",
            "expected object",
        ),
        (
            with(json!({ "remotes": [{ "type": "sse", "variables": { "a": { "is_required": true } } }] })),
            "S17",
            "body.remotes[0].variables.a.is_required",
            "unexpected property",
        ),
        (with(json!({ "website_url": "x" })), "S17", "body.website_url", "unexpected property"),
        (
            with(json!({ "repository": { "branch": "main" } })),
            "S17",
            "body.repository.branch",
            "unexpected property",
        ),
    ];
    for (document, rule, location, message) in &cases {
        let found = problems(document);
        let first = found.first().map(|(rule, at, message)| (*rule, at.as_str(), message.as_str()));
        assert_eq!(first, Some((*rule, *location, *message)), "{document}");
        // A name too short is also one of no form.
        assert!(found.len() == 1 || message.ends_with(">= 3"), "{found:?}");
    }
    let named = |id: usize| cases.iter().any(|(_, rule, ..)| *rule == format!("S{id}"));
    assert!((1..=17).all(named), "every shape rule has an example");
}

#[test]
fn lengths_are_counted_in_code_points() {
    let server = with(json!({ "description": "😀".repeat(100), "title": "ä".repeat(100) }));
    assert!(read(&server).is_ok());
}

#[test]
fn optional_members_may_be_null_or_in_any_case() {
    let server = read(&with(json!({
        "Description": "In another case",
        "title": null, "repository": null, "icons": null, "_meta": null,
        "WEBSITEURL": "docs/index.html",
    })))
    .expect("a document");
    assert_eq!(server.description, "In another case", "the last spelling counts");
    assert_eq!((server.website_url.as_str(), server.title.as_str()), ("docs/index.html", ""));
    assert_eq!(server.meta, None);
}

#[test]
fn the_offending_input_is_echoed() {
    let issues = read(&with(json!({ "version": [1], "extra": "x", "icons": [{ "theme": "dark" }] })));
    let values: Vec<_> = issues.expect_err("refused").into_iter().filter_map(|i| i.value).collect();
    assert_eq!(values, [json!([1]), json!({ "theme": "dark" }), json!("x")]);
}

#[test]
fn a_flood_of_problems_is_cut() {
    let members: Map<String, Value> = (0..5000).map(|i| (format!("m{i}"), Value::Null)).collect();
    let name = "v".repeat(500_000);
    let flood = with(json!({ "remotes": [{ "type": "sse", "variables": { name: members } }] }));
    let issues = read(&flood).expect_err("refused");
    assert_eq!(issues.len(), MOST_ISSUES);
    assert!(issues.iter().all(|i| i.location.len() < 300));
}

#[test]
fn a_status_is_one_of_three_words() {
    use crate::listing::Status;
    let change = |status, message: Option<&str>| StatusChange { status, message: message.map(str::to_owned) };
    for (body, read) in [
        (json!({ "status": "active" }), change(Status::Active, None)),
        (json!({ "status": "deleted", "statusMessage": null }), change(Status::Deleted, None)),
        (json!({ "Status": "deprecated", "statusMessage": "" }), change(Status::Deprecated, Some(""))),
    ] {
        assert_eq!(read_status(&body), Ok(read));
    }
    let long = "😀".repeat(501);
    for (body, location, message) in [
        (json!({}), "body", "expected required property status to be present"),
        (json!("active"), "body", "expected object"),
        (json!({ "status": null }), "body.status", "expected string"),
        (
            json!({ "status": "yanked" }),
            "body.status",
            "expected value to be one of \"active, deprecated, deleted\"",
        ),
        (
            json!({ "status": "active", "statusMessage": long }),
            "body.statusMessage",
            "expected length <= 500",
        ),
        (json!({ "status": "active", "statusMessage": 1 }), "body.statusMessage", "expected string"),
        (json!({ "status": "active", "version": "1" }), "body.version", "unexpected property"),
    ] {
        let issues = read_status(&body).expect_err("refused");
        let said: Vec<_> = issues.iter().map(|i| (id(i), i.location.as_str(), i.message.as_str())).collect();
        assert_eq!(said, [("S18", location, message)]);
    }
}

#[test]
fn a_nul_is_read_and_found() {
    let clean = read(&document()).expect("a document");
    assert!(!holds_nul(&clean));
    for hidden in [
        with(json!({ "title": "a\0" })),
        with(json!({ "_meta": { (PROVIDED): { "a\0": 1 } } })),
        with(json!({ "_meta": { (PROVIDED): { "a": [["\0"]] } } })),
    ] {
        assert!(holds_nul(&read(&hidden).expect("the shape is right")));
    }
    assert!(!holds_nul(&read(&with(json!({ "title": "\\u0000" }))).expect("a document")));
}
