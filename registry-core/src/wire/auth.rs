//! The token exchange (contract section 4): what is sent, and the token that comes back.

use serde::{Deserialize, Serialize};

/// A token of this registry.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TokenResponse)]
pub struct Token {
    /// The JWT to send as `Authorization: Bearer …`.
    pub registry_token: String,
    /// When it expires, in seconds since 1970.
    pub expires_at: i64,
    /// What the publisher should know about it.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<TokenMeta>,
}

/// What this registry says beside a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenMeta {
    /// Why the token permits less than its owner may expect, and what to do.
    #[serde(rename = "org.cardinal-registry/notice")]
    pub notice: String,
}

/// A GitHub access token to be exchanged (4.2).
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GitHubTokenExchangeInputBody)]
pub struct GithubToken {
    /// The token.
    pub github_token: String,
}

/// An OIDC token to be exchanged (4.3, 4.4).
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = OIDCTokenExchangeInputBody)]
pub struct OidcToken {
    /// The token.
    pub oidc_token: String,
}

/// A signature that proves a domain (4.5).
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SignatureTokenExchangeInput)]
pub struct SignedTime {
    /// The domain, as in example.com.
    pub domain: String,
    /// The present time in RFC 3339.
    pub timestamp: String,
    /// The signature of the time as it is written here, in hex.
    pub signed_timestamp: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
