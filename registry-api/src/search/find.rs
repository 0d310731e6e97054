//! From a request to ranked servers: read, expand, gather, compare, fold families.

use std::sync::Arc;
use std::time::{Duration, Instant};

use registry_core::wire::search::Reason;
use tantivy::Searcher;

use super::expand::{Sought, expand};
use super::facts::FACETS;
use super::family;
use super::gather::{By, Gather, Gathered, MOST_NAMESPACES, Need, question};
use super::query::Wanted;
use super::schema::{Fields, id};
use super::score::{Comparison, Score};
use super::vocabulary::Vocabulary;
use crate::read_model::catalog::{Catalog, Server};
use crate::read_model::entry::{Entry, Needle};

/// How many servers are compared in detail; the rest stands behind them in the index's order.
pub const COMPARED: usize = 400;
/// How many of them for a handful.
const FEW: usize = 60;
/// How many servers a query finds at most.
pub const MOST_HITS: usize = 10_000;
/// With fewer servers that have all words, those that have some follow.
const ENOUGH: u64 = 30;

/// In which order servers are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// How well they answer.
    #[default]
    Relevance,
    /// When they last changed, newest first.
    Updated,
    /// When they were published, newest first.
    Published,
    /// By name.
    Name,
}

/// How many servers are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Depth {
    /// A handful, and fast: while somebody types.
    Few,
    /// The first pages: as many as are compared in detail.
    #[default]
    Pages,
    /// All, up to [`MOST_HITS`].
    All,
}

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Request {
    /// What somebody typed.
    pub text: String,
    /// Tags, each list being alternatives of which one must be true.
    pub filters: Vec<Vec<String>>,
    /// Only what changed after this moment, in microseconds.
    pub since: Option<i64>,
    /// In which order.
    pub sort: Sort,
    /// Whether facets are counted.
    pub counts: bool,
    /// How many are wanted.
    pub depth: Depth,
    /// Whether every word must be found, and nothing less follows.
    pub is_strict: bool,
    /// Whether near-identical servers of one namespace are folded.
    pub folds: bool,
}

/// A server that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its number.
    pub id: u64,
    /// How well it answers; 0 where nothing was typed.
    pub score: f32,
    /// The index's part of that, between 0 and 1.
    pub bm25: f32,
    /// Whether it has every word.
    pub has_all: bool,
    /// How many more of its family there are that are not shown.
    pub more: u32,
}

/// Counts of one facet, the most frequent first.
pub type Counts = Vec<(String, u64)>;

/// Everything a request finds.
#[derive(Debug, Default)]
pub struct Order {
    /// Servers, best first.
    pub hits: Vec<Ranked>,
    /// How many there are, those not shown included.
    pub total: u64,
    /// Counts by facet, if they were asked for.
    pub facets: Vec<(&'static str, Counts)>,
    /// How long it took.
    pub took: Duration,
    wanted: Wanted,
    sought: Vec<Sought>,
}

/// Finds; fails only where the index cannot be read.
pub fn find(
    searcher: &Searcher,
    fields: &Fields,
    catalog: &Catalog,
    request: &Request,
) -> tantivy::Result<Order> {
    let begun = Instant::now();
    let mut wanted = Wanted::read(&request.text);
    if catalog.server(request.text.trim()).is_some() {
        // Whoever types a whole name means it: nothing in it is misspelled or unfinished.
        wanted.words.iter_mut().for_each(|word| (word.is_quoted, word.is_unfinished) = (true, false));
    }
    let is_odd = wanted.is_wordless() && wanted.filters.is_empty() && wanted.without.is_empty();
    if is_odd && !wanted.text.is_empty() {
        let mut order = Order { wanted, ..Order::default() };
        order.by_part_of_name(catalog);
        return Ok(order);
    }
    let mut sought = expand(&wanted, &Vocabulary::of(searcher, fields)?);
    if request.is_strict {
        // One or two letters are the beginning of half of everything.
        sought.iter_mut().for_each(|word| word.start = None);
    }
    let gather = Gather {
        most: match request.depth {
            _ if request.sort == Sort::Name => MOST_HITS,
            Depth::Few => FEW,
            Depth::Pages => COMPARED,
            Depth::All => MOST_HITS,
        },
        by: by(request, &wanted),
        counts: request.counts,
        since: request.since,
    };
    let ask = |need| searcher.search(&question(fields, &wanted, &sought, &request.filters, need), &gather);
    let mut all = ask(if request.is_strict { Need::Each } else { Need::All })?;
    let mut some = Gathered::default();
    if sought.len() > 1 && all.total < ENOUGH && !request.is_strict {
        some = ask(Need::Some)?;
        std::mem::swap(&mut all.facts, &mut some.facts);
        std::mem::swap(&mut all.namespaces, &mut some.namespaces);
    }
    let mut order = Order { total: all.total.max(some.total), ..Order::default() };
    order.facets = if request.counts { facets(&all) } else { Vec::new() };
    order.hits = ranked(&all, &some);
    (order.wanted, order.sought) = (wanted, sought);
    match gather.by {
        By::Score => order.compare(catalog, request.folds),
        By::Updated | By::Published if request.sort == Sort::Name => order.by_name(catalog),
        By::Updated | By::Published => {}
    }
    if order.hits.is_empty() && request.filters.is_empty() && request.since.is_none() {
        order.by_part_of_name(catalog);
    }
    order.took = begun.elapsed();
    Ok(order)
}

fn by(request: &Request, wanted: &Wanted) -> By {
    match request.sort {
        Sort::Relevance if !wanted.words.is_empty() => By::Score,
        Sort::Published => By::Published,
        Sort::Relevance | Sort::Updated | Sort::Name => By::Updated,
    }
}

/// Those with all words before those with some.
#[expect(clippy::cast_possible_truncation, reason = "scores were f32 before")]
fn ranked(all: &Gathered, some: &Gathered) -> Vec<Ranked> {
    let best =
        all.servers.iter().chain(&some.servers).map(|(score, _)| *score).fold(f64::MIN_POSITIVE, f64::max);
    let has_all: std::collections::HashSet<u64> = all.servers.iter().map(|(_, id)| *id).collect();
    let ranked = |(score, id): &(f64, u64)| Ranked {
        id: *id,
        score: 0.0,
        bm25: (*score / best) as f32,
        has_all: has_all.contains(id),
        more: 0,
    };
    let rest = some.servers.iter().filter(|(_, id)| !has_all.contains(id));
    all.servers.iter().chain(rest).map(ranked).collect()
}

impl Order {
    /// What was asked, as it was understood.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Everything that may stand for a word of the query.
    pub fn sought(&self) -> &[Sought] {
        &self.sought
    }

    /// Why a server stands where it does.
    pub fn explain(&self, catalog: &Catalog, hit: &Ranked) -> Vec<Reason> {
        let Some((server, entry)) = shown(catalog, hit.id) else { return Vec::new() };
        if self.sought.is_empty() {
            return Vec::new();
        }
        let comparison = Comparison::new(&self.wanted, &self.sought);
        let score = score(&comparison, server, entry, hit, catalog.newest());
        comparison.explain(&server.name, entry.profile(), &score)
    }

    fn compare(&mut self, catalog: &Catalog, folds: bool) {
        let comparison = Comparison::new(&self.wanted, &self.sought);
        let rest = self.hits.split_off(self.hits.len().min(COMPARED));
        let newest = catalog.newest();
        let mut compared: Vec<(Ranked, Score, &Arc<Server>, &Arc<Entry>)> =
            Vec::with_capacity(self.hits.len());
        for hit in &self.hits {
            // The catalog may be a moment ahead of the index: what is gone is not found.
            let Some((server, entry)) = shown(catalog, hit.id) else { continue };
            let score = score(&comparison, server, entry, hit, newest);
            compared.push((Ranked { score: score.total(), ..*hit }, score, server, entry));
        }
        compared.sort_by(|a, b| b.0.score.total_cmp(&a.0.score).then_with(|| a.2.name.cmp(&b.2.name)));
        if folds {
            family::fold(&mut compared, &self.sought);
        }
        self.hits = compared.into_iter().map(|(hit, ..)| hit).chain(rest).collect();
    }

    /// Where the words find nothing, the names that contain the text, for who remembers the middle of one; and for as long as the
    /// index is being built, since this needs none.
    fn by_part_of_name(&mut self, catalog: &Catalog) {
        let wanted = &self.wanted;
        if wanted.text.chars().count() < 3 || !wanted.is_plain() {
            return;
        }
        let needle = Needle::new(&wanted.text);
        // What nearly every namespace begins with is found only by whoever types a namespace.
        let is_name = wanted.text.contains(['.', '/']);
        let is_called = |server: &Server| match server.folded_name().strip_prefix("io.github.") {
            Some(own) if !is_name => needle.is_in(own),
            _ => server.is_called(&needle),
        };
        let called =
            catalog.called(&wanted.text).filter(|server| is_called(server) && server.visible().is_some());
        let hit = |server: &Arc<Server>| Ranked {
            id: id(server.name.as_str()),
            score: 0.1,
            bm25: 0.0,
            has_all: true,
            more: 0,
        };
        self.hits = called.take(COMPARED).map(hit).collect();
        self.total = self.hits.len() as u64;
    }

    fn by_name(&mut self, catalog: &Catalog) {
        let mut named: Vec<_> =
            self.hits.iter().filter_map(|hit| Some((&shown(catalog, hit.id)?.0.name, *hit))).collect();
        named.sort_by_key(|(name, _)| *name);
        self.hits = named.into_iter().map(|(_, hit)| hit).collect();
    }
}

/// A server and the version of it that is found.
pub fn shown(catalog: &Catalog, id: u64) -> Option<(&Arc<Server>, &Arc<Entry>)> {
    let server = catalog.by_id(id)?;
    Some((server, server.visible()?))
}

fn score(comparison: &Comparison<'_>, server: &Server, entry: &Entry, hit: &Ranked, newest: i64) -> Score {
    let life = life(server.versions.len(), newest - entry.standing.updated_at.timestamp());
    comparison.score(&server.name, entry.profile(), hit.bm25, life, hit.has_all)
}

/// What it is worth that a server is kept: many versions, and a recent one, decide between equals.
#[expect(clippy::cast_precision_loss, reason = "seconds and numbers of versions")]
fn life(versions: usize, age: i64) -> f32 {
    const YEAR: f32 = 31_557_600.0;
    1.0 + 0.02 * (-(age.max(0) as f32) / YEAR).exp() + 0.004 * (versions as f32).ln().min(4.0)
}

fn facets(gathered: &Gathered) -> Vec<(&'static str, Counts)> {
    let mut facets: Vec<(&'static str, Counts)> = Vec::new();
    for facet in FACETS {
        let counts = facet.bits().map(|(value, bit)| {
            let having = gathered.facts.iter().filter(|(set, _)| *set & bit != 0).map(|(_, count)| count);
            (value.to_owned(), having.sum())
        });
        facets.push((facet.name, most(counts.collect())));
    }
    let mut namespaces =
        most(gathered.namespaces.iter().map(|(name, count)| (name.clone(), *count)).collect());
    namespaces.truncate(MOST_NAMESPACES);
    facets.push(("namespace", namespaces));
    facets
}

fn most(mut counts: Counts) -> Counts {
    counts.retain(|(_, count)| *count > 0);
    counts.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    counts
}

#[cfg(test)]
mod tests;
