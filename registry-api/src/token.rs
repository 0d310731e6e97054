//! The registry's own tokens (contract 4.1): EdDSA JWTs that live five minutes.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use registry_core::publisher::{Permission, Publisher};
use registry_core::wire::auth::Token;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};

/// How long a token lives, in seconds.
const LIFETIME: i64 = 300;

/// What stands before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    auth_method: String,
    auth_method_sub: String,
    permissions: Option<Vec<Permission>>,
}

/// The seed of the signing key.
#[derive(Debug, Clone)]
pub struct TokenKey(SecretSlice<u8>);

/// A text that is no signing key.
#[derive(Debug, thiserror::Error)]
#[error("the token key must be 64 hex digits (32 random bytes)")]
pub struct InvalidTokenKey;

impl std::str::FromStr for TokenKey {
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
}

/// Signs and checks tokens.
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// Tokens signed with `key`.
    pub fn new(key: &TokenKey) -> Result<Self, InvalidTokenKey> {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
        let seed = key.0.expose_secret();
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| InvalidTokenKey)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        // Times are checked against our own clock below; issuer and audience are not (contract 4.1).
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Ok(Self {
            signing: EncodingKey::from_ed_der(&[&PKCS8_ED25519, seed].concat()),
            checking: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            validation,
        })
    }

    /// A token for `publisher`.
    pub fn issue(
        &self,
        publisher: &Publisher,
        now: DateTime<Utc>,
    ) -> Result<Token, jsonwebtoken::errors::Error> {
        let now = now.timestamp();
        let claims = Claims {
            iss: "mcp-registry".into(),
            iat: now,
            nbf: now,
            exp: now + LIFETIME,
            auth_method: publisher.method.clone(),
            auth_method_sub: publisher.subject.clone(),
            permissions: Some(publisher.permissions.clone()),
        };
        let registry_token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing)?;
        Ok(Token { registry_token, expires_at: claims.exp })
    }

    /// Who a token speaks for; the error says why it does not hold.
    pub fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Publisher, String> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation)
            .map_err(|error| format!("failed to parse token: {error}"))?
            .claims;
        let now = now.timestamp();
        if claims.exp <= now {
            return Err("failed to parse token: token is expired".into());
        }
        if claims.nbf > now {
            return Err("failed to parse token: token is not valid yet".into());
        }
        Ok(Publisher {
            method: claims.auth_method,
            subject: claims.auth_method_sub,
            permissions: claims.permissions.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_core::publisher::Action;

    fn tokens(seed: &str) -> Tokens {
        Tokens::new(&seed.repeat(32).parse().expect("64 hex digits")).expect("a key")
    }

    fn alice() -> Publisher {
        let permissions = vec![Permission { action: Action::Publish, resource: "com.example/*".into() }];
        Publisher { method: "dns".into(), subject: "example.com".into(), permissions }
    }

    #[test]
    fn a_token_speaks_for_its_publisher_until_it_expires() {
        let tokens = tokens("a1");
        let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a time");
        let token = tokens.issue(&alice(), now).expect("signed");
        assert_eq!(token.expires_at, now.timestamp() + 300);
        assert_eq!(tokens.check(&token.registry_token, now), Ok(alice()));
        let later = now + chrono::TimeDelta::seconds(300);
        assert!(tokens.check(&token.registry_token, later).is_err_and(|e| e.contains("expired")));
        let earlier = now - chrono::TimeDelta::seconds(1);
        assert!(tokens.check(&token.registry_token, earlier).is_err());
    }

    #[test]
    fn another_key_or_algorithm_does_not_hold() {
        let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a time");
        let token = tokens("a1").issue(&alice(), now).expect("signed");
        assert!(tokens("b2").check(&token.registry_token, now).is_err());
        let claims = serde_json::json!({"exp": now.timestamp() + 300});
        let hmac =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(b"x"));
        assert!(tokens("a1").check(&hmac.expect("signed"), now).is_err());
    }

    #[test]
    fn a_key_is_64_hex_digits() {
        assert!("xyz".parse::<TokenKey>().is_err() && "aa".parse::<TokenKey>().is_err());
    }
}
