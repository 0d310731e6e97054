//! `auth/http` (contract 4.5): a domain proved by a file that it serves.

use std::time::Duration;

use serde_json::{Value, json};

use super::auth_dns::{claims, record, signed};
use crate::harness::host::{Document, Hosts};
use crate::harness::registry::{Registry, document};

const FILE: &str = "/.well-known/mcp-registry-auth";

/// A registry that reaches these hosts.
async fn registry(hosts: &Hosts) -> Registry {
    Registry::with(|config| config.auth.outbound = hosts.policy()).await
}

/// The reason of a refusal.
async fn refused(registry: &Registry, domain: &str) -> String {
    let answer = registry.anyone().post("/v0/auth/http", &signed(domain, 1)).await.expect_status(401).json();
    assert_eq!(
        (&answer["detail"], &answer["code"]),
        (&json!("HTTP authentication failed"), &json!("http-authentication-failed"))
    );
    answer["errors"][0]["message"].as_str().expect("a reason").to_owned()
}

#[tokio::test]
async fn a_proved_domain_publishes_for_itself_only() {
    let hosts = Hosts::start().await;
    hosts.serve("api.example.com", FILE, Document::text(&format!("\n  {} \n", record(1))));
    let registry = registry(&hosts).await;
    let answer =
        registry.anyone().post("/v0/auth/http", &signed("api.example.com", 1)).await.expect_status(200);
    let claims = claims(&answer);
    assert_eq!(claims["permissions"], json!([{"action": "publish", "resource": "com.example.api/*"}]));
    assert_eq!(
        (&claims["auth_method"], &claims["auth_method_sub"]),
        (&json!("http"), &json!("api.example.com"))
    );
    let publisher = registry.bearer(answer.json()["registry_token"].as_str().expect("a token"));
    publisher.publish(&document("com.example.api/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("com.example.api.v2/weather", "1.0.0")).await.expect_status(403);
    assert_eq!(registry.anyone().get("/v0/servers").await.items(), ["com.example.api/weather:1.0.0"]);
    let asked = &hosts.requests()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", FILE));
    assert_eq!(asked.header("user-agent"), Some("mcp-registry/1.0"));
    assert_eq!(asked.header("accept"), Some("text/plain"));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let hosts = Hosts::start().await;
    hosts.redirect("example.com", FILE, "https://elsewhere.example/key");
    hosts.serve("elsewhere.example", "/key", Document::text(&record(1)));
    let registry = registry(&hosts).await;
    assert_eq!(
        refused(&registry, "example.com").await,
        "failed to fetch keys: failed to fetch public key: HTTP 302: failed to fetch key from https://example.com/.well-known/mcp-registry-auth"
    );
    assert!(hosts.paths("elsewhere.example").is_empty());
}

#[tokio::test]
async fn what_is_no_key_file_is_told() {
    let hosts = Hosts::start().await;
    let fetch = "failed to fetch keys: failed to fetch public key:";
    hosts.serve("large.example", FILE, Document::text(&format!("{}{}", " ".repeat(4096), record(1))));
    hosts.endless("endless.example", FILE);
    hosts.serve("page.example", FILE, Document::new("text/html", "<html></html>"));
    hosts.serve("odd.example", FILE, Document::text(&record(1)).with_status(203));
    hosts.serve("other.example", FILE, Document::text(&record(2)));
    hosts.serve("bytes.example", FILE, Document::new("text/plain", vec![0xff, 0xfe, 0]));
    let registry = registry(&hosts).await;
    let url = |domain: &str| format!("failed to fetch key from https://{domain}{FILE}");
    for (domain, told) in [
        ("absent.example", format!("{fetch} HTTP 404: {}", url("absent.example"))),
        ("odd.example", format!("{fetch} HTTP 203: {}", url("odd.example"))),
        ("large.example", format!("{fetch} HTTP auth key response too large")),
        ("endless.example", format!("{fetch} HTTP auth key response too large")),
        ("page.example", "no MCP public key found in HTTP response".to_owned()),
        ("bytes.example", "no MCP public key found in HTTP response".to_owned()),
    ] {
        assert_eq!(refused(&registry, domain).await, told, "{domain}");
    }
    let other = refused(&registry, "other.example").await;
    assert!(other.starts_with("signature verification failed (tried published key ed25519:"), "{other}");
}

#[tokio::test]
async fn only_the_first_record_of_a_file_counts() {
    let hosts = Hosts::start().await;
    hosts.serve("example.com", FILE, Document::text(&format!("{}\n{}", record(2), record(1))));
    let registry = registry(&hosts).await;
    assert!(refused(&registry, "example.com").await.contains("tried published key"));
}

#[tokio::test]
async fn a_slow_host_is_not_waited_for() {
    let hosts = Hosts::start().await;
    hosts.slow("slow.example", FILE, Duration::from_secs(60), Document::text(&record(1)));
    let mut policy = hosts.policy();
    policy.first_byte_timeout = Duration::from_millis(300);
    let registry = Registry::with(|config| config.auth.outbound = policy).await;
    let told = refused(&registry, "slow.example").await;
    assert!(told.contains("`slow.example` did not begin to answer within"), "{told}");
}

#[tokio::test]
async fn bodies_are_decoded_as_everywhere() {
    let hosts = Hosts::start().await;
    let registry = registry(&hosts).await;
    let anyone = registry.anyone();
    let array = anyone.post("/v0/auth/http", &json!([])).await.expect_status(422).json();
    assert_eq!(array["errors"][0]["message"], "expected object");
    let empty: Value = anyone.post("/v0.1/auth/http", &json!({})).await.expect_status(422).json();
    assert_eq!(empty["errors"].as_array().map(Vec::len), Some(3));
    anyone.get("/v0/auth/http").await.expect_status(404);
}
