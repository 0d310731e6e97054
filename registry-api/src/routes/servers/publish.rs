//! `POST /publish` (contract 2.1–2.3).

use std::time::Duration;

use axum::extract::State;
use registry_core::listing::{Listing, Source};
use registry_core::name::ServerName;
use registry_core::publisher::{Action, Grant, Publisher};
use registry_core::server::{Refused, Server};
use registry_core::server_json::ServerJson;
use registry_core::store::{self, PgConnection};
use registry_core::wire::servers::ServerResponse;
use utoipa::IntoParams;

use super::change::{check, commit, json, prove_packages, refuse_used_remotes, remote_urls};
use crate::answer::Json;
use crate::extract::{Parameters, Query, Signed};
use crate::problem::{ApiError, Change, Problems};
use crate::state::AppState;

/// How long a publication waits for its packages at most, in seconds.
const LONGEST_WAIT: i64 = 300;

/// What a publication may be asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Wait reads")]
pub struct PublishParams {
    /// For how many seconds a package that its package registry does not show yet is looked up again before the publication
    /// is refused.
    #[param(required = false, minimum = 0, maximum = 300, default = 0)]
    wait: i64,
}

/// How long to wait for packages that are not there yet.
pub struct Wait(Duration);

impl Parameters for Wait {
    fn read(query: &mut Query) -> Self {
        let seconds = query.number("wait", 0..=LONGEST_WAIT).unwrap_or_default();
        Self(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    }
}

/// Publish a new version of a server.
///
/// Its packages are looked up where they are published; `wait` gives their package registry time to show them.
#[utoipa::path(
    post, path = "/publish", tag = "publish", operation_id = "publish-server", params(PublishParams), request_body = ServerJson,
    security(("bearer" = [])),
    responses((status = 200, description = "The version, as it is listed now", body = ServerResponse), Problems),
)]
pub async fn publish_server(
    State(app): State<AppState>,
    signed: Signed<ServerJson, Wait>,
) -> Result<Json, ApiError> {
    let Signed { publisher, body: server, parameters: Wait(wait) } = signed;
    let grant = may_publish(&publisher, &server)?;
    check(Change::Publish, &server)?;
    prove_packages(&app, Change::Publish, &server, wait).await?;
    // The rules have seen to it that it is a name.
    let name: ServerName = server.name.parse().map_err(|error| ApiError::Internal(Box::new(error)))?;
    let listing = publish(&app, &server, name, &grant).await?;
    tracing::info!(server.name = %listing.name, server.version = %listing.version, actor = grant.actor, "Published {}", listing.name);
    Ok(Json::ready(json(&listing)?))
}

/// Under the lock of the name and in one transaction: decides, saves, and waits until it is shown.
async fn publish(
    app: &AppState,
    server: &ServerJson,
    name: ServerName,
    grant: &Grant,
) -> Result<Listing, ApiError> {
    let missing = |what: &str| ApiError::Internal(format!("a {what} is missing").into());
    let mut tx = store::begin(&app.pool).await?;
    let mut servers = store::servers::lock(&mut tx, &[name], Source::Published).await?;
    // From here on one change at a time: what the next lines find holds until the commit.
    store::ledger::lock(&mut tx).await?;
    let listed = servers.first_mut().ok_or_else(|| missing("locked server"))?;
    refuse_look_alike(&mut tx, listed).await?;
    refuse_used_remotes(Change::Publish, &mut tx, &remote_urls(server), &listed.name).await?;
    listed.publish(server, app.clock.now())?;
    store::servers::save(&mut tx, &servers).await?;
    let listed = servers.first().ok_or_else(|| missing("saved server"))?;
    commit(app, tx, listed, grant).await?;
    listed.listing(&server.version).ok_or_else(|| missing("published version"))
}

/// A new name may not pass for one that exists.
async fn refuse_look_alike(conn: &mut PgConnection, server: &Server) -> Result<(), ApiError> {
    if !server.versions().is_empty() {
        return Ok(());
    }
    match store::names::look_alike(conn, &server.name).await? {
        Some(other) => {
            let refused = Refused::LooksAlike { name: server.name.clone(), other: other.clone() };
            let message = format!(
                "{refused}: they differ only in case or in characters that look alike; choose another name, or publish as {other} \
                 if that is yours"
            );
            Err(Change::Publish.refused(refused.rule(), message))
        }
        None => Ok(()),
    }
}

fn may_publish(publisher: &Publisher, server: &ServerJson) -> Result<Grant, ApiError> {
    let granted = server.name.parse().ok().and_then(|name| publisher.grant(&[Action::Publish], &name));
    granted.ok_or_else(|| ApiError::Forbidden(refusal(publisher, &server.name)))
}

/// The sentence of contract 2.1, in its later wording.
fn refusal(publisher: &Publisher, name: &str) -> String {
    let patterns = publisher.publish_patterns();
    let permitted = if patterns.is_empty() {
        "You do not have any publish permissions".to_owned()
    } else {
        format!("You have permission to publish: {}", patterns.join(", "))
    };
    let hint = if name.starts_with("io.github.") {
        ". Names under io.github. are published by the account, or by an Owner of the organisation, whose name stands there: \
         sign in with a GitHub token that has the read:org scope (mcp-publisher login github --token), or from that account's GitHub Actions"
    } else {
        ""
    };
    format!(
        "You do not have permission to publish this server. {permitted}. Attempting to publish: {name}{hint}"
    )
}
