//! Publishing (contract 2.1–2.3): who may, what is refused, which version is latest.

use axum::body::Body;
use axum::http::{Request, header};
use registry_core::package::{Limits, Prover, Settings};
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::harness::registry::{Registry, document, remote_document};

#[tokio::test]
async fn a_publication_is_listed_searchable_and_in_the_ledger() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let published = alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    let listed = registry.anyone().get("/v0/servers/com.example%2Fweather/versions/latest").await;
    assert_eq!(published.body, listed.expect_status(200).body, "it is listed before it is answered");
    let row: (i64, String, String, String) = sqlx::query_as("SELECT seq, actor, action, version FROM ledger")
        .fetch_one(&registry.database.pool())
        .await
        .unwrap();
    assert_eq!(row, (1, "dns:example.com".into(), "publish".into(), "1.0.0".into()));
}

#[tokio::test]
async fn a_published_version_cannot_be_replaced() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    let refused = alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(400);
    insta::assert_snapshot!(refused.body, @r#"{"title":"Bad Request","status":400,"detail":"Failed to publish server","errors":[{"message":"invalid version: cannot publish duplicate version","rule":"G5"}],"code":"publish-refused","error":"Failed to publish server"}"#);
}

#[tokio::test]
async fn only_who_may_publishes() {
    let registry = Registry::start().await;
    let body = document("com.example/weather", "1.0.0");
    let missing = registry.anyone().publish(&body).await.expect_status(422);
    assert_eq!(missing.json()["errors"][0]["location"], "header.Authorization");
    let bob = registry.publisher("bob.example", &["example.bob/*"]);
    let refused = bob.publish(&body).await.expect_status(403);
    assert_eq!(
        refused.json()["detail"],
        "You do not have permission to publish this server. You have permission to publish: example.bob/*. Attempting to publish: com.example/weather"
    );
    let nobody = registry.publisher("nobody", &[]).publish(&body).await.expect_status(403);
    assert!(nobody.body.contains("You do not have any publish permissions."));
    for (value, status, detail) in [
        ("Basic abc", 401, "Invalid Authorization header format. Expected 'Bearer <token>'"),
        ("Bearer abc", 401, "Invalid or expired Registry JWT token"),
    ] {
        let request = Request::post("/v0/publish").header(header::AUTHORIZATION, value);
        let answer = registry.send(request.body(Body::from(body.to_string())).expect("a request")).await;
        assert_eq!(answer.expect_status(status).json()["detail"], detail);
    }
}

#[tokio::test]
async fn the_shape_comes_before_the_token_and_the_rules_after_it() {
    let registry = Registry::start().await;
    let shapeless = registry.anyone().publish(&json!({"name": "a"})).await.expect_status(422);
    let locations = shapeless.json();
    let errors = locations["errors"].as_array().expect("errors");
    assert_eq!(errors[0]["location"], "header.Authorization");
    assert!(errors.len() > 3, "{errors:?}");
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let rules = alice.publish(&document("com.example/weather", "^1.0.0")).await.expect_status(422);
    assert_eq!(
        rules.json()["detail"],
        "Failed to publish server, invalid schema: call /validate for details"
    );
}

#[tokio::test]
async fn bodies_that_are_no_document_are_told_so() {
    let registry = Registry::start().await;
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = Request::post("/v0/publish").header(header::CONTENT_TYPE, kind);
        registry.send(request.body(Body::from(body)).expect("a request"))
    };
    assert_eq!(
        send("application/json", Vec::new()).await.expect_status(400).json()["detail"],
        "request body is required"
    );
    let broken = send("application/json", b"{".to_vec()).await.expect_status(400);
    assert_eq!(
        (&broken.json()["errors"][1]["location"], &broken.json()["errors"][1]["value"]),
        (&json!("body"), &json!("{"))
    );
    let text = send("text/plain", b"{}".to_vec()).await.expect_status(415);
    assert_eq!(text.json()["errors"][0]["message"], "unknown content type: text/plain");
    let large = send("application/json", vec![b' '; (1 << 20) + 1]).await.expect_status(413);
    assert_eq!(large.json()["detail"], "request body is too large limit=1048576 bytes");
    assert_eq!(large.json()["title"], "Request Entity Too Large");
    let deep = send("application/json", "[".repeat(10_000).into_bytes()).await;
    assert!(deep.status.is_client_error(), "{}", deep.status);
    send("application/vnd.x+json; charset=utf-8", b"{}".to_vec()).await.expect_status(422);
}

#[tokio::test]
async fn sixteen_publications_at_once_leave_one_latest() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let documents: Vec<_> = (1..=16).map(|n| document("com.example/weather", &format!("1.{n}.0"))).collect();
    let publishing = documents.iter().map(|document| alice.publish(document));
    for answer in futures_util::future::join_all(publishing).await {
        answer.expect_status(200);
    }
    let latest = registry.anyone().get("/v0/servers?version=latest").await;
    assert_eq!(latest.items(), ["com.example/weather:1.16.0"]);
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ledger").fetch_one(&registry.database.pool()).await.unwrap();
    assert_eq!(rows, 16);
}

#[tokio::test]
async fn a_remote_belongs_to_one_server_even_when_two_ask_at_once() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let documents: Vec<_> = (1..=8)
        .map(|n| remote_document(&format!("com.example/s{n}"), "1.0.0", "https://mcp.example.com/mcp"))
        .collect();
    let answers =
        futures_util::future::join_all(documents.iter().map(|document| alice.publish(document))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status.is_success());
    assert_eq!((won.len(), lost.len()), (1, 7));
    let name = won[0].json()["server"]["name"].as_str().expect("a name").to_owned();
    for answer in lost {
        let message = format!("remote URL https://mcp.example.com/mcp is already used by server {name}");
        assert_eq!(answer.expect_status(400).json()["errors"][0]["message"], message);
    }
}

#[tokio::test]
async fn packages_are_proved_unless_the_operator_says_otherwise() {
    let mut with_package = document("com.example/weather", "1.0.0");
    with_package["packages"] = json!([{ "registryType": "npm", "identifier": "@example/weather", "version": "1.0.0", "transport": { "type": "stdio" } }]);
    let npm = MockServer::start().await;
    let base = npm.uri();
    let settings = Settings { npm: base.parse().expect("an address"), ..Settings::default() };
    let strict =
        Registry::with(|config| config.packages = Some(Prover::new(settings).expect("usable"))).await;
    let alice = strict.publisher("example.com", &["com.example/*"]);
    let refused = alice.publish(&with_package).await.expect_status(400).json();
    assert_eq!(
        (&refused["detail"], &refused["errors"][0]["rule"]),
        (&json!("Failed to publish server"), &json!("G2"))
    );
    let message = refused["errors"][0]["message"].as_str().expect("a sentence");
    assert!(
        message.starts_with("registry validation failed for package 0 (@example/weather): "),
        "{message}"
    );
    assert!(message.contains(&format!("{base}/@example%2Fweather/1.0.0: status 404")), "{message}");
    assert_eq!(strict.anyone().get("/v0.1/servers").await.items(), [] as [&str; 0]);
    let shown = json!({ "mcpName": "com.example/weather" });
    let package = Mock::given(path("/@example%2Fweather/1.0.0"))
        .respond_with(ResponseTemplate::new(200).set_body_json(shown));
    package.mount(&npm).await;
    alice.publish(&with_package).await.expect_status(200);
    let edit = "/v0/servers/com.example%2Fweather/versions/1.0.0";
    alice.put(edit, &with_package).await.expect_status(200);
    with_package["packages"][0]["identifier"] = json!("@example/other");
    let refused = alice.put(edit, &with_package).await.expect_status(400).json();
    assert_eq!(refused["detail"], "Failed to edit server");
    let lenient = Registry::start().await;
    lenient.publisher("example.com", &["com.example/*"]).publish(&with_package).await.expect_status(200);
}

#[tokio::test]
async fn a_publication_waits_for_a_package_that_is_not_there_yet() {
    let npm = MockServer::start().await;
    let late = Mock::given(path("/weather/1.0.0")).respond_with(ResponseTemplate::new(404)).up_to_n_times(2);
    late.with_priority(1).mount(&npm).await;
    let shown = json!({ "mcpName": "com.example/weather" });
    Mock::given(path("/weather/1.0.0"))
        .respond_with(ResponseTemplate::new(200).set_body_json(shown))
        .mount(&npm)
        .await;
    let first_wait = std::time::Duration::from_millis(5);
    let limits = Limits { first_wait, longest_wait: first_wait, ..Limits::default() };
    let settings = Settings { npm: npm.uri().parse().expect("an address"), limits, ..Settings::default() };
    let registry =
        Registry::with(|config| config.packages = Some(Prover::new(settings).expect("usable"))).await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let mut with_package = document("com.example/weather", "1.0.0");
    with_package["packages"] = json!([{ "registryType": "npm", "identifier": "weather", "version": "1.0.0", "transport": { "type": "stdio" } }]);
    alice.publish(&with_package).await.expect_status(400);
    alice.post("/v0.1/publish?wait=60", &with_package).await.expect_status(200);
}

#[tokio::test]
async fn a_wait_ends_when_the_registry_does() {
    let npm = MockServer::start().await;
    let settings = Settings { npm: npm.uri().parse().expect("an address"), ..Settings::default() };
    let registry =
        Registry::with(|config| config.packages = Some(Prover::new(settings).expect("usable"))).await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let mut with_package = document("com.example/weather", "1.0.0");
    with_package["packages"] = json!([{ "registryType": "npm", "identifier": "weather", "version": "1.0.0", "transport": { "type": "stdio" } }]);
    let stop = async {
        while npm.received_requests().await.is_none_or(|requests| requests.is_empty()) {
            tokio::task::yield_now().await;
        }
        registry.state.stopping.cancel();
    };
    let (refused, ()) = tokio::join!(alice.post("/v0.1/publish?wait=300", &with_package), stop);
    let refused = refused.expect_status(503);
    assert_eq!(
        (refused.json()["code"].as_str(), refused.header("retry-after")),
        (Some("stopping"), Some("5"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_parameters_is_told_beside_a_body_that_is_none() {
    let registry = Registry::start().await;
    for (body, locations) in [("", vec!["header.Authorization"]), ("{", vec!["header.Authorization", "body"])]
    {
        let request = Request::post("/v0/publish").body(Body::from(body)).expect("a request");
        let refused = registry.send(request).await.expect_status(400).json();
        let found = refused["errors"].as_array().expect("errors").iter();
        assert_eq!(
            found.map(|error| error["location"].as_str().unwrap_or_default()).collect::<Vec<_>>(),
            locations
        );
    }
}

#[tokio::test]
async fn whoever_takes_no_encoding_is_answered_in_none() {
    let registry = Registry::start().await;
    let token = registry.token("example.com", &["com.example/*"]);
    let request = Request::post("/v0/publish")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT_ENCODING, "*;q=0")
        .body(Body::from(document("com.example/weather", "1.0.0").to_string()));
    registry.send(request.expect("a request")).await.expect_status(200);
}

#[tokio::test]
async fn a_wait_is_a_number_of_seconds() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    for (wait, message) in
        [("301", "expected number <= 300"), ("-1", "expected number >= 0"), ("soon", "invalid integer")]
    {
        let refused =
            alice.post(&format!("/v0/publish?wait={wait}"), &json!({})).await.expect_status(422).json();
        assert_eq!(refused["errors"][0]["location"], "query.wait", "parameters come before the body");
        assert_eq!(refused["errors"][0]["message"], message);
        assert!(refused["errors"].as_array().is_some_and(|errors| errors.len() > 3));
    }
}

#[tokio::test]
async fn anybody_gets_a_token_only_where_they_are_handed_out() {
    let closed = Registry::start().await;
    let refused = closed.anyone().post("/v0/auth/none", &json!({})).await.expect_status(404);
    assert_eq!(refused.json()["code"], "anonymous-auth-off");
    let open = Registry::with(|config| config.anonymous_auth = true).await;
    let request = Request::post("/v0/auth/none").body(Body::empty()).expect("a request");
    let token = open.send(request).await.expect_status(200).json();
    assert_eq!(token["expires_at"], open.now().timestamp() + 300);
    let publish = |name: &str| {
        Request::post("/v0/publish")
            .header(
                header::AUTHORIZATION,
                format!("bearer {}", token["registry_token"].as_str().expect("a token")),
            )
            .body(Body::from(document(name, "1.0.0").to_string()))
            .expect("a request")
    };
    open.send(publish("io.modelcontextprotocol.anonymous/mine")).await.expect_status(200);
    open.send(publish("io.modelcontextprotocol/mine")).await.expect_status(403);
}

#[tokio::test]
async fn a_nul_and_a_large_block_are_refused() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let mut nul = document("com.example/weather", "1.0.0");
    nul["description"] = json!("a\0b");
    assert!(alice.publish(&nul).await.expect_status(400).body.contains("NUL"));
    let mut large = document("com.example/weather", "1.0.0");
    large["_meta"] =
        json!({ "io.modelcontextprotocol.registry/publisher-provided": { "x": "y".repeat(5000) } });
    assert!(alice.publish(&large).await.expect_status(400).body.contains("exceeds 4KB limit (5008 bytes)"));
}
