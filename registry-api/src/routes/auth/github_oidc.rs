//! `POST /auth/github-oidc` (contract 4.3): the identity of a GitHub workflow for a token of this registry.

use axum::extract::State;
use registry_core::wire::auth::{OidcToken, Token};

use crate::answer::Json;
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Exchange the OIDC token of a GitHub workflow.
#[utoipa::path(
    post, path = "/auth/github-oidc", tag = "auth", operation_id = "exchange-github-oidc-token",
    request_body = OidcToken,
    responses((status = 200, description = "A token for five minutes", body = Token), Problems),
)]
pub async fn exchange_github_oidc_token(
    State(app): State<AppState>,
    Unsigned(body): Unsigned<OidcToken>,
) -> Result<Json, ApiError> {
    let refused = |reason: String| ApiError::TokenExchange(Some(reason));
    let known = app.auth.actions.publisher(&body.oidc_token, app.clock.now()).await;
    super::token(&app, &known.map_err(|error| refused(error.to_string()))?, None, refused)
}
