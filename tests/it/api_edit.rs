//! Editing (contract 2.5): what it replaces, what it leaves, in which order it refuses.

use serde_json::{Value, json};

use crate::harness::registry::{Registry, document, remote_document};

const WEATHER: &str = "/v0.1/servers/com.example%2Fweather/versions/1.0.0";

fn described(text: &str) -> Value {
    let mut document = document("com.example/weather", "1.0.0");
    document["description"] = json!(text);
    document
}

#[tokio::test]
async fn an_edit_replaces_the_document_and_keeps_the_rest() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let published = alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200).json();
    registry.clock.advance(chrono::TimeDelta::seconds(5));
    let edited = alice.put(WEATHER, &described("Tells more")).await.expect_status(200);
    let read = registry.anyone().get(WEATHER).await.expect_status(200);
    assert_eq!(edited.body, read.body, "it is listed before it is answered");
    let official = "io.modelcontextprotocol.registry/official";
    let (before, after) = (&published["_meta"][official], &edited.json()["_meta"][official]);
    assert_eq!(edited.json()["server"]["description"], "Tells more");
    for member in ["status", "statusChangedAt", "publishedAt", "isLatest"] {
        assert_eq!(before[member], after[member], "{member}");
    }
    assert_ne!(before["updatedAt"], after["updatedAt"]);
    let actions: Vec<String> = sqlx::query_scalar("SELECT action FROM ledger ORDER BY seq")
        .fetch_all(&registry.database.pool())
        .await
        .unwrap();
    assert_eq!(actions, ["publish", "edit"]);
}

#[tokio::test]
async fn an_edit_is_refused_in_the_contracts_order() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    let missing = registry.anyone().put(WEATHER, &json!({})).await.expect_status(422).json();
    assert_eq!(missing["errors"][0]["location"], "header.Authorization");
    let bob = registry.publisher("bob.example", &["example.bob/*"]);
    let other = "/v0/servers/com.example%2Fweather/versions/2.0.0";
    let nowhere = bob.put(other, &document("com.example/weather", "2.0.0")).await.expect_status(404).json();
    assert_eq!(nowhere["detail"], "Server not found", "existence comes before permission");
    let refused = bob.put(WEATHER, &document("x.y/other", "1.0.0")).await.expect_status(403).json();
    assert_eq!(refused["detail"], "You do not have edit permissions for this server");
    for (document, status, detail) in [
        (document("com.example/other", "^1"), 400, "Cannot rename server"),
        (document("com.example/weather", "^1"), 400, "Version in request body must match URL path parameter"),
        (
            {
                let mut odd = document("com.example/weather", "1.0.0");
                odd["title"] = json!("  ");
                odd
            },
            422,
            "Failed to edit server, invalid schema: call /validate for details",
        ),
    ] {
        let refused = alice.put(WEATHER, &document).await.expect_status(status).json();
        assert_eq!(refused["detail"], detail);
    }
    let encoding = alice.put("/v0/servers/com.example%252/versions/1", &document("a.b/cd", "1")).await;
    assert_eq!(encoding.expect_status(400).json()["detail"], "Invalid server name encoding");
}

#[tokio::test]
async fn an_edit_takes_no_address_of_another_server_and_no_large_block() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let url = "https://mcp.example.com/mcp";
    alice.publish(&remote_document("com.example/first", "1.0.0", url)).await.expect_status(200);
    alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    let used = alice.put(WEATHER, &remote_document("com.example/weather", "1.0.0", url)).await;
    let used = used.expect_status(400).json();
    assert_eq!(used["detail"], "Failed to edit server");
    let sentence = format!("remote URL {url} is already used by server com.example/first");
    assert_eq!(used["errors"][0]["message"], json!(sentence));
    let mut large = document("com.example/weather", "1.0.0");
    large["_meta"] = json!({"io.modelcontextprotocol.registry/publisher-provided": {"x": "y".repeat(5000)}});
    let large = alice.put(WEATHER, &large).await.expect_status(400).json();
    assert!(large["errors"][0]["message"].as_str().is_some_and(|text| text.contains("exceeds 4KB limit")));
}

#[tokio::test]
async fn a_deleted_version_is_restored_before_it_is_edited() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    alice.patch(&format!("{WEATHER}/status"), &json!({"status": "deleted"})).await.expect_status(200);
    let refused = alice.put(&format!("{WEATHER}?status=active"), &described("x")).await.expect_status(404);
    assert_eq!(refused.json()["detail"], "Server not found");
    alice.patch(&format!("{WEATHER}/status"), &json!({"status": "active"})).await.expect_status(200);
    alice.put(WEATHER, &described("x")).await.expect_status(200);
}
