//! What the search routes answer: servers with why and where they match, counts by facet, completions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::servers::ServerResponse;

/// Servers that a search found, best first.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SearchResults {
    /// The servers of this page.
    pub servers: Vec<SearchHit>,
    /// How many of all that match there are of each kind, by facet; only with `facets=1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facets: Option<BTreeMap<String, Vec<FacetCount>>>,
    /// What belongs to the whole search.
    pub metadata: SearchMetadata,
}

/// A server that was found: its latest version, as lists have it, and how it matches.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SearchHit {
    /// The version and what the registry says of it.
    #[serde(flatten)]
    pub listing: ServerResponse,
    /// How it matches.
    #[serde(rename = "match")]
    pub matched: Match,
}

/// How a server matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Match {
    /// Its place in the whole search, from 1.
    pub rank: usize,
    /// How well it answers: comparable within one search only; 0 where nothing was typed.
    pub score: f32,
    /// Where its name, title and description say what was looked for, in pieces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub highlights: BTreeMap<String, Vec<Fragment>>,
    /// How many near-identical servers of the same namespace match too and are not shown; `namespace:` finds them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u32,
    /// Why it stands here: the parts of the score; only with `explain=1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Reason>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fragment {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for; absent where it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hit: bool,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// What counts, in words.
    pub what: String,
    /// How much of the score it is.
    pub points: f32,
}

/// How many servers have a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FacetCount {
    /// The value, as the filter of this name takes it.
    pub value: String,
    /// How many.
    pub count: u64,
}

/// What belongs to a whole search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchMetadata {
    /// What to pass as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How many servers this page has.
    pub count: usize,
    /// How many servers match in all, those behind a `more` included.
    pub total: u64,
    /// How long it took to find and rank them, in microseconds; a remembered search says what it took when it was made.
    pub took_micros: u64,
}

/// What a text may become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Suggestions {
    /// Servers first, then queries, each the likeliest first.
    pub suggestions: Vec<Suggestion>,
}

/// Something that somebody may be about to type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// What it is.
    pub kind: SuggestionKind,
    /// What to show: a server's title, or a query to search for.
    pub text: String,
    /// The server's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionKind {
    /// A server: `name` says which.
    Server,
    /// A query that goes on as this one began.
    Query,
}
