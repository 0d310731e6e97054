//! What publishing, editing and changing a status have in common: locking, what the service refuses, committing.

use std::time::Duration;

use registry_core::listing::Listing;
use registry_core::name::ServerName;
use registry_core::publisher::Grant;
use registry_core::server::{Refused, Server};
use registry_core::server_json::rules::table::G2;
use registry_core::server_json::rules::{self, Finding};
use registry_core::server_json::{ServerJson, service};
use registry_core::store::{self, PgConnection, PgTransaction};
use registry_core::wire::servers::response_json;

use crate::problem::{ApiError, Change};
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

/// The rules of what a document says, and what of it cannot be kept (G1, G6, G7).
pub(super) fn check(change: Change, server: &ServerJson) -> Result<(), ApiError> {
    let findings = rules::check(server);
    if findings.iter().any(Finding::is_error) {
        return Err(ApiError::Rules { change, findings });
    }
    service::check(server).map_err(|unkept| change.refused(unkept.rule(), unkept.to_string()))
}

/// G2: the packages belong to the server; one that is not there yet is waited for as long as `wait`.
pub(super) async fn prove_packages(
    app: &AppState,
    change: Change,
    server: &ServerJson,
    wait: Duration,
) -> Result<(), ApiError> {
    let Some(prover) = &app.config.packages else { return Ok(()) };
    let proved = tokio::select! {
        proved = prover.prove_within(server, wait) => proved,
        () = app.stopping.cancelled() => return Err(ApiError::Stopping),
    };
    proved.map_err(|unproved| change.refused(&G2, unproved.to_string()))
}

/// G3: no other server uses one of `urls`.
///
/// Asked under the ledger's lock, so that two changes cannot take one URL side by side.
pub(super) async fn refuse_used_remotes(
    change: Change,
    conn: &mut PgConnection,
    urls: &[String],
    name: &ServerName,
) -> Result<(), ApiError> {
    match store::remotes::in_use(conn, urls, name).await? {
        Some((url, other)) => {
            let refused = Refused::RemoteInUse { url, other };
            Err(change.refused(refused.rule(), refused.to_string()))
        }
        None => Ok(()),
    }
}

/// The addresses of a document's remotes.
pub(super) fn remote_urls(server: &ServerJson) -> Vec<String> {
    server.remotes.iter().map(|remote| remote.url.clone()).collect()
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
