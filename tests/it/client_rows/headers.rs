//! Rows 11–15, 21, 23, 30: what is sent beside the documents.

use std::num::NonZeroU32;

use registry_api::config::Rate;
use serde_json::json;

use super::{ALPHA, World};
use crate::harness::registry::{Answer, document};

/// All that anybody may read.
const READS: [&str; 6] = [
    "/v0.1/servers?limit=1",
    "/v0/servers?search=alpha",
    "/v0.1/servers/com.example%2Falpha",
    "/v0.1/servers/com.example%2Falpha/versions",
    "/v0/servers/com.example%2Falpha/versions/latest",
    "/v0/health",
];

#[tokio::test]
async fn row_11_a_content_type_on_a_read_and_any_accept_are_fine() {
    let world = World::start().await;
    let bare = world.client("", &[]);
    let language_server = world.client(
        "",
        &[
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("user-agent", "GithubCopilot/1.155.0"),
        ],
    );
    for path in READS {
        let expected = bare.get(path).await.expect_status(200).body;
        assert_eq!(language_server.get(path).await.expect_status(200).body, expected);
        for accept in
            ["*/*", "application/json, application/problem+json", "text/html", "application/xml;q=0.1", ""]
        {
            let answer = bare.send("GET", path, &[("accept", accept), ("content-type", "text/plain")]).await;
            assert_eq!(answer.header("content-type"), Some("application/json"), "{accept}");
            assert_eq!(answer.expect_status(200).body, expected, "{accept}");
        }
    }
}

#[tokio::test]
async fn row_12_reads_are_open_whatever_token_comes_along() {
    let world = World::start().await;
    let client = world.client("", &[("x-tenant", "acme")]);
    for path in READS {
        let expected = client.get(path).await.expect_status(200).body;
        for token in
            ["Bearer unknown", "bearer ", "Basic dXNlcjpwYXNz", "Bearer eyJhbGciOiJub25lIn0.e30.", "nonsense"]
        {
            let answer = client.send("GET", path, &[("authorization", token)]).await.expect_status(200);
            assert_eq!(answer.body, expected, "{token}");
        }
    }
    let missing = client.send("GET", "/v0.1/servers/a%2Fb/versions", &[("authorization", "Bearer x")]).await;
    missing.expect_status(404);
}

#[tokio::test]
async fn row_13_success_is_application_json() {
    let world = World::start().await;
    let tool_hive = world.client("", &[]);
    for path in READS {
        let answer = tool_hive.get(path).await.expect_status(200);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    }
    let probe = tool_hive.get("/v0.1/servers?limit=1&version=latest").await.json();
    assert!(probe["servers"].is_array() && probe["metadata"].is_object(), "{probe}");
}

#[tokio::test]
async fn row_14_what_is_unknown_is_404_with_a_json_body() {
    let world = World::start().await;
    let mcp_hub = world.client("", &[]);
    for path in [
        "/v0.1/servers/com.example%2Fnothing/versions/latest",
        "/v0.1/servers/com.example%2Fnothing/versions",
        "/v0.1/servers/com.example%2Falpha/versions/9.9.9",
        "/v0.1/servers/com.example%2FALPHA/versions/latest",
        "/v0.1/servers/com.example%2Falpha/versions/Latest",
        "/v0/servers/nothing/versions/latest",
        "/v0/servers/com.example/nothing",
        "/v0/servers/by-name/com.example/alpha",
    ] {
        let missing = mcp_hub.get(path).await.expect_status(404);
        assert_eq!(missing.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(missing.json()["status"], 404, "{path}");
    }
    let everybody = world.registry.publisher("everybody", &["*"]);
    let status = format!("/v0/servers/{ALPHA}/status");
    everybody.patch(&status, &json!({ "status": "deleted" })).await.expect_status(200);
    let latest = format!("/v0.1/servers/{ALPHA}/versions/latest");
    let deleted = mcp_hub.get(&latest).await.expect_status(404);
    assert_eq!(deleted.json()["detail"], "Server not found");
    assert_eq!(mcp_hub.send("HEAD", &latest, &[]).await.expect_status(404).body, "");
}

/// The answer may be read by a page of any origin.
#[track_caller]
fn assert_open(answer: &Answer, what: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{what}: {answer:?}");
    assert_eq!(answer.header("access-control-allow-credentials"), None, "{what}");
}

#[tokio::test]
async fn row_15_pages_of_any_origin_may_read_every_answer() {
    let world = World::start().await;
    let etag = world.client("", &[]).get(READS[0]).await.header("etag").expect("a tag").to_owned();
    for origin in [&[][..], &[("origin", "https://editor.example")]] {
        let page = world.client("", origin);
        for path in READS {
            assert_open(&page.get(path).await.expect_status(200), path);
        }
        let known = page.send("GET", READS[0], &[("if-none-match", etag.as_str())]).await.expect_status(304);
        assert_open(&known, "304");
        for (method, path, status) in [
            ("GET", "/v0.1/servers/a%2Fb/versions/latest", 404),
            ("GET", "/v0.1/nothing", 404),
            ("DELETE", "/v0.1/servers", 404),
            ("GET", "/v0.1/servers?limit=x", 422),
            ("GET", "/v0.1/servers?updated_since=x", 400),
            ("GET", "/v0.1/servers/%00", 400),
            ("GET", "/v0.1/servers?search=%00", 400),
            ("GET", "/v0.1/servers/a%25zz/versions", 400),
            ("POST", "/v0.1/publish", 400),
        ] {
            assert_open(&page.send(method, path, &[]).await.expect_status(status), path);
        }
    }
}

#[tokio::test]
async fn row_15_options_is_answered_on_every_path() {
    let world = World::start().await;
    let preflight = [("origin", "https://editor.example"), ("access-control-request-method", "GET")];
    for path in READS.iter().chain(&["/v0.1/publish", "/v0/servers/com.example%2Falpha/status"]) {
        for more in [&[][..], &preflight] {
            let answer = world.client("", &[]).send("OPTIONS", path, more).await.expect_status(204);
            assert_open(&answer, path);
            assert_eq!(answer.body, "");
            assert!(answer.header("access-control-allow-methods").is_some(), "{path} {answer:?}");
        }
    }
}

#[tokio::test]
async fn row_21_an_etag_saves_reading_again() {
    let world = World::start().await;
    let apm = world.client("", &[]);
    for path in &READS[..5] {
        let first = apm.get(path).await.expect_status(200);
        let etag = first.header("etag").expect("a tag").to_owned();
        let weak = format!("W/{etag}");
        for known in [etag.as_str(), weak.as_str(), "*", &format!("\"other\", {etag}")] {
            let again = apm.send("GET", path, &[("if-none-match", known)]).await.expect_status(304);
            assert_eq!((again.body.as_str(), again.header("etag")), ("", Some(etag.as_str())), "{known}");
        }
        assert_eq!(
            apm.send("GET", path, &[("if-none-match", "\"other\"")]).await.expect_status(200).body,
            first.body
        );
        assert_eq!(apm.send("HEAD", path, &[]).await.header("etag"), Some(etag.as_str()));
    }
    let latest = format!("/v0.1/servers/{ALPHA}/versions/latest");
    let before = apm.get(&latest).await.header("etag").expect("a tag").to_owned();
    world.publish(&document("com.example/unrelated", "1.0.0")).await;
    apm.send("GET", &latest, &[("if-none-match", &before)]).await.expect_status(304);
    world.publish(&document("com.example/alpha", "2.0.0")).await;
    let changed = apm.send("GET", &latest, &[("if-none-match", &before)]).await.expect_status(200);
    assert_eq!(changed.json()["server"]["version"], "2.0.0");
}

#[tokio::test]
async fn row_23_a_refusal_has_the_members_that_clients_look_for() {
    let world = World::start().await;
    let client = world.client("", &[]);
    for (method, path, status) in [
        ("GET", "/v0.1/servers/a%2Fb/versions/latest", 404),
        ("GET", "/v0.1/nothing", 404),
        ("GET", "/v0.1/servers?limit=0", 422),
        ("GET", "/v0.1/servers?updated_since=x", 400),
        ("POST", "/v0/publish", 400),
        ("POST", "/v0/auth/none", 404),
    ] {
        let refused = client.send(method, path, &[]).await.expect_status(status);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        let problem = refused.json();
        assert_eq!(problem["status"], status);
        for member in ["title", "detail", "error", "code"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{path}: {problem}");
        }
    }
}

#[tokio::test]
async fn row_30_503_says_when_to_try_again() {
    let world = World::start().await;
    // Closed from here on; waiting for it would wait for the listener, which holds its connection.
    drop(world.registry.state.pool.close());
    let sdk = world.registry.publisher("everybody", &["*"]);
    let refused = sdk.publish(&document("com.example/delta", "1.0.0")).await.expect_status(503);
    let seconds: Option<u32> = refused.header("retry-after").and_then(|text| text.parse().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{refused:?}");
    assert_eq!(refused.json()["code"], "unavailable");
    let reads = world.client("", &[]);
    assert_eq!(reads.get("/v0.1/servers").await.expect_status(200).items().len(), 4, "reads go on");
}

#[tokio::test]
async fn row_30_429_says_when_to_try_again() {
    let world = World::empty(|config| config.http.reads = Rate::new(2, NonZeroU32::MIN)).await;
    let sdk = world.client("/v0.1", &[]);
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(sdk.get("/servers").await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let seconds: Option<u32> = answers[2].header("retry-after").and_then(|text| text.parse().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{answers:?}");
    assert_open(&answers[2], "429");
}
