//! `auth/dns` (contract 4.5): a domain proved by its TXT records.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::harness::dns::DnsServer;
use crate::harness::registry::{Answer, NOW, Registry, document};

/// A registry that asks this server.
async fn registry(dns: &DnsServer) -> Registry {
    let address = dns.address();
    Registry::with(|config| {
        config.auth.dns_resolvers = vec![address];
    })
    .await
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key")
}

pub fn record(seed: u8) -> String {
    format!("v=MCPv1; k=ed25519; p={}", STANDARD.encode(pair(seed).public_key().as_ref()))
}

/// The body of an exchange, signed now.
pub fn signed(domain: &str, seed: u8) -> Value {
    let signature = hex::encode(pair(seed).sign(NOW.as_bytes()));
    json!({"domain": domain, "timestamp": NOW, "signed_timestamp": signature})
}

/// The claims of the token in an answer.
#[track_caller]
pub fn claims(answer: &Answer) -> Value {
    let token = answer.json()["registry_token"].as_str().expect("a token").to_owned();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("three parts")).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

async fn exchange(registry: &Registry, body: &Value) -> Answer {
    registry.anyone().post("/v0/auth/dns", body).await
}

/// The reason of a refusal.
async fn refused(registry: &Registry, body: &Value) -> String {
    let answer = exchange(registry, body).await.expect_status(401).json();
    assert_eq!(answer["detail"], "DNS authentication failed");
    answer["errors"][0]["message"].as_str().expect("a reason").to_owned()
}

#[tokio::test]
async fn a_proved_domain_publishes_for_itself_and_all_below_it() {
    let dns = DnsServer::start().await;
    dns.texts("example.com", &["v=spf1 -all", &record(1)]);
    let registry = registry(&dns).await;
    let answer = exchange(&registry, &signed("example.com", 1)).await.expect_status(200);
    assert_eq!(answer.json()["expires_at"], registry.now().timestamp() + 300);
    let claims = claims(&answer);
    assert_eq!((&claims["auth_method"], &claims["auth_method_sub"]), (&json!("dns"), &json!("example.com")));
    assert_eq!(
        claims["permissions"],
        json!([
            {"action": "publish", "resource": "com.example/*"}, {"action": "publish", "resource": "com.example.*"}
        ])
    );
    let publisher = registry.bearer(answer.json()["registry_token"].as_str().expect("a token"));
    publisher.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("com.example.api/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("com.examples/weather", "1.0.0")).await.expect_status(403);
    let listed = registry.anyone().get("/v0/servers").await;
    assert_eq!(listed.items(), ["com.example.api/weather:1.0.0", "com.example/weather:1.0.0"]);
}

#[tokio::test]
async fn a_p384_key_in_pieces_and_in_any_case_of_the_domain_proves_it_too() {
    let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key");
    let point = key.public_key().as_ref();
    let compressed = [&[2 + (point[96] & 1)], &point[1..49]].concat();
    let record = format!("v=MCPv1;k=ecdsap384;p={}", STANDARD.encode(compressed));
    let dns = DnsServer::start().await;
    let (begin, end) = record.split_at(40);
    dns.pieces("example.com", &[begin, end]);
    let registry = registry(&dns).await;
    let signature = key.sign(&SystemRandom::new(), NOW.as_bytes()).expect("signed");
    let body = json!({"domain": "Example.com", "timestamp": NOW, "signed_timestamp": hex::encode(signature.as_ref())});
    let answer = exchange(&registry, &body).await.expect_status(200);
    assert_eq!(
        claims(&answer)["permissions"][0]["resource"],
        "com.Example/*",
        "letters stay as they were sent"
    );
}

#[tokio::test]
async fn a_key_that_was_rotated_out_is_told() {
    let dns = DnsServer::start().await;
    dns.texts("one.example", &[&record(1)]);
    dns.texts("two.example", &[&record(1), &record(2)]);
    let registry = registry(&dns).await;
    let one = refused(&registry, &signed("one.example", 3)).await;
    assert!(one.starts_with("signature verification failed (tried published key ed25519:"), "{one}");
    let two = refused(&registry, &signed("two.example", 3)).await;
    assert!(two.starts_with("signature verification failed against all 2 published keys (tried: "), "{two}");
    exchange(&registry, &signed("two.example", 2)).await.expect_status(200);
    dns.texts("one.example", &[&record(3)]);
    exchange(&registry, &signed("one.example", 3)).await.expect_status(200);
}

#[tokio::test]
async fn missing_records_are_told_apart() {
    let dns = DnsServer::start().await;
    dns.texts("empty.example", &[]);
    dns.texts("other.example", &["v=spf1 -all"]);
    dns.texts("broken.example", &["v=MCPv1; k=rsa; p=AAAA"]);
    dns.texts("misplaced.example", &[]);
    dns.texts("_mcp-registry.misplaced.example", &[&record(1)]);
    dns.code("failing.example", 2);
    let registry = registry(&dns).await;
    let mut told = Vec::new();
    for name in ["nowhere", "failing", "empty", "other", "broken", "misplaced"] {
        told.push(refused(&registry, &signed(&format!("{name}.example"), 1)).await);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    failed to fetch keys: failed to lookup DNS TXT records: lookup nowhere.example: no such host
    failed to fetch keys: failed to lookup DNS TXT records: lookup failing.example: the DNS server answers `Server Failure`
    no MCP public key found in DNS TXT records
    no MCP public key found in DNS TXT records
    unsupported public key algorithm: rsa
    no MCPv1 TXT record at "misplaced.example", but one was found at "_mcp-registry.misplaced.example" — MCP DNS auth requires the record at the apex domain, not under a selector
    "#);
    assert!(!dns.asked().contains(&"_mcp-auth.nowhere.example".to_owned()));
    assert!(dns.asked().contains(&"_mcp-auth.empty.example".to_owned()));
}

#[tokio::test]
async fn a_silent_server_is_not_waited_for_longer_than_five_seconds() {
    let dns = DnsServer::start().await;
    dns.silent("silent.example");
    let registry = registry(&dns).await;
    let started = std::time::Instant::now();
    let told = refused(&registry, &signed("silent.example", 1)).await;
    assert!(
        told.starts_with(
            "failed to fetch keys: failed to lookup DNS TXT records: lookup silent.example: no "
        )
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test]
async fn nothing_is_asked_for_a_proof_that_cannot_hold() {
    let dns = DnsServer::start().await;
    let registry = registry(&dns).await;
    let with = |member: &str, value: &str| {
        let mut body = signed("example.com", 1);
        body[member] = json!(value);
        body
    };
    for domain in ["localhost", "127.0.0.1", "example.com.", "", "exa_mple.com"] {
        assert_eq!(refused(&registry, &with("domain", domain)).await, "invalid domain format", "{domain}");
    }
    let late = refused(&registry, &with("timestamp", "2026-11-24T12:00:16Z")).await;
    assert_eq!(late, "timestamp outside valid window (±15 seconds)");
    assert!(refused(&registry, &with("timestamp", "now")).await.starts_with("invalid timestamp format: "));
    let hex = refused(&registry, &with("signed_timestamp", "zz")).await;
    assert_eq!(hex, "invalid signature format, must be hex: invalid byte: 'z'");
    assert_eq!(dns.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn the_body_is_a_closed_object_of_three_texts() {
    let dns = DnsServer::start().await;
    let registry = registry(&dns).await;
    for path in ["/v0/auth/dns", "/v0.1/auth/http"] {
        let body = json!({"domain": 1, "timestamp": "", "more": null});
        let answer = registry.anyone().post(path, &body).await.expect_status(422).json();
        let told: Vec<_> = answer["errors"].as_array().expect("errors").iter().collect();
        let told: Vec<_> =
            told.iter().map(|error| (error["location"].as_str(), error["message"].as_str())).collect();
        assert_eq!(
            told,
            [
                (Some("body.domain"), Some("expected string")),
                (Some("body"), Some("expected required property signed_timestamp to be present")),
                (Some("body.more"), Some("unexpected property")),
            ]
        );
    }
}

#[tokio::test]
async fn a_blocked_namespace_gets_no_token() {
    let dns = DnsServer::start().await;
    dns.texts("example.com", &[&record(1)]);
    let address = dns.address();
    let registry = Registry::with(|config| {
        config.auth.dns_resolvers = vec![address];
        config.auth.blocked_namespaces = vec!["com.example".to_owned()];
    })
    .await;
    for domain in ["example.com", "EXAMPLE.com"] {
        assert_eq!(
            refused(&registry, &signed(domain, 1)).await,
            "your namespace is blocked. raise an issue at https://github.com/modelcontextprotocol/registry/ if you think this is a mistake"
        );
    }
}
