//! `auth/github-oidc` and `auth/oidc` (contract 4.3, 4.4): tokens of other issuers.

use chrono::TimeDelta;
use jsonwebtoken::{EncodingKey, Header};
use registry_api::auth::settings::{Actions, Oidc};
use registry_api::auth::{Exchanges, Settings};
use serde_json::{Value, json};

use super::auth_dns::claims;
use crate::harness::issuer::{Issuer, Key};
use crate::harness::registry::{Answer, Registry, document};

/// A registry that believes GitHub's workflows, if this issuer says so.
async fn for_workflows(issuer: &Issuer, audiences: &[&str]) -> Registry {
    let actions = Actions {
        issuer: issuer.url(),
        jwks_url: issuer.keys_url(),
        audiences: audiences.iter().map(|&text| text.to_owned()).collect(),
    };
    Registry::with(|config| config.auth.actions = actions).await
}

fn provider(issuer: &Issuer) -> Oidc {
    Oidc {
        issuer: issuer.url(),
        client_id: "registry".to_owned(),
        extra_claims: vec![json!({"hd": "example.com"}).as_object().expect("an object").clone()],
        publish: vec!["com.example/*".to_owned()],
        edit: vec!["*".to_owned()],
    }
}

/// What a workflow of `owner` says.
fn workflow(registry: &Registry, issuer: &Issuer, owner: &str) -> Value {
    let now = registry.now().timestamp();
    json!({
        "iss": issuer.url(), "aud": "mcp-registry", "sub": format!("repo:{owner}/weather:ref:refs/heads/main"),
        "repository_owner": owner, "exp": now + 300, "nbf": now - 600, "iat": now,
    })
}

async fn exchange(registry: &Registry, route: &str, token: &str) -> Answer {
    registry.anyone().post(&format!("/v0/auth/{route}"), &json!({"oidc_token": token})).await
}

/// The reason of a refusal.
async fn refused(registry: &Registry, route: &str, token: &str) -> String {
    let answer = exchange(registry, route, token).await.expect_status(401).json();
    assert_eq!(answer["detail"], "Token exchange failed");
    let reason = answer["errors"][0]["message"].as_str().expect("a reason");
    reason.trim_start_matches("failed to validate OIDC token: ").to_owned()
}

#[tokio::test]
async fn a_workflow_publishes_for_the_owner_of_its_repository() {
    let issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &["mcp-registry"]).await;
    let token = issuer.token(&workflow(&registry, &issuer, "Acme-Corp"));
    let answer = exchange(&registry, "github-oidc", &token).await.expect_status(200);
    let claims = claims(&answer);
    assert_eq!(claims["auth_method"], "github-oidc");
    assert_eq!(claims["auth_method_sub"], "repo:Acme-Corp/weather:ref:refs/heads/main");
    assert_eq!(claims["permissions"], json!([{"action": "publish", "resource": "io.github.Acme-Corp/*"}]));
    let publisher = registry.bearer(answer.json()["registry_token"].as_str().expect("a token"));
    publisher.publish(&document("io.github.acme-corp/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("io.github.acme/weather", "1.0.0")).await.expect_status(403);
    assert_eq!(registry.anyone().get("/v0/servers").await.items(), ["io.github.acme-corp/weather:1.0.0"]);
}

#[tokio::test]
async fn an_owner_that_is_no_account_gives_a_token_without_permissions() {
    let issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &["mcp-registry"]).await;
    for owner in ["", "a/*", "*", "a.b"] {
        let token = issuer.token(&workflow(&registry, &issuer, owner));
        let answer = exchange(&registry, "github-oidc", &token).await.expect_status(200);
        assert_eq!(claims(&answer)["permissions"], json!([]), "{owner}");
    }
}

#[tokio::test]
async fn a_workflow_token_must_hold_in_every_part() {
    let issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &["https://registry.example", "mcp-registry"]).await;
    let good = workflow(&registry, &issuer, "acme");
    let with = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        issuer.token(&claims)
    };
    let now = registry.now().timestamp();
    exchange(&registry, "github-oidc", &with("aud", json!(["x", "https://registry.example"])))
        .await
        .expect_status(200);
    for (token, reason) in [
        (with("exp", json!(now)), "token is expired".to_owned()),
        (with("exp", Value::Null), "token has no expiry".to_owned()),
        (with("nbf", json!(now + 1000)), "token is not valid yet".to_owned()),
        (
            with("iss", json!("https://evil.example")),
            format!("token has another issuer than `{}`", issuer.url()),
        ),
        (
            with("aud", json!("sts.amazonaws.com")),
            "token has another audience than `https://registry.example` or `mcp-registry`".to_owned(),
        ),
        ("abc".to_owned(), "token is malformed".to_owned()),
        (String::new(), "token is malformed".to_owned()),
    ] {
        assert_eq!(refused(&registry, "github-oidc", &token).await, reason);
    }
}

#[tokio::test]
async fn only_rs256_by_a_published_key_is_believed() {
    let issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &["mcp-registry"]).await;
    let claims = workflow(&registry, &issuer, "acme");
    let stranger = Key::generate("first");
    let signed = |key: &Key, header: Value| key.sign(&header, &claims);
    // The public key as a shared secret: the classic confusion.
    let header = Header { kid: Some("first".into()), ..Header::new(jsonwebtoken::Algorithm::HS256) };
    let secret = EncodingKey::from_secret(&issuer.key().public_der());
    let confused = jsonwebtoken::encode(&header, &claims, &secret).expect("signed");
    for (token, reason) in [
        (confused, "unexpected signing method"),
        (signed(issuer.key(), json!({"alg": "RS384", "kid": "first"})), "unexpected signing method"),
        (signed(issuer.key(), json!({"alg": "none", "kid": "first"})), "unexpected signing method"),
        (signed(issuer.key(), json!({"alg": "RS256"})), "token has no key id"),
        (signed(&stranger, json!({"alg": "RS256", "kid": "first"})), "signature is invalid"),
        (
            signed(&stranger, json!({"alg": "RS256", "kid": "second"})),
            "no key with id `second` is published by the issuer",
        ),
    ] {
        assert_eq!(refused(&registry, "github-oidc", &token).await, reason);
    }
}

#[tokio::test]
async fn keys_are_kept_and_fetched_again_for_an_unknown_one() {
    let mut issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &["mcp-registry"]).await;
    let claims = workflow(&registry, &issuer, "acme");
    for _ in 0..3 {
        exchange(&registry, "github-oidc", &issuer.token(&claims)).await.expect_status(200);
    }
    assert_eq!(issuer.times_asked().await, 1);
    issuer.rotate("second").await;
    // Not at once: names of keys cost nothing to make up.
    assert!(refused(&registry, "github-oidc", &issuer.token(&claims)).await.contains("`second`"));
    assert_eq!(issuer.times_asked().await, 0);
    registry.clock.advance(TimeDelta::seconds(10));
    exchange(&registry, "github-oidc", &issuer.token(&claims)).await.expect_status(200);
    assert_eq!(issuer.times_asked().await, 1);
    registry.clock.advance(TimeDelta::hours(1));
    let later = issuer.token(&workflow(&registry, &issuer, "acme"));
    exchange(&registry, "github-oidc", &later).await.expect_status(200);
    assert_eq!(issuer.times_asked().await, 2);
}

#[tokio::test]
async fn a_key_of_an_unknown_kind_does_not_hide_the_others() {
    let issuer = Issuer::start().await;
    issuer.publishes(&[json!({"kty": "NEW", "kid": "x"}), json!(7), issuer.key().jwk()]).await;
    let registry = for_workflows(&issuer, &["mcp-registry"]).await;
    let token = issuer.token(&workflow(&registry, &issuer, "acme"));
    exchange(&registry, "github-oidc", &token).await.expect_status(200);
}

#[tokio::test]
async fn an_issuer_without_keys_is_told() {
    let issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &["mcp-registry"]).await;
    issuer.calls_itself("x").await;
    let token = issuer.token(&workflow(&registry, &issuer, "acme"));
    assert_eq!(refused(&registry, "github-oidc", &token).await, "failed to fetch JWKS: status 404");
}

#[tokio::test]
async fn without_an_audience_no_workflow_is_let_in() {
    let issuer = Issuer::start().await;
    let registry = for_workflows(&issuer, &[]).await;
    let token = issuer.token(&workflow(&registry, &issuer, "acme"));
    assert!(refused(&registry, "github-oidc", &token).await.contains("MCP_REGISTRY_GITHUB_OIDC_AUDIENCE"));
    assert_eq!(issuer.times_asked().await, 0);
}

#[tokio::test]
async fn users_of_the_operators_provider_may_what_the_operator_says() {
    let issuer = Issuer::start().await;
    let provider = provider(&issuer);
    let registry = Registry::with(|config| config.auth.oidc = Some(provider)).await;
    let now = registry.now().timestamp();
    let good =
        json!({"iss": issuer.url(), "aud": "registry", "sub": "42", "exp": now + 60, "hd": "example.com"});
    let answer = exchange(&registry, "oidc", &issuer.token(&good)).await.expect_status(200);
    let claims = claims(&answer);
    assert_eq!((&claims["auth_method"], &claims["auth_method_sub"]), (&json!("oidc"), &json!("42")));
    assert_eq!(
        claims["permissions"],
        json!([{"action": "publish", "resource": "com.example/*"}, {"action": "edit", "resource": "*"}])
    );
    let publisher = registry.bearer(answer.json()["registry_token"].as_str().expect("a token"));
    publisher.publish(&document("com.example/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("org.example/weather", "1.0.0")).await.expect_status(403);
    let with = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        issuer.token(&claims)
    };
    for (token, reason) in [
        (
            with("hd", json!("evil.example")),
            "claim validation failed: required claim hd expected example.com, got evil.example",
        ),
        (with("aud", json!("another")), "token has another audience than `registry`"),
        (with("exp", json!(now)), "token is expired"),
    ] {
        assert_eq!(refused(&registry, "oidc", &token).await, reason);
    }
    let missing = json!({"iss": issuer.url(), "aud": "registry", "sub": "42", "exp": now + 60});
    let told = refused(&registry, "oidc", &issuer.token(&missing)).await;
    assert_eq!(told, "claim validation failed: required claim hd not found");
}

#[tokio::test]
async fn without_a_provider_the_endpoint_does_not_exist_and_says_how_it_would() {
    let registry = Registry::start().await;
    for body in [json!({"oidc_token": "x"}), json!([])] {
        let answer = registry.anyone().post("/v0.1/auth/oidc", &body).await.expect_status(404).json();
        assert_eq!(answer["code"], "oidc-auth-off");
        assert!(
            answer["detail"].as_str().is_some_and(|text| text.contains("MCP_REGISTRY_OIDC_ENABLED=true"))
        );
    }
}

#[tokio::test]
async fn a_provider_that_does_not_describe_itself_stops_the_start() {
    let issuer = Issuer::start().await;
    let sentence = |issuer_url: String| {
        let oidc = Oidc { issuer: issuer_url, ..provider(&issuer) };
        let settings = Settings { oidc: Some(oidc), ..Settings::default() };
        async move { Exchanges::start(&settings).await.err().expect("it does not start").to_string() }
    };
    let path = sentence(format!("{}/tenant", issuer.url())).await;
    assert_eq!(
        path,
        format!(
            "the OIDC issuer `{0}/tenant` does not describe itself: `{0}/tenant/.well-known/openid-configuration` answers with status 404; \
             check MCP_REGISTRY_OIDC_ISSUER, or set MCP_REGISTRY_OIDC_ENABLED=false",
            issuer.url()
        )
    );
    let silent = sentence("http://127.0.0.1:9".to_owned()).await;
    assert!(
        silent.starts_with("the OIDC issuer `http://127.0.0.1:9` does not describe itself: "),
        "{silent}"
    );
    issuer.calls_itself("https://accounts.example").await;
    let other = sentence(issuer.url()).await;
    assert!(
        other.ends_with("calls itself `https://accounts.example`; set MCP_REGISTRY_OIDC_ISSUER to that"),
        "{other}"
    );
}
