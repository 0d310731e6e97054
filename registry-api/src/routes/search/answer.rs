//! The answer of a search: ready listings, each with how it matches.

use std::collections::BTreeMap;

use registry_core::wire::search::{FacetCount, Match, SearchMetadata};

use super::Found;
use crate::answer::Json;
use crate::problem::ApiError;
use crate::search::highlight::Highlighter;

/// The page as JSON; with `explain`, each server says why it stands where it does.
pub fn results(found: &Found, explain: bool) -> Result<Json, ApiError> {
    let highlighter = Highlighter::new(found.order.sought());
    let room: usize = found.hits.iter().map(|(entry, _)| entry.json().len() + 500).sum();
    let mut json = String::with_capacity(room + 2_000);
    json.push_str(r#"{"servers":["#);
    for (at, (entry, hit)) in found.hits.iter().enumerate() {
        let (title, description) = entry.title_and_description();
        let texts = [("name", entry.name.as_str()), ("title", &*title), ("description", &*description)];
        let marked =
            texts.into_iter().filter_map(|(what, text)| Some((what.to_owned(), highlighter.mark(text)?)));
        let matched = Match {
            rank: found.before + at + 1,
            score: (hit.score * 10_000.0).round() / 10_000.0,
            highlights: marked.collect(),
            more: hit.more,
            why: if explain { found.order.explain(&found.catalog, hit) } else { Vec::new() },
        };
        if at > 0 {
            json.push(',');
        }
        // The listing's own object goes on with how it matches.
        json.push_str(entry.json().strip_suffix('}').unwrap_or_default());
        json.push_str(r#","match":"#);
        json.push_str(&text(&matched)?);
        json.push('}');
    }
    json.push(']');
    if !found.order.facets.is_empty() {
        json.push_str(r#","facets":"#);
        json.push_str(&text(&facets(found))?);
    }
    let metadata = SearchMetadata {
        next_cursor: found.next.clone(),
        count: found.hits.len(),
        total: found.order.total,
        took_micros: u64::try_from(found.order.took.as_micros()).unwrap_or(u64::MAX),
    };
    json.push_str(r#","metadata":"#);
    json.push_str(&text(&metadata)?);
    json.push('}');
    Ok(Json::ready(json))
}

fn facets(found: &Found) -> BTreeMap<&'static str, Vec<FacetCount>> {
    let counts = found.order.facets.iter().map(|(name, counts)| {
        let counts = counts.iter().map(|(value, count)| FacetCount { value: value.clone(), count: *count });
        (*name, counts.collect())
    });
    counts.collect()
}

fn text(value: &impl serde::Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::Internal(error.into()))
}
