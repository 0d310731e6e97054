//! `GET /v0.1/x/org.cardinal-registry/server-card`: the Server Card v1 of a listing (discovery section 3).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::card::publish::{self, Unpublishable};
use registry_core::server_json::ServerJson;
use utoipa::IntoParams;

use crate::caching;
use crate::extract::Query;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Which listing.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct CardParams {
    /// The server's full name.
    #[param(example = "com.example/weather")]
    name: String,
    /// The version; the latest one when nobody says.
    #[param(required = false, example = "1.0.0")]
    version: String,
}

/// Get the Server Card of a server.
///
/// It says what the listing says, without packages and without secrets. A server that runs nowhere on the web has none.
#[utoipa::path(
    get, path = "/server-card", tag = "describe", operation_id = "get-server-card", params(CardParams),
    responses((status = 200, description = "The card", body = Object, content_type = "application/mcp-server-card+json"), Problems),
)]
pub async fn get_server_card(
    State(app): State<AppState>,
    mut query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let name = query.required("name");
    query.check()?;
    let catalog = app.model.catalog();
    let server = catalog.server(&name).ok_or(ApiError::ServerNotFound)?;
    let found = match query.text("version") {
        None | Some("latest") => server.latest(),
        Some(version) => Some(server.version(version).ok_or(ApiError::VersionNotFound)?),
    };
    let found = found.filter(|version| !version.is_deleted()).ok_or(ApiError::ServerNotFound)?;
    let document: ServerJson =
        serde_json::from_str(found.document()).map_err(|error| ApiError::Internal(error.into()))?;
    let card = publish::card(&document)?;
    let mut body = serde_json::to_string(&card).map_err(|error| ApiError::Internal(error.into()))?;
    body.push('\n');
    Ok(caching::kept_unless_known(publish::MEDIA_TYPE, body, &asked))
}

impl From<Unpublishable> for ApiError {
    fn from(reason: Unpublishable) -> Self {
        Self::NoCard(reason)
    }
}
