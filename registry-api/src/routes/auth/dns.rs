//! `POST /auth/dns` (contract 4.5): a domain, proved by a TXT record, for a token of this registry.

use axum::extract::State;
use registry_core::wire::auth::{SignedTime, Token};

use crate::answer::Json;
use crate::auth::proof::{Proof, ProofError};
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Prove a domain by a TXT record.
#[utoipa::path(
    post, path = "/auth/dns", tag = "auth", operation_id = "exchange-dns-token", request_body = SignedTime,
    responses((status = 200, description = "A token for five minutes", body = Token), Problems),
)]
pub async fn exchange_dns_token(
    State(app): State<AppState>,
    Unsigned(body): Unsigned<SignedTime>,
) -> Result<Json, ApiError> {
    let refused = |error: ProofError| ApiError::DnsAuth(error.to_string());
    let proof = Proof::of(body, app.clock.now()).map_err(refused)?;
    let publisher = app.auth.dns.publisher(&proof).await.map_err(refused)?;
    super::token(&app, &publisher, None, ApiError::DnsAuth)
}
