//! The token exchanges (contract section 4), one file each, and the keys that check what they give out.

pub mod dns;
pub mod github_at;
pub mod github_oidc;
pub mod http;
pub mod jwks;
pub mod none;
pub mod oidc;

use registry_core::publisher::Publisher;
use registry_core::wire::auth::{Token, TokenMeta};

use crate::answer::Json;
use crate::problem::ApiError;
use crate::state::AppState;

/// The answer for somebody who has proved who they are; `refused` words a refusal for this way in.
fn token(
    app: &AppState,
    publisher: &Publisher,
    notice: Option<String>,
    refused: impl FnOnce(String) -> ApiError,
) -> Result<Json, ApiError> {
    app.auth.admit(publisher).map_err(|blocked| refused(blocked.to_string()))?;
    let issued = app.tokens.issue(publisher, app.clock.now());
    let token = issued.map_err(|error| ApiError::Internal(error.into()))?;
    tracing::info!(
        auth.method = publisher.method,
        auth.subject = publisher.subject,
        "Issued a token to {}:{}",
        publisher.method,
        publisher.subject
    );
    Json::of(&Token { meta: notice.map(|notice| TokenMeta { notice }), ..token })
}
