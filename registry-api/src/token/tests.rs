use super::*;
use registry_core::publisher::Action;
use serde_json::{Value, json};

fn key(seed: &str) -> TokenKey {
    seed.repeat(32).parse().expect("64 hex digits")
}

fn tokens(seed: &str) -> Tokens {
    Tokens::new(&key(seed)).expect("a key")
}

fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

fn alice() -> Publisher {
    let permissions = vec![Permission { action: Action::Publish, resource: "com.example/*".into() }];
    Publisher { method: "dns".into(), subject: "example.com".into(), permissions }
}

/// Claims that this registry never made, signed with its key.
fn signed(tokens: &Tokens, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &tokens.signing, Algorithm::EdDSA);
    format!("{message}.{}", signature.expect("signed"))
}

#[test]
fn a_token_speaks_for_its_publisher_until_it_expires() {
    let tokens = tokens("a1");
    let token = tokens.issue(&alice(), now()).expect("signed");
    assert_eq!(token.expires_at, now().timestamp() + 300);
    assert_eq!(tokens.check(&token.registry_token, now()), Ok(alice()));
    let last = now() + LIFETIME - TimeDelta::seconds(1);
    assert_eq!(tokens.check(&token.registry_token, last), Ok(alice()));
    assert_eq!(tokens.check(&token.registry_token, now() + LIFETIME), Err(InvalidToken::Expired));
    let earlier = now() - TimeDelta::seconds(1);
    assert_eq!(tokens.check(&token.registry_token, earlier), Err(InvalidToken::NotYet));
}

#[test]
fn header_and_claims_are_those_of_the_contract() {
    let token = tokens("a1").issue(&alice(), now()).expect("signed").registry_token;
    let parts: Vec<_> =
        token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url")).collect();
    assert_eq!(parts[0], br#"{"alg":"EdDSA","typ":"JWT"}"#);
    let claims: Value = serde_json::from_slice(&parts[1]).expect("JSON");
    let at = now().timestamp();
    assert_eq!(
        claims,
        json!({
            "iss": "mcp-registry", "iat": at, "nbf": at, "exp": at + 300, "auth_method": "dns",
            "auth_method_sub": "example.com", "permissions": [{"action": "publish", "resource": "com.example/*"}],
        })
    );
}

#[test]
fn another_key_or_algorithm_does_not_hold() {
    let token = tokens("a1").issue(&alice(), now()).expect("signed").registry_token;
    assert_eq!(tokens("b2").check(&token, now()), Err(InvalidToken::Signature));
    let claims = json!({"exp": now().timestamp() + 300, "auth_method": "dns", "auth_method_sub": "x"});
    for method in ["HS256", "none", "RS256", "ES256", "PS256"] {
        let token = signed(&tokens("a1"), &json!({"alg": method, "typ": "JWT"}), &claims);
        assert_eq!(tokens("a1").check(&token, now()), Err(InvalidToken::Method), "{method}");
    }
}

#[test]
fn what_is_no_token_is_told_so() {
    let tokens = tokens("a1");
    let header = json!({"alg": "EdDSA", "typ": "JWT"});
    for broken in
        ["", "abc", "a.b.c", "e30.e30.e30", "....", "eyJhbGciOiJFZERTQSJ9", "eyJhbGciOiJFZERTQSJ9.e30"]
    {
        assert_eq!(tokens.check(broken, now()), Err(InvalidToken::Malformed), "{broken}");
    }
    let nobody = signed(&tokens, &header, &json!({"exp": now().timestamp() + 300}));
    assert_eq!(tokens.check(&nobody, now()), Err(InvalidToken::Malformed));
    let endless = signed(&tokens, &header, &json!({"auth_method": "dns", "auth_method_sub": "x"}));
    assert_eq!(tokens.check(&endless, now()), Err(InvalidToken::NoExpiry));
}

#[test]
fn a_token_without_permissions_holds_and_permits_nothing() {
    let tokens = tokens("a1");
    let claims = json!({"exp": now().timestamp() + 1, "auth_method": "dns", "auth_method_sub": "x", "permissions": null});
    let token = signed(&tokens, &json!({"alg": "EdDSA"}), &claims);
    assert_eq!(tokens.check(&token, now()).expect("it holds").permissions, []);
}

#[test]
fn a_former_key_is_believed_for_its_time() {
    let token = tokens("b2").issue(&alice(), now() + TimeDelta::seconds(100)).expect("signed").registry_token;
    let until = now() + TimeDelta::seconds(200);
    let former = key("b2").public().expect("a key");
    let tokens = tokens("a1").believing(former, Some(until));
    assert_eq!(tokens.check(&token, now() + TimeDelta::seconds(150)), Ok(alice()));
    assert_eq!(tokens.check(&token, until), Err(InvalidToken::Signature));
    assert_eq!((tokens.jwks(now()).len(), tokens.jwks(until).len()), (2, 1));
    let tokens = tokens.believing(former, None).believing(key("a1").public().expect("a key"), None);
    assert_eq!(tokens.check(&token, until), Ok(alice()));
    assert_eq!(tokens.jwks(now()).len(), 2, "each key is published once");
}
