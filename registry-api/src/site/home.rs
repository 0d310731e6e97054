//! `GET /`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::page;
use crate::pages::hit::Hit;
use crate::pages::home::{HomeView, home};
use crate::pages::view::Site;
use crate::state::AppState;

/// The first page.
pub async fn get_home(State(app): State<AppState>, site: Site, asked: HeaderMap) -> Response {
    let catalog = app.model.catalog();
    let overview = catalog.overview();
    let view = HomeView {
        site,
        servers: catalog.server_count() as u64,
        versions: catalog.version_count() as u64,
        namespaces: overview.namespaces as u64,
        recent: overview.recent.iter().filter_map(|entry| Hit::from_listing(&entry.listing()).ok()).collect(),
    };
    page(home(&view), StatusCode::OK, &asked)
}
