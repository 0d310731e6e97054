//! Every change of a status and every refusal, one and all, and what becomes of the times.

use serde_json::{Value, json};

use super::{ALL, ONE};
use crate::harness::registry::{Answer, Registry, document, remote_document};

const UNCHANGED: &str = "No changes to apply: status and message are already set to the provided values";
const NONE_CHANGES: &str = "No changes to apply: all versions already have the requested status and message";
const ACTIVE_SAYS_NOTHING: &str = "status_message cannot be provided when setting status to active";

async fn with_versions(versions: &[&str]) -> Registry {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    for version in versions {
        alice.publish(&document("com.example/weather", version)).await.expect_status(200);
        registry.clock.advance(chrono::TimeDelta::seconds(10));
    }
    registry
}

/// Sets a status ten seconds after whatever was before.
async fn set(registry: &Registry, path: &str, body: Value) -> Answer {
    registry.clock.advance(chrono::TimeDelta::seconds(10));
    registry.publisher("example.com", &["com.example/*"]).patch(path, &body).await
}

#[track_caller]
fn official(answer: &Answer) -> Value {
    answer.json()["_meta"]["io.modelcontextprotocol.registry/official"].clone()
}

#[tokio::test]
async fn every_state_leads_to_every_other() {
    let registry = with_versions(&["1.0.0"]).await;
    let tour = ["deprecated", "deleted", "deprecated", "active", "deleted", "active", "deprecated"];
    for status in tour {
        let changed = set(&registry, ONE, json!({ "status": status })).await.expect_status(200);
        assert_eq!(official(&changed)["status"], status);
        assert_eq!(official(&changed).get("statusMessage"), None);
    }
}

#[tokio::test]
async fn each_refusal_has_its_own_words() {
    let registry = with_versions(&["1.0.0"]).await;
    let refused = async |body: Value, words: &str| {
        let refused = set(&registry, ONE, body.clone()).await.expect_status(400);
        assert_eq!(refused.json()["detail"], words, "{body}");
        assert_eq!(refused.json().get("errors"), None);
    };
    refused(json!({ "status": "active" }), UNCHANGED).await;
    refused(json!({ "status": "active", "statusMessage": null }), UNCHANGED).await;
    refused(json!({ "status": "active", "statusMessage": "" }), ACTIVE_SAYS_NOTHING).await;
    refused(json!({ "status": "active", "statusMessage": "x" }), ACTIVE_SAYS_NOTHING).await;
    set(&registry, ONE, json!({ "status": "deprecated", "statusMessage": "x" })).await.expect_status(200);
    refused(json!({ "status": "deprecated", "statusMessage": "x" }), UNCHANGED).await;
    refused(json!({ "status": "active", "statusMessage": "x" }), ACTIVE_SAYS_NOTHING).await;
    set(&registry, ONE, json!({ "status": "deprecated", "statusMessage": "" })).await.expect_status(200);
    refused(json!({ "status": "deprecated", "statusMessage": "" }), UNCHANGED).await;
}

#[tokio::test]
async fn a_message_goes_where_it_is_left_out_and_an_empty_one_is_kept() {
    let registry = with_versions(&["1.0.0"]).await;
    let message = async |body: Value| {
        let changed = set(&registry, ONE, body).await.expect_status(200);
        official(&changed).get("statusMessage").cloned()
    };
    let longest = "é".repeat(500);
    assert_eq!(
        message(json!({ "status": "deprecated", "statusMessage": longest })).await,
        Some(json!(longest))
    );
    assert_eq!(message(json!({ "status": "deprecated", "statusMessage": "" })).await, Some(json!("")));
    assert_eq!(message(json!({ "status": "deprecated" })).await, None);
    assert_eq!(message(json!({ "status": "deleted", "statusMessage": "gone" })).await, Some(json!("gone")));
    assert_eq!(message(json!({ "status": "active" })).await, None);
}

#[tokio::test]
async fn status_changed_at_moves_with_the_status_and_updated_at_with_anything() {
    let registry = with_versions(&["1.0.0"]).await;
    let times = async |body: Value| {
        let changed = official(&set(&registry, ONE, body).await.expect_status(200));
        ["publishedAt", "statusChangedAt", "updatedAt"]
            .map(|member| changed[member].as_str().expect("a time").to_owned())
    };
    let at = |second: u32| format!("2026-11-24T12:00:{second}Z");
    let published = "2026-11-24T12:00:00Z".to_owned();
    let first = times(json!({ "status": "deprecated", "statusMessage": "a" })).await;
    assert_eq!(first, [published.clone(), at(20), at(20)]);
    let message_only = times(json!({ "status": "deprecated", "statusMessage": "b" })).await;
    assert_eq!(message_only, [published.clone(), at(20), at(30)]);
    let back = times(json!({ "status": "active" })).await;
    assert_eq!(back, [published, at(40), at(40)]);
}

#[tokio::test]
async fn all_versions_change_together_and_only_those_that_differ() {
    let registry = with_versions(&["1.0.0", "2.0.0", "3.0.0"]).await;
    set(&registry, ONE, json!({ "status": "deleted", "statusMessage": "bad" })).await.expect_status(200);
    let two = ONE.replace("1.0.0", "2.0.0");
    set(&registry, &two, json!({ "status": "deprecated" })).await.expect_status(200);
    let answer =
        set(&registry, ALL, json!({ "status": "deleted", "statusMessage": "bad" })).await.expect_status(200);
    let body = answer.json();
    assert_eq!(body["updatedCount"], 2, "those that changed, though all are shown");
    let servers = body["servers"].as_array().expect("a list");
    let told = |member: &str| {
        servers
            .iter()
            .map(|s| s["_meta"]["io.modelcontextprotocol.registry/official"][member].clone())
            .collect::<Vec<_>>()
    };
    let versions: Vec<_> = servers.iter().map(|s| s["server"]["version"].as_str().expect("text")).collect();
    assert_eq!(versions, ["3.0.0", "2.0.0", "1.0.0"], "newest publication first");
    assert_eq!(told("status"), ["deleted"; 3]);
    let (now, before) = (json!("2026-11-24T12:01:00Z"), json!("2026-11-24T12:00:40Z"));
    assert_eq!(told("updatedAt"), [now.clone(), now.clone(), before.clone()], "only what changed");
    assert_eq!(told("statusChangedAt"), [now.clone(), now, before]);
    assert_eq!(told("isLatest"), [true, false, false]);
    let rows: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM ledger WHERE action = 'delete' AND at > '2026-11-24T12:00:50Z'",
    )
    .fetch_one(&registry.database.pool())
    .await
    .unwrap();
    assert_eq!(rows, 2, "each change has its row in the ledger");
}

#[tokio::test]
async fn all_versions_refuse_when_none_would_change() {
    let registry = with_versions(&["1.0.0", "2.0.0"]).await;
    for (body, words) in [
        (json!({ "status": "active" }), NONE_CHANGES),
        (json!({ "status": "active", "statusMessage": "x" }), ACTIVE_SAYS_NOTHING),
    ] {
        let refused = set(&registry, ALL, body).await.expect_status(400);
        assert_eq!(refused.json()["detail"], words);
    }
    set(&registry, ONE, json!({ "status": "deprecated" })).await.expect_status(200);
    set(&registry, ALL, json!({ "status": "deprecated" })).await.expect_status(200);
    let refused = set(&registry, ALL, json!({ "status": "deprecated", "statusMessage": null })).await;
    assert_eq!(refused.expect_status(400).json()["detail"], NONE_CHANGES);
}

#[tokio::test]
async fn a_refused_return_says_which_remote_and_changes_nothing() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let url = "https://mcp.example.com/mcp";
    alice.publish(&remote_document("com.example/weather", "1.0.0", url)).await.expect_status(200);
    alice.publish(&document("com.example/weather", "2.0.0")).await.expect_status(200);
    set(&registry, ALL, json!({ "status": "deleted" })).await.expect_status(200);
    alice.publish(&remote_document("com.example/other", "1.0.0", url)).await.expect_status(200);
    let before = registry.anyone().get("/v0/servers?include_deleted=true").await.body;
    for (path, status) in [(ONE, "active"), (ONE, "deprecated"), (ALL, "active"), (ALL, "deprecated")] {
        let refused = set(&registry, path, json!({ "status": status })).await.expect_status(400).json();
        assert_eq!(refused["detail"], "Failed to update server status");
        let message = format!("remote URL {url} is already used by server com.example/other");
        assert_eq!(refused["errors"], json!([{ "message": message, "rule": "G3" }]));
    }
    assert_eq!(
        registry.anyone().get("/v0/servers?include_deleted=true").await.body,
        before,
        "all or nothing"
    );
    let two = ONE.replace("1.0.0", "2.0.0");
    set(&registry, &two, json!({ "status": "active" })).await.expect_status(200);
}

#[tokio::test]
async fn checks_come_in_the_contracts_order() {
    let registry = with_versions(&["1.0.0"]).await;
    let body = json!({ "status": "active", "statusMessage": "x" });
    let broken = "/v0/servers/com.example%25zz/versions/1.0.0/status";
    let bob = registry.publisher("bob", &["example.bob/*"]);
    bob.patch(broken, &json!({})).await.expect_status(422);
    assert_eq!(
        bob.patch(broken, &body).await.expect_status(400).json()["detail"],
        "Invalid server name encoding"
    );
    let version = "/v0/servers/com.example%2Fweather/versions/%25/status";
    assert_eq!(
        bob.patch(version, &body).await.expect_status(400).json()["detail"],
        "Invalid version encoding"
    );
    set(&registry, ALL, json!({ "status": "deleted" })).await.expect_status(200);
    bob.patch(ONE, &body).await.expect_status(403);
    bob.patch(ALL, &body).await.expect_status(403);
}
