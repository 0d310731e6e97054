//! `GET /servers/{namespace}/{name}`: a server's page, of its latest version or of `?version=`.

use axum::extract::{RawPathParams, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use registry_core::listing::Listing;

use super::{page, site};
use crate::extract::Query;
use crate::pages::not_found::not_found;
use crate::pages::server::{ServerView, server};
use crate::state::AppState;

/// A server's page.
pub async fn get_server(
    State(app): State<AppState>,
    path: RawPathParams,
    query: Query,
    asked: HeaderMap,
) -> Response {
    let get = |key: &str| path.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value);
    let name = format!("{}/{}", get("namespace"), get("name"));
    let view = view(&app, &name, query.text("version"));
    match view {
        Some(view) => page(server(&view), StatusCode::OK, &asked),
        None => page(not_found(&site(&app), Some(&name)), StatusCode::NOT_FOUND, &asked),
    }
}

/// A deleted version has a page only when it is asked for by its number, so that links to it explain themselves.
fn view(app: &AppState, name: &str, version: Option<&str>) -> Option<ServerView> {
    let catalog = app.model.catalog();
    let found = catalog.server(name)?;
    let shown = match version {
        Some(version) => found.version(version),
        None => found.visible().or_else(|| found.latest()),
    }?;
    let versions: Vec<Listing> =
        found.newest_first(shown.is_deleted()).iter().map(|entry| entry.listing()).collect();
    ServerView::new(&site(app), &shown.listing(), &versions).ok()
}
