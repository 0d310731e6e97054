//! `GET /servers` (contract 1.6, architecture section 7): the pages of the list.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use registry_core::wire::servers::ServerList;
use utoipa::IntoParams;

use crate::answer::Json;
use crate::extract::Query;
use crate::problem::{ApiError, Problems};
use crate::read_model::cursor;
use crate::read_model::list::Filter;
use crate::state::AppState;

/// How many versions a page has when nobody says.
const PAGE: i64 = 30;
/// How many it has at most.
const LARGEST_PAGE: i64 = 100;

/// What a list may be asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct ListParams {
    /// Where the page begins: `metadata.nextCursor` of the page before. It carries the query it belongs to.
    #[param(required = false)]
    cursor: String,
    /// How many versions the page has at most.
    #[param(required = false, minimum = 1, maximum = 100, default = 30)]
    limit: i64,
    /// Text to find: a part of the name or the description in any case; several words are ranked by relevance.
    #[param(required = false)]
    search: String,
    /// Only what was updated after this moment (RFC 3339); deleted versions are then included.
    #[param(required = false, value_type = String, format = DateTime)]
    updated_since: String,
    /// `latest` for the latest version of each server, or the text of a version.
    #[param(required = false, example = "latest")]
    version: String,
    /// Deleted versions too.
    #[param(required = false, default = false)]
    include_deleted: bool,
}

/// List versions of servers.
///
/// One item for each version, by name and then by version as text. A `search` of several words or one without `.` and `/` is ranked instead.
#[utoipa::path(
    get, path = "/servers", tag = "servers", operation_id = "list-servers", params(ListParams),
    responses((status = 200, description = "A page of versions", body = ServerList), Problems),
)]
pub async fn list_servers(
    State(app): State<AppState>,
    mut query: Query,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let limit = query.number("limit", 1..=LARGEST_PAGE);
    let include_deleted = query.flag("include_deleted");
    query.check()?;
    let asked_since = query.time("updated_since")?;
    let (after, carried) = query.text("cursor").map(cursor::read).unzip();
    let carried: Filter = carried.unwrap_or_default();
    // What the page asks for itself counts; what it leaves out is what the cursor's list was asked for.
    let updated_since = asked_since.or(carried.updated_since);
    if updated_since.is_some() && include_deleted == Some(false) {
        return Err(ApiError::SyncWithoutDeleted);
    }
    let filter = Filter {
        search: query.text("search").map(str::to_owned).or(carried.search),
        version: query.text("version").map(str::to_owned).or(carried.version),
        updated_since,
        include_deleted: include_deleted.unwrap_or(carried.include_deleted) || updated_since.is_some(),
    };
    let limit = usize::try_from(limit.unwrap_or(PAGE)).unwrap_or_default();
    let page = app.model.page(&filter, after, limit).await;
    let next = page.next.map(|position| cursor::write(&position, &filter));
    Ok(Json::list(&page.entries, next).unless_known(&asked))
}
