//! `GET /v0.1/x/org.cardinal-registry/search`: servers by relevance, each once, by its latest version; and `…/suggest`.
//!
//! - [`params`]: what may be asked, and cursors
//! - [`answer`]: the answer's bytes

pub mod answer;
pub mod params;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::wire::search::{SearchResults, Suggestions};

use crate::answer::Json;
use crate::extract::Query;
use crate::problem::{ApiError, Problems};
use crate::read_model::catalog::Catalog;
use crate::read_model::entry::Entry;
use crate::search::find::{COMPARED, Depth, Order, Ranked, shown};
use crate::search::query::MOST_TEXT;
use crate::state::AppState;

use params::{Asked, SearchParams, SuggestParams};

/// How many servers a page has when nobody says.
const PAGE: i64 = 20;

/// Search servers by what they are called and what they do.
///
/// Words are looked for in names, titles, descriptions, keywords, tools, packages and hosts, in any form; all of them before some of
/// them, the last one also as a beginning. `"…"` holds words together, `-` excludes one, and `namespace:`, `package:`, `transport:`,
/// `tool:`, `host:` and the names of the filters below narrow a search from within the text.
#[utoipa::path(
    get, path = "/search", tag = "search", operation_id = "search-servers", params(SearchParams),
    responses((status = 200, description = "Servers, best first", body = SearchResults), Problems),
)]
pub async fn search_servers(
    State(app): State<AppState>,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let limit = query.number("limit", 1..=100).unwrap_or(PAGE);
    let explain = query.flag("explain").unwrap_or_default();
    let asked = Asked::read(&mut query)?;
    let found = find(&app, asked, usize::try_from(limit).unwrap_or_default()).await;
    Ok(answer::results(&found, explain)?.unless_known(&headers))
}

/// What somebody may be about to type: servers by their names, and words that go on as the last one began.
#[utoipa::path(
    get, path = "/suggest", tag = "search", operation_id = "suggest-searches", params(SuggestParams),
    responses((status = 200, description = "Completions, the likeliest first", body = Suggestions), Problems),
)]
pub async fn suggest_searches(
    State(app): State<AppState>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let text = query.text("q").unwrap_or_default();
    let suggestions =
        if text.len() > MOST_TEXT { Vec::new() } else { app.model.suggest(text.to_owned()).await };
    Ok(Json::of(&Suggestions { suggestions })?.unless_known(&headers))
}

/// One page of what a search found.
pub struct Found {
    /// The servers of the page, best first.
    pub hits: Vec<(Arc<Entry>, Ranked)>,
    /// How many stand before them.
    pub before: usize,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The whole search.
    pub order: Arc<Order>,
    /// Where it was made.
    pub catalog: Arc<Catalog>,
}

/// The page of at most `limit` servers; the website asks here too.
pub async fn find(app: &AppState, mut asked: Asked, limit: usize) -> Found {
    // Deeper pages need more than what is compared in detail, and so do pages of which much was folded.
    let is_deep = asked.offset.saturating_add(limit) > COMPARED / 2;
    asked.request.depth = if is_deep { Depth::All } else { Depth::Pages };
    let (mut catalog, mut order) = app.model.find(asked.request.clone()).await;
    let mut before = asked.begin(&order);
    if !is_deep && order.total > COMPARED as u64 && before.saturating_add(limit) >= order.hits.len() {
        asked.request.depth = Depth::All;
        (catalog, order) = app.model.find(asked.request.clone()).await;
        before = asked.begin(&order);
    }
    let page = order.hits.iter().skip(before);
    let mut hits: Vec<(Arc<Entry>, Ranked)> = Vec::with_capacity(limit);
    let mut passed = before;
    for hit in page {
        if hits.len() == limit {
            break;
        }
        passed += 1;
        if let Some((_, entry)) = shown(&catalog, hit.id) {
            hits.push((entry.clone(), *hit));
        }
    }
    let has_more = passed < order.hits.len();
    let next = has_more.then(|| asked.next(passed, &order));
    Found { hits, before, next, order, catalog }
}
