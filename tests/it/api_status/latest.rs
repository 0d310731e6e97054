//! Which version is latest (contract 2.3, 2.4), seen from outside.

use serde_json::{Value, json};

use crate::harness::registry::{Registry, document};

const NAME: &str = "com.example/weather";
const VERSIONS: &str = "/v0/servers/com.example%2Fweather/versions";

async fn publish(registry: &Registry, versions: &[&str]) {
    let alice = registry.publisher("example.com", &["com.example/*"]);
    for version in versions {
        alice.publish(&document(NAME, version)).await.expect_status(200);
        registry.clock.advance(chrono::TimeDelta::seconds(10));
    }
}

async fn set(registry: &Registry, version: &str, status: &str) {
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let path = format!("{VERSIONS}/{version}/status");
    alice.patch(&path, &json!({ "status": status })).await.expect_status(200);
    registry.clock.advance(chrono::TimeDelta::seconds(10));
}

fn official(entry: &Value) -> &Value {
    &entry["_meta"]["io.modelcontextprotocol.registry/official"]
}

/// The flagged version; fails unless there is just one.
async fn flagged(registry: &Registry) -> String {
    let all =
        registry.anyone().get(&format!("{VERSIONS}?include_deleted=true")).await.expect_status(200).json();
    let flagged: Vec<&Value> = all["servers"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|entry| official(entry)["isLatest"] == true)
        .map(|entry| &entry["server"]["version"])
        .collect();
    let [only] = flagged[..] else { panic!("one version is latest, not {flagged:?}") };
    only.as_str().expect("a version").to_owned()
}

#[tokio::test]
async fn the_higher_version_is_latest_and_an_equal_one_is_not_higher() {
    for (versions, latest) in [
        (&["1.0.0", "0.9.0"][..], "1.0.0"),
        (&["1.9.0", "1.10.0"], "1.10.0"),
        (&["1.0.0", "2.0.0-alpha"], "2.0.0-alpha"),
        (&["2.0.0-alpha", "2.0.0"], "2.0.0"),
        (&["2.0.0", "2.0.0-rc.1"], "2.0.0"),
        (&["1.0.0-alpha.9", "1.0.0-alpha.10", "1.0.0-alpha"], "1.0.0-alpha.10"),
        (&["1.0.0-1", "1.0.0-a"], "1.0.0-a"),
        (&["1.0.0+a", "1.0.0+b"], "1.0.0+a"),
        (&["1.0.0", "v1.0.0"], "1.0.0"),
        (&["1.0.0", "v1.0.1"], "v1.0.1"),
        (&["zulu", "alpha"], "alpha"),
        (&["2021.03.15", "1.0"], "1.0"),
        (&["snapshot", "0.0.1"], "0.0.1"),
        (&["0.0.1", "9.9"], "0.0.1"),
        (&["2021.11.15", "3.0.0"], "2021.11.15"),
    ] {
        let registry = Registry::start().await;
        publish(&registry, versions).await;
        assert_eq!(flagged(&registry).await, latest, "{versions:?}");
        let found = registry.anyone().get(&format!("{VERSIONS}/latest")).await.expect_status(200);
        assert_eq!(found.json()["server"]["version"], latest);
    }
}

#[tokio::test]
async fn deprecated_versions_compete_and_deleted_ones_do_not() {
    let registry = Registry::start().await;
    publish(&registry, &["1.0.0", "2.0.0", "3.0.0"]).await;
    set(&registry, "3.0.0", "deprecated").await;
    assert_eq!(flagged(&registry).await, "3.0.0");
    set(&registry, "3.0.0", "deleted").await;
    assert_eq!(flagged(&registry).await, "2.0.0");
    set(&registry, "2.0.0", "deprecated").await;
    assert_eq!(flagged(&registry).await, "2.0.0");
    set(&registry, "3.0.0", "deprecated").await;
    assert_eq!(flagged(&registry).await, "3.0.0", "it takes the flag back when it returns");
}

#[tokio::test]
async fn with_all_versions_deleted_the_highest_stays_addressable() {
    let registry = Registry::start().await;
    publish(&registry, &["1.0.0", "2.0.0"]).await;
    set(&registry, "2.0.0", "deleted").await;
    set(&registry, "1.0.0", "deleted").await;
    assert_eq!(flagged(&registry).await, "2.0.0");
    let anyone = registry.anyone();
    anyone.get(&format!("{VERSIONS}/latest")).await.expect_status(404);
    anyone.get(VERSIONS).await.expect_status(404);
    let latest = anyone.get(&format!("{VERSIONS}/latest?include_deleted=true")).await.expect_status(200);
    assert_eq!(latest.json()["server"]["version"], "2.0.0");
    let list = anyone.get("/v0/servers?version=latest&include_deleted=true").await.items();
    assert_eq!(list, ["com.example/weather:2.0.0"]);
    set(&registry, "1.0.0", "active").await;
    assert_eq!(flagged(&registry).await, "1.0.0");
}

#[tokio::test]
async fn a_publication_takes_the_flag_from_a_deleted_version_however_high() {
    let registry = Registry::start().await;
    publish(&registry, &["2.0.0"]).await;
    set(&registry, "2.0.0", "deleted").await;
    publish(&registry, &["1.0.0"]).await;
    assert_eq!(flagged(&registry).await, "1.0.0");
    registry.anyone().get(&format!("{VERSIONS}/latest")).await.expect_status(200);
    set(&registry, "2.0.0", "active").await;
    assert_eq!(flagged(&registry).await, "2.0.0");
}

#[tokio::test]
async fn losing_or_gaining_the_flag_does_not_touch_updated_at() {
    let registry = Registry::start().await;
    publish(&registry, &["1.0.0"]).await;
    let one = format!("{VERSIONS}/1.0.0");
    let before = registry.anyone().get(&one).await.json();
    publish(&registry, &["2.0.0"]).await;
    let after = registry.anyone().get(&one).await.json();
    assert_eq!(
        (&official(&before)["isLatest"], &official(&after)["isLatest"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(official(&before)["updatedAt"], official(&after)["updatedAt"]);
    let synced = registry.anyone().get("/v0/servers?updated_since=2026-11-24T12:00:05Z").await.items();
    assert_eq!(synced, ["com.example/weather:2.0.0"], "incremental readers do not see the old row again");
    set(&registry, "2.0.0", "deleted").await;
    let again = registry.anyone().get(&one).await.json();
    assert_eq!(official(&again), official(&before), "as it was in the beginning");
}

#[tokio::test]
async fn sixteen_changes_at_once_leave_exactly_one_latest() {
    let registry = Registry::start().await;
    publish(&registry, &["0.1.0", "0.2.0", "0.3.0", "0.4.0"]).await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let versions = [
        "1.0.0",
        "1.0.0+b",
        "v1.0.0",
        "2.0.0-rc.1",
        "snapshot",
        "1.10.0",
        "1.9.0",
        "1.0",
        "0.0.1",
        "1.2.3.4",
    ];
    let documents = versions.map(|version| document(NAME, version));
    let publishing = futures_util::future::join_all(documents.iter().map(|document| alice.publish(document)));
    let deleting =
        futures_util::future::join_all(["0.1.0", "0.2.0", "0.3.0", "0.4.0"].map(|version| {
            let alice = &alice;
            async move {
                alice.patch(&format!("{VERSIONS}/{version}/status"), &json!({ "status": "deleted" })).await
            }
        }));
    let all = json!({ "status": "deprecated", "statusMessage": "all of them" });
    let twice = futures_util::future::join_all(
        [0, 1].map(|_| alice.patch("/v0/servers/com.example%2Fweather/status", &all)),
    );
    let (published, deleted, bulk) = tokio::join!(publishing, deleting, twice);
    for answer in published.into_iter().chain(deleted) {
        answer.expect_status(200);
    }
    assert!(bulk.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 400)), "{bulk:?}");
    assert_eq!(flagged(&registry).await, "2.0.0-rc.1");
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM versions WHERE is_latest")
        .fetch_one(&registry.database.pool())
        .await
        .unwrap();
    assert_eq!(rows, 1);
}
