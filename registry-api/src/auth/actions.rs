//! `github-oidc` (contract 4.3): a GitHub workflow speaks for the account that owns its repository.

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use registry_core::publisher::{GITHUB_ACTIONS, Publisher};
use reqwest::Client;
use serde_json::Value;

use super::id_token::{self, Expected, IdTokenError};
use super::keys::Keys;
use super::{is_account, publish, settings};

/// Checks the identities of GitHub's workflows.
pub struct Actions {
    issuer: String,
    audiences: Vec<String>,
    keys: Keys,
}

/// Why a workflow is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionsError {
    /// No audience means this registry.
    #[error(
        "GitHub Actions tokens are switched off; the operator switches them on with MCP_REGISTRY_GITHUB_OIDC_AUDIENCE"
    )]
    Off,
    /// Its token does not hold.
    #[error("failed to validate OIDC token: {0}")]
    Token(#[from] IdTokenError),
}

impl Actions {
    /// Those of this issuer.
    pub fn new(settings: &settings::Actions, client: Client) -> Self {
        Self {
            issuer: settings.issuer.clone(),
            audiences: settings.audiences.clone(),
            keys: Keys::at(settings.jwks_url.clone(), client),
        }
    }

    /// Who a workflow's token speaks for.
    pub async fn publisher(&self, token: &str, now: DateTime<Utc>) -> Result<Publisher, ActionsError> {
        if self.audiences.is_empty() {
            return Err(ActionsError::Off);
        }
        let expected =
            Expected { issuer: &self.issuer, audiences: &self.audiences, algorithms: &[Algorithm::RS256] };
        let claims = id_token::verify(token, &expected, &self.keys, now).await?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let owner = text("repository_owner");
        let permissions = is_account(owner).then(|| publish(format!("io.github.{owner}/*")));
        Ok(Publisher {
            method: GITHUB_ACTIONS.to_owned(),
            subject: text("sub").to_owned(),
            permissions: permissions.into_iter().collect(),
        })
    }
}
