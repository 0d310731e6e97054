//! What every answer has in common: CORS, caching, HEAD, encodings, paths, what is measured (contract 1.2, 1.3, 1.9;
//! clients.md section 5).

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::harness::registry::{Registry, document};

const VERSION: &str = "/v0.1/servers/com.example%2Fweather/versions/1.0.0";

async fn sample() -> Registry {
    let registry = Registry::with(|config| config.anonymous_auth = true).await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    registry
}

#[tokio::test]
async fn every_answer_may_be_read_by_any_origin() {
    let registry = sample().await;
    let etag = registry.ask("GET", VERSION, &[]).await.header("etag").expect("a tag").to_owned();
    for (method, path, status) in [
        ("GET", "/v0/servers", 200),
        ("GET", VERSION, 304),
        ("HEAD", "/v0/ping", 200),
        ("GET", "/v0/servers/", 308),
        ("GET", "/v0//servers", 307),
        ("GET", "/v0/servers/a%00b", 400),
        ("GET", "/v0/servers?search=%00", 400),
        ("GET", "/v0/servers/a%2Fb/versions", 404),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v0/servers", 404),
        ("GET", "/v0/servers?limit=0", 422),
        ("POST", "/v0/publish", 400),
        ("GET", "/", 200),
        ("GET", "/openapi.json", 200),
    ] {
        let known = if status == 304 { etag.as_str() } else { "\"x\"" };
        let asked = [("if-none-match", known), ("origin", "https://app.example")];
        let answer = registry.ask(method, path, &asked).await.expect_status(status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert!(
            answer.header("access-control-allow-methods").is_some_and(|m| m.contains("GET, OPTIONS")),
            "{path}"
        );
        assert!(
            answer.header("access-control-allow-headers").is_some_and(|h| h.contains("Authorization")),
            "{path}"
        );
        assert!(answer.header("access-control-expose-headers").is_some_and(|h| h.contains("ETag")), "{path}");
        assert!(answer.header("access-control-allow-credentials").is_none(), "{path}");
        assert!(answer.vary().contains("origin"), "{path}: {}", answer.vary());
        assert!(answer.header("allow").is_none(), "{path}");
    }
}

#[tokio::test]
async fn a_preflight_is_allowed_what_it_asks_for_on_every_route() {
    let registry = sample().await;
    for path in
        ["/v0/servers", VERSION, "/v0.1/publish", "/v0/auth/none", "/v0.1/x/org.cardinal-registry/search"]
    {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let asked = [
                ("origin", "https://app.example"),
                ("access-control-request-method", method),
                ("access-control-request-headers", "x-one, authorization"),
            ];
            let answer = registry.ask("OPTIONS", path, &asked).await.expect_status(204);
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("access-control-allow-methods"), Some(method));
            assert_eq!(answer.header("access-control-allow-headers"), Some("x-one, authorization"));
            assert_eq!(answer.header("access-control-max-age"), Some("86400"));
            assert_eq!(
                answer.vary(),
                "origin, access-control-request-method, access-control-request-headers"
            );
            assert_eq!((answer.header("content-length"), answer.body.as_str()), (None, ""));
        }
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let registry = sample().await;
    for path in [
        "/v0/servers",
        VERSION,
        "/v0.1/servers/com.example%2Fweather/versions",
        "/v0/health",
        "/v0/ping",
        "/v0/version",
        "/v0/servers/a%2Fb/versions",
        "/openapi.json",
        "/openapi-3.0.yaml",
        "/schemas/ErrorModel.json",
        "/",
        "/nowhere",
    ] {
        for encoding in ["identity", "gzip"] {
            let asked = [("accept-encoding", encoding)];
            let mut request = Request::get(path).header("accept-encoding", encoding);
            request.headers_mut().expect("headers").insert("accept", "*/*".parse().expect("a header"));
            // The bytes of a compressed answer are no text: only its headers are looked at.
            let app = registry_api::app(registry.state.clone());
            let got = tower::ServiceExt::oneshot(app, request.body(Body::empty()).expect("a request")).await;
            let got = got.expect("the app never fails");
            let head = registry.ask("HEAD", path, &asked).await;
            assert_eq!(head.status, got.status(), "{path}");
            assert_eq!(head.body, "", "{path}");
            for name in
                ["content-type", "etag", "cache-control", "content-encoding", "access-control-allow-origin"]
            {
                assert_eq!(head.headers.get(name), got.headers().get(name), "{path} {encoding}: {name}");
            }
            let all = |headers: &axum::http::HeaderMap| {
                headers.get_all("vary").iter().map(|v| v.as_bytes().to_vec()).collect::<Vec<_>>()
            };
            assert_eq!(all(&head.headers), all(got.headers()), "{path} {encoding}");
            if encoding == "identity" {
                assert_eq!(head.headers.get("content-length"), got.headers().get("content-length"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn public_reads_may_be_kept_for_a_minute_and_nothing_else_may() {
    let registry = sample().await;
    for path in [
        "/v0/servers",
        VERSION,
        "/v0/servers/com.example/weather",
        "/v0.1/x/org.cardinal-registry/search?q=a",
    ] {
        let open = registry.ask("GET", path, &[]).await.expect_status(200);
        assert_eq!(open.header("cache-control"), Some("public, max-age=60"), "{path}");
        assert!(open.vary().contains("authorization"), "{path}");
        let etag = open.header("etag").expect("a tag").to_owned();
        let known = registry.ask("GET", path, &[("if-none-match", &etag)]).await.expect_status(304);
        assert_eq!(known.header("cache-control"), Some("public, max-age=60"));
        assert_eq!((known.header("etag"), known.vary()), (Some(etag.as_str()), open.vary()));
        let own = registry.ask("GET", path, &[("authorization", "Bearer x")]).await.expect_status(200);
        assert_eq!(
            own.header("cache-control"),
            Some("private, no-cache"),
            "a publisher reads its own writes"
        );
    }
    for (method, path, status) in [
        ("POST", "/v0/auth/none", 200),
        ("GET", "/v0/servers/a%2Fb/versions/latest", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/v0/servers?limit=x", 422),
        ("GET", "/v0/servers/", 308),
        ("GET", "/v0/health", 200),
    ] {
        let answer = registry.ask(method, path, &[]).await.expect_status(status);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    let page = registry.ask("GET", "/", &[("accept", "text/html")]).await;
    assert_eq!(page.header("cache-control"), Some("no-cache"));
}

#[tokio::test]
async fn a_compressed_answer_says_that_it_varies_and_weakens_its_etag() {
    let registry = sample().await;
    let plain = registry.ask("GET", "/openapi.json", &[]).await;
    let request = Request::get("/openapi.json")
        .header("accept-encoding", "gzip")
        .body(Body::empty())
        .expect("a request");
    let app = registry_api::app(registry.state.clone());
    let small = tower::ServiceExt::oneshot(app, request).await.expect("the app never fails");
    assert_eq!(small.headers()["content-encoding"], "gzip");
    let etag = plain.header("etag").expect("a tag");
    assert_eq!(
        small.headers()["etag"],
        format!("W/{etag}"),
        "the bytes are others, what they say is the same"
    );
    let known = registry.ask("GET", "/openapi.json", &[("if-none-match", &format!("W/{etag}"))]).await;
    known.expect_status(304);
    assert!(plain.vary().contains("accept-encoding"));
    let bytes = axum::body::to_bytes(small.into_body(), 1 << 20).await.expect("a body");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*bytes), &mut text).expect("gzip");
    assert_eq!(text, plain.body);
}

#[tokio::test]
async fn no_route_is_told_in_the_contracts_words() {
    let registry = sample().await;
    let wrong = registry.ask("DELETE", "/v0.1/servers", &[]).await.expect_status(404);
    insta::assert_snapshot!(wrong.body, @r#"{"detail":"Endpoint not found. See /docs for the API documentation.","status":404,"title":"Not Found","code":"endpoint-not-found","error":"Endpoint not found. See /docs for the API documentation."}"#);
    assert_eq!(wrong.header("content-type"), Some("application/problem+json"));
    assert!(wrong.header("allow").is_none());
    for (method, path) in
        [("HEAD", "/v0/publish"), ("GET", "/v0/publish"), ("PUT", "/v0/servers"), ("BREW", "/v0/ping")]
    {
        registry.ask(method, path, &[]).await.expect_status(404);
    }
    let bare = registry.ask("GET", "/ping", &[]).await.expect_status(404);
    assert_eq!(
        bare.json()["detail"],
        "Endpoint not found. Did you mean '/v0.1/ping' or '/v0/ping'? See /docs for the API documentation."
    );
    let generation = registry.ask("GET", "/v0.1", &[]).await.expect_status(404);
    assert!(generation.body.contains("Did you mean"), "{}", generation.body);
}

#[tokio::test]
async fn slashes_are_mended_whatever_stands_between_them() {
    let registry = sample().await;
    for (path, status, location) in [
        ("/v0/servers/", 308, "/v0/servers"),
        (
            "/v0/servers/com.example%2Fweather/versions/?a=b&c",
            308,
            "/v0/servers/com.example%2Fweather/versions?a=b&c",
        ),
        ("/v0/servers//", 308, "/v0/servers/"),
        ("/v0/./servers", 307, "/v0/servers"),
        ("/v0/x/../servers?limit=1", 307, "/v0/servers?limit=1"),
        ("//evil.example/x", 307, "/evil.example/x"),
        ("//evil.example/", 308, "/evil.example"),
        ("/../../etc", 307, "/etc"),
    ] {
        let moved = registry.ask("GET", path, &[]).await.expect_status(status);
        assert_eq!(moved.header("location"), Some(location), "{path}");
    }
    let posted = registry.ask("POST", "/v0/publish/", &[]).await.expect_status(308);
    assert_eq!(posted.header("location"), Some("/v0/publish"));
    registry.ask("GET", "/", &[]).await.expect_status(200);
}

#[tokio::test]
async fn nul_is_refused_in_the_contracts_words() {
    let registry = sample().await;
    for (path, what) in [
        ("/v0/servers/a%00b", "URL path"),
        ("/v0/servers/a%2500b", "URL path"),
        ("/v0/servers?search=a%00", "query parameters"),
    ] {
        let refused = registry.ask("GET", path, &[]).await.expect_status(400);
        assert_eq!(refused.header("content-type"), Some("application/json"));
        let detail = format!("Invalid request: {what} contains null bytes")
            .replace("parameters contains", "parameters contain");
        assert_eq!(
            refused.body,
            format!(r#"{{"title":"Bad Request","status":400,"detail":"{detail}"}}"#),
            "{path}"
        );
    }
    registry.ask("GET", "/v0/servers?search=a%2500", &[]).await.expect_status(200);
}

#[tokio::test]
async fn reads_take_any_accept_type_and_unknown_parameters() {
    let registry = sample().await;
    for asked in [
        vec![("accept", "text/plain")],
        vec![("accept", "*/*"), ("content-type", "application/json")],
        vec![("x-tenant", "a"), ("authorization", "Bearer nonsense")],
        vec![("authorization", "Basic abc")],
    ] {
        let list = registry.ask("GET", "/v0/servers?source=cli&repo=a/b", &asked).await.expect_status(200);
        assert_eq!(list.header("content-type"), Some("application/json"));
        assert!(list.body.ends_with("}\n"));
    }
}

#[tokio::test]
async fn requests_are_measured_by_the_template_of_their_route() {
    let registry = sample().await;
    registry.ask("GET", VERSION, &[]).await.expect_status(200);
    registry.ask("GET", "/v0/servers/com.example/weather/versions/9", &[]).await.expect_status(404);
    registry.ask("GET", "/v0//measured", &[]).await.expect_status(307);
    registry.ask("ODDITY", "/v0/measured", &[]).await.expect_status(404);
    let text = registry.ask("GET", "/metrics", &[]).await.expect_status(200).body;
    for labels in [
        r#"{method="GET",path="/v0.1/servers/{serverName}/versions/{version}",status_code="200"}"#,
        r#"{method="GET",path="/v0/servers/{serverName}/versions/{version}",status_code="404"}"#,
        r#"{method="GET",path="unmatched",status_code="307"}"#,
        r#"{method="other",path="unmatched",status_code="404"}"#,
    ] {
        assert!(text.contains(&format!("mcp_registry_http_requests_total{labels}")), "{labels}\n{text}");
    }
    assert!(
        text.contains("mcp_registry_http_errors_total{")
            && text.contains("mcp_registry_http_request_duration_bucket{")
    );
    assert!(
        !text.contains("ODDITY") && !text.contains("com.example") && !text.contains(r#"path="/metrics""#)
    );
}

#[tokio::test]
async fn a_person_finds_a_servers_page_under_its_name_as_one_segment() {
    let registry = sample().await;
    let moved =
        registry.ask("GET", "/servers/com.example%2Fweather?version=1.0.0", &[("accept", "text/html")]).await;
    let moved = moved.expect_status(307);
    assert_eq!(moved.header("location"), Some("/servers/com.example/weather?version=1.0.0"));
    registry.ask("GET", "/servers/com.example/weather", &[("accept", "text/html")]).await.expect_status(200);
    let program = registry.ask("GET", "/servers/com.example%2Fweather", &[]).await.expect_status(404);
    assert!(program.body.contains("Did you mean"), "{}", program.body);
    registry.ask("GET", "/servers/nothing", &[("accept", "text/html")]).await.expect_status(404);
}

#[tokio::test]
async fn deleted_versions_are_shown_only_to_who_asks_for_them() {
    let registry = sample().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    let status = format!("{VERSION}/status");
    alice.patch(&status, &json!({ "status": "deleted" })).await.expect_status(200);
    let versions = "/v0/servers/com.example%2Fweather/versions";
    let latest = "/v0/servers/com.example%2Fweather/versions/latest";
    for path in [versions, latest, VERSION] {
        let hidden = registry.anyone().get(path).await.expect_status(404);
        insta::allow_duplicates! {
            insta::assert_snapshot!(hidden.body, @r#"{"title":"Not Found","status":404,"detail":"Server not found","code":"server-not-found","error":"Server not found"}"#);
        }
        registry.anyone().get(&format!("{path}?include_deleted=1")).await.expect_status(200);
        registry.anyone().get(&format!("{path}?include_deleted=yes")).await.expect_status(422);
    }
    let list = async |query: &str| {
        registry.anyone().get(&format!("/v0/servers?{query}")).await.expect_status(200).items()
    };
    assert!(list("").await.is_empty() && list("include_deleted=").await.is_empty());
    assert_eq!(list("include_deleted=true").await, ["com.example/weather:1.0.0"]);
    assert_eq!(list("updated_since=2020-01-01T00:00:00Z").await, ["com.example/weather:1.0.0"]);
    assert!(list("include_deleted=0&include_deleted=1").await.is_empty(), "the first counts");
}
