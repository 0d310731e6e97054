//! Pages of the list (contract 1.6, architecture section 7): range scans and ranked searches over a catalog.

use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::catalog::{Catalog, Server};
use super::entry::{Entry, Needle, fold};
use super::orders::Place;

/// Which versions a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Text that name or description contain, or words to rank by.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// `latest`, or the text of a version.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Only what was updated after this moment.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub updated_since: Option<DateTime<Utc>>,
    /// Deleted versions too.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub include_deleted: bool,
}

impl Filter {
    fn keeps(&self, entry: &Entry) -> bool {
        let version = match self.version.as_deref() {
            None => true,
            Some("latest") => entry.standing.is_latest,
            Some(text) => entry.version.as_str() == text,
        };
        version
            && (self.include_deleted || !entry.is_deleted())
            && self.updated_since.is_none_or(|since| entry.standing.updated_at > since)
    }
}

/// The last version of a page: the next page begins after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// Its server.
    pub name: String,
    /// Its version; `None` skips everything of that server.
    pub version: Option<String>,
    /// Where it stood in a ranked list.
    pub rank: Option<Rank>,
}

/// A place in a ranked list, which may have changed when the next page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// How many servers stood before it.
    #[serde(rename = "r")]
    pub before: usize,
    /// The one right before it.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<String>,
    /// The one right behind it.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Position {
    fn has_passed(&self, entry: &Entry) -> bool {
        entry.name.as_str() == self.name
            && self.version.as_deref().is_none_or(|version| entry.version.as_str() <= version)
    }
}

/// How many bytes of answers a page may hold, but for a single larger one: 10 MiB are the least that every client reads.
const LARGEST_PAGE: usize = 8 << 20;

/// The longest text that is searched for, in bytes; a longer one finds nothing. A name has at most 255, a description mostly 100
/// characters.
const LONGEST_SEARCH: usize = 1_000;

/// A page of versions.
#[derive(Debug)]
pub struct Page {
    /// The versions.
    pub entries: Vec<Arc<Entry>>,
    /// Where the next page begins; `None` when nothing follows.
    pub next: Option<Position>,
}

/// Ranks servers by relevance to words, best first, all words required.
pub trait Ranker {
    /// The whole order for `text`, as [`order`] makes it of what the words find; a ranker may remember it.
    fn order(&self, catalog: &Catalog, text: &str) -> Arc<[Place]>;
}

/// The page of at most `limit` versions after `after`; fewer where they are large.
pub fn page(
    catalog: &Catalog,
    ranker: &dyn Ranker,
    filter: &Filter,
    after: Option<&Position>,
    limit: usize,
) -> Page {
    match filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => plain(catalog, filter, after, limit, &|_, _| true),
        Some(text) => {
            if text.len() > LONGEST_SEARCH {
                return Page { entries: Vec::new(), next: None };
            }
            let folded = fold(text);
            if text.contains(['.', '/']) {
                fragment(catalog, filter, after, limit, text, &folded)
            } else {
                let order = ranker.order(catalog, text);
                ranked(&order, filter, after, limit, &folded)
            }
        }
    }
}

type Matches<'a> = &'a dyn Fn(&Server, &Entry) -> bool;

fn plain(
    catalog: &Catalog,
    filter: &Filter,
    after: Option<&Position>,
    limit: usize,
    matches: Matches<'_>,
) -> Page {
    let from = after.map_or(Bound::Unbounded, |position| Bound::Included(position.name.as_str()));
    take(catalog.servers_from(from), filter, after, limit, matches)
}

/// What contains the text, in the list's order; but the server of just that name stands first, where clients look for it.
fn fragment(
    catalog: &Catalog,
    filter: &Filter,
    after: Option<&Position>,
    limit: usize,
    text: &str,
    folded: &str,
) -> Page {
    let needle = Needle::new(folded);
    let contains = |server: &Server, entry: &Entry| server.is_called(&needle) || entry.describes(&needle);
    let in_any_case = || catalog.servers().find(|server| server.folded_name() == folded);
    let Some(exact) = catalog.server(text).or_else(in_any_case) else {
        // The server of just that name may have gone since it stood first.
        let passed = after.filter(|position| fold(&position.name) != folded);
        return plain(catalog, filter, passed, limit, &contains);
    };
    let passed = after.filter(|position| position.name != exact.name.as_str());
    let from = passed.map_or(Bound::Unbounded, |position| Bound::Included(position.name.as_str()));
    let others = catalog.servers_from(from).filter(|server| server.name != exact.name);
    let first = passed.is_none().then_some(exact);
    take(first.into_iter().chain(others), filter, after, limit, &contains)
}

/// Exact leaf, then what the words found, then every other substring match.
pub fn order(catalog: &Catalog, found: Vec<Arc<Server>>, text: &str) -> Vec<Place> {
    let folded = fold(text);
    let seen: std::collections::HashSet<&str> = found.iter().map(|server| server.name.as_str()).collect();
    let needle = Needle::new(&folded);
    let contains = |server: &Server| {
        server.is_called(&needle) || server.versions.iter().any(|version| version.describes(&needle))
    };
    let others = catalog.servers().filter(|server| !seen.contains(server.name.as_str()) && contains(server));
    let others: Vec<Place> = others.map(|server| (server.clone(), false)).collect();
    let is_exact = |(server, _): &Place| fold(server.name.leaf()) == folded;
    let found = found.iter().map(|server| (server.clone(), true));
    let (exact, rest): (Vec<_>, Vec<_>) = found.partition(is_exact);
    let (exact_too, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_exact);
    exact.into_iter().chain(exact_too).chain(rest).chain(others).collect()
}

/// Servers in their order, versions in the list's; of a server that only a substring found, the versions that have it.
fn ranked(order: &[Place], filter: &Filter, after: Option<&Position>, limit: usize, folded: &str) -> Page {
    let needle = Needle::new(folded);
    let from = after.map_or(0, |position| begin(order, position));
    let all: std::collections::HashSet<&str> =
        order.iter().filter(|(_, all)| *all).map(|(server, _)| server.name.as_str()).collect();
    let matches = |server: &Server, entry: &Entry| {
        all.contains(server.name.as_str()) || server.is_called(&needle) || entry.describes(&needle)
    };
    // The server at which the page ended may have versions left, wherever it stands now.
    let ended = after.filter(|position| position.rank.is_some()).map(|position| position.name.as_str());
    let itself = order.iter().position(|(server, _)| Some(server.name.as_str()) == ended);
    let rest = order[from..].iter().map(|(server, _)| server);
    let rest = rest.filter(|server| itself.is_none() || Some(server.name.as_str()) != ended);
    let servers = itself.map(|at| &order[at].0).into_iter().chain(rest);
    let mut page = take(servers, filter, after, limit, &matches);
    if let Some(next) = &mut page.next {
        // As long as versions of that server are left, the page ends where the one before did.
        let same = after.filter(|position| position.name == next.name && position.rank.is_some());
        next.rank = same.map_or_else(|| rank(order, &next.name), |position| position.rank.clone());
    }
    page
}

fn rank(order: &[Place], name: &str) -> Option<Rank> {
    let name_at = |at: usize| order.get(at).map(|(server, _)| server.name.to_string());
    let before = order.iter().position(|(server, _)| server.name.as_str() == name)?;
    let neighbour = before.checked_sub(1).and_then(name_at);
    Some(Rank { before, neighbour, next: name_at(before + 1) })
}

/// Where a ranked list goes on behind the server at which a page ended, by the servers around it.
fn begin(order: &[Place], position: &Position) -> usize {
    let find = |name: &str| order.iter().position(|(server, _)| server.name.as_str() == name);
    let itself = find(&position.name);
    let Some(rank) = &position.rank else { return itself.unwrap_or(order.len()) };
    let around = [rank.next.as_deref(), Some(&position.name), rank.neighbour.as_deref()];
    let at = go_on(rank.before + 1, around.map(|name| name.and_then(find)), rank.neighbour.is_some());
    at.min(order.len())
}

/// Where a list goes on that had ended `ended` places from its beginning, from where the server behind that place, the one before it,
/// and the one before that are now: each says so, and whichever has moved least is believed.
pub fn go_on(ended: usize, [next, last, before]: [Option<usize>; 3], had_two: bool) -> usize {
    // Without the last one, the one before it is the end.
    let before = before.map(|at| at + if last == Some(at + 1) { 2 } else { 1 });
    let places = [next, last.map(|at| at + 1), before];
    let nearest = places.into_iter().flatten().min_by_key(|at| at.abs_diff(ended));
    // Where all are gone, the rest has moved up.
    nearest.unwrap_or_else(|| ended.saturating_sub(1 + usize::from(had_two)))
}

fn take<'a>(
    servers: impl Iterator<Item = &'a Arc<Server>>,
    filter: &Filter,
    after: Option<&Position>,
    limit: usize,
    matches: Matches<'_>,
) -> Page {
    let mut entries: Vec<Arc<Entry>> = Vec::with_capacity(limit.min(100));
    let mut size = 0;
    for server in servers {
        for entry in &server.versions {
            if after.is_some_and(|position| position.has_passed(entry)) || !filter.keeps(entry) {
                continue;
            }
            if !matches(server, entry) {
                continue;
            }
            size += entry.json().len();
            if entries.len() == limit || (size > LARGEST_PAGE && !entries.is_empty()) {
                let last = entries.last().map(|last| Position {
                    name: last.name.to_string(),
                    version: Some(last.version.to_string()),
                    rank: None,
                });
                return Page { entries, next: last };
            }
            entries.push(entry.clone());
        }
    }
    Page { entries, next: None }
}

#[cfg(test)]
mod tests;
