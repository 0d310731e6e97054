//! What else a word may mean: other forms, abbreviations, words that are still being typed, slips of a finger.

use super::query::{Wanted, WantedWord};
use super::schema::BEGINNING;
use super::synonyms;
use super::text::{hash, is_dense, stem};
use super::vocabulary::{Known, Slips, Vocabulary};

/// How many ends of an unfinished word are tried.
const MOST_ENDS: usize = 40;
/// For how many words of a query others are looked up that are spelled nearly so: it is the dearest of all looks.
const MOST_MISSPELLED: usize = 4;
/// How many words near a misspelled one are tried.
const MOST_NEAR: usize = 6;

/// A word that is looked for, and all that may stand for it.
#[derive(Debug, Clone)]
pub struct Sought {
    /// The word.
    pub word: WantedWord,
    /// Its share of the whole query: rare words say more. All shares together are 1.
    pub share: f32,
    /// What may stand for it, itself first.
    pub variants: Vec<Variant>,
    /// The beginning that names are tagged with, where the word is too short to look up all its ends.
    pub start: Option<String>,
}

/// What may stand for a word.
#[derive(Debug, Clone)]
pub struct Variant {
    /// The stems that must all be there.
    pub stems: Vec<String>,
    /// Their hashes.
    pub hashes: Vec<u32>,
    /// How well it stands for the word: 1 is the word itself.
    pub quality: f32,
    /// Why it does.
    pub how: How,
    /// The word itself, where it is one of the index's.
    pub word: Option<String>,
}

/// Why something stands for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is the word, or another form of it.
    Itself,
    /// It means the same.
    Synonym,
    /// It begins so.
    Beginning,
    /// It is spelled nearly so.
    Spelling,
    /// It is written as one word, or as two.
    Joined,
}

impl Variant {
    fn new(stems: Vec<String>, quality: f32, how: How) -> Self {
        Self { hashes: stems.iter().map(|stem| hash(stem)).collect(), stems, quality, how, word: None }
    }

    fn of_word(word: &str, quality: f32, how: How) -> Self {
        Self { word: Some(word.to_owned()), ..Self::new(vec![stem(word)], quality, how) }
    }
}

/// Looks up what every word may mean.
pub fn expand(wanted: &Wanted, vocabulary: &Vocabulary) -> Vec<Sought> {
    let mut left = MOST_MISSPELLED;
    let mut sought: Vec<Sought> =
        wanted.words.iter().map(|word| alone(word, vocabulary, &mut left)).collect();
    rows(&mut sought);
    pairs(&mut sought, vocabulary);
    sought
        .iter_mut()
        .for_each(|sought| sought.variants.iter_mut().for_each(|v| v.quality = v.quality.min(1.0)));
    shares(&mut sought, vocabulary);
    sought
}

fn alone(word: &WantedWord, vocabulary: &Vocabulary, left: &mut usize) -> Sought {
    let mut variants = vec![Variant::new(vec![word.stem.clone()], 1.0, How::Itself)];
    let mut start = None;
    if !word.is_quoted {
        if word.is_unfinished {
            if word.text.chars().count() <= BEGINNING && !is_dense(&word.text) {
                start = Some(format!("start:{}", word.text));
            } else {
                ends(word, vocabulary, &mut variants);
            }
        }
        if word.text.chars().count() > BEGINNING {
            slips(word, vocabulary, &mut variants, left);
        }
    }
    Sought { word: word.clone(), share: 0.0, variants, start }
}

/// The likeliest ends of a word that is still being typed.
fn ends(word: &WantedWord, vocabulary: &Vocabulary, variants: &mut Vec<Variant>) {
    /// From how many servers on a word is one that people finish with.
    const COMMON: u64 = 5;
    let known = vocabulary.beginning_with(&word.text, MOST_ENDS);
    let Some(most) = known.iter().map(|known| known.servers).max() else { return };
    let itself = known.iter().find(|known| known.word == word.text).map_or(0, |known| known.servers);
    let is_common = vocabulary.word(&word.text) >= COMMON;
    // Somebody who typed a rare word that many words begin with is more likely still typing.
    variants[0].quality = if is_common { 1.0 } else { 0.6 + 0.4 * likely(itself, most) };
    for Known { word: end, servers } in known {
        let quality = if is_common { 0.6 } else { 0.7 + 0.25 * likely(servers, most) };
        add(variants, Variant::of_word(&end, quality, How::Beginning));
    }
}

/// Words that are spelled nearly so: for a word that nobody uses, or hardly anybody.
fn slips(word: &WantedWord, vocabulary: &Vocabulary, variants: &mut Vec<Variant>, left: &mut usize) {
    const RARE: u64 = 2;
    let length = word.text.chars().count();
    if length < 4 || !word.text.chars().any(char::is_alphabetic) {
        return;
    }
    let written = vocabulary.word(&word.text);
    let has_ends = variants.len() > 1;
    if written > RARE || has_ends || *left == 0 {
        return;
    }
    *left -= 1;
    let look = |slips| vocabulary.near(&word.text, slips, MOST_NEAR);
    let mut near = look(Slips::One);
    let mut quality = 0.85;
    let may_have_two = written == 0 && length >= 8;
    if near.is_empty() && may_have_two {
        near = look(Slips::TwoLater);
        quality = 0.7;
    }
    if near.is_empty() && word.is_unfinished {
        near = look(Slips::OneInBeginning);
        quality = 0.65;
    }
    if near.is_empty() && may_have_two {
        near = look(Slips::Two);
        quality = 0.6;
    }
    // A word that exists is no slip, unless nearly everybody writes it otherwise.
    near.retain(|known| known.word != word.text && known.servers >= 15 * written);
    let Some(most) = near.iter().map(|known| known.servers).max() else {
        if written == 0 {
            halves(word, vocabulary, variants);
        }
        return;
    };
    for Known { word: near, servers } in near {
        add(
            variants,
            Variant::of_word(&near, quality * (0.75 + 0.25 * likely(servers, most)), How::Spelling),
        );
    }
}

/// A word that nobody uses may be two: `googlesheets`.
fn halves(word: &WantedWord, vocabulary: &Vocabulary, variants: &mut Vec<Variant>) {
    let cuts = word.text.char_indices().map(|(at, _)| at).filter(|at| *at >= 3 && word.text.len() - at >= 3);
    let known = cuts.filter_map(|at| {
        let (first, second) = word.text.split_at(at);
        let servers = vocabulary.word(first).min(vocabulary.word(second));
        (servers > 1).then_some((servers, first, second))
    });
    if let Some((_, first, second)) = known.max_by_key(|(servers, ..)| *servers) {
        variants.push(Variant::new(vec![stem(first), stem(second)], 0.8, How::Joined));
    }
}

/// Other names of one word or of several in a row.
fn rows(sought: &mut [Sought]) {
    let stems: Vec<String> = sought.iter().map(|sought| sought.word.stem.clone()).collect();
    for from in 0..stems.len() {
        for to in from + 1..=stems.len().min(from + synonyms::LONGEST) {
            if sought[from..to].iter().any(|sought| sought.word.is_quoted) {
                continue;
            }
            for other in synonyms::of(&stems[from..to]) {
                for sought in &mut sought[from..to] {
                    add(&mut sought.variants, Variant::new(other.clone(), 0.8, How::Synonym));
                }
            }
        }
    }
}

/// Two neighbours that people write as one word: `git hub`.
fn pairs(sought: &mut [Sought], vocabulary: &Vocabulary) {
    for at in 1..sought.len() {
        let [first, second] = &mut sought[at - 1..=at] else { continue };
        if first.word.is_quoted || second.word.is_quoted {
            continue;
        }
        let joined = stem(&format!("{}{}", first.word.text, second.word.text));
        if vocabulary.stem(&joined) > 0 {
            add(&mut first.variants, Variant::new(vec![joined.clone()], 0.95, How::Joined));
            add(&mut second.variants, Variant::new(vec![joined], 0.95, How::Joined));
        }
    }
}

fn add(variants: &mut Vec<Variant>, variant: Variant) {
    match variants.iter_mut().find(|known| known.hashes == variant.hashes) {
        Some(known) => known.quality = known.quality.max(variant.quality),
        None => variants.push(variant),
    }
}

/// How likely something is that `servers` have, where the likeliest has `most`.
#[expect(clippy::cast_precision_loss, reason = "counts of servers")]
fn likely(servers: u64, most: u64) -> f32 {
    (servers as f32 / most.max(1) as f32).sqrt()
}

/// Rare words say more than frequent ones.
#[expect(clippy::cast_precision_loss, reason = "counts of servers")]
fn shares(sought: &mut [Sought], vocabulary: &Vocabulary) {
    let servers = vocabulary.servers.max(1) as f32;
    for sought in sought.iter_mut() {
        let own = |variant: &Variant| {
            variant.stems.iter().map(|stem| vocabulary.stem(stem)).min().unwrap_or_default()
        };
        let itself = own(&sought.variants[0]);
        // What nobody has says as much as what stands for it.
        let having =
            if itself > 0 { itself } else { sought.variants.iter().map(own).max().unwrap_or_default() };
        let vague = if sought.word.is_vague { 0.35 } else { 1.0 };
        sought.share = vague * ((servers + 1.0) / (having as f32 + 1.0)).ln().max(0.3);
    }
    let all: f32 = sought.iter().map(|sought| sought.share).sum();
    sought.iter_mut().for_each(|sought| sought.share /= all.max(f32::EPSILON));
}
