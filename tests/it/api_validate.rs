//! `POST /validate` (contract 1.8), and each rule of contract 2.2 as `validate` and `publish` answer it.

use axum::body::Body;
use axum::http::{Request, header};
use registry_core::server_json::rules::examples::{Example, Place, Shown, examples};
use registry_core::server_json::rules::{RULES, Sort};
use registry_core::server_json::{shape, validate};
use registry_core::wire::validate::{ValidationIssue, ValidationResult};
use serde_json::{Value, json};

use crate::harness::registry::{Answer, Registry, document};

/// Rules that take a registry or other parties to break: the test that shows each.
const COVERED_BY: &[(&str, &str, &str)] = &[
    ("G2", "tests/it/api_publish.rs", "packages_are_proved_unless_the_operator_says_otherwise"),
    ("G3", "tests/it/api_publish.rs", "a_remote_belongs_to_one_server_even_when_two_ask_at_once"),
    ("G4", "registry-core/src/server/tests.rs", "the_ten_thousandth_version_is_the_last"),
    ("G5", "tests/it/api_publish.rs", "a_published_version_cannot_be_replaced"),
    ("G8", "tests/it/api_names.rs", "a_name_that_passes_for_another_is_refused_with_that_other"),
];

fn body(shown: Shown) -> Option<(Place, Value)> {
    match shown {
        Shown::At(place, value) => Some((place, place.fill(value()))),
        Shown::InWords(_) => None,
    }
}

fn result(answer: &Answer) -> ValidationResult {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

#[test]
fn no_rule_is_without_a_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for rule in RULES {
        let shown = examples().find(|example| example.rule.id == rule.id).expect("an example");
        let by_example = body(shown.accepted).is_some() && body(shown.refused).is_some();
        let by_test = COVERED_BY.iter().find(|(id, ..)| *id == rule.id);
        assert!(by_example != by_test.is_some(), "{} is shown by an example or named in COVERED_BY", rule.id);
        if let Some((id, file, test)) = by_test {
            let source = std::fs::read_to_string(root.join(file)).expect("the test's source is there");
            assert!(source.contains(&format!("fn {test}()")), "{id}: {file} has no `{test}`");
        }
    }
}

#[tokio::test]
async fn each_accepted_example_is_valid() {
    let registry = Registry::start().await;
    let anyone = registry.anyone();
    for example in examples() {
        let Some((place, body)) = body(example.accepted) else { continue };
        if place == Place::Status {
            assert!(shape::read_status(&body).is_ok(), "{body}");
            continue;
        }
        let answer = anyone.post("/v0.1/validate", &body).await.expect_status(200);
        let rule_is_broken = result(&answer).issues.iter().any(|issue| issue.rule == example.rule.id);
        assert!(result(&answer).valid && !rule_is_broken, "{}: {}", example.rule.id, answer.body);
    }
}

#[tokio::test]
async fn each_refused_example_is_answered_with_its_rule() {
    let registry = Registry::start().await;
    let (anyone, publisher) = (registry.anyone(), registry.publisher("everything", &["*"]));
    for example in examples() {
        let Some((place, body)) = body(example.refused) else { continue };
        if place == Place::Status {
            let path = "/v0.1/servers/com.example%2Fweather/versions/1.0.0/status";
            expect_shape(example, &publisher.patch(path, &body).await);
            continue;
        }
        let (validated, published) =
            (anyone.post("/v0.1/validate", &body).await, publisher.publish(&body).await);
        match (example.rule.sort, shape::read(&body)) {
            (Sort::Shape, _) => {
                expect_shape(example, &validated);
                expect_shape(example, &published);
            }
            (Sort::Schema | Sort::Semantic, Err(earlier)) => {
                // The shape says no first: nothing of the document is judged.
                assert!(!earlier.is_empty());
                assert_eq!((validated.status.as_u16(), published.status.as_u16()), (422, 422), "{body}");
            }
            (Sort::Schema | Sort::Semantic, Ok(_)) => expect_issue(example, &validated, &published),
            (Sort::Service, _) => {
                let problem = published.expect_status(400).json();
                let why = json!([{ "message": example.message, "rule": example.rule.id }]);
                assert_eq!(
                    (&problem["detail"], &problem["errors"]),
                    (&json!("Failed to publish server"), &why)
                );
            }
        }
    }
}

fn expect_shape(example: &Example, answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 422, "{}: {}", example.rule.id, answer.body);
    let problem = answer.json();
    assert_eq!(problem["detail"], "validation failed");
    let told = |error: &Value| {
        error["location"] == example.path
            && error["message"] == example.message
            && error["rule"] == example.rule.id
    };
    let errors = problem["errors"].as_array().expect("errors");
    assert!(errors.iter().any(told), "{}: {}", example.rule.id, answer.body);
}

fn expect_issue(example: &Example, validated: &Answer, published: &Answer) {
    let (rule, id) = (example.rule, example.rule.id);
    let is_told = |issue: &ValidationIssue| {
        let of_the_rule = (issue.rule.as_str(), issue.kind.as_str(), issue.severity.as_str())
            == (id, rule.sort.as_str(), rule.severity.as_str());
        let referred = id == "J1" || issue.reference == rule.reference;
        of_the_rule && referred && issue.path == example.path && issue.message == example.message
    };
    let result = result(validated);
    assert!(validated.status.is_success() && result.issues.iter().any(is_told), "{id}: {}", validated.body);
    assert_eq!(result.valid, id == "V4", "{id}");
    if id == "V4" {
        assert!(published.status.is_success(), "a warning refuses nothing: {}", published.body);
        return;
    }
    if id == "J1" {
        // Publishing does not ask the JSON Schema; here the version is taken by the example of V4.
        assert_eq!(published.status.as_u16(), 400, "{}", published.body);
        assert!(published.body.contains("cannot publish duplicate version"), "{}", published.body);
        return;
    }
    assert_eq!(published.status.as_u16(), 422, "{id}: {}", published.body);
    let problem = published.json();
    assert_eq!(problem["detail"], "Failed to publish server, invalid schema: call /validate for details");
    assert!(problem.get("errors").is_none(), "{}", published.body);
    let issues: Vec<ValidationIssue> = serde_json::from_value(problem["issues"].clone()).expect("issues");
    assert!(issues.iter().any(is_told), "{id}: {}", published.body);
}

#[tokio::test]
async fn issues_come_in_the_contracts_order_and_words() {
    let registry = Registry::start().await;
    let broken = json!({
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-10-17/server.schema.json",
        "name": "com.example/weather", "description": "Tells the weather", "version": "latest",
        "repository": { "url": "x", "source": "github" }, "websiteUrl": "docs",
        "remotes": [{ "type": "streamable-http" }],
    });
    let answer = registry.anyone().post("/v0/validate", &broken).await.expect_status(200);
    insta::assert_snapshot!(answer.body.trim_end().replace("},{", "},\n{"), @r##"
    {"valid":false,"issues":[{"type":"semantic","path":"schema","message":"schema version 2025-10-17 is not the current version (2025-12-11). Consider updating to the latest schema version","severity":"warning","reference":"schema-version-deprecated","rule":"V4"},
    {"type":"schema","path":"repository.url","message":"'x' has invalid format 'uri'","severity":"error","reference":"#/definitions/Repository/properties/url/format from: [#/definitions/ServerDetail]/properties/repository/[#/definitions/Repository]/properties/url/format","rule":"J1"},
    {"type":"schema","path":"websiteUrl","message":"'docs' has invalid format 'uri'","severity":"error","reference":"#/definitions/ServerDetail/properties/websiteUrl/format from: [#/definitions/ServerDetail]/properties/websiteUrl/format","rule":"J1"},
    {"type":"schema","path":"remotes[0]","message":"missing required fields: 'url'","severity":"error","reference":"#/definitions/StreamableHttpTransport/required from: [#/definitions/ServerDetail]/properties/remotes/items/anyOf/0/[#/definitions/StreamableHttpTransport]/required","rule":"J1"},
    {"type":"schema","path":"remotes[0]","message":"missing required fields: 'url'","severity":"error","reference":"#/definitions/SseTransport/required from: [#/definitions/ServerDetail]/properties/remotes/items/anyOf/1/[#/definitions/SseTransport]/required","rule":"J1"},
    {"type":"schema","path":"remotes[0].type","message":"value must be \"sse\"","severity":"error","reference":"#/definitions/SseTransport/properties/type/enum from: [#/definitions/ServerDetail]/properties/remotes/items/anyOf/1/[#/definitions/SseTransport]/properties/type/enum","rule":"J1"},
    {"type":"semantic","path":"version","message":"version string 'latest' is reserved and cannot be used","severity":"error","reference":"reserved-version-string","rule":"R1"},
    {"type":"semantic","path":"repository.url","message":"invalid repository URL: x","severity":"error","reference":"invalid-repository-url","rule":"P1"},
    {"type":"semantic","path":"websiteUrl","message":"websiteUrl must be absolute (include scheme): docs","severity":"error","reference":"website-url-must-be-absolute","rule":"W1"},
    {"type":"semantic","path":"websiteUrl","message":"websiteUrl must use https scheme: docs","severity":"error","reference":"website-url-invalid-scheme","rule":"W2"},
    {"type":"semantic","path":"remotes[0].url","message":"url is required for streamable-http transport type","severity":"error","reference":"remote-transport-url-required","rule":"Y2"}]}
    "##);
    let refused = registry.publisher("everything", &["*"]).publish(&broken).await.expect_status(422).json();
    let issues: Vec<ValidationIssue> = serde_json::from_value(refused["issues"].clone()).expect("issues");
    let judged = result(&answer).issues.into_iter().filter(|issue| issue.rule != "J1").collect::<Vec<_>>();
    assert_eq!(issues, judged, "publishing tells the same, but does not ask the JSON Schema");
    assert_eq!(
        refused.as_object().and_then(|members| members.keys().next_back()).map(String::as_str),
        Some("issues")
    );
}

#[tokio::test]
async fn a_document_without_issues_is_valid_in_both_generations_and_without_a_token() {
    let registry = Registry::start().await;
    for path in ["/v0/validate", "/v0.1/validate"] {
        let answer = registry.anyone().post(path, &document("com.example/weather", "1.0.0")).await;
        assert_eq!(answer.expect_status(200).body, "{\"valid\":true,\"issues\":[]}\n");
    }
}

#[tokio::test]
async fn it_asks_neither_who_may_nor_what_is_there() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let taken = document("com.example/weather", "1.0.0");
    alice.publish(&taken).await.expect_status(200);
    let mut large = taken.clone();
    large["_meta"] =
        json!({ "io.modelcontextprotocol.registry/publisher-provided": { "x": "y".repeat(5000) } });
    for body in [taken, large, document("org.elsewhere/theirs", "1.0.0")] {
        assert!(result(&registry.anyone().post("/v0/validate", &body).await.expect_status(200)).valid);
    }
}

#[tokio::test]
async fn bodies_are_decoded_as_everywhere() {
    let registry = Registry::start().await;
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = Request::post("/v0.1/validate").header(header::CONTENT_TYPE, kind);
        registry.send(request.body(Body::from(body)).expect("a request"))
    };
    let json = "application/json";
    let plain = document("com.example/weather", "1.0.0").to_string();
    let with = |from: &str, to: &[u8]| {
        let (before, after) = plain.split_once(from).expect("it is there");
        [before.as_bytes(), to, after.as_bytes()].concat()
    };
    assert_eq!(send(json, Vec::new()).await.expect_status(400).json()["detail"], "request body is required");
    let mark = [b"\xEF\xBB\xBF", plain.as_bytes()].concat();
    assert_eq!(send(json, mark).await.expect_status(400).json()["errors"][0]["location"], "body");
    send("text/plain", plain.clone().into_bytes()).await.expect_status(415);
    send("application/x+json", plain.clone().into_bytes()).await.expect_status(200);
    send(json, vec![b' '; (1 << 20) + 1]).await.expect_status(413);
    send(json, "{\"a\":".repeat(10_000).into_bytes()).await.expect_status(400);
    send(json, [b"[".repeat(10_000), b"]".repeat(10_000)].concat()).await.expect_status(400);
    // Broken characters are replaced, the last of repeated members counts, in any case.
    send(json, with("Tells", b"\xFF\xFE")).await.expect_status(200);
    send(json, with("Tells", b"\\ud800")).await.expect_status(200);
    send(json, with("\"version\"", b"\"version\":1,\"Version\"")).await.expect_status(200);
    let last = send(json, with("\"version\":\"1.0.0\"", b"\"version\":\"1.0.0\",\"VERSION\":1")).await;
    let problem = last.expect_status(422).json();
    assert_eq!(
        problem["errors"],
        json!([{ "message": "expected string", "location": "body.version", "value": 1, "rule": "S7" }])
    );
}

#[tokio::test]
async fn a_flood_of_breaches_is_told_in_part() {
    let registry = Registry::start().await;
    let mut flood = document("com.example/weather", "1.0.0");
    flood["remotes"] = vec![json!({ "type": "" }); 60_000].into();
    let answer = registry.anyone().post("/v0.1/validate", &flood).await.expect_status(200);
    let told = result(&answer);
    assert_eq!((told.valid, told.issues.len()), (false, validate::MOST_ISSUES));
    let refused = registry.publisher("everything", &["*"]).publish(&flood).await.expect_status(422);
    assert_eq!(refused.json()["issues"].as_array().map(Vec::len), Some(validate::MOST_ISSUES));
}

#[tokio::test]
async fn a_missing_header_is_no_breach_of_a_rule() {
    let registry = Registry::start().await;
    let refused = registry.anyone().publish(&json!({ "name": "a" })).await.expect_status(422).json();
    let rules: Vec<_> =
        refused["errors"].as_array().expect("errors").iter().map(|e| e["rule"].as_str()).collect();
    assert_eq!(rules, [None, Some("S1"), Some("S3"), Some("S4"), Some("S1"), Some("S1")]);
}
