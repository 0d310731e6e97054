//! `POST /auth/github-at` (contract 4.2): a GitHub access token for a token of this registry.

use axum::extract::State;
use registry_core::wire::auth::{GithubToken, Token};

use crate::answer::Json;
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Exchange a GitHub access token.
#[utoipa::path(
    post, path = "/auth/github-at", tag = "auth", operation_id = "exchange-github-token",
    request_body = GithubToken,
    responses((status = 200, description = "A token for five minutes", body = Token), Problems),
)]
pub async fn exchange_github_token(
    State(app): State<AppState>,
    Unsigned(body): Unsigned<GithubToken>,
) -> Result<Json, ApiError> {
    let account = app.auth.github.account(&body.github_token).await.map_err(|error| {
        // What GitHub says about a token is not for whoever holds it.
        tracing::info!(%error, "A GitHub token was not exchanged");
        ApiError::TokenExchange(None)
    })?;
    let notice = account.notice();
    if let Some(notice) = &notice {
        tracing::info!(auth.method = "github-at", "{notice}");
    }
    super::token(&app, &account.publisher(), notice, |reason| ApiError::TokenExchange(Some(reason)))
}
