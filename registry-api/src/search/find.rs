//! From a request to ranked servers: read, expand, gather, compare, fold families.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use registry_core::wire::search::Reason;
use rustc_hash::FxHashSet;
use tantivy::Searcher;

use super::expand::{Sought, expand};
use super::facts::FACETS;
use super::family;
use super::gather::{By, Gather, Gathered, MOST_NAMESPACES, Need, question};
use super::query::Wanted;
use super::schema::Fields;
use super::score::{Comparison, Score};
use super::text::fold;
use super::vocabulary::Vocabulary;
use crate::read_model::catalog::{Catalog, Server};
use crate::read_model::entry::Entry;

/// How many servers are compared in detail; the rest stands behind them in the index's order.
pub const COMPARED: usize = 400;
/// How many of them for a handful.
const FEW: usize = 60;
/// How many servers a query finds at most.
pub const MOST_HITS: usize = 10_000;
/// How many servers are looked at that are called just what was typed.
const CALLED_SO: usize = 100;
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
    /// Whether the index could not be read, so that nothing was found.
    pub is_broken: bool,
    wanted: Wanted,
    sought: Vec<Sought>,
    standing: Standing,
}

/// Why servers stand in the order in which they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Standing {
    /// By what they score.
    #[default]
    Scores,
    /// As was asked, or since there is nothing to compare.
    Sorted(Sort),
    /// Their names contain the text.
    Called,
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
    // Where every word must be there, leaving some out is no search.
    let is_only_less = request.is_strict && wanted.filters.is_empty();
    let is_odd = wanted.is_wordless() && (wanted.is_plain() || is_only_less) && !wanted.text.is_empty();
    let mut order = if is_odd {
        Order { wanted, ..Order::default() }
    } else {
        by_words(searcher, fields, catalog, request, wanted)?
    };
    if order.hits.is_empty() {
        order.by_part_of_name(catalog, request, |gather| {
            let filters = &request.filters;
            searcher.search(&question(fields, &Wanted::default(), &[], filters, Need::All), &gather)
        })?;
    }
    order.took = begun.elapsed();
    Ok(order)
}

fn by_words(
    searcher: &Searcher,
    fields: &Fields,
    catalog: &Catalog,
    request: &Request,
    wanted: Wanted,
) -> tantivy::Result<Order> {
    let mut sought = expand(&wanted, &Vocabulary::of(searcher, fields)?);
    if request.is_strict {
        // One or two letters are the beginning of half of everything.
        sought.iter_mut().for_each(|word| word.start = None);
    }
    let gather = Gather { by: by(request, &wanted), ..gather(request) };
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
    order.hits = ranked(&all, &some, gather.by);
    if gather.by == By::Score {
        let leaf = vec![format!("leaf:{}", wanted.text)];
        let filters: Vec<_> = request.filters.iter().cloned().chain([leaf]).collect();
        let just = Wanted { words: Vec::new(), phrases: Vec::new(), ..wanted.clone() };
        let few = Gather { most: CALLED_SO, by: By::Updated, counts: false, ..gather.clone() };
        let called = searcher.search(&question(fields, &just, &[], &filters, Need::All), &few)?;
        order.lift(&called);
    }
    (order.wanted, order.sought) = (wanted, sought);
    match gather.by {
        By::Score => order.compare(catalog, request.folds && !is_of_namespace(request, &order.wanted)),
        By::Updated | By::Published => order.sorted(request.sort, catalog),
    }
    Ok(order)
}

/// Whether one namespace is asked for: whoever does wants all of it.
fn is_of_namespace(request: &Request, wanted: &Wanted) -> bool {
    request.filters.iter().chain(&wanted.filters).flatten().any(|tag| tag.starts_with("ns:"))
}

/// How many are gathered for a request, and what else is asked of them.
fn gather(request: &Request) -> Gather {
    let most = match request.depth {
        _ if request.sort == Sort::Name => MOST_HITS,
        Depth::Few => FEW,
        Depth::Pages => COMPARED,
        Depth::All => MOST_HITS,
    };
    let by = if request.sort == Sort::Published { By::Published } else { By::Updated };
    Gather { most, by, counts: request.counts, since: request.since, among: None }
}

fn by(request: &Request, wanted: &Wanted) -> By {
    match request.sort {
        Sort::Relevance if !wanted.words.is_empty() => By::Score,
        _ => gather(request).by,
    }
}

/// Those with all words before those with some, unless they are wanted in another order.
#[expect(clippy::cast_possible_truncation, reason = "scores were f32 before")]
fn ranked(all: &Gathered, some: &Gathered, by: By) -> Vec<Ranked> {
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
    if by != By::Score && some.total > 0 {
        // Who has all has some.
        return some.servers.iter().map(ranked).collect();
    }
    let rest = some.servers.iter().filter(|(_, id)| !has_all.contains(id));
    all.servers.iter().chain(rest).map(ranked).collect()
}

impl Order {
    /// What is found in an index that cannot be read.
    pub fn broken() -> Self {
        Self { is_broken: true, ..Self::default() }
    }

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
        let only = |what: &str, points| vec![Reason { what: what.to_owned(), points }];
        match self.standing {
            Standing::Sorted(Sort::Published) => only("servers stand by when they were published", 0.0),
            Standing::Sorted(Sort::Name) => only("servers stand by their names", 0.0),
            Standing::Sorted(_) => only("servers stand by when they last changed", 0.0),
            Standing::Called => only("its name contains what was typed", hit.score),
            Standing::Scores if hit.score <= 0.0 => only(
                "it stands behind all that were compared in detail, by how rare and frequent the words are (BM25)",
                0.0,
            ),
            Standing::Scores => {
                let comparison = Comparison::new(&self.wanted, &self.sought);
                let score = score(&comparison, server, entry, hit, catalog.newest());
                comparison.explain(&server.name, entry.profile(), &score)
            }
        }
    }

    /// Brings those that are called just what was typed among those that are compared.
    fn lift(&mut self, called: &Gathered) {
        let ids: FxHashSet<u64> = called.servers.iter().map(|(_, id)| *id).collect();
        if ids.is_empty() {
            return;
        }
        let (mut first, rest): (Vec<_>, Vec<_>) =
            self.hits.iter().copied().partition(|hit| ids.contains(&hit.id));
        let known: FxHashSet<u64> = first.iter().map(|hit| hit.id).collect();
        let new = called.servers.iter().filter(|(_, id)| !known.contains(id));
        first.extend(new.map(|(_, id)| Ranked { id: *id, score: 0.0, bm25: 0.0, has_all: true, more: 0 }));
        self.total = self.total.max((first.len() + rest.len()) as u64);
        self.hits = first.into_iter().chain(rest).collect();
    }

    fn compare(&mut self, catalog: &Catalog, folds: bool) {
        let comparison = Comparison::new(&self.wanted, &self.sought);
        let rest = self.hits.split_off(self.hits.len().min(COMPARED));
        let newest = catalog.newest();
        let compare = |hit: &Ranked| {
            // The catalog may be a moment ahead of the index: what is gone is not found.
            let (server, entry) = shown(catalog, hit.id)?;
            let score = score(&comparison, server, entry, hit, newest);
            Some((Ranked { score: score.total(), ..*hit }, score, server, entry))
        };
        let mut compared: Vec<_> = self.hits.iter().filter_map(compare).collect();
        compared.sort_by(|a, b| b.0.score.total_cmp(&a.0.score).then_with(|| a.2.name.cmp(&b.2.name)));
        if folds {
            let rest = rest.iter().filter_map(compare);
            compared.extend(
                rest.map(|(hit, score, server, entry)| (Ranked { score: 0.0, ..hit }, score, server, entry)),
            );
            family::fold(&mut compared, &self.sought);
            self.hits = compared.into_iter().map(|(hit, ..)| hit).collect();
        } else {
            self.hits = compared.into_iter().map(|(hit, ..)| hit).chain(rest).collect();
        }
    }

    /// They stand in the order that was asked for; by name they have yet to.
    fn sorted(&mut self, sort: Sort, catalog: &Catalog) {
        self.standing = Standing::Sorted(sort);
        if sort != Sort::Name {
            return;
        }
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
    let named = gathered.namespaces.iter().map(|(name, count)| (name.clone(), *count)).collect();
    let mut namespaces = spelled_once(most(named));
    namespaces.truncate(MOST_NAMESPACES);
    facets.push(("namespace", namespaces));
    facets
}

/// Spellings of one namespace together, under the most frequent one.
fn spelled_once(counts: Counts) -> Counts {
    let mut once: Counts = Vec::with_capacity(counts.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for (name, count) in counts {
        let at = *places.entry(fold(&name)).or_insert(once.len());
        match once.get_mut(at) {
            Some((_, known)) => *known += count,
            None => once.push((name, count)),
        }
    }
    most(once)
}

fn most(mut counts: Counts) -> Counts {
    counts.retain(|(_, count)| *count > 0);
    counts.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    counts
}

mod part;
#[cfg(test)]
mod tests;
