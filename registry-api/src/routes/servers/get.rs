//! `GET /servers/{serverName}/versions/{version}` (contract 1.7), and the older `GET /servers/{serverName}` that some clients still
//! use (clients.md 24).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::wire::servers::ServerResponse;

use super::{DeletedParam, NameParam, VersionParam};
use crate::answer::Json;
use crate::extract::{Query, ServerPath};
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Get one version of a server; `latest` is the latest one.
#[utoipa::path(
    get, path = "/servers/{serverName}/versions/{version}", tag = "servers", operation_id = "get-server-version",
    params(NameParam, VersionParam, DeletedParam),
    responses((status = 200, description = "The version", body = ServerResponse), Problems),
)]
pub async fn get_server_version(
    State(app): State<AppState>,
    path: Result<ServerPath, ApiError>,
    query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    answer(&app, path, query, &asked)
}

/// Get the latest version of a server, as the versions' route does with `latest`.
#[utoipa::path(
    get, path = "/servers/{serverName}", tag = "servers", operation_id = "get-server", params(NameParam, DeletedParam),
    responses((status = 200, description = "The latest version", body = ServerResponse), Problems),
)]
pub async fn get_server(
    State(app): State<AppState>,
    path: Result<ServerPath, ApiError>,
    query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    answer(&app, path, query, &asked)
}

fn answer(
    app: &AppState,
    path: Result<ServerPath, ApiError>,
    mut query: Query,
    asked: &HeaderMap,
) -> Result<Response, ApiError> {
    let include_deleted = query.flag("include_deleted").unwrap_or_default();
    query.check()?;
    let ServerPath { name, version } = path?;
    let catalog = app.model.catalog();
    let server = catalog.server(&name).ok_or(ApiError::ServerNotFound)?;
    let entry = match version.as_deref() {
        None | Some("latest") => server.latest(),
        Some(version) => server.version(version),
    };
    let entry =
        entry.filter(|entry| include_deleted || !entry.is_deleted()).ok_or(ApiError::ServerNotFound)?;
    Ok(Json::ready(entry.json().to_owned()).unless_known(asked))
}
