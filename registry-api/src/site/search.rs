//! `GET /search`: the results as a page, or with `fragment=1` alone, for the script that searches while somebody types.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::page;
use crate::extract::Query;
use crate::pages::hit::Hit;
use crate::pages::search::{SearchView, search, search_fragment};
use crate::pages::view::Site;
use crate::routes::search::find;
use crate::routes::search::params::Asked;
use crate::state::AppState;

/// How many servers a page shows.
const PAGE: usize = 20;

/// The page of results.
pub async fn get_search(State(app): State<AppState>, site: Site, query: Query, asked: HeaderMap) -> Response {
    let text = query.text("q").unwrap_or_default().trim();
    let cursor = query.text("cursor");
    let found = find(&app, Asked::text(Some(text), cursor), PAGE).await;
    let hits =
        found.hits.iter().filter_map(|(entry, ranked)| Hit::from_search(&entry.listing(), ranked.more).ok());
    let view = SearchView {
        site,
        query: text.to_owned(),
        total: Some(found.order.total),
        hits: hits.collect(),
        next_cursor: found.next,
        continued: cursor.is_some(),
    };
    let fragment = query.text("fragment") == Some("1");
    page(if fragment { search_fragment(&view) } else { search(&view) }, StatusCode::OK, &asked)
}
