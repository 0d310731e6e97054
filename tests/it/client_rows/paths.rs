//! Rows 1–4, 24, 24a: where clients look.

use serde_json::json;

use super::{ALPHA, World, items};
use crate::harness::registry::document;

/// All that clients read below `/v0` or `/v0.1`.
const READS: [&str; 9] = [
    "/servers",
    "/servers?limit=1",
    "/servers?version=latest&limit=100",
    "/servers/com.example%2Falpha/versions",
    "/servers/com.example%2Falpha/versions/latest",
    "/servers/com.example%2Falpha/versions/1.0.0",
    "/servers/com.example%2Fnothing/versions/latest",
    "/servers?limit=1000",
    "/ping",
];

#[tokio::test]
async fn row_01_both_generations_answer_the_same() {
    let world = World::start().await;
    let (vs_code, docker) = (world.client("/v0.1", &[]), world.client("/v0", &[]));
    for path in READS {
        let (frozen, growing) = (vs_code.get(path).await, docker.get(path).await);
        assert_eq!((frozen.status, &frozen.body), (growing.status, &growing.body), "{path}");
        for header in ["content-type", "etag", "cache-control"] {
            assert_eq!(frozen.header(header), growing.header(header), "{path} {header}");
        }
    }
    let gateway = docker.walk("/servers?version=latest&limit=100").await;
    let latest = ["com.example/alpha:1.1.0", "com.example/beta:1.0.0", "org.example/gamma:0.1.0"];
    assert_eq!(items(&gateway), latest);
    assert_eq!(
        items(&docker.walk("/servers?limit=30").await).len(),
        4,
        "mcp-registry-cli shows every version"
    );
}

#[tokio::test]
async fn row_02_the_whole_list_address_may_be_the_base() {
    let world = World::start().await;
    let add_mcp = world.client("/v0.1/servers", &[]);
    let found = add_mcp.get("?version=latest&limit=100&search=alpha&source=cli").await.expect_status(200);
    assert_eq!(found.items(), ["com.example/alpha:1.1.0"]);
    let language_server = world.client("/v0.1/servers", &[("user-agent", "GithubCopilot/1.0")]);
    assert_eq!(language_server.get("?limit=50").await.items().len(), 4);
    let one = language_server.get(&format!("/{ALPHA}/versions/1.0.0")).await.expect_status(200);
    assert_eq!(one.json()["server"]["version"], "1.0.0");
    let langchain = world.client("/v0.1/servers", &[]);
    langchain.get(&format!("/{ALPHA}/versions")).await.expect_status(200);
}

#[tokio::test]
async fn row_02_the_registry_answers_below_any_path() {
    let world = World::empty(|config| config.public_url = "https://h.example/registry/team-a".into()).await;
    for version in ["1.0.0", "1.1.0"] {
        world.publish(&document("com.example/alpha", version)).await;
    }
    let vs_code = world.client("/registry/team-a", &[]);
    vs_code.get("/v0.1/servers?limit=1").await.expect_status(200);
    let pages = vs_code.walk("/v0.1/servers?limit=1&search=alpha").await;
    assert_eq!(items(&pages).len(), 2);
    let tool_hive = vs_code.get("/v0.1/servers?limit=1&version=latest").await.expect_status(200).json();
    assert!(tool_hive["servers"].is_array() && tool_hive["metadata"].is_object());
    for name in [ALPHA, "com.example/alpha"] {
        let latest = vs_code.get(&format!("/v0.1/servers/{name}/versions/latest")).await.expect_status(200);
        assert_eq!(latest.json()["server"]["version"], "1.1.0");
    }
    let add_mcp = world.client("/registry/team-a/v0.1/servers", &[]);
    add_mcp.get("?version=latest&limit=100&search=alpha&source=cli").await.expect_status(200);
}

#[tokio::test]
async fn row_03_lists_details_and_versions_are_there() {
    let world = World::start().await;
    let copilot = world.client("/v0.1", &[]);
    assert_eq!(copilot.get("/servers").await.expect_status(200).items().len(), 4);
    let latest = copilot.get(&format!("/servers/{ALPHA}/versions/latest")).await.expect_status(200);
    assert_eq!(latest.json()["server"]["version"], "1.1.0");
    let exact = copilot.get(&format!("/servers/{ALPHA}/versions/1.0.0")).await.expect_status(200);
    assert_eq!(exact.json()["server"]["name"], "com.example/alpha");
    let sdk = copilot.get(&format!("/servers/{ALPHA}/versions")).await.expect_status(200);
    assert_eq!(sdk.items(), ["com.example/alpha:1.1.0", "com.example/alpha:1.0.0"]);
    assert_eq!(sdk.json()["metadata"], json!({ "count": 2 }));
}

#[tokio::test]
async fn row_04_a_name_is_one_encoded_segment_or_two_raw_ones() {
    let world = World::start().await;
    for generation in ["/v0", "/v0.1"] {
        let client = world.client(generation, &[]);
        for tail in ["/versions", "/versions/latest", "/versions/1.0.0"] {
            let encoded = client.get(&format!("/servers/{ALPHA}{tail}")).await.expect_status(200);
            let spellings = ["com.example/alpha", "com.example%2falpha", "com.example%252Falpha"];
            for name in spellings {
                let other = client.get(&format!("/servers/{name}{tail}")).await.expect_status(200);
                assert_eq!(other.body, encoded.body, "{name}{tail}");
                assert_eq!(other.header("etag"), encoded.header("etag"), "{name}{tail}");
            }
        }
        client.get("/servers/com.example/nothing/versions/latest").await.expect_status(404);
    }
}

#[tokio::test]
async fn row_24_the_older_detail_address_answers_with_the_latest_version() {
    let world = World::start().await;
    for generation in ["/v0", "/v0.1"] {
        let client = world.client(generation, &[]);
        let latest = client.get(&format!("/servers/{ALPHA}/versions/latest")).await.expect_status(200);
        let registry_cli = client.get("/servers/com.example/alpha").await.expect_status(200);
        let lang_chain_4j = client.get(&format!("/servers/{ALPHA}")).await.expect_status(200);
        assert_eq!((&registry_cli.body, &lang_chain_4j.body), (&latest.body, &latest.body));
        let entry = client.get("/servers?version=latest&limit=1").await.json()["servers"][0].clone();
        assert_eq!(latest.json(), entry, "it has the shape of an entry of the list");
        client.get("/servers/com.example/nothing").await.expect_status(404);
        client.get("/servers/com.example%2Fnothing").await.expect_status(404);
    }
}

#[tokio::test]
async fn row_24a_health_and_ping_are_small_objects() {
    let world = World::start().await;
    for generation in ["/v0", "/v0.1"] {
        let accept = ("accept", "application/json, application/problem+json");
        let lang_chain_4j = world.client(generation, &[accept, ("content-type", "application/json")]);
        assert_eq!(lang_chain_4j.get("/ping").await.expect_status(200).json(), json!({ "pong": true }));
        let health = lang_chain_4j.get("/health").await.expect_status(200);
        assert_eq!(health.json()["status"], "ok");
        assert!(health.body.len() < 200, "{}", health.body);
    }
}
