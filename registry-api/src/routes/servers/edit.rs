//! `PUT …/versions/{version}` (contract 2.5): an administrator replaces the document of a version.

use std::time::Duration;

use axum::extract::State;
use registry_core::name::ServerName;
use registry_core::publisher::{Action, Grant, Publisher};
use registry_core::server_json::ServerJson;
use registry_core::store;
use registry_core::wire::servers::ServerResponse;

use super::change::{check, commit, json, lock, prove_packages, refuse_used_remotes, remote_urls};
use super::{NameParam, VersionParam};
use crate::answer::Json;
use crate::extract::{ServerPath, Signed};
use crate::problem::{ApiError, Change, Problems};
use crate::state::AppState;

/// Replace the document of one version.
///
/// Status, times of publication and status, and the latest flag stay; name and version cannot change.
#[utoipa::path(
    put, path = "/servers/{serverName}/versions/{version}", tag = "admin", operation_id = "edit-server",
    params(NameParam, VersionParam), request_body = ServerJson, security(("bearer" = [])),
    responses((status = 200, description = "The version, as it is listed now", body = ServerResponse), Problems),
)]
pub async fn edit_server(
    State(app): State<AppState>,
    path: Result<ServerPath, ApiError>,
    signed: Signed<ServerJson>,
) -> Result<Json, ApiError> {
    let Signed { publisher, body: server, .. } = signed;
    let ServerPath { name, version } = path?;
    let version = version.unwrap_or_default();
    // What is shown decides whether the request makes sense; what is locked decides, later, whether it still does.
    let catalog = app.model.catalog();
    let shown = catalog.server(&name).ok_or(ApiError::ServerNotFound)?;
    shown.version(&version).filter(|entry| !entry.is_deleted()).ok_or(ApiError::ServerNotFound)?;
    let grant = may_edit(&publisher, &shown.name)?;
    refuse_other_names(&server, &name, &version)?;
    check(Change::Edit, &server)?;
    prove_packages(&app, Change::Edit, &server, Duration::ZERO).await?;

    let (mut tx, mut listed) = lock(&app, &name, || ApiError::ServerNotFound).await?;
    store::ledger::lock(&mut tx).await?;
    refuse_used_remotes(Change::Edit, &mut tx, &remote_urls(&server), &listed.name).await?;
    if !listed.edit(&server, app.clock.now()) {
        return Err(ApiError::ServerNotFound);
    }
    let servers = [listed];
    store::servers::save(&mut tx, &servers).await?;
    let [listed] = servers;
    commit(&app, tx, &listed, &grant).await?;
    let listing = listed.listing(&version);
    let listing = listing.ok_or_else(|| ApiError::Internal("an edited version is missing".into()))?;
    tracing::info!(server.name = %listing.name, server.version = %listing.version, actor = grant.actor, "Edited {}", listing.name);
    Ok(Json::ready(json(&listing)?))
}

fn may_edit(publisher: &Publisher, name: &ServerName) -> Result<Grant, ApiError> {
    publisher
        .grant(&[Action::Edit], name)
        .ok_or_else(|| ApiError::Forbidden("You do not have edit permissions for this server".to_owned()))
}

fn refuse_other_names(server: &ServerJson, name: &str, version: &str) -> Result<(), ApiError> {
    if server.name != name {
        return Err(ApiError::Rename);
    }
    if server.version != version {
        return Err(ApiError::OtherVersion);
    }
    Ok(())
}
