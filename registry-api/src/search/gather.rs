//! What the index finds for a query: the most promising servers, how many there are, and their facts counted.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, Term};

use super::expand::{Sought, Variant};
use super::query::Wanted;
use super::schema::Fields;
use super::text::stem;

/// How many namespaces are named of the most frequent ones.
pub const MOST_NAMESPACES: usize = 20;

/// How many words must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Each of them.
    Each,
    /// Each of them that says much.
    All,
    /// About half of them.
    Some,
}

/// In which order servers come out of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// How well the words fit.
    Score,
    /// When they last changed, newest first.
    Updated,
    /// When they were published, newest first.
    Published,
}

/// The index's question for what is looked for.
pub fn question(
    fields: &Fields,
    wanted: &Wanted,
    sought: &[Sought],
    filters: &[Vec<String>],
    need: Need,
) -> Box<dyn Query> {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    if !sought.is_empty() {
        clauses.push((Occur::Must, words(fields, sought, need)));
    }
    for phrase in &wanted.phrases {
        clauses.push((Occur::Must, constant(phrase_query(fields, phrase))));
    }
    for alternatives in wanted.filters.iter().chain(filters).filter(|alternatives| !alternatives.is_empty()) {
        let any =
            alternatives.iter().map(|tag| (Occur::Should, term(fields.tags, tag, IndexRecordOption::Basic)));
        clauses.push((Occur::Must, constant(Box::new(BooleanQuery::new(any.collect())))));
    }
    if clauses.is_empty() {
        clauses.push((Occur::Must, constant(Box::new(AllQuery))));
    }
    for without in &wanted.without {
        clauses.push((Occur::MustNot, excluded(fields, without)));
    }
    for tag in wanted.without_tags.iter().flatten() {
        clauses.push((Occur::MustNot, term(fields.tags, tag, IndexRecordOption::Basic)));
    }
    Box::new(BooleanQuery::new(clauses))
}

fn words(fields: &Fields, sought: &[Sought], need: Need) -> Box<dyn Query> {
    let occur = |sought: &Sought| match need {
        Need::Each => Occur::Must,
        Need::All if !sought.word.is_vague => Occur::Must,
        Need::All | Need::Some => Occur::Should,
    };
    let mut each: Vec<(Occur, Box<dyn Query>)> =
        sought.iter().map(|sought| (occur(sought), any(fields, sought))).collect();
    match need {
        _ if each.len() == 1 => each.remove(0).1,
        Need::Each | Need::All => Box::new(BooleanQuery::new(each)),
        Need::Some => Box::new(BooleanQuery::with_minimum_required_clauses(each, sought.len().div_ceil(3))),
    }
}

/// Anything that may stand for a word.
fn any(fields: &Fields, sought: &Sought) -> Box<dyn Query> {
    let mut any: Vec<(Occur, Box<dyn Query>)> =
        sought.variants.iter().map(|variant| (Occur::Should, stands_for(fields, variant))).collect();
    if let Some(start) = &sought.start {
        any.push((
            Occur::Should,
            Box::new(ConstScoreQuery::new(term(fields.tags, start, IndexRecordOption::Basic), 1.0)),
        ));
    }
    if any.len() == 1 { any.remove(0).1 } else { Box::new(BooleanQuery::new(any)) }
}

fn stands_for(fields: &Fields, variant: &Variant) -> Box<dyn Query> {
    let mut all: Vec<(Occur, Box<dyn Query>)> = variant
        .stems
        .iter()
        .map(|stem| (Occur::Must, term(fields.stems, stem, IndexRecordOption::WithFreqs)))
        .collect();
    let all = if all.len() == 1 { all.remove(0).1 } else { Box::new(BooleanQuery::new(all)) };
    if (variant.quality - 1.0).abs() < f32::EPSILON {
        all
    } else {
        Box::new(BoostQuery::new(all, variant.quality))
    }
}

fn excluded(fields: &Fields, words: &[String]) -> Box<dyn Query> {
    match words {
        [word] => term(fields.stems, &stem(word), IndexRecordOption::Basic),
        // Tantivy 0.27 asks an excluded phrase for servers that it has passed, which a union may be asked for and a phrase may not.
        phrase => Box::new(BooleanQuery::new(
            [(); 2].map(|()| (Occur::Should, phrase_query(fields, phrase))).into(),
        )),
    }
}

fn phrase_query(fields: &Fields, words: &[String]) -> Box<dyn Query> {
    if let [word] = words {
        return term(fields.words, word, IndexRecordOption::Basic);
    }
    Box::new(PhraseQuery::new(words.iter().map(|word| Term::from_field_text(fields.words, word)).collect()))
}

fn term(field: Field, text: &str, option: IndexRecordOption) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), option))
}

fn constant(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

/// Takes everything that matches, once.
#[derive(Debug, Clone)]
pub struct Gather {
    /// How many servers are wanted.
    pub most: usize,
    /// In which order.
    pub by: By,
    /// Whether facts are counted.
    pub counts: bool,
    /// Only what changed after this moment, in microseconds.
    pub since: Option<i64>,
    /// Only servers with these numbers.
    pub among: Option<Arc<FxHashSet<u64>>>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Servers by their numbers, best first, each with what it was ordered by.
    pub servers: Vec<(f64, u64)>,
    /// How many match.
    pub total: u64,
    /// Sets of facts, and how many servers have just these.
    pub facts: HashMap<u64, u64>,
    /// The most frequent namespaces.
    pub namespaces: HashMap<String, u64>,
}

impl Collector for Gather {
    type Fruit = Gathered;
    type Child = Segment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Segment> {
        let columns = segment.fast_fields();
        Ok(Segment {
            how: self.clone(),
            id: columns.u64("id")?,
            order: match self.by {
                By::Score => None,
                By::Updated => Some(columns.i64("updated")?),
                By::Published => Some(columns.i64("published")?),
            },
            updated: self.since.map(|_| columns.i64("updated")).transpose()?,
            facts: self.counts.then(|| columns.u64("facts")).transpose()?,
            namespace: if self.counts { columns.str("namespace")? } else { None },
            best: Vec::new(),
            last: None,
            total: 0,
            sets: FxHashMap::default(),
            ords: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.by == By::Score
    }

    fn merge_fruits(&self, fruits: Vec<Gathered>) -> tantivy::Result<Gathered> {
        let mut all = Gathered::default();
        for fruit in fruits {
            all.total += fruit.total;
            all.servers.extend(fruit.servers);
            fruit.facts.into_iter().for_each(|(set, count)| *all.facts.entry(set).or_default() += count);
            fruit
                .namespaces
                .into_iter()
                .for_each(|(name, count)| *all.namespaces.entry(name).or_default() += count);
        }
        all.servers.sort_unstable_by(first);
        all.servers.truncate(self.most);
        Ok(all)
    }
}

/// Equal ones stand by their numbers, which are the same in every process.
fn first(a: &(f64, u64), b: &(f64, u64)) -> Ordering {
    b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1))
}

/// What one segment of the index has.
pub struct Segment {
    how: Gather,
    id: Column<u64>,
    order: Option<Column<i64>>,
    updated: Option<Column<i64>>,
    facts: Option<Column<u64>>,
    namespace: Option<StrColumn>,
    best: Vec<(f64, u64)>,
    /// The last one that is wanted of those seen so far, once there are enough.
    last: Option<(f64, u64)>,
    total: u64,
    sets: FxHashMap<u64, u64>,
    ords: Vec<u32>,
}

impl SegmentCollector for Segment {
    type Fruit = Gathered;

    fn collect(&mut self, doc: DocId, score: Score) {
        if let (Some(updated), Some(since)) = (&self.updated, self.how.since)
            && updated.first(doc).is_none_or(|at| at <= since)
        {
            return;
        }
        if self.how.among.as_ref().is_some_and(|among| !among.contains(&self.number(doc))) {
            return;
        }
        self.total += 1;
        if let Some(facts) = &self.facts {
            *self.sets.entry(facts.first(doc).unwrap_or_default()).or_default() += 1;
        }
        if let Some(namespace) = &self.namespace
            && let Some(ord) = namespace.ords().first(doc)
        {
            let at = usize::try_from(ord).unwrap_or_default();
            if self.ords.len() <= at {
                self.ords.resize(at + 1, 0);
            }
            self.ords[at] += 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "microseconds of our time fit")]
        let value = match &self.order {
            Some(order) => order.first(doc).unwrap_or_default() as f64,
            None => f64::from(score),
        };
        if self.last.is_none_or(|(least, _)| value >= least) {
            self.keep((value, self.number(doc)));
        }
    }

    fn harvest(mut self) -> Gathered {
        self.shrink();
        Gathered {
            servers: std::mem::take(&mut self.best),
            total: self.total,
            namespaces: self.namespaces(),
            facts: self.sets.into_iter().collect(),
        }
    }
}

impl Segment {
    fn number(&self, doc: DocId) -> u64 {
        self.id.first(doc).unwrap_or_default()
    }

    /// Of equal ones those with the lowest numbers, so that a longer list begins as a shorter one does.
    fn keep(&mut self, server: (f64, u64)) {
        if self.last.is_some_and(|last| first(&server, &last) == Ordering::Greater) {
            return;
        }
        self.best.push(server);
        if self.best.len() >= 2 * self.how.most.max(64) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let most = self.how.most;
        if most > 0 && self.best.len() > most {
            let (_, last, _) = self.best.select_nth_unstable_by(most - 1, first);
            self.last = Some(*last);
        }
        self.best.truncate(most);
    }

    fn namespaces(&self) -> HashMap<String, u64> {
        let Some(column) = &self.namespace else { return HashMap::new() };
        let mut counts: Vec<(u32, u64)> = self
            .ords
            .iter()
            .zip(0..)
            .filter(|(count, _)| **count > 0)
            .map(|(count, ord)| (*count, ord))
            .collect();
        // A namespace that is frequent in all has to be rather frequent in each.
        let some = MOST_NAMESPACES * 10;
        if counts.len() > some {
            counts.select_nth_unstable_by(some, |a, b| b.cmp(a));
            counts.truncate(some);
        }
        let named = counts.into_iter().filter_map(|(count, ord)| {
            let mut name = String::new();
            column.ord_to_str(ord, &mut name).ok().filter(|found| *found)?;
            Some((name, u64::from(count)))
        });
        named.collect()
    }
}
