//! `GET /.well-known/jwks.json`: the public keys that check this registry's tokens (RFC 7517).

use axum::extract::State;
use serde::Serialize;

use crate::answer::Json;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;
use crate::token::Jwk;

/// The public keys of this registry.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = JsonWebKeySet)]
pub struct KeySet {
    keys: Vec<Jwk>,
}

/// Get the public keys that check this registry's tokens.
#[utoipa::path(
    get, path = "/jwks.json", tag = "auth", operation_id = "get-jwks",
    responses((status = 200, description = "The keys, the one that signs first", body = KeySet), Problems),
)]
pub async fn get_jwks(State(app): State<AppState>) -> Result<Json, ApiError> {
    Json::of(&KeySet { keys: app.tokens.jwks(app.clock.now()) })
}
