//! Budgets of requests: whose, how large, what is told.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use registry_api::config::Rate;
use registry_core::publisher::Publisher;

use crate::harness::registry::{Answer, Registry};

const HERE: &str = "192.0.2.1:1000";

async fn limited(reads: u32, writes: u32) -> Registry {
    Registry::with(|config| {
        // One a minute in the long run: no budget fills while a test looks.
        let rate = |burst| NonZeroU32::new(burst).and_then(|burst| Rate::new(1, burst));
        config.http.reads = rate(reads);
        config.http.writes = rate(writes);
        config.http.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    })
    .await
}

async fn ask(registry: &Registry, peer: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let peer: SocketAddr = peer.parse().expect("an address");
    let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    registry.send(request.body(Body::empty()).expect("a request")).await
}

async fn read(registry: &Registry, peer: &str) -> u16 {
    ask(registry, peer, "GET", "/v0/servers", &[]).await.status.as_u16()
}

fn bearer(registry: &Registry, method: &str, subject: &str) -> String {
    let publisher = Publisher { method: method.into(), subject: subject.into(), permissions: Vec::new() };
    let token = registry.state.tokens.issue(&publisher, registry.now()).expect("signed");
    format!("Bearer {}", token.registry_token)
}

#[tokio::test]
async fn a_spent_budget_is_429_and_says_when_to_come_again() {
    let registry = limited(2, 0).await;
    let first = ask(&registry, HERE, "GET", "/v0/servers", &[]).await.expect_status(200);
    assert_eq!(
        (first.header("ratelimit-limit"), first.header("ratelimit-remaining")),
        (Some("2"), Some("1"))
    );
    assert_eq!(first.header("ratelimit-reset"), Some("60"));
    assert_eq!(first.header("ratelimit-policy"), Some("\"reads\";q=2;w=120"));
    assert_eq!(first.header("ratelimit"), Some("\"reads\";r=1;t=60"));
    assert_eq!(read(&registry, HERE).await, 200);
    let refused = ask(&registry, HERE, "GET", "/v0/servers", &[]).await.expect_status(429);
    let wait: u64 = refused.header("retry-after").expect("a wait").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert!(refused.header("access-control-expose-headers").is_some_and(|h| h.contains("Retry-After")));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    let problem = refused.json();
    assert_eq!((&problem["code"], &problem["title"]), (&"rate-limited".into(), &"Too Many Requests".into()));
    let metrics = ask(&registry, HERE, "GET", "/metrics", &[]).await.body;
    let line = r#"mcp_registry_http_requests_total{method="GET",path="/v0/servers",status_code="429"} "#;
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn addresses_have_budgets_of_their_own_and_an_ipv6_network_has_one() {
    let registry = limited(1, 0).await;
    assert_eq!([read(&registry, HERE).await, read(&registry, HERE).await], [200, 429]);
    assert_eq!(read(&registry, "192.0.2.2:1").await, 200);
    assert_eq!(read(&registry, "[2001:db8:0:1::1]:1").await, 200);
    assert_eq!(read(&registry, "[2001:db8:0:1:ffff::2]:1").await, 429);
    assert_eq!(read(&registry, "[2001:db8:0:2::1]:1").await, 200);
    assert_eq!(read(&registry, "[::ffff:192.0.2.2]:1").await, 429, "an IPv4 client of an IPv6 socket");
}

#[tokio::test]
async fn reads_and_writes_are_counted_apart_and_probes_not_at_all() {
    let registry = limited(1, 1).await;
    let method =
        async |method: &str, path: &str| ask(&registry, HERE, method, path, &[]).await.status.as_u16();
    assert_eq!(method("POST", "/v0/publish").await, 400);
    assert_eq!(method("PATCH", "/v0/servers/a%2Fb/status").await, 429);
    assert_eq!(method("HEAD", "/v0/servers").await, 200);
    assert_eq!(method("GET", "/v0/servers").await, 429);
    for _ in 0..3 {
        assert_eq!(method("GET", "/v0/health").await, 200);
        assert_eq!(method("GET", "/v0.1/ping").await, 200);
        assert_eq!(method("OPTIONS", "/v0/servers").await, 204);
    }
    assert_eq!(method("GET", "/v0/servers/x/ping").await, 429, "a name is no probe");
}

#[tokio::test]
async fn who_signed_in_is_counted_wherever_it_comes_from() {
    let registry = limited(1, 0).await;
    let alice = bearer(&registry, "dns", "example.com");
    let with = async |peer: &str, token: &str| {
        let headers = [(header::AUTHORIZATION.as_str(), token)];
        ask(&registry, peer, "GET", "/v0/servers", &headers).await.status.as_u16()
    };
    assert_eq!(with(HERE, &alice).await, 200);
    assert_eq!(with("198.51.100.1:1", &alice).await, 429);
    assert_eq!(with(HERE, &bearer(&registry, "http", "example.com")).await, 200);
    // Neither a made-up token nor an anonymous one is a way around the address.
    assert_eq!(with(HERE, "Bearer made.up.token").await, 200);
    assert_eq!(with(HERE, "Bearer another.made.up").await, 429);
    assert_eq!(with(HERE, &bearer(&registry, "none", "anonymous")).await, 429);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_asks() {
    let registry = limited(1, 0).await;
    let by = async |peer: &str, client: &str| {
        ask(&registry, peer, "GET", "/v0/servers", &[("x-forwarded-for", client)]).await.status.as_u16()
    };
    assert_eq!(by("10.0.0.2:1", "203.0.113.1").await, 200);
    assert_eq!(by("10.0.0.2:1", "203.0.113.2").await, 200);
    assert_eq!(
        by("10.0.0.3:1", "198.51.100.9, 203.0.113.2").await,
        429,
        "what the client wrote itself is not read"
    );
    assert_eq!(by(HERE, "203.0.113.7").await, 200);
    assert_eq!(by(HERE, "203.0.113.8").await, 429);
}

#[tokio::test]
async fn without_a_rate_nothing_is_counted() {
    let registry = limited(0, 0).await;
    for _ in 0..20 {
        let answer = ask(&registry, HERE, "GET", "/v0/servers", &[]).await.expect_status(200);
        assert!(answer.header("ratelimit-limit").is_none());
    }
}
