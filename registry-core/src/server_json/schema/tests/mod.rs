//! What the schemas say of documents, word for word; [`compare`] holds them against the published ones.

mod compare;

use serde_json::json;

use super::*;
use crate::server_json::CURRENT_SCHEMA;

/// Path, message and reference of each finding about a document with these members.
fn findings(schema: &str, members: Value) -> Vec<[String; 3]> {
    let mut document = json!({
        "$schema": schema, "name": "com.example/weather", "description": "d", "version": "1.0.0",
    });
    for (name, value) in members.as_object().expect("members") {
        document[name] = value.clone();
    }
    let server: ServerJson = serde_json::from_value(document).expect("a document");
    check(&server).into_iter().map(|f| [f.path, f.message, f.reference]).collect()
}

fn edition(id: &str) -> String {
    CURRENT_SCHEMA.replace("2025-12-11", id)
}

#[test]
fn a_reference_tells_the_place_in_the_schema_and_the_way_to_it() {
    let found = findings(CURRENT_SCHEMA, json!({ "repository": {}, "websiteUrl": "docs" }));
    assert_eq!(
        found,
        [
            [
                "repository",
                "missing required fields: 'url', 'source'",
                "#/definitions/Repository/required from: [#/definitions/ServerDetail]/properties/repository/[#/definitions/Repository]/required",
            ],
            [
                "websiteUrl",
                "'docs' has invalid format 'uri'",
                "#/definitions/ServerDetail/properties/websiteUrl/format from: [#/definitions/ServerDetail]/properties/websiteUrl/format",
            ],
        ]
    );
}

#[test]
fn each_branch_of_a_choice_speaks_for_itself() {
    let found = findings(CURRENT_SCHEMA, json!({ "remotes": [{ "type": "stdio", "url": "ftp://x" }] }));
    let way =
        "from: [#/definitions/ServerDetail]/properties/remotes/items/[#/definitions/RemoteTransport]/allOf/0";
    let told = |at: &str, message: &str, branch: usize, definition: &str, keyword: &str| {
        let target = format!("#/definitions/{definition}");
        let reference = format!("{target}/{keyword} {way}/anyOf/{branch}/[{target}]/{keyword}");
        [format!("remotes[0].{at}"), message.to_owned(), reference]
    };
    let pattern = r"does not match pattern '^https?://[^\\s]+$'";
    assert_eq!(
        found,
        [
            told(
                "type",
                "value must be \"streamable-http\"",
                0,
                "StreamableHttpTransport",
                "properties/type/enum"
            ),
            told("url", pattern, 0, "StreamableHttpTransport", "properties/url/pattern"),
            told("type", "value must be \"sse\"", 1, "SseTransport", "properties/type/enum"),
            told("url", pattern, 1, "SseTransport", "properties/url/pattern"),
        ]
    );
}

#[test]
fn each_keyword_has_its_words() {
    let package = |members: Value| {
        let mut package = json!({ "registryType": "npm", "identifier": "a", "version": "1", "transport": { "type": "stdio" } });
        members.as_object().expect("members").iter().for_each(|(name, value)| package[name] = value.clone());
        json!({ "packages": [package] })
    };
    let cases = [
        (
            CURRENT_SCHEMA.to_owned(),
            json!({ "version": "1".repeat(256) }),
            "version",
            "length must be <= 255, but got 256",
        ),
        (
            CURRENT_SCHEMA.to_owned(),
            json!({ "icons": [{ "src": "https://a.example", "sizes": ["big"] }] }),
            "icons[0].sizes[0]",
            r"does not match pattern '^(\\d+x\\d+|any)$'",
        ),
        (
            CURRENT_SCHEMA.to_owned(),
            json!({ "icons": [{ "src": "https://a.example", "theme": "x" }] }),
            "icons[0].theme",
            "value must be one of \"light\", \"dark\"",
        ),
        (
            CURRENT_SCHEMA.to_owned(),
            json!({ "icons": [{ "src": "it's\n\\" }] }),
            "icons[0].src",
            r"'it\'s\n\\' has invalid format 'uri'",
        ),
        (
            CURRENT_SCHEMA.to_owned(),
            package(json!({ "version": "latest" })),
            "packages[0].version",
            "not failed",
        ),
        (
            edition("2025-09-29"),
            package(json!({ "version": "" })),
            "packages[0]",
            "missing required fields: 'version'",
        ),
        (
            edition("2025-09-16"),
            json!({ "remotes": [{ "type": "sse", "url": "a", "variables": {} }, { "type": "sse", "url": "a" }] }),
            "remotes[0].type",
            "value must be \"streamable-http\"",
        ),
    ];
    for (schema, members, path, message) in cases {
        let found = findings(&schema, members);
        let first = found.first().map(|[path, message, _]| (path.as_str(), message.as_str()));
        assert_eq!(first, Some((path, message)), "{found:#?}");
    }
    let closed = findings(&edition("2025-07-09"), package(json!({ "runtimeHint": "npx" })));
    assert_eq!(
        closed.iter().map(|[_, message, _]| message.as_str()).collect::<Vec<_>>(),
        [
            "missing required fields: 'registry_type'",
            "additionalProperties 'registryType', 'runtimeHint' not allowed",
        ]
    );
}

#[test]
fn the_canonical_form_is_judged() {
    // An empty subfolder is no member any more; an empty repository still is one.
    assert_eq!(findings(CURRENT_SCHEMA, json!({ "websiteUrl": "", "title": "", "icons": [] })), [[""; 3]; 0]);
    assert_eq!(findings(CURRENT_SCHEMA, json!({ "repository": { "url": "" } })).len(), 1);
}

#[test]
fn an_unknown_schema_says_nothing() {
    for schema in ["", "https://example.com", &edition("draft"), &edition("2025-12-12")] {
        assert_eq!(findings(schema, json!({ "repository": {} })), [[""; 3]; 0], "{schema}");
    }
    assert_eq!(
        findings("https://a.example/schemas/2025-12-11/server.schema.json?y", json!({ "repository": {} }))
            .len(),
        1
    );
}

#[test]
fn a_flood_of_findings_is_cut() {
    let remotes = vec![json!({ "type": "x" }); 5000];
    assert_eq!(findings(CURRENT_SCHEMA, json!({ "remotes": remotes })).len(), MOST_FINDINGS);
}

#[test]
fn an_item_behind_many_good_ones_still_counts() {
    let good = json!({ "type": "sse", "url": "https://a.example" });
    let mut remotes = vec![good; budget::MOST_ITEMS + 10];
    assert_eq!(findings(CURRENT_SCHEMA, json!({ "remotes": remotes })), [[""; 3]; 0]);
    remotes.push(json!({ "type": "sse" }));
    let icons = json!([{ "src": "https://a.example" }]);
    let found = findings(CURRENT_SCHEMA, json!({ "remotes": remotes, "icons": icons }));
    let paths: Vec<_> = found.iter().map(|[path, ..]| path.as_str()).collect();
    assert_eq!(paths, ["remotes"]);
}
