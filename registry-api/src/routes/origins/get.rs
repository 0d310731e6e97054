//! `GET /v0.1/x/org.cardinal-registry/origins/{origin}`: everything that was found on a domain, and what became of it.

use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use registry_core::card::origin::Origin;
use registry_core::store::{self, StoreError, origins};
use registry_core::wire::origins::OriginReport;
use utoipa::IntoParams;

use super::Refusal;
use crate::answer::Json;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// How many documents are told of.
const DOCUMENTS: i64 = 1000;

/// The domain in the path.
pub struct OriginPath(Origin);

/// How it is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it only describes what OriginPath extracts")]
pub struct OriginParams {
    /// The domain.
    #[param(example = "example.com")]
    origin: String,
}

impl<S: Send + Sync> FromRequestParts<S> for OriginPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::Encoding("origin"))?;
        let text =
            params.iter().find(|(name, _)| *name == "origin").map(|(_, value)| value).unwrap_or_default();
        text.parse().map(Self).map_err(|invalid| Refusal::Origin(invalid).into())
    }
}

/// Show what was found on a domain.
///
/// Each description that is held or refused comes with the reason and with what its owner can do.
#[utoipa::path(
    get, path = "/origins/{origin}", tag = "origins", operation_id = "get-origin", params(OriginParams),
    responses((status = 200, description = "Everything that is known of it", body = OriginReport), Problems),
)]
pub async fn get_origin(
    State(app): State<AppState>,
    OriginPath(origin): OriginPath,
) -> Result<Json, ApiError> {
    let report = report(&app, &origin).await.map_err(super::unreadable)?;
    let mut report = report.ok_or_else(|| Refusal::Unknown(origin.host().to_owned()))?;
    report.origin.status_url = Some(super::status_url(&app, origin.host()));
    Json::of(&report)
}

async fn report(app: &AppState, origin: &Origin) -> Result<Option<OriginReport>, StoreError> {
    let mut tx = store::read_snapshot(&app.pool).await?;
    let known = origins::everything(&mut tx, origin, DOCUMENTS).await?;
    Ok(known.map(|known| OriginReport::of(known, app.clock.now())))
}
