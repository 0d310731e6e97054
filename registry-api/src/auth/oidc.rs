//! `oidc` (contract 4.4): the operator's own provider says who its administrators are.

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use registry_core::publisher::{Action, Permission, Publisher};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::id_token::{self, Expected, IdTokenError};
use super::keys::Keys;
use super::peer::{self, PeerError};
use super::settings;

/// Claims that RFC 7519 defines: never among those that the operator asks for.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The provider, as it described itself at the start.
pub struct Oidc {
    settings: settings::Oidc,
    audiences: [String; 1],
    algorithms: Vec<Algorithm>,
    keys: Keys,
}

/// Why the provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// It does not answer.
    #[error(
        "the OIDC issuer `{issuer}` does not describe itself: {reason}; check MCP_REGISTRY_OIDC_ISSUER, or set MCP_REGISTRY_OIDC_ENABLED=false"
    )]
    Silent {
        /// The issuer.
        issuer: String,
        /// What came instead.
        reason: String,
    },
    /// It calls itself something else.
    #[error("the OIDC issuer `{set}` calls itself `{own}`; set MCP_REGISTRY_OIDC_ISSUER to that")]
    Name {
        /// What the setting says.
        set: String,
        /// What the issuer says.
        own: String,
    },
}

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The token does not hold.
    #[error("failed to validate OIDC token: {0}")]
    Token(#[from] IdTokenError),
    /// A claim is missing.
    #[error("claim validation failed: required claim {0} not found")]
    Missing(String),
    /// A claim is another.
    #[error("claim validation failed: required claim {name} expected {expected}, got {got}")]
    Differs {
        /// The claim.
        name: String,
        /// What the operator asks for.
        expected: String,
        /// What it is.
        got: String,
    },
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
}

impl Oidc {
    /// Asks the issuer to describe itself.
    pub async fn discover(settings: settings::Oidc, client: Client) -> Result<Self, DiscoveryError> {
        let issuer = &settings.issuer;
        let described = describe(issuer, &client).await;
        let metadata =
            described.map_err(|reason| DiscoveryError::Silent { issuer: issuer.clone(), reason })?;
        if metadata.issuer != *issuer {
            return Err(DiscoveryError::Name { set: issuer.clone(), own: metadata.issuer });
        }
        Ok(Self {
            audiences: [settings.client_id.clone()],
            algorithms: algorithms(&metadata.id_token_signing_alg_values_supported),
            keys: Keys::at(metadata.jwks_uri, client),
            settings,
        })
    }

    /// Who a token speaks for; what they may do is the operator's word.
    pub async fn publisher(&self, token: &str, now: DateTime<Utc>) -> Result<Publisher, OidcError> {
        let expected = Expected {
            issuer: &self.settings.issuer,
            audiences: &self.audiences,
            algorithms: &self.algorithms,
        };
        let claims = id_token::verify(token, &expected, &self.keys, now).await?;
        check_extra(&claims, &self.settings.extra_claims)?;
        let permission = |action, resource: &String| Permission { action, resource: resource.clone() };
        let publish = self.settings.publish.iter().map(|pattern| permission(Action::Publish, pattern));
        let edit = self.settings.edit.iter().map(|pattern| permission(Action::Edit, pattern));
        Ok(Publisher {
            method: "oidc".to_owned(),
            subject: claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned(),
            permissions: publish.chain(edit).collect(),
        })
    }
}

async fn describe(issuer: &str, client: &Client) -> Result<Metadata, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let answer = peer::ask(client.get(&url)).await.map_err(|error| format!("`{url}`: {error}"))?;
    if answer.status != StatusCode::OK {
        return Err(format!("`{url}` answers with status {}", answer.status.as_u16()));
    }
    answer.json().map_err(|error: PeerError| format!("`{url}`: {error}"))
}

/// The methods an issuer names, of those that are signed by a private key; RS256 where it names none.
fn algorithms(named: &[String]) -> Vec<Algorithm> {
    let is_asymmetric =
        |algorithm: &Algorithm| !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
    let known: Vec<_> = named.iter().filter_map(|name| name.parse().ok()).filter(is_asymmetric).collect();
    if known.is_empty() { vec![Algorithm::RS256] } else { known }
}

fn check_extra(claims: &Map<String, Value>, asked: &[Map<String, Value>]) -> Result<(), OidcError> {
    for (name, expected) in asked.iter().flatten() {
        let got = claims.get(name).filter(|_| !REGISTERED.contains(&name.as_str()));
        let got = got.ok_or_else(|| OidcError::Missing(name.clone()))?;
        if got != expected {
            let (expected, got) = (shown(expected), shown(got));
            return Err(OidcError::Differs { name: name.clone(), expected, got });
        }
    }
    Ok(())
}

fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(claims: &Value, asked: &Value) -> Result<(), String> {
        let asked: Vec<Map<String, Value>> =
            serde_json::from_value(asked.clone()).expect("a list of objects");
        check_extra(claims.as_object().expect("an object"), &asked).map_err(|error| error.to_string())
    }

    #[test]
    fn every_claim_that_is_asked_for_must_be_there_and_equal() {
        let claims = json!({"hd": "example.com", "email_verified": true, "iss": "x"});
        assert_eq!(checked(&claims, &json!([{"hd": "example.com"}, {"email_verified": true}])), Ok(()));
        assert_eq!(checked(&claims, &json!([])), Ok(()));
        let told = |asked: &Value| checked(&claims, asked).expect_err("it is refused");
        assert_eq!(told(&json!([{"groups": 1}])), "claim validation failed: required claim groups not found");
        assert_eq!(told(&json!([{"iss": "x"}])), "claim validation failed: required claim iss not found");
        assert_eq!(
            told(&json!([{"hd": "example.org"}])),
            "claim validation failed: required claim hd expected example.org, got example.com"
        );
        assert!(told(&json!([{"email_verified": "true"}])).ends_with("expected true, got true"));
    }

    #[test]
    fn a_shared_secret_is_never_accepted() {
        let named = ["HS256", "none", "ES256", "RS256"].map(str::to_owned);
        assert_eq!(algorithms(&named), [Algorithm::ES256, Algorithm::RS256]);
        assert_eq!(algorithms(&["HS256".to_owned()]), [Algorithm::RS256]);
    }
}
