//! The registry's own tokens (contract 4.1): EdDSA JWTs that live five minutes.
//!
//! One key signs; besides its public half others may be believed, so that a key can be changed while its tokens are in use.

mod key;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use registry_core::publisher::{Permission, Publisher};
use registry_core::wire::auth::Token;
use serde::{Deserialize, Serialize};

pub use key::{InvalidPublicKey, InvalidTokenKey, Jwk, PublicKey, TokenKey};

/// How long a token lives.
pub const LIFETIME: TimeDelta = TimeDelta::seconds(300);

/// The header of every token, to the byte.
const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;

#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(default)]
    iss: String,
    #[serde(default)]
    iat: i64,
    #[serde(default)]
    nbf: i64,
    exp: Option<i64>,
    auth_method: String,
    auth_method_sub: String,
    permissions: Option<Vec<Permission>>,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningFailed {
    /// Its claims are no JSON.
    #[error("the claims of a token cannot be written")]
    Claims(#[from] serde_json::Error),
    /// The key does not sign.
    #[error("the token key does not sign")]
    Key(#[from] jsonwebtoken::errors::Error),
}

/// Why a token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not three parts of base64url with JSON inside, or not the claims of this registry.
    #[error("token is malformed")]
    Malformed,
    /// Another algorithm than EdDSA.
    #[error("unexpected signing method")]
    Method,
    /// Signed by none of the keys.
    #[error("signature is invalid")]
    Signature,
    /// Without `exp`.
    #[error("token has no expiry")]
    NoExpiry,
    /// Past its time.
    #[error("token is expired")]
    Expired,
    /// Before its time.
    #[error("token is not valid yet")]
    NotYet,
}

impl From<jsonwebtoken::errors::Error> for InvalidToken {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidAlgorithm => Self::Method,
            _ => Self::Malformed,
        }
    }
}

/// A public key whose tokens hold.
struct Believed {
    public: PublicKey,
    key: DecodingKey,
    until: Option<DateTime<Utc>>,
}

impl Believed {
    fn new(public: PublicKey, until: Option<DateTime<Utc>>) -> Self {
        Self { public, key: DecodingKey::from_ed_der(public.as_bytes()), until }
    }

    fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Signs and checks tokens.
pub struct Tokens {
    signing: EncodingKey,
    /// The signing key's public half first.
    believed: Vec<Believed>,
    validation: Validation,
}

impl Tokens {
    /// Tokens signed with `key`.
    pub fn new(key: &TokenKey) -> Result<Self, InvalidTokenKey> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        // Times are checked against our own clock below; issuer and audience are not (contract 4.1).
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let signing = EncodingKey::from_ed_der(&key.pkcs8());
        Ok(Self { signing, believed: vec![Believed::new(key.public()?, None)], validation })
    }

    /// The same, believing one more key: for ever, or until then.
    #[must_use]
    pub fn believing(mut self, public: PublicKey, until: Option<DateTime<Utc>>) -> Self {
        if self.believed.iter().all(|known| known.public != public || known.until.is_some()) {
            self.believed.push(Believed::new(public, until));
        }
        self
    }

    /// The public keys whose tokens hold, the signing one first; each once.
    pub fn jwks(&self, now: DateTime<Utc>) -> Vec<Jwk> {
        let mut keys: Vec<Jwk> = Vec::new();
        for jwk in self.believed.iter().filter(|known| known.holds(now)).map(|known| known.public.jwk()) {
            if !keys.contains(&jwk) {
                keys.push(jwk);
            }
        }
        keys
    }

    /// A token for `publisher`.
    pub fn issue(&self, publisher: &Publisher, now: DateTime<Utc>) -> Result<Token, SigningFailed> {
        let expires_at = (now + LIFETIME).timestamp();
        let claims = Claims {
            iss: "mcp-registry".into(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: Some(expires_at),
            auth_method: publisher.method.clone(),
            auth_method_sub: publisher.subject.clone(),
            permissions: Some(publisher.permissions.clone()),
        };
        // By hand: the library writes `typ` before `alg`.
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims)?);
        let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(HEADER));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::EdDSA)?;
        Ok(Token { registry_token: format!("{message}.{signature}"), expires_at, meta: None })
    }

    /// Who a token speaks for.
    pub fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Publisher, InvalidToken> {
        check_method(token)?;
        let claims = self.claims(token, now)?;
        if claims.exp.ok_or(InvalidToken::NoExpiry)? <= now.timestamp() {
            return Err(InvalidToken::Expired);
        }
        if claims.nbf > now.timestamp() {
            return Err(InvalidToken::NotYet);
        }
        Ok(Publisher {
            method: claims.auth_method,
            subject: claims.auth_method_sub,
            permissions: claims.permissions.unwrap_or_default(),
        })
    }

    /// The claims of a token that one of the keys has signed.
    fn claims(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, InvalidToken> {
        for known in self.believed.iter().filter(|known| known.holds(now)) {
            match jsonwebtoken::decode::<Claims>(token, &known.key, &self.validation) {
                Ok(decoded) => return Ok(decoded.claims),
                Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(InvalidToken::Signature)
    }
}

fn check_method(token: &str) -> Result<(), InvalidToken> {
    match method(token).as_deref() {
        Some("EdDSA") => Ok(()),
        Some(_) => Err(InvalidToken::Method),
        None => Err(InvalidToken::Malformed),
    }
}

/// The `alg` of a token, whatever it is; to the library a name that it does not know would be a broken header.
pub(crate) fn method(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    Some(header.get("alg")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests;
