//! The words that the index knows, and how many servers have each.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::{InvertedIndexReader, Searcher, Term};
use tantivy_fst::Automaton;

use super::schema::Fields;

/// How many words of one beginning, or near one word, are looked at.
const MOST_SEEN: usize = 30_000;

/// A known word and how many servers have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The word.
    pub word: String,
    /// How many servers have it.
    pub servers: u64,
}

/// How many slips of a finger a word may be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slips {
    /// One.
    One,
    /// One, and the word may go on.
    OneInBeginning,
    /// Two, behind the first letter: most are, and it costs much less to look there.
    TwoLater,
    /// Two.
    Two,
}

/// The words of an index at one moment.
pub struct Vocabulary {
    words: Vec<Arc<InvertedIndexReader>>,
    names: Vec<Arc<InvertedIndexReader>>,
    stems: Vec<Arc<InvertedIndexReader>>,
    fields: Fields,
    /// How many servers there are.
    pub servers: u64,
}

impl Vocabulary {
    /// Of what `searcher` sees.
    pub fn of(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Self> {
        let readers =
            |field| searcher.segment_readers().iter().map(|segment| segment.inverted_index(field)).collect();
        Ok(Self {
            words: tantivy::Result::from_iter::<Vec<_>>(readers(fields.words))?,
            names: tantivy::Result::from_iter::<Vec<_>>(readers(fields.names))?,
            stems: tantivy::Result::from_iter::<Vec<_>>(readers(fields.stems))?,
            fields: *fields,
            servers: searcher.num_docs(),
        })
    }

    /// How many servers have a word as it is written.
    pub fn word(&self, word: &str) -> u64 {
        count(&self.words, self.fields.words, word)
    }

    /// How many servers have a word of this stem.
    pub fn stem(&self, stem: &str) -> u64 {
        count(&self.stems, self.fields.stems, stem)
    }

    /// The words that begin so, the most frequent first: of names and titles, and of everything where these have few.
    ///
    /// What many servers are called is more likely meant than what many descriptions mention; there each counts little.
    pub fn beginning_with(&self, beginning: &str, most: usize) -> Vec<Known> {
        const FEW: usize = 5;
        let mut named = ends(&self.names, beginning, most);
        if named.len() < FEW {
            for Known { word, servers } in ends(&self.words, beginning, most) {
                if named.len() < most && named.iter().all(|known| known.word != word) {
                    named.push(Known { word, servers: servers.min(1) });
                }
            }
        }
        named
    }

    /// The words at most so many slips of a finger away, the most frequent first.
    pub fn near(&self, word: &str, slips: Slips, most: usize) -> Vec<Known> {
        let term = Term::from_field_text(self.fields.words, word);
        let is_beginning = slips == Slips::OneInBeginning;
        let (slips, first) = match slips {
            Slips::One | Slips::OneInBeginning => (1, None),
            Slips::TwoLater => (2, word.bytes().next()),
            Slips::Two => (2, None),
        };
        let query = if is_beginning {
            FuzzyTermQuery::new_prefix(term, slips, true)
        } else {
            FuzzyTermQuery::new(term, slips, true)
        };
        let (mut found, mut seen) = (FxHashMap::default(), 0);
        for segment in &self.words {
            let Ok(automaton) = query.automaton() else { return Vec::new() };
            let search = segment.terms().search(Anchored { automaton, first });
            add(search.into_stream(), &mut found, &mut seen);
        }
        best(found, most)
    }
}

fn ends(segments: &[Arc<InvertedIndexReader>], beginning: &str, most: usize) -> Vec<Known> {
    let Some(end) = after_all(beginning) else { return Vec::new() };
    let (mut found, mut seen) = (FxHashMap::default(), 0);
    for segment in segments {
        let range = segment.terms().range().ge(beginning).lt(&end);
        add(range.into_stream(), &mut found, &mut seen);
    }
    best(found, most)
}

/// An automaton that also holds the first byte fixed.
struct Anchored<A> {
    automaton: A,
    first: Option<u8>,
}

impl<A: Automaton> Automaton for Anchored<A> {
    type State = (A::State, Step);

    fn start(&self) -> Self::State {
        (self.automaton.start(), Step::First)
    }

    fn is_match(&self, (state, step): &Self::State) -> bool {
        *step != Step::Lost && self.automaton.is_match(state)
    }

    fn can_match(&self, (state, step): &Self::State) -> bool {
        *step != Step::Lost && self.automaton.can_match(state)
    }

    fn accept(&self, (state, step): &Self::State, byte: u8) -> Self::State {
        let lost =
            *step == Step::Lost || (*step == Step::First && self.first.is_some_and(|first| first != byte));
        (self.automaton.accept(state, byte), if lost { Step::Lost } else { Step::Later })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Later,
    Lost,
}

fn count(segments: &[Arc<InvertedIndexReader>], field: Field, word: &str) -> u64 {
    let term = Term::from_field_text(field, word);
    segments.iter().map(|segment| u64::from(segment.doc_freq(&term).unwrap_or_default())).sum()
}

fn add<A: Automaton>(
    stream: std::io::Result<tantivy::termdict::TermStreamer<'_, A>>,
    found: &mut FxHashMap<String, u64>,
    seen: &mut usize,
) where
    A::State: Clone,
{
    let Ok(mut stream) = stream else { return };
    while *seen < MOST_SEEN && stream.advance() {
        *seen += 1;
        if let Ok(word) = std::str::from_utf8(stream.key()) {
            let servers = u64::from(stream.value().doc_freq);
            match found.get_mut(word) {
                Some(count) => *count += servers,
                None => _ = found.insert(word.to_owned(), servers),
            }
        }
    }
}

fn best(found: FxHashMap<String, u64>, most: usize) -> Vec<Known> {
    let mut all: Vec<Known> = found.into_iter().map(|(word, servers)| Known { word, servers }).collect();
    let more = |a: &Known, b: &Known| b.servers.cmp(&a.servers).then_with(|| a.word.cmp(&b.word));
    if all.len() > most {
        all.select_nth_unstable_by(most, more);
        all.truncate(most);
    }
    all.sort_unstable_by(more);
    all
}

/// The first text behind all that begin so.
fn after_all(beginning: &str) -> Option<Vec<u8>> {
    let mut end = beginning.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
