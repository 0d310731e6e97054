//! From what people type to ranked names: every word must be found somewhere, the last one may be unfinished.

use registry_core::name::ServerName;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::schema::{Fields, words};

/// How many words of a query count; the rest is ignored.
const MOST_WORDS: usize = 16;
/// How many characters of a query count.
const MOST_TEXT: usize = 500;
/// How many servers a query finds at most.
pub const MOST_HITS: usize = 10_000;

/// The names that `text` finds, best first.
pub fn rank(searcher: &Searcher, fields: &Fields, text: &str) -> Vec<(f32, ServerName)> {
    let Some(query) = parse(fields, text) else { return Vec::new() };
    let Ok(hits) = searcher.search(&query, &TopDocs::with_limit(MOST_HITS).order_by_score()) else {
        return Vec::new();
    };
    let names: Vec<_> = searcher
        .segment_readers()
        .iter()
        .map(|segment| segment.fast_fields().str("name").ok().flatten())
        .collect();
    let mut name = String::new();
    let mut found: Vec<(f32, ServerName)> = hits
        .into_iter()
        .filter_map(|(score, address)| {
            let column = names.get(address.segment_ord as usize)?.as_ref()?;
            let ord = column.term_ords(address.doc_id).next()?;
            name.clear();
            column.ord_to_str(ord, &mut name).ok().filter(|found| *found)?;
            Some((score, name.parse().ok()?))
        })
        .collect();
    // Equal scores stand in name order, so that every process gives the same list.
    found.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
    found
}

/// All words, in any field each; the last one also as the beginning of a word.
fn parse(fields: &Fields, text: &str) -> Option<BooleanQuery> {
    let text: String = text.chars().take(MOST_TEXT).collect();
    let mut words = words(&text);
    words.truncate(MOST_WORDS);
    let unfinished = !text.ends_with(char::is_whitespace);
    let last = words.len().checked_sub(1)?;
    let each = words
        .iter()
        .enumerate()
        .map(|(i, word)| (Occur::Must, somewhere(fields, word, unfinished && i == last)));
    Some(BooleanQuery::new(each.collect()))
}

fn somewhere(fields: &Fields, word: &str, unfinished: bool) -> Box<dyn Query> {
    let weights =
        [(fields.leaf, 4.0), (fields.title, 3.0), (fields.namespace, 1.5), (fields.description, 1.0)];
    let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for (field, weight) in weights {
        any.push((Occur::Should, boosted(whole(field, word), weight)));
        if unfinished {
            any.push((Occur::Should, boosted(beginning(field, word), weight * 0.3)));
        }
    }
    Box::new(BooleanQuery::new(any))
}

fn whole(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

fn beginning(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, word), 0, true))
}

fn boosted(query: Box<dyn Query>, weight: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}
