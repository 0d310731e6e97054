//! `PATCH …/status` (contract 2.4): of one version, and of all.

use axum::extract::State;
use registry_core::listing::{Listing, Status, StatusChange};
use registry_core::name::ServerName;
use registry_core::publisher::{Action, Grant, Publisher};
use registry_core::server::{Server, StatusRefused};
use registry_core::store::{self, PgTransaction};
use registry_core::wire::publish::{AllVersionsStatus, StatusRequest};
use registry_core::wire::servers::ServerResponse;

use super::change::{commit, json, lock, refuse_used_remotes};
use super::{NameParam, VersionParam};
use crate::answer::Json;
use crate::extract::{ServerPath, Signed};
use crate::problem::{ApiError, Change, Problems};
use crate::state::AppState;

/// Set the status of one version.
#[utoipa::path(
    patch, path = "/servers/{serverName}/versions/{version}/status", tag = "servers",
    operation_id = "update-server-status", params(NameParam, VersionParam), request_body = StatusRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The version, as it is listed now", body = ServerResponse), Problems),
)]
pub async fn set_version_status(
    State(app): State<AppState>,
    path: Result<ServerPath, ApiError>,
    signed: Signed<StatusChange>,
) -> Result<Json, ApiError> {
    let Signed { publisher, body: change, .. } = signed;
    let ServerPath { name, version } = path?;
    let version = version.unwrap_or_default();
    let (mut tx, mut server) = lock(&app, &name, || ApiError::VersionNotFound).await?;
    let held = server.versions().iter().find(|held| held.version.as_str() == version);
    let was = held.ok_or(ApiError::VersionNotFound)?.standing.status;
    let grant = may_set_status(&publisher, &server.name)?;
    server
        .set_status(&version, &change, app.clock.now())
        .map_err(|refused| refusal(refused, ApiError::VersionNotFound))?;
    if was == Status::Deleted && change.status != Status::Deleted {
        refuse_taken_remotes(&mut tx, &server, &[&version]).await?;
    }
    let listings = save(&app, tx, server, &grant).await?;
    let listing = listings.iter().find(|listing| listing.version.as_str() == version);
    let listing = listing.ok_or_else(|| ApiError::Internal("a changed version is missing".into()))?;
    Ok(Json::ready(json(listing)?))
}

/// Set the status of every version of a server.
#[utoipa::path(
    patch, path = "/servers/{serverName}/status", tag = "servers",
    operation_id = "update-server-all-versions-status", params(NameParam), request_body = StatusRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "All versions, newest publication first", body = AllVersionsStatus), Problems),
)]
pub async fn set_server_status(
    State(app): State<AppState>,
    path: Result<ServerPath, ApiError>,
    signed: Signed<StatusChange>,
) -> Result<Json, ApiError> {
    let Signed { publisher, body: change, .. } = signed;
    let (mut tx, mut server) = lock(&app, &path?.name, || ApiError::ServerNotFound).await?;
    let grant = may_set_status(&publisher, &server.name)?;
    let deleted: Vec<String> = server
        .versions()
        .iter()
        .filter(|held| held.standing.status == Status::Deleted)
        .map(|held| held.version.to_string())
        .collect();
    let changed = server
        .set_status_of_all(&change, app.clock.now())
        .map_err(|refused| refusal(refused, ApiError::ServerNotFound))?;
    if change.status != Status::Deleted {
        let deleted: Vec<&str> = deleted.iter().map(String::as_str).collect();
        refuse_taken_remotes(&mut tx, &server, &deleted).await?;
    }
    let mut listings = save(&app, tx, server, &grant).await?;
    listings.sort_by_key(|listing| std::cmp::Reverse(listing.standing.published_at));
    let servers = listings.iter().map(json).collect::<Result<Vec<_>, _>>()?.join(",");
    Ok(Json::ready(format!(r#"{{"updatedCount":{changed},"servers":[{servers}]}}"#)))
}

fn may_set_status(publisher: &Publisher, name: &ServerName) -> Result<Grant, ApiError> {
    publisher.grant(&[Action::Publish, Action::Edit], name).ok_or_else(|| {
        ApiError::Forbidden("You do not have publish or edit permissions for this server".to_owned())
    })
}

fn refusal(refused: StatusRefused, missing: ApiError) -> ApiError {
    match refused {
        StatusRefused::NotFound => missing,
        StatusRefused::Transition(transition) => transition.into(),
        StatusRefused::NothingChanges => ApiError::NothingChanges,
    }
}

/// Another server may have taken a URL while the versions were deleted.
async fn refuse_taken_remotes(
    tx: &mut PgTransaction<'static>,
    server: &Server,
    versions: &[&str],
) -> Result<(), ApiError> {
    store::ledger::lock(tx).await?;
    let urls = store::remotes::urls(tx, server, versions).await?;
    refuse_used_remotes(Change::Status, tx, &urls, &server.name).await
}

/// Saves and commits; answers the server's versions as they are now.
async fn save(
    app: &AppState,
    mut tx: PgTransaction<'static>,
    server: Server,
    grant: &Grant,
) -> Result<Vec<Listing>, ApiError> {
    let servers = [server];
    store::servers::save(&mut tx, &servers).await?;
    let [server] = servers;
    let listings = store::servers::of(&mut tx, std::slice::from_ref(&server.name)).await?;
    commit(app, tx, &server, grant).await?;
    Ok(listings)
}
