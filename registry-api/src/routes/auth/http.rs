//! `POST /auth/http` (contract 4.5): a domain, proved by a file that the domain serves, for a token of this registry.

use axum::extract::State;
use registry_core::wire::auth::{SignedTime, Token};

use crate::answer::Json;
use crate::auth::proof::{Proof, ProofError};
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Prove a domain by a file that the domain serves.
#[utoipa::path(
    post, path = "/auth/http", tag = "auth", operation_id = "exchange-http-token", request_body = SignedTime,
    responses((status = 200, description = "A token for five minutes", body = Token), Problems),
)]
pub async fn exchange_http_token(
    State(app): State<AppState>,
    Unsigned(body): Unsigned<SignedTime>,
) -> Result<Json, ApiError> {
    let refused = |error: ProofError| ApiError::HttpAuth(error.to_string());
    let proof = Proof::of(body, app.clock.now()).map_err(refused)?;
    let publisher = app.auth.http.publisher(&proof).await.map_err(refused)?;
    super::token(&app, &publisher, None, ApiError::HttpAuth)
}
