//! Below a path, and behind proxies: where clients think the registry is (clients.md 2, architecture section 7).

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;

use crate::harness::registry::{Answer, Registry, document};

const BELOW: &str = "/registry/team-a";
const PROXY: &str = "10.0.0.2:443";

async fn below() -> Registry {
    let registry = Registry::with(|config| {
        config.public_url = format!("https://h.example{BELOW}");
        config.http.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    registry.indexed().await;
    registry
}

async fn from(registry: &Registry, peer: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer: SocketAddr = peer.parse().expect("an address");
    let request = request.extension(ConnectInfo(peer)).body(Body::empty()).expect("a request");
    registry.send(request).await
}

#[tokio::test]
async fn everything_is_answered_below_the_path_and_at_the_root() {
    let registry = below().await;
    for path in [
        "/v0.1/servers?limit=1",
        "/v0/servers/com.example%2Fweather/versions/latest",
        "/v0.1/servers/com.example/weather/versions",
        "/v0/ping",
        "/openapi.json",
        "/docs",
        "/docs/swagger-initializer.js",
        "/servers/com.example/weather",
        "/search?q=weather",
        "/static/cardinal.css",
        "/",
    ] {
        let root = registry.anyone().get(path).await.expect_status(200);
        let under = registry.anyone().get(&format!("{BELOW}{path}")).await.expect_status(200);
        assert_eq!(root.body, under.body, "{path}");
    }
    registry.anyone().get(BELOW).await.expect_status(200);
    registry.anyone().get("/registry/team-ab/v0/servers").await.expect_status(404);
    registry.anyone().get("/registry").await.expect_status(404);
}

#[tokio::test]
async fn redirects_lead_below_the_path() {
    let registry = below().await;
    for path in ["/v0/servers/?limit=1", "/registry/team-a/v0/servers/?limit=1"] {
        let moved = registry.anyone().get(path).await.expect_status(308);
        assert_eq!(moved.header("location"), Some("/registry/team-a/v0/servers?limit=1"));
    }
    let cleaned = registry.anyone().get("/registry/team-a/v0//servers").await.expect_status(307);
    assert_eq!(cleaned.header("location"), Some("/registry/team-a/v0/servers"));
    let doubled = registry.anyone().get("//registry/team-a/v0/servers").await.expect_status(307);
    assert_eq!(doubled.header("location"), Some("/registry/team-a/v0/servers"), "not twice");
    let html = [("accept", "text/html")];
    let page = from(&registry, "192.0.2.1:1", "/registry/team-a/servers/com.example%2Fweather", &html).await;
    assert_eq!(
        page.expect_status(307).header("location"),
        Some("/registry/team-a/servers/com.example/weather")
    );
}

#[tokio::test]
async fn every_link_of_the_website_stays_below_the_path() {
    let registry = below().await;
    registry.indexed().await;
    for path in
        ["/", "/search?q=weather", "/search?q=weather&fragment=1", "/servers/com.example/weather", "/docs"]
    {
        let page = registry.anyone().get(path).await.expect_status(200);
        let mut links = 0;
        for attribute in ["href=\"/", "src=\"/", "action=\"/"] {
            for rest in page.body.split(attribute).skip(1) {
                let target = rest.split('"').next().expect("a link ends");
                assert!(format!("/{target}").starts_with(BELOW), "{path}: /{target}");
                links += 1;
            }
        }
        assert!(links > 0, "{path}");
    }
    let missing =
        from(&registry, "192.0.2.1:1", "/nowhere", &[("accept", "text/html")]).await.expect_status(404);
    assert!(missing.body.contains("action=\"/registry/team-a/search\""), "{}", missing.body);
    let server = registry.anyone().get("/servers/com.example/weather").await.body;
    let canonical =
        "<link rel=\"canonical\" href=\"https://h.example/registry/team-a/servers/com.example/weather\">";
    assert!(server.contains(canonical), "{server}");
    let docs = registry.anyone().get("/docs/swagger-initializer.js").await.body;
    assert!(docs.contains("/registry/team-a/openapi.json"), "{docs}");
    let described = registry.anyone().get("/openapi.json").await.json();
    assert_eq!(described["servers"][0]["url"], "https://h.example/registry/team-a");
}

#[tokio::test]
async fn a_trusted_proxy_says_where_the_registry_is() {
    let registry = below().await;
    let said = [
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "mcp.example:8080"),
        ("x-forwarded-prefix", "/other"),
    ];
    let described = from(&registry, PROXY, "/openapi.json", &said).await.json();
    assert_eq!(described["servers"][0]["url"], "http://mcp.example:8080/other");
    let moved = from(&registry, PROXY, "/v0/servers/", &said).await.expect_status(308);
    assert_eq!(moved.header("location"), Some("/other/v0/servers"));
    from(&registry, PROXY, "/other/v0/servers", &said).await.expect_status(200);
    from(&registry, PROXY, "/registry/team-a/v0/servers", &said).await.expect_status(200);
    let standard = [("forwarded", "for=192.0.2.7;proto=http;host=f.example")];
    let described = from(&registry, PROXY, "/openapi-3.0.json", &standard).await.json();
    assert_eq!(described["servers"][0]["url"], "http://f.example/registry/team-a");
}

#[tokio::test]
async fn a_stranger_says_nothing() {
    let registry = below().await;
    let said = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-for", "10.0.0.1"),
    ];
    let described = from(&registry, "192.0.2.66:4711", "/openapi.json", &said).await.json();
    assert_eq!(described["servers"][0]["url"], "https://h.example/registry/team-a");
    let evil = [("x-forwarded-prefix", "//evil.example"), ("x-forwarded-host", "a/b")];
    let moved = from(&registry, PROXY, "/v0/servers/", &evil).await.expect_status(308);
    assert_eq!(
        moved.header("location"),
        Some("/registry/team-a/v0/servers"),
        "a proxy that passes words on unread"
    );
}
