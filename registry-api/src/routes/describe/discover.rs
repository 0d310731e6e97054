//! `GET /v0.1/x/org.cardinal-registry/discover`: the servers of a domain, by name or by where they run.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::card::origin::Origin;
use registry_core::card::publish;
use registry_core::card::site::is_within;
use registry_core::evidence::Level;
use registry_core::extensions::{EVIDENCE, LIVENESS, member};
use registry_core::server_json::{Remote, ServerJson};
use registry_core::wire::describe::{DomainServer, DomainServers};
use serde::Deserialize;
use url::Url;
use utoipa::IntoParams;

use super::card_path;
use crate::answer::Json;
use crate::extract::Query;
use crate::forwarded::Base;
use crate::pages::view::api_path;
use crate::problem::{ApiError, Problems};
use crate::read_model::entry::Entry;
use crate::routes::origins::Refusal;
use crate::state::AppState;

/// How many servers a page has when nobody says.
const PAGE: i64 = 30;

/// Which domain.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct DiscoverParams {
    /// The domain; those below it count as it.
    #[param(example = "example.com")]
    domain: String,
    /// How many servers the page has at most.
    #[param(required = false, minimum = 1, maximum = 100, default = 30)]
    limit: i64,
    /// Where the page begins: `nextCursor` of the page before.
    #[param(required = false)]
    cursor: String,
}

/// List the servers of a domain.
///
/// Those whose names are in its namespace, and those that run on it or below it, with what proves their names and whether they
/// answer. A domain without servers has an empty list.
#[utoipa::path(
    get, path = "/discover", tag = "describe", operation_id = "discover-domain", params(DiscoverParams),
    responses((status = 200, description = "Its servers, in the order of their names", body = DomainServers), Problems),
)]
pub async fn discover_domain(
    State(app): State<AppState>,
    base: Base,
    mut query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let domain = query.required("domain");
    let limit = query.number("limit", 1..=100).unwrap_or(PAGE);
    query.check()?;
    let origin: Origin = domain.parse().map_err(Refusal::Origin)?;
    origin.check_domain().map_err(Refusal::Origin)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let catalog = app.model.catalog();
    let known = catalog.servers_of_site(origin.host(), query.text("cursor").unwrap_or_default());
    let visible = known.filter_map(|server| server.visible());
    let mut found = visible.filter_map(|version| of_domain(&base, version, origin.host()));
    let servers: Vec<DomainServer> = found.by_ref().take(limit).collect();
    let next_cursor = servers.last().filter(|_| found.next().is_some()).map(|last| last.name.clone());
    let answer = DomainServers {
        domain: origin.host().to_owned(),
        namespace: origin.namespace().as_str().to_owned(),
        servers,
        next_cursor,
    };
    Ok(Json::of(&answer)?.unless_known(&asked))
}

/// A version as one of a domain's; none where it belongs to a neighbour below the same registrable domain.
fn of_domain(base: &Base, version: &Entry, domain: &str) -> Option<DomainServer> {
    let in_namespace = is_within(&version.name.namespace().host(), domain);
    if !in_namespace && !version.hosts().any(|host| is_within(host, domain)) {
        return None;
    }
    let server: ServerJson = serde_json::from_str(version.document()).ok()?;
    let name = version.name.as_str();
    let evidence = member(version.extensions(), EVIDENCE);
    let level = evidence.as_ref().and_then(|evidence| Level::deserialize(evidence.get("level")?).ok());
    Some(DomainServer {
        name: name.to_owned(),
        version: version.version.as_str().to_owned(),
        status: version.standing.status,
        in_namespace,
        server_card: publish::card(&server)
            .is_ok()
            .then(|| format!("{}{}", base.url(), card_path(name, None))),
        title: server.title,
        description: server.description,
        remotes: server.remotes.into_iter().filter(|remote| is_on(remote, domain)).collect(),
        level: level.map(Level::number),
        evidence,
        liveness: member(version.extensions(), LIVENESS),
        url: format!("{}{}", base.url(), api_path(&version.name, version.version.as_str())),
    })
}

fn is_on(remote: &Remote, domain: &str) -> bool {
    Url::parse(&remote.url)
        .ok()
        .and_then(|url| url.host_str().map(|host| is_within(host, domain)))
        .unwrap_or_default()
}
