//! Public keys as JWK (RFC 7517), for the few algorithms that signatures of catalogs may have.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::Value;

/// What only a private or a shared key has.
const SECRET: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The sizes of a modulus that are taken, in bytes.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// An algorithm of signatures: none that is symmetric, and none that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    Es384,
    EdDsa,
    Rs256,
    Ps256,
    Ps384,
}

impl Algorithm {
    /// All of them.
    pub(super) const ALL: [Self; 6] =
        [Self::Es256, Self::Es384, Self::EdDsa, Self::Rs256, Self::Ps256, Self::Ps384];

    /// By its name in a header.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
        }
    }

    fn library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Es384 => jsonwebtoken::Algorithm::ES384,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
            Self::Ps384 => jsonwebtoken::Algorithm::PS384,
        }
    }
}

/// A public key for one algorithm.
pub(super) struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Key {
    /// The key that a JWK holds for this algorithm, or why it holds none.
    pub(super) fn of(jwk: &Value, algorithm: Algorithm) -> Result<Self, &'static str> {
        if SECRET.iter().any(|member| jwk.get(member).is_some()) {
            return Err("it is published with its private part, so anybody can sign with it");
        }
        let is = |member: &str, wanted: &str| jwk.get(member).is_none_or(|value| value == wanted);
        if !is("alg", algorithm.name()) || !is("use", "sig") {
            return Err("its `alg` or `use` says that it is for something else");
        }
        let verifies =
            |operations: &Value| operations.as_array().is_some_and(|all| all.iter().any(|o| o == "verify"));
        if !jwk.get("key_ops").is_none_or(verifies) {
            return Err("its `key_ops` do not let it verify");
        }
        let key = match algorithm {
            Algorithm::Es256 => ec(jwk, "P-256", 32),
            Algorithm::Es384 => ec(jwk, "P-384", 48),
            Algorithm::EdDsa => ed(jwk),
            Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Ps384 => rsa(jwk),
        };
        Ok(Self { algorithm, key: key.ok_or("it is not a public JWK of the kind that the algorithm needs")? })
    }

    /// Whether this key made the signature, which is base64url, over the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, message, &self.key, self.algorithm.library()).unwrap_or(false)
    }
}

fn text<'a>(jwk: &'a Value, member: &str) -> &'a str {
    jwk.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn length(text: &str) -> Option<usize> {
    URL_SAFE_NO_PAD.decode(text).ok().map(|bytes| bytes.len())
}

fn ec(jwk: &Value, curve: &str, size: usize) -> Option<DecodingKey> {
    let (x, y) = (text(jwk, "x"), text(jwk, "y"));
    let fits = text(jwk, "kty") == "EC" && text(jwk, "crv") == curve;
    let is_point = length(x) == Some(size) && length(y) == Some(size);
    DecodingKey::from_ec_components(x, y).ok().filter(|_| fits && is_point)
}

fn ed(jwk: &Value) -> Option<DecodingKey> {
    let x = text(jwk, "x");
    let fits = text(jwk, "kty") == "OKP" && text(jwk, "crv") == "Ed25519" && length(x) == Some(32);
    DecodingKey::from_ed_components(x).ok().filter(|_| fits)
}

fn rsa(jwk: &Value) -> Option<DecodingKey> {
    let (n, e) = (text(jwk, "n"), text(jwk, "e"));
    let fits = text(jwk, "kty") == "RSA" && length(n).is_some_and(|size| MODULUS.contains(&size));
    DecodingKey::from_rsa_components(n, e)
        .ok()
        .filter(|_| fits && length(e).is_some_and(|size| (1..=8).contains(&size)))
}
