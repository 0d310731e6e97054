//! A server with all its versions, as one change sees it: loaded under its lock, changed by one pure method, saved.
//!
//! [`Server`] knows the rules of contract 2.3 and 2.4 and of precedence (architecture section 3); it says what changed, and
//! the store writes just that, with one ledger row for each.

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::extensions::{self, EVIDENCE};
use crate::listing::{Listing, Source, Standing, Status, latest};
use crate::name::ServerName;
use crate::server_json::ServerJson;
use crate::server_json::rules::Rule;
use crate::server_json::rules::table::{G3, G4, G5, G6, G8};
use crate::version::{InvalidServerVersion, ServerVersion};

mod life;
mod liveness;
mod observe;
mod status;

pub use observe::{Members, Observed, Upstream};
pub use status::StatusRefused;

/// How many versions a server may have (contract G4).
pub const MAX_VERSIONS: usize = 10_000;

/// A server, its lock held.
#[derive(Debug, Clone)]
pub struct Server {
    /// The row's id.
    pub id: i64,
    /// Its name.
    pub name: ServerName,
    /// Who decides about it.
    pub source: Source,
    before: Vec<Held>,
    versions: Vec<Held>,
    action: &'static str,
}

/// One version of it; the document only where it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub version: ServerVersion,
    /// Status and times.
    pub standing: Standing,
    /// Who brought this version.
    pub source: Source,
    /// Hash of the canonical document.
    pub document_hash: Digest,
    /// The canonical document, where this change brings one.
    pub document: Option<Box<str>>,
    /// The registry's own `_meta` members.
    pub extensions: Box<str>,
    /// Places where it runs, where this change brings a document: (type, URL).
    pub remotes: Vec<(String, String)>,
}

impl Held {
    fn new(
        server: &ServerJson,
        source: Source,
        standing: Standing,
        extensions: Box<str>,
    ) -> Result<Self, InvalidServerVersion> {
        let document = server.to_canonical().into_boxed_str();
        Ok(Self {
            version: server.version.parse()?,
            standing,
            source,
            document_hash: Digest::of(document.as_bytes()),
            document: Some(document),
            extensions,
            remotes: server.remotes.iter().map(|r| (r.kind.clone(), r.url.clone())).collect(),
        })
    }

    /// Whether it comes from a registry whose word proves nothing.
    pub fn is_mere_claim(&self) -> bool {
        let level = || Some(extensions::member(&self.extensions, EVIDENCE)?.get("level")?.clone());
        self.source == Source::Synced && level().is_some_and(|level| level == "claimed")
    }

    fn differs_in_more_than_the_flag(&self, other: &Self) -> bool {
        let flagged = Standing { is_latest: self.standing.is_latest, ..other.standing.clone() };
        self.standing != flagged
            || self.document_hash != other.document_hash
            || self.extensions != other.extensions
            || self.source != other.source
    }
}

/// Why a publication is refused by what is already here; the words are the contract's (G3–G6).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The version exists, perhaps deleted.
    #[error("invalid version: cannot publish duplicate version")]
    Duplicate,
    /// Too many versions.
    #[error(
        "maximum number of versions for this server reached ({MAX_VERSIONS}): please reach out to the operator of this registry \
         to explain your use case"
    )]
    TooMany,
    /// Another server has a remote of this address.
    #[error("remote URL {url} is already used by server {other}")]
    RemoteInUse {
        /// The address.
        url: String,
        /// The other server.
        other: String,
    },
    /// A new name that differs from another server's only in case or in characters that look alike.
    #[error("the name {name} passes for the existing server {other}")]
    LooksAlike {
        /// The new name.
        name: ServerName,
        /// The other server.
        other: ServerName,
    },
    /// No version at all.
    #[error("server name and version are required")]
    Missing,
    /// A version that cannot be kept.
    #[error("invalid version: {0}")]
    Version(InvalidServerVersion),
}

impl Refused {
    /// The rule that is broken.
    pub fn rule(&self) -> &'static Rule {
        match self {
            Self::RemoteInUse { .. } => &G3,
            Self::LooksAlike { .. } => &G8,
            Self::Duplicate => &G5,
            Self::TooMany => &G4,
            Self::Missing | Self::Version(_) => &G6,
        }
    }
}

impl From<InvalidServerVersion> for Refused {
    fn from(invalid: InvalidServerVersion) -> Self {
        match invalid {
            InvalidServerVersion::Empty => Self::Missing,
            other => Self::Version(other),
        }
    }
}

impl Server {
    /// A server as it was loaded.
    pub fn loaded(id: i64, name: ServerName, source: Source, versions: Vec<Held>) -> Self {
        Self { id, name, source, before: versions.clone(), versions, action: "none" }
    }

    /// Its versions, as they will be.
    pub fn versions(&self) -> &[Held] {
        &self.versions
    }

    /// A version that this change brings, as it will be listed.
    pub fn listing(&self, version: &str) -> Option<Listing> {
        let held = self.versions.iter().find(|held| held.version.as_str() == version)?;
        Some(Listing {
            name: self.name.clone(),
            version: held.version.clone(),
            document: held.document.clone()?,
            standing: held.standing.clone(),
            source: held.source,
            extensions: held.extensions.clone(),
        })
    }

    /// What was done, in the ledger's word.
    pub fn action(&self) -> &'static str {
        self.action
    }

    /// Adds a publication by the owner of the name (contract 2.1–2.3).
    pub fn publish(&mut self, server: &ServerJson, at: DateTime<Utc>) -> Result<(), Refused> {
        if self.versions.len() >= MAX_VERSIONS {
            return Err(Refused::TooMany);
        }
        let new = Held::new(server, Source::Published, Standing::published(at), "".into())?;
        match self.position(&server.version) {
            // What some registry claims of a name takes nothing from its owner.
            Some(position) if self.versions[position].is_mere_claim() => {
                self.versions[position] = new;
                self.flag_latest();
            }
            Some(_) => return Err(Refused::Duplicate),
            None => self.add(new),
        }
        self.source = Source::Published;
        self.action = "publish";
        Ok(())
    }

    /// Replaces the document of one version that is not deleted (contract 2.5); says whether there is one.
    ///
    /// Status, message, publication time and latest flag stay. From then on the version is the editor's word: no crawl and
    /// no sync changes it.
    pub fn edit(&mut self, server: &ServerJson, at: DateTime<Utc>) -> bool {
        let position = self.position(&server.version);
        let held = position.map(|position| &mut self.versions[position]);
        let Some(held) = held.filter(|held| held.standing.status != Status::Deleted) else { return false };
        let standing = Standing { updated_at: at, ..held.standing.clone() };
        let Ok(new) = Held::new(server, Source::Published, standing, held.extensions.clone()) else {
            return false;
        };
        *held = new;
        self.action = "edit";
        true
    }

    /// The versions that this change adds or alters, oldest first, and whether each deserves a ledger row.
    ///
    /// A version that only loses or gains the latest flag because of another one's change has no row of its own.
    pub fn changes(&self) -> Vec<(&Held, Option<&Held>, bool)> {
        let mut changes: Vec<_> = self
            .versions
            .iter()
            .enumerate()
            .filter_map(|(i, held)| {
                // Versions are never reordered or dropped, so what was loaded stands at the same place.
                let before = self.before.get(i);
                let told = before.is_none_or(|b| held.differs_in_more_than_the_flag(b));
                let changed = told || before.is_some_and(|b| b.standing.is_latest != held.standing.is_latest);
                changed.then_some((held, before, told))
            })
            .collect();
        if !changes.iter().any(|(_, _, told)| *told) {
            for change in &mut changes {
                change.2 = change.0.standing.is_latest;
            }
        }
        changes
    }

    /// The version of this text, as it will be.
    pub fn held(&self, version: &str) -> Option<&Held> {
        self.position(version).map(|position| &self.versions[position])
    }

    fn position(&self, version: &str) -> Option<usize> {
        self.versions.iter().position(|v| v.version.as_str() == version)
    }

    /// Adds a version, which takes the latest flag from a lower one and from a deleted one.
    fn add(&mut self, mut new: Held) {
        let outranks = self.versions.iter().find(|v| v.standing.is_latest).is_none_or(|held| {
            held.standing.status == Status::Deleted
                || held.is_mere_claim()
                || new.version.outranks(new.standing.published_at, &held.version, held.standing.published_at)
        });
        if outranks {
            self.versions.iter_mut().for_each(|v| v.standing.is_latest = false);
        }
        new.standing.is_latest = outranks;
        self.versions.push(new);
    }

    fn move_flag(&mut self, version: &str) {
        for held in &mut self.versions {
            held.standing.is_latest = held.version.as_str() == version;
        }
    }

    /// Gives the flag to the highest version. What some registry claims of a name is none of them once its owner has spoken.
    fn flag_latest(&mut self) {
        let has_spoken =
            |held: &Held| held.source != Source::Synced && held.standing.status != Status::Deleted;
        let is_spoken_for = self.versions.iter().any(has_spoken);
        let may_have_it = |held: &Held| !(is_spoken_for && held.is_mere_claim());
        let eligible: Vec<usize> =
            (0..self.versions.len()).filter(|i| may_have_it(&self.versions[*i])).collect();
        let standings: Vec<_> = eligible
            .iter()
            .map(|i| &self.versions[*i])
            .map(|v| (v.version.clone(), v.standing.clone()))
            .collect();
        let chosen = latest(&standings).map(|i| eligible[i]);
        for (i, held) in self.versions.iter_mut().enumerate() {
            held.standing.is_latest = Some(i) == chosen;
        }
    }

    /// Takes the flag from what some registry claims of a name whose owner has spoken.
    fn take_flag_from_claims(&mut self) {
        if self.versions.iter().any(|held| held.standing.is_latest && held.is_mere_claim()) {
            self.flag_latest();
        }
    }
}

#[cfg(test)]
mod tests;
