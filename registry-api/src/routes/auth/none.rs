//! `POST /auth/none` (contract 4.6): a token for anybody, where the operator hands them out.

use axum::extract::State;
use registry_core::publisher::{Action, Permission, Publisher};
use registry_core::wire::auth::Token;

use crate::answer::Json;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// What anybody may publish.
const ANONYMOUS: &str = "io.modelcontextprotocol.anonymous/*";

/// Get a token that may publish under `io.modelcontextprotocol.anonymous/`.
#[utoipa::path(
    post, path = "/auth/none", tag = "auth", operation_id = "get-anonymous-token",
    responses((status = 200, description = "A token for five minutes", body = Token), Problems),
)]
pub async fn get_anonymous_token(State(app): State<AppState>) -> Result<Json, ApiError> {
    if !app.config.anonymous_auth {
        return Err(ApiError::AnonymousOff);
    }
    let permissions =
        [Action::Publish, Action::Edit].map(|action| Permission { action, resource: ANONYMOUS.to_owned() });
    let anybody = Publisher {
        method: "none".to_owned(),
        subject: "anonymous".to_owned(),
        permissions: permissions.into(),
    };
    super::token(&app, &anybody, None, |reason| ApiError::TokenExchange(Some(reason)))
}
