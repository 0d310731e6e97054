//! `POST …/ard/search`, and `POST /search` for those who know the registry by its address alone: search as ARD v0.91 has it.

use axum::extract::State;
use registry_core::card::publish::MEDIA_TYPE;
use registry_core::server_json::shape::ShapeIssue;
use registry_core::wire::describe::{ArdResults, ArdSearch};
use serde_json::{Map, Value};

use super::{entry, publisher};
use crate::answer::Json;
use crate::extract::Bytes;
use crate::forwarded::Base;
use crate::problem::{ApiError, Problems};
use crate::routes::search::find;
use crate::routes::search::params::Asked;
use crate::state::AppState;

/// How many results a page has when nobody says.
const PAGE: i64 = 10;

/// Search servers by what they do, as ARD has it.
///
/// Each server is found by the Server Card of its latest version. A page may have fewer results than were asked for and still not be
/// the last: that is the one without `nextPageToken`.
#[utoipa::path(
    post, path = "/ard/search", tag = "describe", operation_id = "search-ard", request_body = ArdSearch,
    responses((status = 200, description = "Entries, best first", body = ArdResults), Problems),
)]
pub async fn search_ard(
    State(app): State<AppState>,
    base: Base,
    Bytes(bytes): Bytes,
) -> Result<Json, ApiError> {
    let search = read(&bytes)?;
    let wanted = Wanted::of(&search.query.filter)?;
    let size = search.page_size.unwrap_or(PAGE);
    if !(1..=100).contains(&size) {
        let message = format!("`{size}` is no size of a page; write a number from 1 to 100");
        return Err(refusal("body.pageSize", message, size.into()));
    }
    let text = search.query.text.trim();
    if text.is_empty() {
        let message = "`text` is empty; write what to find, as in `weather forecast`".to_owned();
        return Err(refusal("body.query.text", message, search.query.text.as_str().into()));
    }
    if wanted.nothing {
        return Json::of(&ArdResults::default());
    }
    let token = search.page_token.as_deref().filter(|token| !token.is_empty());
    let found = find(&app, Asked::text(Some(text), token), usize::try_from(size).unwrap_or(1)).await;
    let versions = found.hits.iter().map(|(version, _)| version);
    let taken = versions.filter(|version| version.has_remotes() && wanted.takes(&publisher(version)));
    let results = taken.filter_map(|version| entry(&base, version)).collect();
    Json::of(&ArdResults { results, next_page_token: found.next })
}

fn read(bytes: &[u8]) -> Result<ArdSearch, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            refusal("body", in_words(&error), serde_json::from_slice(bytes).unwrap_or_default())
        }
        _ => ApiError::NotJson {
            problem: error.to_string(),
            text: String::from_utf8_lossy(bytes).into_owned(),
            parameters: Vec::new(),
        },
    })
}

/// What is missing or of the wrong type, without the words that only a program knows.
fn in_words(error: &serde_json::Error) -> String {
    error.to_string().replace("struct ArdSearch", "an object").replace("struct ArdQuery", "an object")
}

fn refusal(location: &str, message: String, value: Value) -> ApiError {
    ApiError::Shape(vec![ShapeIssue {
        rule: None,
        location: location.to_owned(),
        message,
        value: Some(value),
    }])
}

/// What a filter lets through.
struct Wanted {
    /// Only other things than Server Cards.
    nothing: bool,
    /// Only these publishers; everybody where there are none.
    publishers: Vec<String>,
}

impl Wanted {
    fn of(filter: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut wanted = Self { nothing: false, publishers: Vec::new() };
        for (term, value) in filter {
            let location = format!("body.query.filter.{}", term.chars().take(100).collect::<String>());
            let values = texts(value).ok_or_else(|| {
                let message = "a filter is a text or a list of texts".to_owned();
                refusal(&location, message, value.clone())
            })?;
            match term.as_str() {
                "type" => wanted.nothing = !values.iter().any(|media| media.eq_ignore_ascii_case(MEDIA_TYPE)),
                "publisher" => wanted.publishers = values.into_iter().map(str::to_ascii_lowercase).collect(),
                _ => {
                    let message = "nothing is filtered by this; filter by `type` or `publisher`".to_owned();
                    return Err(refusal(&location, message, value.clone()));
                }
            }
        }
        Ok(wanted)
    }

    fn takes(&self, publisher: &str) -> bool {
        self.publishers.is_empty()
            || self.publishers.iter().any(|wanted| publisher.eq_ignore_ascii_case(wanted))
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
