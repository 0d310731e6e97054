//! `POST /auth/oidc` (contract 4.4): an ID token of the operator's provider for a token of this registry.

use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::State;
use registry_core::wire::auth::{OidcToken, Token};

use crate::answer::Json;
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Exchange an ID token of the operator's OpenID provider.
#[utoipa::path(
    post, path = "/auth/oidc", tag = "auth", operation_id = "exchange-oidc-token", request_body = OidcToken,
    responses((status = 200, description = "A token for five minutes", body = Token), Problems),
)]
pub async fn exchange_oidc_token(State(app): State<AppState>, request: Request) -> Result<Json, ApiError> {
    // Where there is no provider the endpoint does not exist, whatever is sent to it.
    let provider = app.auth.oidc.as_ref().ok_or(ApiError::OidcOff)?;
    let Unsigned(body): Unsigned<OidcToken> = Unsigned::from_request(request, &app).await?;
    let refused = |reason: String| ApiError::TokenExchange(Some(reason));
    let known = provider.publisher(&body.oidc_token, app.clock.now()).await;
    super::token(&app, &known.map_err(|error| refused(error.to_string()))?, None, refused)
}
