//! `POST /v0.1/x/org.cardinal-registry/lint`: a Server Card or catalog, checked, and what would be listed of it.

use axum::extract::State;
use registry_core::lint::address;
use registry_core::wire::lint::{LintReport, LintRequest};
use utoipa::IntoParams;

use super::origins::Refusal;
use crate::answer::Json;
use crate::extract::{Bytes, Query};
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// What is known of a document that is sent.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct LintParams {
    /// The address at which the document is, or will be, served; by default one on the host that its name belongs to.
    #[param(required = false, example = "https://example.com/.well-known/mcp-server-card")]
    at: String,
}

/// Check a Server Card or catalog.
///
/// The body is the document. With `{"url": "https://example.com/…"}` for a body, the document is fetched from there and its host is
/// checked too; the address of a site, as in `https://example.com`, means everything at its well-known places.
#[utoipa::path(
    post, path = "/lint", tag = "lint", operation_id = "lint-document", params(LintParams),
    request_body(content = Value, content_type = "application/json",
        description = "The document, or an object whose only member `url` says where it is"),
    responses((status = 200, description = "What is wrong, what to do, and what would be listed", body = LintReport), Problems),
)]
pub async fn lint_document(
    State(app): State<AppState>,
    query: Query,
    Bytes(bytes): Bytes,
) -> Result<Json, ApiError> {
    if let Ok(LintRequest { url }) = serde_json::from_slice(&bytes) {
        let url = address(&url).map_err(Refusal::Address)?;
        return Json::of(&app.linter.lint_url(url).await.map_err(Refusal::Busy)?);
    }
    let at = query.text("at").map(address).transpose().map_err(Refusal::Address)?;
    let linter = app.linter.clone();
    // A hostile document may take its time.
    let checked = tokio::task::spawn_blocking(move || linter.lint_document(&bytes, at.as_ref())).await;
    Json::of(&checked.map_err(|error| ApiError::Internal(error.into()))?)
}
