//! New names that pass for existing ones (case, look-alike characters), and versions that cannot be kept.

use serde_json::json;

use crate::harness::registry::{Registry, document};

#[tokio::test]
async fn a_name_that_passes_for_another_is_refused_with_that_other() {
    let registry = Registry::start().await;
    let anyone = registry.publisher("admin", &["*"]);
    anyone.publish(&document("com.example/weather-tools", "1.0.0")).await.expect_status(200);
    for name in ["com.example/Weather-Tools", "COM.example/weather-tools", "corn.example/weather-t0ols"] {
        let refused = anyone.publish(&document(name, "1.0.0")).await.expect_status(400).json();
        assert_eq!(refused["detail"], "Failed to publish server");
        assert_eq!(refused["errors"][0]["rule"], "G8");
        let message = refused["errors"][0]["message"].as_str().expect("a sentence");
        assert!(message.contains("existing server com.example/weather-tools:"), "{message}");
    }
    anyone.publish(&document("com.example/weather_tools", "1.0.0")).await.expect_status(200);
    anyone.publish(&document("com.example/weather-tools", "1.1.0")).await.expect_status(200);
    let listed = registry.anyone().get("/v0.1/servers?version=latest").await;
    assert_eq!(listed.items(), ["com.example/weather-tools:1.1.0", "com.example/weather_tools:1.0.0"]);
}

#[tokio::test]
async fn a_deleted_server_keeps_no_name_from_others() {
    let registry = Registry::start().await;
    let anyone = registry.publisher("admin", &["*"]);
    anyone.publish(&document("com.examp1e/mcp", "1.0.0")).await.expect_status(200);
    anyone.publish(&document("com.example/mcp", "1.0.0")).await.expect_status(400);
    let all = "/v0.1/servers/com.examp1e%2Fmcp/status";
    anyone.patch(all, &json!({ "status": "deleted" })).await.expect_status(200);
    anyone.publish(&document("com.example/mcp", "1.0.0")).await.expect_status(200);
}

#[tokio::test]
async fn of_two_like_names_published_at_once_one_is_listed() {
    let registry = Registry::start().await;
    let anyone = registry.publisher("admin", &["*"]);
    let documents = [document("com.example/Alpha", "1.0.0"), document("com.example/alpha", "1.0.0")];
    let (one, other) = tokio::join!(anyone.publish(&documents[0]), anyone.publish(&documents[1]));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn names_from_before_look_alikes_were_noted_are_noted_by_a_migration() {
    let registry = Registry::start().await;
    let anyone = registry.publisher("admin", &["*"]);
    anyone.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    let pool = registry.database.pool();
    sqlx::query("UPDATE servers SET folds = '{}'").execute(&pool).await.unwrap();
    anyone.publish(&document("com.example/Weather", "1.0.0")).await.expect_status(200);
    registry_core::store::schema::migrate(&pool).await.expect("it migrates again");
    let refused = anyone.publish(&document("com.example/WEATHER", "1.0.0")).await.expect_status(400).json();
    let message = refused["errors"][0]["message"].as_str().expect("a sentence").to_owned();
    assert!(message.contains("existing server com.example/Weather:"), "{message}");
}

#[tokio::test]
async fn a_version_that_cannot_be_kept_is_refused() {
    let registry = Registry::start().await;
    let anyone = registry.publisher("admin", &["*"]);
    let long = "1".repeat(256);
    for (version, message) in [
        ("", "server name and version are required"),
        ("  ", "server name and version are required"),
        (long.as_str(), "invalid version: a version has at most 255 bytes, not 256"),
    ] {
        let refused = anyone.publish(&document("com.example/weather", version)).await.expect_status(400);
        assert_eq!(refused.json()["errors"][0]["message"], json!(message));
    }
}
