//! `GET /v0.1/x/org.cardinal-registry/search`: servers by relevance, each once, by its latest version.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::wire::servers::ServerList;
use utoipa::IntoParams;

use crate::answer::Json;
use crate::extract::Query;
use crate::problem::{ApiError, Problems};
use crate::read_model::cursor;
use crate::read_model::list::{Filter, Page};
use crate::state::AppState;

/// How many servers a page has when nobody says.
const PAGE: i64 = 20;

/// What a search may be asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct SearchParams {
    /// What to find: words of name, title and description; the last one may be unfinished. Empty for everything.
    #[param(required = false, example = "weather forecast")]
    q: String,
    /// How many servers the page has at most.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: i64,
    /// Where the page begins: `metadata.nextCursor` of the page before.
    #[param(required = false)]
    cursor: String,
}

/// Search servers by what they are called and what they do.
#[utoipa::path(
    get, path = "/search", tag = "search", operation_id = "search-servers", params(SearchParams),
    responses((status = 200, description = "Servers, best first", body = ServerList), Problems),
)]
pub async fn search_servers(
    State(app): State<AppState>,
    mut query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let limit = query.number("limit", 1..=100).unwrap_or(PAGE);
    query.check()?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let (page, next) = find(&app, query.text("q"), query.text("cursor"), limit).await;
    Ok(Json::list(&page.entries, next).unless_known(&asked))
}

/// The page of at most `limit` servers that `text` finds, and the cursor of the next one; the website asks here too.
pub async fn find(
    app: &AppState,
    text: Option<&str>,
    cursor: Option<&str>,
    limit: usize,
) -> (Page, Option<String>) {
    let (after, carried) = cursor.map(cursor::read).unzip();
    let carried: Filter = carried.unwrap_or_default();
    let filter = Filter {
        search: text.map(str::to_owned).or(carried.search),
        version: Some("latest".to_owned()),
        ..Filter::default()
    };
    let page = app.model.page(&filter, after, limit).await;
    let next = page.next.as_ref().map(|position| cursor::write(position, &filter));
    (page, next)
}
