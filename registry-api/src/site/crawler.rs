//! `GET /crawler`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::page;
use crate::pages::crawler::crawler;
use crate::pages::view::Site;
use crate::state::AppState;

/// What the crawler does at other people's hosts.
pub async fn get_crawler(State(app): State<AppState>, site: Site, asked: HeaderMap) -> Response {
    page(crawler(&site, app.config.crawler_contact.as_deref()), StatusCode::OK, &asked)
}
