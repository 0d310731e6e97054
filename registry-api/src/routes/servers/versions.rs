//! `GET /servers/{serverName}/versions` (contract 1.7).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::wire::servers::ServerList;

use super::{DeletedParam, NameParam};
use crate::answer::Json;
use crate::extract::{Query, ServerPath};
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// List all versions of a server, newest publication first.
#[utoipa::path(
    get, path = "/servers/{serverName}/versions", tag = "servers", operation_id = "get-server-versions",
    params(NameParam, DeletedParam),
    responses((status = 200, description = "All versions", body = ServerList), Problems),
)]
pub async fn list_server_versions(
    State(app): State<AppState>,
    path: Result<ServerPath, ApiError>,
    mut query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let include_deleted = query.flag("include_deleted").unwrap_or_default();
    query.check()?;
    let catalog = app.model.catalog();
    let server = catalog.server(&path?.name).ok_or(ApiError::ServerNotFound)?;
    let versions = server.newest_first(include_deleted);
    if versions.is_empty() {
        return Err(ApiError::ServerNotFound);
    }
    Ok(Json::list(&versions, None).unless_known(&asked))
}
