//! What publishing, editing and changing a status have in common: locking, what the service refuses, committing.

use registry_core::listing::Listing;
use registry_core::name::ServerName;
use registry_core::publisher::Grant;
use registry_core::server::Server;
use registry_core::store::{self, PgConnection, PgTransaction};
use registry_core::wire::servers::response_json;

use crate::problem::ApiError;
use crate::state::AppState;

/// Locks a server that has versions.
pub(super) async fn lock(
    app: &AppState,
    name: &str,
    missing: fn() -> ApiError,
) -> Result<(PgTransaction<'static>, Server), ApiError> {
    let Ok(name) = name.parse::<ServerName>() else { return Err(missing()) };
    let mut tx = store::begin(&app.pool).await?;
    let server = store::servers::lock_existing(&mut tx, &name).await?;
    let server = server.filter(|server| !server.versions().is_empty()).ok_or_else(missing)?;
    Ok((tx, server))
}

/// G3: the sentence about the first of `urls` that another server uses.
///
/// Asked under the ledger's lock, so that two changes cannot take one URL side by side.
pub(super) async fn used_remote(
    conn: &mut PgConnection,
    urls: &[String],
    name: &ServerName,
) -> Result<Option<String>, ApiError> {
    let used = store::servers::remote_in_use(conn, urls, name).await?;
    Ok(used.map(|(url, other)| format!("remote URL {url} is already used by server {other}")))
}

/// Tells the ledger of what was saved, commits, and waits until this process shows it.
pub(super) async fn commit(
    app: &AppState,
    mut tx: PgTransaction<'static>,
    server: &Server,
    grant: &Grant,
) -> Result<(), ApiError> {
    let entries = store::ledger::entries(server);
    let head = store::ledger::append(&mut tx, &grant.actor, app.clock.now(), &entries).await?;
    store::commit(tx).await?;
    app.model.applied(head.seq).await;
    Ok(())
}

/// The answer for one version.
pub(super) fn json(listing: &Listing) -> Result<String, ApiError> {
    response_json(listing).map_err(|error| ApiError::Internal(error.into()))
}
