//! What a search may be asked for, and cursors, which carry all of it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::extract::Query;
use crate::problem::ApiError;
use crate::read_model::list::go_on;
use crate::search::facts::{FACETS, Facet};
use crate::search::find::{Order, Request, Sort};
use crate::search::query::MOST_TEXT;
use crate::search::text::fold;

/// What a search may be asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct SearchParams {
    /// What to find, in words; the last one may be unfinished. Empty for everything. A text over 1,000 bytes finds nothing.
    #[param(required = false, example = "send a message to a team channel")]
    q: String,
    /// Only servers with a package of one of these types, apart by commas: `npm`, `pypi`, `oci`, `nuget`, `mcpb`, `cargo`, `other`.
    #[param(required = false, example = "npm")]
    registry_type: String,
    /// Only servers that speak over one of these: `stdio`, `streamable-http`, `sse`.
    #[param(required = false)]
    transport: String,
    /// Only servers of one of these namespaces and those below them.
    #[param(required = false, example = "com.example")]
    namespace: String,
    /// Only servers whose owner is proved so far: `claimed`, `same-site`, `host-bound`, `endpoint-bound`, `registry`.
    #[param(required = false)]
    evidence: String,
    /// Only servers whose best endpoint was last found so: `alive`, `alive-auth`, `alive-paid`, `stale`, `blocked`, `unprobed`,
    /// `unreachable`, `not-mcp`, `dead`.
    #[param(required = false)]
    liveness: String,
    /// Only servers that ask for this: `none`, `key` (a secret that one must bring), `oauth` (to sign in).
    #[param(required = false)]
    auth: String,
    /// Only servers of this status: `active`, `deprecated`.
    #[param(required = false)]
    status: String,
    /// Only servers that have all of these: `package`, `remote`, `repository`, `website`, `icon`, `title`, `tools`.
    #[param(required = false, example = "remote")]
    has: String,
    /// Only servers that changed after this moment (RFC 3339).
    #[param(required = false, example = "2026-01-01T00:00:00Z")]
    updated_since: String,
    /// The order: `relevance`, `updated` or `published` (newest first), `name` (among the 10,000 that changed last or fit best).
    #[param(required = false, default = "relevance")]
    sort: String,
    /// Count what matches by facet, too.
    #[param(required = false, default = false)]
    facets: bool,
    /// Tell of each server why it stands where it does.
    #[param(required = false, default = false)]
    explain: bool,
    /// How many servers the page has at most.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: i64,
    /// Where the page begins: `metadata.nextCursor` of the page before. It carries text, filters and order.
    #[param(required = false)]
    cursor: String,
}

/// What completions may be asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what Query extracts")]
pub struct SuggestParams {
    /// What was typed so far.
    #[param(required = false, example = "weath")]
    q: String,
}

/// A search as it was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What to find.
    pub request: Request,
    /// How many servers the pages before this one had.
    pub offset: usize,
    /// The server that is next, the one that was last, and the one before it.
    around: [Option<u64>; 3],
}

/// How many filters a cursor carries at most.
const MOST_FILTERS: usize = 32;
const TOO_MANY: &str = "expected at most 100 alternatives";
/// How many alternatives a filter has at most.
const MOST_ALTERNATIVES: usize = 100;

#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "q", default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Vec<String>>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    sort: Option<String>,
    #[serde(rename = "o")]
    offset: usize,
    #[serde(rename = "i", default)]
    around: [Option<u64>; 3],
}

const MARK: &str = "s1.";
const SORTS: [(&str, Sort); 4] = [
    ("relevance", Sort::Relevance),
    ("updated", Sort::Updated),
    ("published", Sort::Published),
    ("name", Sort::Name),
];

impl Asked {
    /// A search for a text alone, or the page that a cursor names.
    pub fn text(text: Option<&str>, cursor: Option<&str>) -> Self {
        let mut asked = cursor.and_then(Self::of_cursor).unwrap_or_default();
        if let Some(text) = text {
            asked.request.text = text.to_owned();
        }
        asked.request.folds = true;
        asked.checked()
    }

    /// Reads a query; fails with everything that is wrong with it.
    pub fn read(query: &mut Query) -> Result<Self, ApiError> {
        let mut asked = Self::text(query.text("q"), query.text("cursor"));
        let mut filters = Vec::new();
        for facet in FACETS {
            let Some(text) = query.text(facet.name).map(str::to_owned) else { continue };
            match alternatives(facet, &text) {
                Ok(tags) if facet.name == "has" => filters.extend(tags.into_iter().map(|tag| vec![tag])),
                Ok(tags) => filters.push(tags),
                Err(message) => query.refuse(facet.name, &message, &text),
            }
        }
        if let Some(namespace) = query.text("namespace") {
            let names = namespace.split(',').map(|name| name.trim().trim_end_matches(['*', '/', '.']));
            let names: Vec<String> =
                names.filter(|name| !name.is_empty()).map(|name| format!("ns:{}", fold(name))).collect();
            if names.len() > MOST_ALTERNATIVES {
                let text = namespace.to_owned();
                query.refuse("namespace", TOO_MANY, &text);
            } else {
                filters.push(names);
            }
        }
        if let Some(sort) = query.text("sort").map(str::to_owned) {
            match SORTS.iter().find(|(name, _)| *name == sort) {
                Some((_, sort)) => asked.request.sort = *sort,
                None => query.refuse("sort", "expected `relevance`, `updated`, `published` or `name`", &sort),
            }
        }
        asked.request.counts = query.flag("facets").unwrap_or_default();
        query.check()?;
        if let Some(since) = query.time("updated_since")? {
            asked.request.since = Some(since.timestamp_micros());
        }
        if !filters.is_empty() {
            asked.request.filters = filters;
        }
        Ok(asked)
    }

    fn of_cursor(cursor: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(cursor.strip_prefix(MARK)?).ok()?;
        let Cursor { text, mut filters, since, sort, offset, around } = serde_json::from_slice(&json).ok()?;
        filters.truncate(MOST_FILTERS);
        filters.iter_mut().for_each(|alternatives| alternatives.truncate(MOST_ALTERNATIVES));
        let sort = sort.and_then(|sort| SORTS.iter().find(|(name, _)| *name == sort)).map(|(_, sort)| *sort);
        let request = Request { text, filters, since, sort: sort.unwrap_or_default(), ..Request::default() };
        Some(Self { request, offset, around })
    }

    /// Long texts are not looked for: no name or description has them.
    fn checked(mut self) -> Self {
        if self.request.text.len() > MOST_TEXT {
            self.request = Request { text: "\0".to_owned(), ..Request::default() };
        }
        self
    }

    /// The cursor behind `offset` servers of an order.
    pub fn next(&self, offset: usize, order: &Order) -> String {
        let before = |n: usize| offset.checked_sub(n).and_then(|at| order.hits.get(at)).map(|hit| hit.id);
        let around = [before(0), before(1), before(2)];
        let Request { text, filters, since, sort, .. } = &self.request;
        let sort = SORTS.iter().find(|(_, known)| known == sort && *known != Sort::Relevance);
        let cursor = Cursor {
            text: text.clone(),
            filters: filters.clone(),
            since: *since,
            sort: sort.map(|(name, _)| (*name).to_owned()),
            offset,
            around,
        };
        format!("{MARK}{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default()))
    }

    /// Where the page begins: where the one before ended, as far as the servers around that place still stand there.
    pub fn begin(&self, order: &Order) -> usize {
        let [_, last, before] = self.around;
        if last.is_none() {
            return self.offset;
        }
        let find = |id: Option<u64>| id.and_then(|id| order.hits.iter().position(|hit| hit.id == id));
        go_on(self.offset, self.around.map(find), before.is_some())
    }
}

fn alternatives(facet: Facet, text: &str) -> Result<Vec<String>, String> {
    let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
    let tag = |value: &str| match facet.bit(value) {
        Some(_) => Ok(format!("{}:{value}", facet.name)),
        None => {
            let known: Vec<String> = facet.values.iter().map(|value| format!("`{value}`")).collect();
            Err(format!("expected one of {}", known.join(", ")))
        }
    };
    let tags: Vec<String> = values.map(tag).collect::<Result<_, _>>()?;
    if tags.len() > MOST_ALTERNATIVES { Err(TOO_MANY.to_owned()) } else { Ok(tags) }
}
