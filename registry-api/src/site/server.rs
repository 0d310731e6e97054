//! `GET /servers/{namespace}/{name}`: a server's page, of its latest version or of `?version=`.

use axum::extract::{Path, RawPathParams, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use registry_core::listing::Listing;
use registry_core::name::ServerName;

use super::not_found::{get_missing, is_person};
use super::page;
use crate::extract::Query;
use crate::pages::not_found::not_found;
use crate::pages::server::{ServerView, server};
use crate::pages::view::{Site, server_path};
use crate::routes::describe::links::to_card;
use crate::state::AppState;

/// A server's page.
pub async fn get_server(
    State(app): State<AppState>,
    site: Site,
    path: RawPathParams,
    query: Query,
    asked: HeaderMap,
) -> Response {
    let get = |key: &str| path.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value);
    let name = format!("{}/{}", get("namespace"), get("name"));
    let view = view(&app, &site, &name, query.text("version"));
    match view {
        Some(view) => {
            let mut response = page(server(&view), StatusCode::OK, &asked);
            let link = view.card().and_then(|card| to_card(&site.prefix, &card));
            response.headers_mut().extend(link.map(|link| (header::LINK, link)));
            response
        }
        None => page(not_found(&site, Some(&name)), StatusCode::NOT_FOUND, &asked),
    }
}

/// `/servers/{namespace}%2F{name}`: the name as one segment leads a person to the page; a program asked for a route of
/// the API without its generation.
pub async fn get_server_by_name(Path(name): Path<String>, site: Site, request: Request) -> Response {
    match name.parse::<ServerName>() {
        Ok(name) if is_person(request.method(), request.headers()) => {
            let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            Redirect::temporary(&format!("{}{}{query}", site.prefix, server_path(&name))).into_response()
        }
        _ => get_missing(site, request).await,
    }
}

/// A deleted version has a page only when it is asked for by its number, so that links to it explain themselves.
fn view(app: &AppState, site: &Site, name: &str, version: Option<&str>) -> Option<ServerView> {
    let catalog = app.model.catalog();
    let found = catalog.server(name)?;
    let shown = match version {
        Some(version) => found.version(version),
        None => found.visible().or_else(|| found.latest()),
    }?;
    let versions: Vec<Listing> =
        found.newest_first(shown.is_deleted()).iter().map(|entry| entry.listing()).collect();
    ServerView::new(site, &shown.listing(), &versions).ok()
}
