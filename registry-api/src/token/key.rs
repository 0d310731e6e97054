//! The keys of tokens: the one that signs, and the public ones that are believed and published.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use registry_core::digest::Digest;
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;

/// What stands before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The seed of the signing key.
#[derive(Debug, Clone)]
pub struct TokenKey(SecretSlice<u8>);

/// A text that is no signing key.
#[derive(Debug, thiserror::Error)]
#[error("the token key must be 64 hex digits (32 random bytes)")]
pub struct InvalidTokenKey;

impl FromStr for TokenKey {
    type Err = InvalidTokenKey;

    fn from_str(text: &str) -> Result<Self, InvalidTokenKey> {
        let seed = hex::decode(text.trim()).map_err(|_| InvalidTokenKey)?;
        if seed.len() != 32 {
            return Err(InvalidTokenKey);
        }
        Ok(Self(seed.into()))
    }
}

impl TokenKey {
    /// The text of a new random key.
    pub fn generate_hex() -> Result<String, InvalidTokenKey> {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| InvalidTokenKey)?;
        Ok(hex::encode(seed))
    }

    /// The public half, which checks what this key signs.
    pub fn public(&self) -> Result<PublicKey, InvalidTokenKey> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(self.0.expose_secret()).map_err(|_| InvalidTokenKey)?;
        pair.public_key().as_ref().try_into().map(PublicKey).map_err(|_| InvalidTokenKey)
    }

    /// The key in PKCS #8 form.
    pub(super) fn pkcs8(&self) -> Vec<u8> {
        [&PKCS8_ED25519, self.0.expose_secret()].concat()
    }
}

/// A public Ed25519 key; written as the `x` of its JWK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// A text that is no public key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no public key; write the `x` of a key in `/.well-known/jwks.json` of the registry that signs with it, or 64 hex digits"
)]
pub struct InvalidPublicKey(String);

impl PublicKey {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key as it is published (RFC 8037), named by its thumbprint (RFC 7638).
    pub fn jwk(&self) -> Jwk {
        let x = self.to_string();
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Digest::of(members.as_bytes()).as_bytes());
        Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", key_use: "sig", kid, x }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublicKey> {
        let text = text.trim();
        let bytes = if text.len() == 64 { hex::decode(text).ok() } else { URL_SAFE_NO_PAD.decode(text).ok() };
        let key = bytes.and_then(|bytes| bytes.try_into().ok()).map(Self);
        key.ok_or_else(|| InvalidPublicKey(text.to_owned()))
    }
}

/// A public key of this registry (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = JsonWebKey)]
pub struct Jwk {
    /// The kind of key.
    pub kty: &'static str,
    /// Its curve.
    pub crv: &'static str,
    /// What it signs with.
    pub alg: &'static str,
    /// What it is for.
    #[serde(rename = "use")]
    pub key_use: &'static str,
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// The key itself.
    pub x: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_hex_digits() {
        assert!("xyz".parse::<TokenKey>().is_err() && "aa".parse::<TokenKey>().is_err());
        let generated = TokenKey::generate_hex().expect("random bytes");
        assert!(generated.parse::<TokenKey>().is_ok());
    }

    #[test]
    fn a_key_does_not_print_its_seed() {
        let key: TokenKey = "a1".repeat(32).parse().expect("64 hex digits");
        assert!(!format!("{key:?}").contains("161") && !format!("{key:?}").contains("a1a1"), "{key:?}");
    }

    #[test]
    fn the_published_form_agrees_with_rfc_8037() {
        // The key of RFC 8037 A.1 and its thumbprint of A.3.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let key: TokenKey = seed.parse().expect("64 hex digits");
        let public = key.public().expect("a key");
        assert_eq!(public.to_string(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public.jwk().kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_public_key_is_written_as_x_or_as_hex() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key: PublicKey = x.parse().expect("43 characters");
        assert_eq!(hex::encode(key.as_bytes()).parse(), Ok(key));
        for wrong in ["", "abc", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR"] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
        }
    }
}
