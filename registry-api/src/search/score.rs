//! How well a server answers a query: a sum of parts, each of which can be told in words.

use registry_core::name::ServerName;
use registry_core::wire::search::Reason;

use super::called::Called;
use super::expand::{How, Sought};
use super::profile::{Place, Profile};
use super::query::Wanted;
use crate::read_model::entry::fold;

/// What it counts to have every word and not just some.
const ALL_WORDS: f32 = 0.3;

/// What is looked for, prepared for comparing with many servers.
pub struct Comparison<'a> {
    sought: &'a [Sought],
    /// Hashes with the words that they stand for, in order; `blocked` has a bit for each that may be there.
    single: Vec<(u32, u8, u8)>,
    filter: u64,
    called: Called,
}

/// How a server stands: the sum and its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// The words, by where they stand.
    pub text: f32,
    /// How much of the name or title they are.
    pub focus: f32,
    /// Whether the namespace is what is looked for.
    pub owner: f32,
    /// Whether they stand together.
    pub nearness: f32,
    /// How rare and frequent they are (BM25).
    pub bm25: f32,
    /// Whether the name is just what was typed.
    pub exact: f32,
    /// Whether every word is there.
    pub all: f32,
    /// What the listing's quality makes of it, as a factor.
    pub quality: f32,
    /// Whether any word stands in the namespace.
    pub is_of_owner: bool,
}

/// What stands where: the best quality of each word at each place.
struct Found {
    words: Vec<[f32; 9]>,
    neighbours: usize,
}

impl<'a> Comparison<'a> {
    /// Of a query and what its words may mean.
    pub fn new(wanted: &Wanted, sought: &'a [Sought]) -> Self {
        let mut single = Vec::new();
        for (at, word) in sought.iter().enumerate() {
            for (variant, of) in word.variants.iter().enumerate() {
                if let (&[hash], Ok(at), Ok(variant)) =
                    (of.hashes.as_slice(), u8::try_from(at), u8::try_from(variant))
                {
                    single.push((hash, at, variant));
                }
            }
        }
        single.sort_unstable();
        let filter = single.iter().fold(0, |filter, (hash, ..)| filter | 1 << (hash & 63));
        Self { sought, single, filter, called: Called::new(wanted, sought) }
    }

    /// How a server stands; `bm25` is between 0 and 1, `life` a factor for how it is kept.
    pub fn score(&self, name: &ServerName, profile: &Profile, bm25: f32, life: f32, has_all: bool) -> Score {
        let found = self.find(name, profile);
        let text = self.text(&found);
        let (owner, is_of_owner) = self.owner(name, profile, &found);
        Score {
            text,
            focus: self.focus(profile, &found),
            owner,
            nearness: nearness(found.neighbours, self.sought.len()),
            bm25: 0.15 * bm25,
            exact: self.called.points(name, profile),
            all: if has_all { ALL_WORDS } else { 0.0 },
            quality: profile.quality * life,
            is_of_owner,
        }
    }

    fn find(&self, name: &ServerName, profile: &Profile) -> Found {
        let mut found = Found { words: vec![[0.0; 9]; self.sought.len()], neighbours: 0 };
        for place in Place::ALL {
            let mut before: Option<(usize, u8)> = None;
            for (position, stem) in profile.at(place).iter().enumerate() {
                if self.filter & 1 << (stem & 63) == 0 {
                    continue;
                }
                let from = self.single.partition_point(|(hash, ..)| hash < stem);
                for (_, word, variant) in self.single[from..].iter().take_while(|(hash, ..)| hash == stem) {
                    let at = &mut found.words[usize::from(*word)][place as usize];
                    let quality = self.sought[usize::from(*word)].variants[usize::from(*variant)].quality;
                    *at = at.max(quality * topic(place, position));
                    let follows = before.is_some_and(|(p, w)| p + 1 == position && w + 1 == *word);
                    found.neighbours += usize::from(follows);
                    before = Some((position, *word));
                }
            }
        }
        self.find_rows(profile, &mut found);
        self.find_starts(name, &mut found);
        found
    }

    /// What stands for a word in several: all of them, anywhere.
    fn find_rows(&self, profile: &Profile, found: &mut Found) {
        for (at, word) in self.sought.iter().enumerate() {
            for variant in word.variants.iter().filter(|variant| variant.hashes.len() > 1) {
                for place in Place::ALL {
                    let stems = profile.at(place);
                    if variant.hashes.iter().all(|hash| stems.contains(hash)) {
                        let at = &mut found.words[at][place as usize];
                        *at = at.max(variant.quality);
                    }
                }
            }
        }
    }

    /// Beginnings that are too short to look up: they are read off the name.
    fn find_starts(&self, name: &ServerName, found: &mut Found) {
        for (at, word) in self.sought.iter().enumerate() {
            let Some(start) = word.start.as_deref().and_then(|start| start.strip_prefix("start:")) else {
                continue;
            };
            let leaf = fold(name.leaf());
            let mut parts = leaf.split(|c: char| !c.is_alphanumeric());
            let of_leaf = if leaf.starts_with(start) {
                0.8
            } else if parts.any(|part| part.starts_with(start)) {
                0.6
            } else {
                0.0
            };
            let at = &mut found.words[at][Place::Leaf as usize];
            *at = at.max(of_leaf);
        }
    }

    fn text(&self, found: &Found) -> f32 {
        let (mut sum, mut covered) = (0.0, 0.0);
        for (word, places) in self.sought.iter().zip(&found.words) {
            let values = Place::ALL.map(|place| place.weight() * places[place as usize]);
            let best = values.iter().copied().fold(0.0, f32::max);
            let all: f32 = values.iter().sum();
            sum += word.share * (best + 0.12 * (all - best).min(1.5));
            covered += word.share * places.iter().copied().fold(0.0, f32::max);
        }
        sum * covered
    }

    /// How much of the name, or of the title, is what was typed.
    fn focus(&self, profile: &Profile, found: &Found) -> f32 {
        let of = |place: Place, words: u8| {
            let matched = found.words.iter().filter(|places| places[place as usize] > 0.0).count();
            let share: f32 = self
                .sought
                .iter()
                .zip(&found.words)
                .map(|(word, places)| word.share * places[place as usize])
                .sum();
            #[expect(clippy::cast_precision_loss, reason = "numbers of words")]
            let part = (matched as f32 / f32::from(words.max(1))).min(1.0);
            share * part
        };
        // A name that says nothing leaves it to the domain.
        if profile.leaf_words == 0 {
            return 0.35 * self.called.is_domain(profile);
        }
        0.35 * of(Place::Leaf, profile.leaf_words).max(0.8 * of(Place::Title, profile.title_words))
    }

    /// Whether the namespace is that of what is looked for: a domain of its own says more than an account.
    fn owner(&self, name: &ServerName, profile: &Profile, found: &Found) -> (f32, bool) {
        let mut domain = self.called.is_domain(profile);
        let mut account: f32 = 0.0;
        let label = last_label(name);
        for (word, places) in self.sought.iter().zip(&found.words) {
            let is_label = word.variants.iter().find(|variant| variant.hashes == [profile.domain]);
            if let Some(variant) = is_label {
                domain = domain.max(word.share * variant.quality);
            }
            let of_account = places[Place::Account as usize].max(part_of(&label, &word.word.text));
            account = account.max(word.share * of_account);
        }
        let any = |place: Place| found.words.iter().any(|places| places[place as usize] > 0.0);
        (0.6 * domain.max(0.5 * account), any(Place::Domain) || any(Place::Account))
    }

    /// The parts of a score in words, the largest first.
    pub fn explain(&self, name: &ServerName, profile: &Profile, score: &Score) -> Vec<Reason> {
        let found = self.find(name, profile);
        let mut reasons = Vec::new();
        let mut add = |what: String, points: f32| {
            if points.abs() >= 0.005 {
                reasons.push(Reason { what, points: (points * 1_000.0).round() / 1_000.0 });
            }
        };
        add("the name is what was typed".to_owned(), score.exact);
        add(self.where_found(&found), score.text);
        add("the words are much of its name or title".to_owned(), score.focus);
        add("the words are its namespace".to_owned(), score.owner);
        add("the words stand together".to_owned(), score.nearness);
        add("it has every word".to_owned(), score.all);
        add("the words are rare elsewhere and frequent here (BM25)".to_owned(), score.bm25);
        let others = score.sum();
        add("what its listing and its endpoints are worth".to_owned(), score.total() - others);
        reasons
    }

    fn where_found(&self, found: &Found) -> String {
        let words = self.sought.iter().zip(&found.words).map(|(word, places)| {
            let at: Vec<&str> = Place::ALL
                .into_iter()
                .filter(|place| places[*place as usize] > 0.0)
                .map(Place::word)
                .collect();
            let best = places.iter().copied().fold(0.0, f32::max);
            let how = word.variants.iter().find(|variant| (variant.quality - best).abs() < f32::EPSILON);
            let as_what = match how {
                Some(variant) if variant.how != How::Itself => {
                    format!(" ({} `{}`)", variant.how.word(), variant.stems.join(" "))
                }
                _ => String::new(),
            };
            match at.as_slice() {
                [] => format!("`{}` nowhere", word.word.text),
                at => format!("`{}`{as_what} in {}", word.word.text, at.join(", ")),
            }
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

impl How {
    fn word(self) -> &'static str {
        match self {
            Self::Itself => "as",
            Self::Synonym => "another word:",
            Self::Beginning => "the beginning of",
            Self::Spelling => "spelled nearly as",
            Self::Joined => "written as",
        }
    }
}

impl Score {
    fn sum(&self) -> f32 {
        self.text + self.focus + self.owner + self.nearness + self.bm25 + self.all + self.exact
    }

    /// All parts together.
    pub fn total(&self) -> f32 {
        self.sum() * self.quality
    }
}

/// The last label of a namespace, folded: the account, or what is nearest to the name.
pub(super) fn last_label(name: &ServerName) -> String {
    let namespace = name.as_str().split('/').next().unwrap_or_default();
    fold(namespace.rsplit('.').next().unwrap_or_default())
}

/// Accounts of companies often have a little more than their name: `getsentry`, `perplexityai`.
fn part_of(label: &str, word: &str) -> f32 {
    let is_part = word.len() >= 5
        && label.len() <= word.len() + 5
        && (label.starts_with(word) || label.ends_with(word));
    if is_part { 0.7 } else { 0.0 }
}

/// What a description is about stands at its beginning.
fn topic(place: Place, position: usize) -> f32 {
    match (place, position) {
        (Place::Description, 0..=4) => 1.0,
        (Place::Description, 5..=9) => 0.94,
        (Place::Description, _) => 0.88,
        _ => 1.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of words")]
fn nearness(neighbours: usize, words: usize) -> f32 {
    if words < 2 { 0.0 } else { 0.1 * (neighbours as f32 / (words - 1) as f32).min(1.0) }
}
