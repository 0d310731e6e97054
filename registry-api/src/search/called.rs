//! Whether a server is called just what somebody typed, or would have typed.

use registry_core::name::ServerName;

use super::expand::{How, Sought};
use super::profile::Profile;
use super::query::Wanted;
use super::score::last_label;
use super::text::{hash, is_weightless};
use crate::read_model::entry::fold;

/// What it counts to be called just what was typed: more than all words at all places do.
const LEAF: f32 = 4.0;

/// What a text would be as a name.
pub struct Called {
    name: String,
    folded: String,
    typed: u32,
    telling: u32,
    words: Vec<String>,
    /// The words that say something, as typed and as they may have been meant, each with how likely that is.
    meant: Vec<(u32, f32)>,
}

impl Called {
    /// Of a query and what its words may mean.
    pub fn new(wanted: &Wanted, sought: &[Sought]) -> Self {
        let [typed, telling] = wanted.squashed();
        let own = sought.iter().map(|word| word.variants[0].quality).fold(1.0, f32::min);
        let mut meant = vec![(hash(&telling), own.powi(4))];
        for at in 0..sought.len() {
            meant.extend(others(sought, at));
        }
        meant.retain(|_| !telling.is_empty());
        let number = |text: &str| if text.is_empty() { 0 } else { hash(text) };
        let words = wanted.words.iter().map(|word| word.text.clone()).collect();
        let (name, folded) = (wanted.typed.clone(), wanted.text.clone());
        Self { name, folded, typed: number(&typed), telling: number(&telling), words, meant }
    }

    /// How surely this is what was meant: 1 is just what was typed.
    fn is_meant(&self, called: u32) -> f32 {
        let known = self.meant.iter().filter(|(meant, _)| *meant == called);
        known.map(|(_, sure)| *sure).fold(0.0, f32::max)
    }

    /// How surely the label of its domain is what was meant.
    pub fn is_domain(&self, profile: &Profile) -> f32 {
        let typed = if self.typed == profile.domain { 1.0 } else { 0.0 };
        self.is_meant(profile.domain).max(typed)
    }

    /// Whether it is what somebody's own server is called who is called so: `com.acme/mcp`, `io.github.acme/acme-mcp-server`.
    fn is_own(&self, name: &ServerName, profile: &Profile) -> bool {
        if profile.leaf_words == 0 {
            return self.typed == profile.domain && self.typed != 0;
        }
        let label = last_label(name);
        let is_owners = |word: &String| *word == label || hash(word) == profile.domain;
        // Somebody who types the words that say nothing as well knows the whole name.
        let is_telling = self.telling != 0 && self.telling == self.typed;
        is_telling && profile.leaf[1] == self.telling && self.words.iter().any(is_owners)
    }

    /// What it counts that it is called so.
    pub fn points(&self, name: &ServerName, profile: &Profile) -> f32 {
        if name.as_str() == self.name {
            return 10.0;
        }
        if fold(name.as_str()) == self.folded {
            return 9.0;
        }
        let [leaf, telling] = profile.leaf;
        if fold(name.leaf()) == self.folded || self.is_own(name, profile) {
            return LEAF;
        }
        if leaf == self.typed {
            return 0.75 * LEAF;
        }
        // A name that says nothing leaves it to the domain.
        let domain = if profile.leaf_words == 0 { 1.5 * self.is_domain(profile) } else { 0.0 };
        domain.max(1.45 * self.is_meant(telling).max(self.is_meant(profile.title)))
    }
}

/// The words with another one in the place of one: the likeliest ends of it, or how it is spelled.
fn others(sought: &[Sought], at: usize) -> impl Iterator<Item = (u32, f32)> {
    const MOST: usize = 6;
    let variants =
        sought[at].variants.iter().filter(|variant| matches!(variant.how, How::Beginning | How::Spelling));
    variants.take(MOST).filter_map(move |variant| {
        let word = variant.word.as_deref()?;
        let words = sought
            .iter()
            .enumerate()
            .map(|(n, word_at)| if n == at { word } else { word_at.word.text.as_str() });
        let text: String = words.filter(|word| !is_weightless(word)).collect();
        Some((hash(&text), 0.8 * variant.quality.powi(2)))
    })
}
