//! What a visit saw, before anything is decided about it.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use registry_core::card::map::Mapped;
use registry_core::card::origin::Origin;
use registry_core::digest::Digest;
use registry_core::store::absences::Absent;
use url::Url;

use super::trust::Trust;
use crate::discover::{Discovery, Entry, How};
use crate::frontier::Outcome;

/// The shape of a document that asks not to be read.
pub(crate) const OPTED_OUT: &str = "opted-out";

/// Everything one visit saw.
pub(crate) struct Visited {
    pub(crate) origin: Origin,
    pub(crate) asked: Vec<Asked>,
    pub(crate) documents: Vec<Document>,
    pub(crate) cards: Vec<Card>,
    pub(crate) notes: Vec<Note>,
    /// The addresses beside endpoints that were asked: canonical endpoint, address, precedence of the format.
    pub(crate) beside: Vec<(String, Url, u8)>,
    /// Until when documents need not be asked for again.
    pub(crate) fresh: Vec<(String, DateTime<Utc>)>,
    /// The places of the origin where there is nothing.
    pub(crate) missed: Vec<Absent>,
    /// Until when the origin's host asks to be left alone.
    pub(crate) not_before: Option<DateTime<Utc>>,
    /// Whether a limit ended the visit before everything was asked.
    pub(crate) is_cut: bool,
    /// Endpoints that are not to be crawled.
    pub(crate) opted_out: HashSet<String>,
    /// What was left to the next visits.
    pub(crate) left: HashSet<Url>,
    /// Endpoints that are named or implied and not described; each once.
    pub(crate) leads: Vec<Lead>,
    /// Whether the rare places were asked as well.
    pub(crate) has_looked_further: bool,
}

/// An endpoint that nobody describes, for a probe to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) url: Url,
    /// Why it is thought to be one.
    pub(crate) how: How,
    /// The document or address that says so; none for a record in the domain name system.
    pub(crate) by: Option<Url>,
}

/// A document that names another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// It, by its last address.
    pub(crate) by: Url,
    /// The id of the format the other one is believed as for its sake.
    pub(crate) format: &'static str,
    /// Where in it.
    pub(crate) pointer: String,
    /// How it presents the other one.
    pub(crate) entry: Arc<Entry>,
}

/// One document that was asked for, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) url: Url,
    pub(crate) state: State,
    pub(crate) detail: Option<String>,
}

/// What came of asking for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is there.
    Found,
    /// It is what it was at the last visit.
    Unchanged,
    /// There is none.
    Absent,
    /// There is none, and none will be.
    Gone,
    /// Nobody can tell.
    Inconclusive,
    /// It is not taken.
    Refused,
}

impl State {
    /// Whether this is an answer to the question what is there.
    pub(crate) fn is_conclusive(self) -> bool {
        matches!(self, Self::Found | Self::Unchanged | Self::Absent | Self::Gone)
    }
}

/// A document that was there.
pub(crate) struct Document {
    pub(crate) url: Url,
    /// Every address asked, in order; the last one answered.
    pub(crate) chain: Vec<Url>,
    /// Whether each of those redirects was for good.
    pub(crate) moved_permanently: bool,
    pub(crate) format: &'static dyn Discovery,
    pub(crate) shape: &'static str,
    pub(crate) body: Arc<[u8]>,
    pub(crate) sha256: Digest,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// Whether it was not asked for, being fresh.
    pub(crate) is_as_before: bool,
    /// Whether it was asked for because another document names it.
    pub(crate) is_named: bool,
    /// The documents that name it, each by its last address.
    pub(crate) listed_by: Vec<Url>,
    /// Every place where they do.
    pub(crate) mentions: Vec<Mention>,
}

impl Document {
    /// The address that answered.
    pub(crate) fn at(&self) -> &Url {
        self.chain.last().unwrap_or(&self.url)
    }

    /// Where the address says that it has moved for good.
    pub(crate) fn moved_to(&self) -> Option<&Url> {
        Some(self.at()).filter(|at| self.moved_permanently && **at != self.url)
    }

    /// The addresses that redirected there.
    pub(crate) fn redirects(&self) -> &[Url] {
        &self.chain[..self.chain.len().saturating_sub(1)]
    }
}

/// A card that could be mapped.
pub(crate) struct Card {
    /// Its document, by its place in [`Visited::documents`].
    pub(crate) document: usize,
    pub(crate) pointer: String,
    /// Whether it stands in a catalog instead of a document of its own.
    pub(crate) is_inline: bool,
    pub(crate) mapped: Mapped,
    pub(crate) first_seen: DateTime<Utc>,
    /// Words the catalog adds to search by.
    pub(crate) words: Vec<String>,
    /// The catalog entry that holds it, or led to it first; claims, also of other sites.
    pub(crate) entry: Option<Arc<Entry>>,
    /// What signatures prove of it.
    pub(crate) trust: Trust,
}

/// Something that is no card, and what its owner should know of it.
pub(crate) struct Note {
    pub(crate) url: Url,
    pub(crate) pointer: String,
    pub(crate) format: &'static str,
    pub(crate) shape: &'static str,
    /// Whether the owner can do something about it.
    pub(crate) is_refusal: bool,
    pub(crate) reason: String,
}

impl Visited {
    /// Nothing seen yet.
    pub(crate) fn of(origin: Origin) -> Self {
        Self {
            origin,
            asked: Vec::new(),
            documents: Vec::new(),
            cards: Vec::new(),
            notes: Vec::new(),
            beside: Vec::new(),
            fresh: Vec::new(),
            missed: Vec::new(),
            not_before: None,
            is_cut: false,
            opted_out: HashSet::new(),
            left: HashSet::new(),
            leads: Vec::new(),
            has_looked_further: false,
        }
    }

    /// How the visit ended.
    pub(crate) fn outcome(&self) -> Outcome {
        let unsure = self.asked.iter().any(|asked| asked.state == State::Inconclusive);
        let refused = self.asked.iter().any(|asked| asked.state == State::Refused);
        let is_empty = self.documents.iter().all(|document| document.shape == OPTED_OUT);
        match (is_empty, unsure) {
            (false, false) => Outcome::Found,
            (false, true) => Outcome::Partly,
            (true, true) => Outcome::Inconclusive,
            (true, false) if refused => Outcome::Refused,
            (true, false) => Outcome::Nothing,
        }
    }

    /// The document that was asked for at an address.
    pub(crate) fn document_at(&self, url: &Url) -> Option<usize> {
        self.documents.iter().position(|document| document.url == *url)
    }
}
