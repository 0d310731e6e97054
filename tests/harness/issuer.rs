//! An OpenID provider on 127.0.0.1: it describes itself, publishes its keys and signs tokens with them.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Where its keys are.
const KEYS: &str = "/.well-known/jwks";

/// The provider. It stops when this is dropped.
pub struct Issuer {
    server: MockServer,
    key: Key,
}

/// A key that signs.
pub struct Key {
    kid: String,
    pair: KeyPair,
}

impl Key {
    /// A new one.
    pub fn generate(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: KeyPair::generate(KeySize::Rsa2048).expect("a key") }
    }

    /// Its public half.
    pub fn jwk(&self) -> Value {
        // SEQUENCE, INTEGER (with a zero before it) of 256 bytes, INTEGER 65537.
        let der = self.pair.public_key().as_ref();
        let (n, e) = (&der[9..265], &der[der.len() - 3..]);
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        })
    }

    /// Its public half in the form that a confused verifier would take for a shared secret.
    pub fn public_der(&self) -> Vec<u8> {
        let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = self.pair.public_key().as_der().expect("a key");
        der.as_ref().to_vec()
    }

    /// A token with these claims and this header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("signed");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Issuer {
    /// Starts with one key.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let issuer = Self { server, key: Key::generate("first") };
        issuer.describe(&issuer.url()).await;
        issuer.publish(&[issuer.key.jwk()]).await;
        issuer
    }

    /// Its name.
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// Where its keys are.
    pub fn keys_url(&self) -> String {
        format!("{}{KEYS}", self.server.uri())
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// A token with these claims, signed as it should be.
    pub fn token(&self, claims: &Value) -> String {
        self.key.sign(&json!({"alg": "RS256", "typ": "JWT", "kid": self.key.kid}), claims)
    }

    /// Signs with a new key, which alone is published from now on.
    pub async fn rotate(&mut self, kid: &str) {
        self.key = Key::generate(kid);
        self.server.reset().await;
        self.describe(&self.url()).await;
        self.publish(&[self.key.jwk()]).await;
    }

    /// Publishes these keys instead.
    pub async fn publishes(&self, keys: &[Value]) {
        self.server.reset().await;
        self.publish(keys).await;
    }

    /// Calls itself something else.
    pub async fn calls_itself(&self, name: &str) {
        self.server.reset().await;
        self.describe(name).await;
    }

    /// How often its keys were asked for since they last changed.
    pub async fn times_asked(&self) -> usize {
        let requests = self.server.received_requests().await.unwrap_or_default();
        requests.iter().filter(|request| request.url.path() == KEYS).count()
    }

    async fn describe(&self, name: &str) {
        let metadata = json!({
            "issuer": name, "jwks_uri": self.keys_url(), "id_token_signing_alg_values_supported": ["RS256", "HS256"],
        });
        let answer = ResponseTemplate::new(200).set_body_json(metadata);
        let mock = Mock::given(method("GET")).and(path("/.well-known/openid-configuration"));
        mock.respond_with(answer).mount(&self.server).await;
    }

    async fn publish(&self, keys: &[Value]) {
        let answer = ResponseTemplate::new(200).set_body_json(json!({"keys": keys}));
        Mock::given(method("GET")).and(path(KEYS)).respond_with(answer).mount(&self.server).await;
    }
}
