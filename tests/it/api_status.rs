//! Status of versions (contract 2.4).

mod latest;
mod transitions;

use serde_json::json;

use crate::harness::registry::{Registry, document, remote_document};

const ONE: &str = "/v0/servers/com.example%2Fweather/versions/1.0.0/status";
const ALL: &str = "/v0/servers/com.example%2Fweather/status";

async fn sample() -> Registry {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    for version in ["1.0.0", "2.0.0"] {
        alice.publish(&document("com.example/weather", version)).await.expect_status(200);
        registry.clock.advance(chrono::TimeDelta::seconds(10));
    }
    registry
}

#[tokio::test]
async fn a_deprecated_version_says_why_and_stays_listed() {
    let registry = sample().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let changed = alice
        .patch(ONE, &json!({"status": "deprecated", "statusMessage": "use 2.0.0"}))
        .await
        .expect_status(200);
    let official = &changed.json()["_meta"]["io.modelcontextprotocol.registry/official"];
    insta::assert_snapshot!(official, @r#"{"status":"deprecated","statusChangedAt":"2026-11-24T12:00:20Z","statusMessage":"use 2.0.0","publishedAt":"2026-11-24T12:00:00Z","updatedAt":"2026-11-24T12:00:20Z","isLatest":false}"#);
    assert_eq!(registry.anyone().get("/v0/servers").await.items().len(), 2);
    let again = alice
        .patch(ONE, &json!({"status": "deprecated", "statusMessage": "use 2.0.0"}))
        .await
        .expect_status(400);
    assert_eq!(
        again.json()["detail"],
        "No changes to apply: status and message are already set to the provided values"
    );
}

#[tokio::test]
async fn a_deleted_version_is_hidden_and_the_flag_moves_on() {
    let registry = sample().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let latest = "/v0/servers/com.example%2Fweather/versions/2.0.0/status";
    alice.patch(latest, &json!({"status": "deleted"})).await.expect_status(200);
    let anyone = registry.anyone();
    assert_eq!(anyone.get("/v0/servers").await.items(), ["com.example/weather:1.0.0"]);
    assert_eq!(anyone.get("/v0/servers?version=latest").await.items(), ["com.example/weather:1.0.0"]);
    anyone.get("/v0/servers/com.example%2Fweather/versions/2.0.0").await.expect_status(404);
    anyone.get("/v0/servers/com.example%2Fweather/versions/2.0.0?include_deleted=1").await.expect_status(200);
    assert_eq!(
        anyone.get("/v0/servers?updated_since=2026-11-24T12:00:15Z").await.items(),
        ["com.example/weather:2.0.0"]
    );
    let all = alice.patch(ALL, &json!({"status": "deleted"})).await.expect_status(200).json();
    assert_eq!(
        (&all["updatedCount"], all["servers"].as_array().map(Vec::len)),
        (&json!(1), Some(2)),
        "one changes, all are shown"
    );
    assert_eq!(all["servers"][0]["server"]["version"], "2.0.0", "newest publication first");
    anyone.get("/v0/servers/com.example%2Fweather/versions/latest").await.expect_status(404);
    let nothing = alice.patch(ALL, &json!({"status": "deleted"})).await.expect_status(400);
    assert!(nothing.body.contains("all versions already have the requested status and message"));
}

#[tokio::test]
async fn existence_comes_before_permission_and_permission_before_transition() {
    let registry = sample().await;
    let bob = registry.publisher("bob", &["example.bob/*"]);
    let body = json!({"status": "active", "statusMessage": "x"});
    let missing =
        bob.patch("/v0/servers/com.example%2Fweather/versions/9/status", &body).await.expect_status(404);
    assert_eq!(missing.json()["detail"], "Server version not found");
    bob.patch("/v0/servers/com.example%2Fweather/versions/latest/status", &body).await.expect_status(404);
    let nobody = bob.patch("/v0/servers/nobody%2Fhere/status", &body).await.expect_status(404);
    assert_eq!(nobody.json()["detail"], "Server not found");
    let forbidden = bob.patch(ONE, &body).await.expect_status(403);
    assert_eq!(forbidden.json()["detail"], "You do not have publish or edit permissions for this server");
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let refused = alice.patch(ONE, &body).await.expect_status(400);
    assert_eq!(refused.json()["detail"], "status_message cannot be provided when setting status to active");
    for body in [
        json!({"status": "yanked"}),
        json!({}),
        json!({"status": "deleted", "statusMessage": "x".repeat(501)}),
        json!({"status": "deleted", "x": 1}),
    ] {
        bob.patch(ONE, &body).await.expect_status(422);
    }
    registry.anyone().patch(ONE, &json!({"status": "deleted"})).await.expect_status(422);
}

#[tokio::test]
async fn a_deleted_version_does_not_come_back_to_a_remote_that_another_uses() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let url = "https://mcp.example.com/mcp";
    alice.publish(&remote_document("com.example/weather", "1.0.0", url)).await.expect_status(200);
    alice.patch(ONE, &json!({"status": "deleted"})).await.expect_status(200);
    alice.publish(&remote_document("com.example/other", "1.0.0", url)).await.expect_status(200);
    let refused = alice.patch(ONE, &json!({"status": "active"})).await.expect_status(400);
    assert_eq!(
        refused.json()["errors"][0]["message"],
        "remote URL https://mcp.example.com/mcp is already used by server com.example/other"
    );
    alice.patch(ALL, &json!({"status": "active"})).await.expect_status(400);
    alice.patch(ONE, &json!({"status": "deprecated"})).await.expect_status(400);
}
