//! Reading: lists and their cursors, versions, one version, paths, headers (contract 1.2–1.7).

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::harness::registry::{Registry, document, remote_document};

async fn sample() -> Registry {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    for version in ["1.9.0", "1.10.0"] {
        registry.clock.advance(chrono::TimeDelta::seconds(1));
        alice.publish(&document("com.example/weather", version)).await.expect_status(200);
    }
    alice.publish(&document("com.example/Tides", "1.0.0")).await.expect_status(200);
    registry
}

#[tokio::test]
async fn the_list_is_in_byte_order_of_name_and_version_text() {
    let registry = sample().await;
    let all = ["com.example/Tides:1.0.0", "com.example/weather:1.10.0", "com.example/weather:1.9.0"];
    for prefix in ["/v0", "/v0.1"] {
        let list = registry.anyone().get(&format!("{prefix}/servers")).await.expect_status(200);
        assert_eq!(list.items(), all);
        assert_eq!(list.json()["metadata"], json!({ "count": 3 }), "no cursor when nothing follows");
        assert_eq!(list.header("content-type"), Some("application/json"));
        assert!(list.body.ends_with("}\n"));
    }
    let latest = registry.anyone().get("/v0.1/servers?version=latest").await;
    assert_eq!(latest.items(), ["com.example/Tides:1.0.0", "com.example/weather:1.10.0"]);
    let exact = registry.anyone().get("/v0.1/servers?version=1.9.0&unknown=x").await;
    assert_eq!(exact.items(), ["com.example/weather:1.9.0"]);
}

#[tokio::test]
async fn a_walk_by_cursor_meets_every_version_once() {
    let registry = sample().await;
    let mut seen = Vec::new();
    let mut path = "/v0/servers?limit=1".to_owned();
    loop {
        let page = registry.anyone().get(&path).await.expect_status(200);
        seen.extend(page.items());
        let Some(cursor) = page.next_cursor() else { break };
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{cursor}");
        path = format!("/v0/servers?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, ["com.example/Tides:1.0.0", "com.example/weather:1.10.0", "com.example/weather:1.9.0"]);
    let official = registry.anyone().get("/v0/servers?cursor=com.example/weather:1.10.0").await;
    assert_eq!(official.items(), ["com.example/weather:1.9.0"]);
    let nonsense = registry.anyone().get("/v0/servers?cursor=%00c1.zzz").await;
    nonsense.expect_status(400);
    assert_eq!(registry.anyone().get("/v0/servers?cursor=zzz").await.items().len(), 0);
}

#[tokio::test]
async fn a_cursor_carries_its_query() {
    let registry = sample().await;
    let first = registry.anyone().get("/v0.1/servers?limit=1&version=latest&search=example").await;
    let cursor = first.next_cursor().expect("another page");
    let second = registry.anyone().get(&format!("/v0.1/servers?limit=1&cursor={cursor}")).await;
    let mut both = [first.items(), second.items()].concat();
    both.sort();
    assert_eq!(both, ["com.example/Tides:1.0.0", "com.example/weather:1.10.0"]);
}

#[tokio::test]
async fn every_problem_with_the_parameters_is_told_at_once() {
    let registry = sample().await;
    let refused =
        registry.anyone().get("/v0/servers?limit=101&include_deleted=maybe").await.expect_status(422);
    insta::assert_snapshot!(refused.body, @r#"{"title":"Unprocessable Entity","status":422,"detail":"validation failed","errors":[{"message":"expected number <= 100","location":"query.limit","value":101},{"message":"invalid boolean","location":"query.include_deleted","value":"maybe"}],"code":"invalid-request","error":"validation failed"}"#);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    for (query, status) in [
        ("limit=0", 422),
        ("limit=x", 422),
        ("limit=", 200),
        ("updated_since=yesterday", 400),
        ("updated_since=2025-08-07T13:15:04.280Z", 200),
        ("updated_since=2025-08-07T13:15:04%2B02:00", 200),
        ("updated_since=2025-08-07T13:15:04+02:00", 400),
        ("updated_since=2025-08-07T13:15:04Z&include_deleted=false", 400),
        ("include_deleted=T", 200),
    ] {
        registry.anyone().get(&format!("/v0/servers?{query}")).await.expect_status(status);
    }
}

#[tokio::test]
async fn updated_since_is_strictly_after() {
    let registry = sample().await;
    let list = |since: &str| format!("/v0/servers?updated_since={since}");
    let anyone = registry.anyone();
    assert_eq!(anyone.get(&list("2026-11-24T12:00:01Z")).await.items().len(), 2);
    assert_eq!(anyone.get(&list("2026-11-24T12:00:02Z")).await.items().len(), 0);
}

#[tokio::test]
async fn a_version_is_found_under_every_spelling_of_its_path() {
    let registry = sample().await;
    for path in [
        "/v0/servers/com.example%2Fweather/versions/latest",
        "/v0/servers/com.example%2fweather/versions/1.10.0",
        "/v0.1/servers/com.example%252Fweather/versions/latest",
        "/v0.1/servers/com.example/weather/versions/latest",
        "/v0/servers/com.example/weather",
        "/v0/servers/com.example%2Fweather",
    ] {
        let found = registry.anyone().get(path).await.expect_status(200);
        assert_eq!(found.json()["server"]["version"], "1.10.0", "{path}");
    }
    let versions =
        registry.anyone().get("/v0/servers/com.example%2Fweather/versions").await.expect_status(200);
    assert_eq!(versions.items(), ["com.example/weather:1.10.0", "com.example/weather:1.9.0"], "newest first");
    for (path, status) in [
        ("/v0/servers/com.example%2FWeather/versions/latest", 404),
        ("/v0/servers/com.example%2Fweather/versions/LATEST", 404),
        ("/v0/servers/nobody%2Fhere/versions", 404),
        ("/v0/servers/com.example%2Fweather/versions/1%25zz", 400),
        ("/v0/servers/com.example%2Fweather/versions/latest?include_deleted=2", 422),
    ] {
        registry.anyone().get(path).await.expect_status(status);
    }
}

#[tokio::test]
async fn the_answer_is_the_contracts_record() {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice
        .publish(&remote_document("com.example/weather", "1.0.0", "https://mcp.example.com/mcp"))
        .await
        .expect_status(200);
    let found = registry.anyone().get("/v0/servers/com.example%2Fweather/versions/1.0.0").await;
    insta::assert_snapshot!(found.body.trim_end(), @r#"{"server":{"$schema":"https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json","name":"com.example/weather","description":"Tells the weather","version":"1.0.0","remotes":[{"type":"streamable-http","url":"https://mcp.example.com/mcp"}]},"_meta":{"io.modelcontextprotocol.registry/official":{"status":"active","statusChangedAt":"2026-11-24T12:00:00Z","publishedAt":"2026-11-24T12:00:00Z","updatedAt":"2026-11-24T12:00:00Z","isLatest":true}}}"#);
}

#[tokio::test]
async fn what_is_no_route_is_404_whatever_the_method() {
    let registry = Registry::start().await;
    let request = |method: &str, path: &str| {
        Request::builder().method(method).uri(path).body(Body::empty()).expect("a request")
    };
    let missing = registry.send(request("GET", "/v0/nothing")).await.expect_status(404);
    insta::assert_snapshot!(missing.body, @r#"{"detail":"Endpoint not found. See /docs for the API documentation.","status":404,"title":"Not Found","code":"endpoint-not-found","error":"Endpoint not found. See /docs for the API documentation."}"#);
    let method = registry.send(request("DELETE", "/v0/servers")).await.expect_status(404);
    assert_eq!(method.json()["code"], "endpoint-not-found");
    let bare = registry.send(request("GET", "/servers")).await.expect_status(404);
    assert!(bare.body.contains("Did you mean '/v0.1/servers' or '/v0/servers'?"), "{}", bare.body);
    registry.send(request("HEAD", "/v0/servers")).await.expect_status(200);
}

#[tokio::test]
async fn slashes_and_nul_are_dealt_with_before_routing() {
    let registry = Registry::start().await;
    let moved = registry.anyone().get("/v0/servers/a%2Fb/?x=1").await.expect_status(308);
    assert_eq!(moved.header("location"), Some("/v0/servers/a%2Fb?x=1"));
    assert_eq!(moved.header("access-control-allow-origin"), Some("*"));
    let cleaned = registry.anyone().get("/v0//servers").await.expect_status(307);
    assert_eq!(cleaned.header("location"), Some("/v0/servers"));
    let nul = registry.anyone().get("/v0/servers/a%00b").await.expect_status(400);
    assert_eq!(
        nul.body,
        r#"{"title":"Bad Request","status":400,"detail":"Invalid request: URL path contains null bytes"}"#
    );
}

#[tokio::test]
async fn any_origin_may_read_and_options_is_answered_everywhere() {
    let registry = Registry::start().await;
    let request = Request::builder()
        .method("OPTIONS")
        .uri("/v0.1/servers")
        .header(header::ORIGIN, "https://app.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PATCH")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,x-other");
    let preflight = registry.send(request.body(Body::empty()).expect("a request")).await.expect_status(204);
    assert_eq!(preflight.header("access-control-allow-headers"), Some("authorization,x-other"));
    assert!(preflight.header("access-control-allow-methods").is_some_and(|m| m.contains("PATCH")));
    assert_eq!((preflight.header("access-control-max-age"), preflight.body.as_str()), (Some("86400"), ""));
    let plain = Request::builder().method("OPTIONS").uri("/v0/servers/a%2Fb/versions");
    registry.send(plain.body(Body::empty()).expect("a request")).await.expect_status(204);
    let missing = registry.anyone().get("/v0/servers/a%2Fb/versions").await.expect_status(404);
    assert_eq!(missing.header("access-control-allow-origin"), Some("*"));
    assert!(missing.header("access-control-expose-headers").is_some_and(|h| h.contains("ETag")));
}

#[tokio::test]
async fn an_etag_is_of_the_bytes() {
    let registry = sample().await;
    let path = "/v0/servers?search=Tides";
    let first = registry.anyone().get(path).await;
    let etag = first.header("etag").expect("a tag").to_owned();
    registry
        .publisher("example.com", &["com.example/*"])
        .publish(&document("com.example/other", "1.0.0"))
        .await
        .expect_status(200);
    let request = Request::builder().uri(path).header(header::IF_NONE_MATCH, &etag);
    let again = registry.send(request.body(Body::empty()).expect("a request")).await.expect_status(304);
    assert_eq!((again.header("etag"), again.body.as_str()), (Some(etag.as_str()), ""));
}

#[tokio::test]
async fn an_unknown_token_on_a_read_is_ignored_and_probes_answer() {
    let registry = Registry::with(|config| config.github_client_id = Some("abc".into())).await;
    let request = Request::builder().uri("/v0/servers").header(header::AUTHORIZATION, "Bearer nonsense");
    registry.send(request.body(Body::empty()).expect("a request")).await.expect_status(200);
    assert_eq!(
        registry.anyone().get("/v0/health").await.body,
        "{\"status\":\"ok\",\"github_client_id\":\"abc\"}\n"
    );
    assert_eq!(registry.anyone().get("/v0.1/ping").await.body, "{\"pong\":true}\n");
    assert_eq!(registry.anyone().get("/v0.1/version").await.json()["version"], "1.2.3");
    assert!(registry.anyone().get("/metrics").await.body.contains("mcp_registry_service_up 1"));
    let described = registry.anyone().get("/openapi.json").await.expect_status(200);
    assert_eq!(described.header("content-type"), Some("application/openapi+json"));
    let yaml = registry.anyone().get("/openapi.yaml").await.expect_status(200);
    assert!(yaml.body.starts_with("openapi: 3.1"), "{}", &yaml.body[..40]);
    registry.anyone().get("/docs").await.expect_status(200);
    registry.anyone().get("/docs/swagger-ui.css").await.expect_status(200);
}
