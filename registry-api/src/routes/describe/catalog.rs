//! `/.well-known/ai-catalog.json` and `/.well-known/ard.json`, and the catalogs of servers that they name.
//!
//! A catalog of servers is a range of names, so that its address means the same whatever is published meanwhile.

use std::ops::Bound;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::name::ServerName;
use registry_core::wire::describe::{AiCatalog, CatalogEntry, CatalogHost};
use url::Url;
use utoipa::IntoParams;

use super::{OWN, entry};
use crate::caching;
use crate::extract::Query;
use crate::forwarded::Base;
use crate::pages::view::component;
use crate::problem::{ApiError, Problems};
use crate::read_model::catalog::Catalog;
use crate::state::AppState;

/// The media type of a catalog.
const CATALOG: &str = "application/ai-catalog+json";
/// The media type of a registry that answers searches as ARD has them.
const REGISTRY: &str = "application/ai-registry+json";
/// What the terms of ARD mean.
const CONTEXT: &str = "https://agenticresourcediscovery.org/context/v1";
/// How many entries a reader of catalogs takes of one, whatever grew since its range was chosen.
const MOST_ENTRIES: usize = 5_000;

/// `/.well-known/ai-catalog.json`.
pub async fn get_ai_catalog(
    State(app): State<AppState>,
    base: Base,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let catalog = AiCatalog {
        context: None,
        spec_version: Some("1.0".to_owned()),
        host: Some(host(&base)),
        entries: entries(&app, &base),
    };
    answer(&catalog, CATALOG, &asked)
}

/// `/.well-known/ard.json`.
pub async fn get_ard(
    State(app): State<AppState>,
    base: Base,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let manifest = AiCatalog {
        context: Some(CONTEXT.to_owned()),
        entries: entries(&app, &base),
        ..AiCatalog::default()
    };
    answer(&manifest, "application/json", &asked)
}

/// Which servers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct CatalogParams {
    /// The first name; every name when nobody says.
    #[param(required = false, example = "com.example/weather")]
    from: String,
    /// The name before which it ends.
    #[param(required = false)]
    before: String,
}

/// Get the servers of a range of names as an AI Catalog.
///
/// `/.well-known/ai-catalog.json` names the ranges that hold all servers together.
#[utoipa::path(
    get, path = "/catalog", tag = "describe", operation_id = "get-catalog", params(CatalogParams),
    responses((status = 200, description = "Their Server Cards", body = AiCatalog, content_type = "application/ai-catalog+json"), Problems),
)]
pub async fn get_catalog(
    State(app): State<AppState>,
    base: Base,
    query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let (from, before) = (query.text("from").map(str::to_owned), query.text("before").map(str::to_owned));
    let host = host(&base);
    let catalog = app.model.catalog();
    // A thousand cards are made here, each looked over by the linter.
    let made =
        tokio::task::spawn_blocking(move || servers(&catalog, &base, from.as_deref(), before.as_deref()));
    let entries = made.await.map_err(|error| ApiError::Internal(error.into()))?;
    let catalog =
        AiCatalog { context: None, spec_version: Some("1.0".to_owned()), host: Some(host), entries };
    answer(&catalog, CATALOG, &asked)
}

fn servers(catalog: &Catalog, base: &Base, from: Option<&str>, before: Option<&str>) -> Vec<CatalogEntry> {
    let from = from.map_or(Bound::Unbounded, Bound::Included);
    let range = catalog
        .servers_from(from)
        .take_while(|server| before.is_none_or(|before| server.name.as_str() < before));
    let visible = range.filter_map(|server| server.visible()).filter(|version| version.has_remotes());
    visible.take(MOST_ENTRIES).filter_map(|version| entry(base, version)).collect()
}

/// The registry itself, then the catalogs of what it lists.
fn entries(app: &AppState, base: &Base) -> Vec<CatalogEntry> {
    let domain = domain(base);
    let registry = CatalogEntry {
        identifier: format!("urn:air:{domain}:registry:cardinal"),
        display_name: "Cardinal".to_owned(),
        media_type: REGISTRY.to_owned(),
        url: format!("{}{OWN}/ard", base.url()),
        description: "A registry of MCP servers; searched with POST …/search".to_owned(),
        representative_queries: vec![
            "find an MCP server that reads my calendar".to_owned(),
            "which MCP servers does example.com offer".to_owned(),
        ],
        ..CatalogEntry::default()
    };
    let catalog = app.model.catalog();
    let shelves = catalog.shelves();
    let nested = shelves.iter().enumerate().map(|(number, first)| {
        let number = number + 1;
        CatalogEntry {
            identifier: format!("urn:air:{domain}:catalog:servers-{number}"),
            display_name: format!("MCP servers, part {number} of {}", shelves.len()),
            media_type: CATALOG.to_owned(),
            // The first one has no beginning and the last no end: what is published between two requests is in one of them.
            url: range_url(base, Some(first).filter(|_| number > 1), shelves.get(number)),
            ..CatalogEntry::default()
        }
    });
    std::iter::once(registry).chain(nested).collect()
}

fn range_url(base: &Base, from: Option<&ServerName>, before: Option<&ServerName>) -> String {
    let bounds = [("from", from), ("before", before)];
    let bounds =
        bounds.into_iter().filter_map(|(key, name)| Some(format!("{key}={}", component(name?.as_str()))));
    let bounds: Vec<String> = bounds.collect();
    let mark = if bounds.is_empty() { "" } else { "?" };
    format!("{}{OWN}/catalog{mark}{}", base.url(), bounds.join("&"))
}

fn host(base: &Base) -> CatalogHost {
    CatalogHost {
        display_name: "Cardinal".to_owned(),
        identifier: domain(base),
        documentation_url: format!("{}/docs", base.url()),
    }
}

/// The host of the registry, in letters that an identifier may have: of an IPv6 address the colons go.
fn domain(base: &Base) -> String {
    let url = Url::parse(base.url()).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    let host = host.trim_matches(['[', ']']).replace(':', "-");
    host.trim_matches('-').to_owned()
}

fn answer(catalog: &AiCatalog, media: &'static str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let mut body = serde_json::to_string(catalog).map_err(|error| ApiError::Internal(error.into()))?;
    body.push('\n');
    Ok(caching::kept_unless_known(media, body, asked))
}
