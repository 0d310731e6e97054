//! `POST /publish` (contract 2.1–2.3).

use axum::extract::State;
use registry_core::listing::Source;
use registry_core::name::ServerName;
use registry_core::publisher::{Action, Grant, Publisher};
use registry_core::server_json::{ServerJson, rules, service};
use registry_core::store::{self, PgConnection};
use registry_core::wire::servers::{ServerResponse, response_json};

use crate::answer::Json;
use crate::extract::Signed;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// Publish a new version of a server.
#[utoipa::path(
    post, path = "/publish", tag = "publish", operation_id = "publish-server", request_body = ServerJson,
    security(("bearer" = [])),
    responses((status = 200, description = "The version, as it is listed now", body = ServerResponse), Problems),
)]
pub async fn publish_server(
    State(app): State<AppState>,
    signed: Signed<ServerJson>,
) -> Result<Json, ApiError> {
    let Signed { publisher, body: server } = signed;
    let grant = may_publish(&publisher, &server)?;
    let findings = rules::check(&server);
    if findings.iter().any(|finding| finding.is_error()) {
        return Err(ApiError::Rules { action: "publish", findings });
    }
    check_service_rules(&server, app.config.validate_packages)?;
    let name: ServerName =
        server.name.parse().map_err(|_| ApiError::Rules { action: "publish", findings })?;

    let now = app.clock.now();
    let mut tx = store::begin(&app.pool).await?;
    let mut servers = store::servers::lock(&mut tx, &[name], Source::Published).await?;
    let listed =
        servers.first_mut().ok_or_else(|| ApiError::Internal("a locked server is missing".into()))?;
    store::ledger::lock(&mut tx).await?;
    refuse_used_remotes(&mut tx, &server, &listed.name).await?;
    listed.publish(&server, now)?;
    let listing = listed.listing(&server.version);
    store::servers::save(&mut tx, &servers).await?;
    let entries: Vec<_> = servers.iter().flat_map(store::ledger::entries).collect();
    let head = store::ledger::append(&mut tx, &grant.actor, now, &entries).await?;
    store::commit(tx).await?;

    app.model.applied(head.seq).await;
    let listing = listing.ok_or_else(|| ApiError::Internal("a published version is missing".into()))?;
    tracing::info!(server.name = %listing.name, server.version = %listing.version, actor = grant.actor, "Published {}", listing.name);
    Ok(Json::ready(response_json(&listing).map_err(|error| ApiError::Internal(error.into()))?))
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
         sign in with a GitHub token that has the read:org scope, or from that account's GitHub Actions"
    } else {
        ""
    };
    format!(
        "You do not have permission to publish this server. {permitted}. Attempting to publish: {name}{hint}"
    )
}

/// G1 and G2.
fn check_service_rules(server: &ServerJson, validate_packages: bool) -> Result<(), ApiError> {
    service::check(server)?;
    match server.packages.first() {
        Some(package) if validate_packages => Err(ApiError::Publish(format!(
            "registry validation failed for package 0 ({}): this registry cannot prove ownership of {} packages yet; publish the \
             server without packages, or let the operator set MCP_REGISTRY_ENABLE_REGISTRY_VALIDATION=false",
            package.identifier, package.registry_type
        ))),
        _ => Ok(()),
    }
}

/// G3: checked under the ledger's lock, so that two publications cannot take one URL side by side.
async fn refuse_used_remotes(
    conn: &mut PgConnection,
    server: &ServerJson,
    name: &ServerName,
) -> Result<(), ApiError> {
    let urls: Vec<String> = server.remotes.iter().map(|remote| remote.url.clone()).collect();
    match store::servers::remote_in_use(conn, &urls, name).await? {
        Some((url, other)) => {
            Err(ApiError::Publish(format!("remote URL {url} is already used by server {other}")))
        }
        None => Ok(()),
    }
}
