//! The registry's own tokens over HTTP (contract 2.1, 4.1), their keys, and what the operator can change.

use chrono::TimeDelta;
use registry_api::token::{PublicKey, TokenKey};
use serde_json::{Value, json};

use super::auth_dns::claims;
use crate::harness::program::{Serving, client, data_dir, run};
use crate::harness::registry::{Registry, document};

#[tokio::test]
async fn a_token_holds_for_five_minutes_and_the_refusal_says_why() {
    let registry = Registry::with(|config| config.anonymous_auth = true).await;
    let answer = registry.anyone().post("/v0/auth/none", &json!({})).await.expect_status(200);
    let now = registry.now().timestamp();
    let claims = claims(&answer);
    assert_eq!(
        (&claims["iat"], &claims["nbf"], &claims["exp"]),
        (&json!(now), &json!(now), &json!(now + 300))
    );
    assert_eq!(
        claims["permissions"],
        json!([
            {"action": "publish", "resource": "io.modelcontextprotocol.anonymous/*"},
            {"action": "edit", "resource": "io.modelcontextprotocol.anonymous/*"}
        ])
    );
    let token = answer.json()["registry_token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9."), "alg stands before typ");
    let publisher = registry.bearer(&token);
    let publish = |version: &str| document("io.modelcontextprotocol.anonymous/mine", version);
    registry.clock.advance(TimeDelta::seconds(299));
    publisher.publish(&publish("1.0.0")).await.expect_status(200);
    registry.clock.advance(TimeDelta::seconds(1));
    let expired = publisher.publish(&publish("1.0.1")).await.expect_status(401).json();
    assert_eq!(expired["detail"], "Invalid or expired Registry JWT token");
    assert_eq!(expired["errors"][0]["message"], "failed to parse token: token is expired");
    let forged = registry
        .bearer(&format!("{}AAAA", &token[..token.len() - 4]))
        .publish(&publish("1.0.1"))
        .await
        .expect_status(401);
    assert_eq!(forged.json()["errors"][0]["message"], "failed to parse token: signature is invalid");
    let junk = registry.bearer("junk").publish(&publish("1.0.1")).await.expect_status(401);
    assert_eq!(junk.json()["errors"][0]["message"], "failed to parse token: token is malformed");
}

#[tokio::test]
async fn blocking_the_anonymous_namespace_stops_anonymous_tokens() {
    let registry = Registry::with(|config| {
        config.anonymous_auth = true;
        config.auth.blocked_namespaces = vec!["io.modelcontextprotocol.anonymous".into()];
    })
    .await;
    let refused = registry.anyone().post("/v0/auth/none", &json!({})).await.expect_status(401).json();
    assert!(
        refused["errors"][0]["message"].as_str().is_some_and(|m| m.starts_with("your namespace is blocked."))
    );
}

#[tokio::test]
async fn the_public_keys_are_published_twice() {
    let registry = Registry::start().await;
    let key: TokenKey = "5e".repeat(32).parse().expect("a key");
    let own = key.public().expect("a key").jwk();
    let keys = registry.anyone().get("/.well-known/jwks.json").await.expect_status(200);
    assert_eq!(keys.header("content-type"), Some("application/json"));
    assert_eq!(
        keys.json(),
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": own.kid, "x": own.x}]})
    );
    let extension = registry.anyone().get("/v0.1/x/org.cardinal-registry/jwks.json").await.expect_status(200);
    assert_eq!(extension.body, keys.body);
}

/// The `x` of every key that a running program publishes.
async fn published(serving: &Serving) -> Vec<String> {
    let keys: Value = serde_json::from_str(&serving.get("/.well-known/jwks.json").await).expect("JSON");
    let keys = keys["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["x"].as_str().expect("a key").to_owned()).collect()
}

async fn publish(serving: &Serving, token: &str, version: &str) -> u16 {
    let body = document("io.modelcontextprotocol.anonymous/mine", version).to_string();
    let request = client().post(format!("{}/v0/publish", serving.url)).bearer_auth(token).body(body);
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_replaced_while_its_tokens_are_in_use() {
    let data = data_dir();
    let further: PublicKey = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".parse().expect("a key");
    let serving = Serving::start(data.path(), &["--enable-anonymous-auth"]);
    let first = published(&serving).await;
    let token = client().post(format!("{}/v0/auth/none", serving.url)).send().await.expect("an answer");
    let token: Value = serde_json::from_str(&token.text().await.expect("a body")).expect("JSON");
    let token = token["registry_token"].as_str().expect("a token");
    assert_eq!(publish(&serving, token, "1.0.0").await, 200);
    assert!(serving.terminate().success());
    std::fs::remove_file(data.path().join("token.key")).expect("it is there");
    let serving = Serving::start(data.path(), &["--jwt-public-keys", &further.to_string()]);
    assert_eq!(publish(&serving, token, "1.0.1").await, 200, "a token of the former key still holds");
    let second = published(&serving).await;
    assert_eq!((second.len(), &second[1], &second[2]), (3, &further.to_string(), &first[0]));
    assert_ne!(second[0], first[0]);
    let log = std::fs::read_to_string(data.path().join("serve.log")).expect("a log");
    assert!(
        log.contains("set MCP_REGISTRY_GITHUB_OIDC_AUDIENCE"),
        "one line says whose tokens are shared: {log}"
    );
    let key = std::fs::read_to_string(data.path().join("token.key")).expect("a key");
    assert!(!log.contains(&key) && !log.contains(token), "secrets are not logged");
}

#[test]
fn settings_that_cannot_be_are_refused_before_anything_starts() {
    for (arguments, told) in [
        (&["serve", "--jwt-public-keys", "abc"][..], "`abc` is no public key; write the `x` of a key"),
        (&["serve", "--dns-resolvers", "dns.example"], "write one as in 10.0.0.53 or 10.0.0.53:5353"),
        (&["serve", "--github-api-url", "github"], "write one as in https://"),
    ] {
        let said = run(arguments);
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(said.err.contains(told), "{}", said.err);
    }
}

#[test]
fn a_provider_that_is_half_set_or_silent_stops_the_start_with_one_sentence() {
    let data = data_dir();
    let folder = data.path().to_str().expect("a path of text");
    let serve =
        ["serve", "--address", "127.0.0.1:0", "--data-dir", folder, "--log", "error", "--oidc-enabled"];
    let half = run(&serve);
    assert_eq!((half.code, half.out.as_str()), (Some(1), ""));
    assert_eq!(
        half.err,
        "cardinal: MCP_REGISTRY_OIDC_ENABLED needs MCP_REGISTRY_OIDC_ISSUER, as in https://accounts.example.com\n"
    );
    let silent = ["--oidc-issuer", "http://127.0.0.1:9", "--oidc-client-id", "registry"];
    let said = run(&[&serve[..], &silent].concat());
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    let told = "cardinal: the OIDC issuer `http://127.0.0.1:9` does not describe itself: ";
    assert!(said.err.starts_with(told) && said.err.lines().count() == 1, "{}", said.err);
}
