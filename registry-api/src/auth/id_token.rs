//! Tokens of other issuers: signature, issuer, audience and time.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::keys::{Keys, KeysError};
use crate::token::method;

/// How far the issuer's clock may be ahead of ours for `nbf`; `exp` has no such grace.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Why a token of another issuer does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a JWT.
    #[error("token is malformed")]
    Malformed,
    /// Signed by a method that is not accepted.
    #[error("unexpected signing method")]
    Method,
    /// Without `kid`.
    #[error("token has no key id")]
    NoKeyId,
    /// No key to check it with.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Another signature.
    #[error("signature is invalid")]
    Signature,
    /// By somebody else.
    #[error("token has another issuer than `{0}`")]
    Issuer(String),
    /// For somebody else.
    #[error("token has another audience than `{0}`")]
    Audience(String),
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

/// What a token must be.
pub struct Expected<'a> {
    /// Its issuer.
    pub issuer: &'a str,
    /// One of its audiences.
    pub audiences: &'a [String],
    /// The methods it may be signed by.
    pub algorithms: &'a [Algorithm],
}

/// The claims of a token that holds.
pub async fn verify(
    token: &str,
    expected: &Expected<'_>,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<Map<String, Value>, IdTokenError> {
    let method = method(token).ok_or(IdTokenError::Malformed)?;
    let algorithm: Algorithm = method.parse().map_err(|_| IdTokenError::Method)?;
    if !expected.algorithms.contains(&algorithm) {
        return Err(IdTokenError::Method);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| IdTokenError::Malformed)?;
    let kid = header.kid.filter(|kid| !kid.is_empty()).ok_or(IdTokenError::NoKeyId)?;
    let key = keys.find(&kid, algorithm, now).await?;
    let claims = signed_claims(token, algorithm, &key)?;
    check(&claims, expected, now)?;
    Ok(claims)
}

fn signed_claims(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
) -> Result<Map<String, Value>, IdTokenError> {
    let mut validation = Validation::new(algorithm);
    // What it says is checked below, by our own clock and in our own words.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    match jsonwebtoken::decode(token, key, &validation) {
        Ok(decoded) => Ok(decoded.claims),
        Err(error) => Err(match error.kind() {
            ErrorKind::Json(_) | ErrorKind::Base64(_) | ErrorKind::InvalidToken => IdTokenError::Malformed,
            _ => IdTokenError::Signature,
        }),
    }
}

fn check(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
    now: DateTime<Utc>,
) -> Result<(), IdTokenError> {
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(IdTokenError::Issuer(expected.issuer.to_owned()));
    }
    if !audiences(claims).any(|audience| expected.audiences.iter().any(|own| own == audience)) {
        return Err(IdTokenError::Audience(expected.audiences.join("` or `")));
    }
    let expires = seconds(claims, "exp").ok_or(IdTokenError::NoExpiry)?;
    if expires <= now.timestamp() {
        return Err(IdTokenError::Expired);
    }
    if seconds(claims, "nbf").is_some_and(|begins| begins > (now + AHEAD).timestamp()) {
        return Err(IdTokenError::NotYet);
    }
    Ok(())
}

/// `aud`: one text or a list of them.
fn audiences(claims: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let (one, many) = match claims.get("aud") {
        Some(Value::String(one)) => (Some(one.as_str()), None),
        Some(Value::Array(many)) => (None, Some(many)),
        _ => (None, None),
    };
    one.into_iter().chain(many.into_iter().flatten().filter_map(Value::as_str))
}

/// A moment in whole seconds; RFC 7519 allows a fraction.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond the range becomes its end")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(claims: &Value) -> Result<(), IdTokenError> {
        let audiences = ["mcp-registry".to_owned(), "https://r.example".to_owned()];
        let expected = Expected { issuer: "https://i.example", audiences: &audiences, algorithms: &[] };
        let now = DateTime::from_timestamp(1000, 0).expect("a time");
        check(claims.as_object().expect("an object"), &expected, now)
    }

    #[test]
    fn issuer_audience_and_time_must_fit() {
        let fits = json!({"iss": "https://i.example", "aud": "mcp-registry", "exp": 1001.5, "nbf": 1300});
        assert_eq!(checked(&fits), Ok(()));
        let with = |name: &str, value: Value| {
            let mut claims = fits.clone();
            claims[name] = value;
            checked(&claims)
        };
        assert_eq!(with("aud", json!(["x", "https://r.example"])), Ok(()));
        assert!(matches!(with("aud", json!(["x"])), Err(IdTokenError::Audience(_))));
        assert!(matches!(with("aud", json!(null)), Err(IdTokenError::Audience(_))));
        assert!(matches!(with("iss", json!("https://i.example/")), Err(IdTokenError::Issuer(_))));
        assert!(matches!(with("iss", json!(["https://i.example"])), Err(IdTokenError::Issuer(_))));
        assert_eq!(with("exp", json!(1000)), Err(IdTokenError::Expired));
        assert_eq!(with("exp", json!("1001")), Err(IdTokenError::NoExpiry));
        assert_eq!(with("nbf", json!(1301)), Err(IdTokenError::NotYet));
    }
}
