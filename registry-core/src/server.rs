//! A server with all its versions, as one change sees it: loaded under its lock, changed by one pure method, saved.
//!
//! [`Server`] knows the rules of contract 2.3 and 2.4 and of precedence (architecture section 3); it says what changed, and
//! the store writes just that, with one ledger row for each.

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::listing::{InvalidTransition, Listing, Source, Standing, Status, StatusChange, latest};
use crate::name::ServerName;
use crate::server_json::ServerJson;
use crate::server_json::rules::Rule;
use crate::server_json::rules::table::{G4, G5, G6};
use crate::version::ServerVersion;

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
    fn new(server: &ServerJson, source: Source, standing: Standing, extensions: Box<str>) -> Option<Self> {
        let document = server.to_canonical().into_boxed_str();
        Some(Self {
            version: server.version.parse().ok()?,
            standing,
            source,
            document_hash: Digest::of(document.as_bytes()),
            document: Some(document),
            extensions,
            remotes: server.remotes.iter().map(|r| (r.kind.clone(), r.url.clone())).collect(),
        })
    }

    fn differs_in_more_than_the_flag(&self, other: &Self) -> bool {
        let flagged = Standing { is_latest: self.standing.is_latest, ..other.standing.clone() };
        self.standing != flagged
            || self.document_hash != other.document_hash
            || self.extensions != other.extensions
            || self.source != other.source
    }
}

/// Why a publication is refused by what is already here; the words are the contract's (G4–G6).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The version exists, perhaps deleted.
    #[error("invalid version: cannot publish duplicate version")]
    Duplicate,
    /// Too many versions.
    #[error("maximum number of versions for this server reached ({MAX_VERSIONS})")]
    TooMany,
    /// No usable version.
    #[error("server name and version are required")]
    Version,
}

impl Refused {
    /// The rule that is broken.
    pub fn rule(&self) -> &'static Rule {
        match self {
            Self::Duplicate => &G5,
            Self::TooMany => &G4,
            Self::Version => &G6,
        }
    }
}

/// Why a status is not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusRefused {
    /// No such version, or no version at all.
    #[error("no such version")]
    NotFound,
    /// The version says no.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// None of all versions would change.
    #[error("No changes to apply: all versions already have the requested status and message")]
    NothingChanges,
}

/// What came of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// A version was added.
    Added,
    /// A version was changed.
    Changed,
    /// It is already known so.
    Unchanged,
    /// Somebody with precedence decides about the name.
    Outranked,
}

/// A version as an upstream registry has it.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Its document.
    pub server: ServerJson,
    /// Its status, times and flag.
    pub standing: Standing,
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
        if self.position(&server.version).is_some() {
            return Err(Refused::Duplicate);
        }
        let new = Held::new(server, Source::Published, Standing::published(at), "".into());
        self.add(new.ok_or(Refused::Version)?);
        self.source = Source::Published;
        self.action = "publish";
        Ok(())
    }

    /// Sets the status of one version (contract 2.4).
    pub fn set_status(
        &mut self,
        version: &str,
        change: &StatusChange,
        at: DateTime<Utc>,
    ) -> Result<(), StatusRefused> {
        let position = self.position(version).ok_or(StatusRefused::NotFound)?;
        let held = &mut self.versions[position];
        held.standing = held.standing.change(change, at)?;
        self.action = status_action(change.status);
        self.flag_latest();
        Ok(())
    }

    /// Sets the status of every version that it changes (contract 2.4).
    pub fn set_status_of_all(
        &mut self,
        change: &StatusChange,
        at: DateTime<Utc>,
    ) -> Result<(), StatusRefused> {
        if self.versions.is_empty() {
            return Err(StatusRefused::NotFound);
        }
        let mut changed = false;
        for held in &mut self.versions {
            if let Ok(standing) = held.standing.change(change, at) {
                held.standing = standing;
                changed = true;
            }
        }
        if !changed {
            return Err(StatusRefused::NothingChanges);
        }
        self.action = status_action(change.status);
        self.flag_latest();
        Ok(())
    }

    /// Takes over a version from an upstream registry, with its status and times.
    pub fn sync(&mut self, upstream: &Upstream) -> Observed {
        if !Source::Synced.may_change(self.source) {
            return Observed::Outranked;
        }
        let Some(mut new) = Held::new(&upstream.server, Source::Synced, upstream.standing.clone(), "".into())
        else {
            return Observed::Unchanged;
        };
        let outcome = match self.position(&upstream.server.version) {
            None => {
                self.versions.push(new);
                Observed::Added
            }
            Some(position) => {
                let held = &mut self.versions[position];
                new.standing.is_latest = held.standing.is_latest;
                let changed = new.differs_in_more_than_the_flag(held);
                if changed {
                    *held = new;
                }
                if changed || (upstream.standing.is_latest && !held.standing.is_latest) {
                    Observed::Changed
                } else {
                    Observed::Unchanged
                }
            }
        };
        if upstream.standing.is_latest {
            self.move_flag(&upstream.server.version);
        } else if !self.versions.iter().any(|v| v.standing.is_latest) {
            self.flag_latest();
        }
        self.action = "sync";
        outcome
    }

    /// Gives the latest flag to this version of a synced server, as its upstream says.
    pub fn flag(&mut self, version: &str) {
        if self.position(version).is_some() {
            self.action = "sync";
            self.move_flag(version);
        }
    }

    /// Gives the latest flag of a synced server to its highest version, where the upstream says nothing.
    pub fn flag_highest(&mut self) {
        self.action = "sync";
        self.flag_latest();
    }

    /// Takes in what a crawl found: a new version is a new row, new bytes under a known version are a revision.
    pub fn crawl(&mut self, server: &ServerJson, extensions: &str, at: DateTime<Utc>) -> Observed {
        if !Source::Crawled.may_change(self.source) {
            return Observed::Outranked;
        }
        let Some(new) = Held::new(server, Source::Crawled, Standing::published(at), extensions.into()) else {
            return Observed::Unchanged;
        };
        self.source = Source::Crawled;
        self.action = "crawl";
        let Some(position) = self.position(&server.version) else {
            self.add(new);
            return Observed::Added;
        };
        let held = &mut self.versions[position];
        if held.document_hash == new.document_hash && held.extensions == new.extensions {
            return Observed::Unchanged;
        }
        // Evidence alone may change: that is public, but no edit of the server, so updatedAt stays.
        let revised = held.document_hash != new.document_hash;
        held.standing.updated_at = if revised { at } else { held.standing.updated_at };
        *held = Held { standing: held.standing.clone(), ..new };
        Observed::Changed
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

    /// Adds a version that takes the latest flag if it outranks the one that holds it, whatever that one's status.
    fn add(&mut self, mut new: Held) {
        let outranks = self.versions.iter().find(|v| v.standing.is_latest).is_none_or(|held| {
            new.version.outranks(new.standing.published_at, &held.version, held.standing.published_at)
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

    fn flag_latest(&mut self) {
        let all: Vec<_> = self.versions.iter().map(|v| (v.version.clone(), v.standing.clone())).collect();
        let chosen = latest(&all);
        for (i, held) in self.versions.iter_mut().enumerate() {
            held.standing.is_latest = Some(i) == chosen;
        }
    }
}

fn status_action(status: Status) -> &'static str {
    match status {
        Status::Active => "restore",
        Status::Deprecated => "deprecate",
        Status::Deleted => "delete",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(second: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(second, 0).single().expect("a time")
    }

    fn document(version: &str) -> ServerJson {
        ServerJson {
            name: "com.example/weather".into(),
            description: "Weather".into(),
            version: version.into(),
            ..ServerJson::default()
        }
    }

    fn empty() -> Server {
        let name = "com.example/weather".parse().expect("a name");
        Server::loaded(1, name, Source::Synced, Vec::new())
    }

    fn flags(server: &Server) -> Vec<(&str, bool)> {
        server.versions().iter().map(|v| (v.version.as_str(), v.standing.is_latest)).collect()
    }

    fn upstream(version: &str, is_latest: bool) -> Upstream {
        let standing = Standing { is_latest, ..Standing::published(at(1)) };
        Upstream { server: document(version), standing }
    }

    #[test]
    fn a_higher_publication_takes_the_flag_and_a_lower_one_does_not() {
        let mut server = empty();
        for (second, version) in ["1.0.0", "2.0.0", "1.5.0"].iter().enumerate() {
            server.publish(&document(version), at(second as i64)).expect("a new version");
        }
        assert_eq!(flags(&server), [("1.0.0", false), ("2.0.0", true), ("1.5.0", false)]);
        assert_eq!(server.publish(&document("1.5.0"), at(9)), Err(Refused::Duplicate));
    }

    #[test]
    fn the_ten_thousandth_version_is_the_last() {
        let mut server = empty();
        for number in 1..=MAX_VERSIONS {
            server.versions.push(
                Held::new(
                    &document(&format!("0.{number}.0")),
                    Source::Published,
                    Standing::published(at(1)),
                    "".into(),
                )
                .expect("a version"),
            );
        }
        let last = server.versions.pop().expect("versions");
        assert_eq!(server.publish(&document(last.version.as_str()), at(2)), Ok(()));
        assert_eq!(server.publish(&document("1.0.0"), at(3)), Err(Refused::TooMany));
    }

    #[test]
    fn one_ledger_row_is_due_for_a_publication_though_two_rows_change() {
        let mut server = empty();
        server.publish(&document("1.0.0"), at(1)).expect("new");
        let mut server = Server::loaded(1, server.name.clone(), server.source, server.versions().to_vec());
        server.publish(&document("2.0.0"), at(2)).expect("new");
        let told: Vec<_> = server.changes().iter().map(|(v, _, told)| (v.version.as_str(), *told)).collect();
        assert_eq!(told, [("1.0.0", false), ("2.0.0", true)]);
    }

    #[test]
    fn syncing_twice_changes_nothing() {
        let mut server = empty();
        assert_eq!(server.sync(&upstream("1.0.0", false)), Observed::Added);
        assert_eq!(server.sync(&upstream("0.9.0", true)), Observed::Added);
        assert_eq!(
            flags(&server),
            [("1.0.0", false), ("0.9.0", true)],
            "the upstream's flag is carried over"
        );
        let mut again = Server::loaded(1, server.name.clone(), server.source, server.versions().to_vec());
        assert_eq!(again.sync(&upstream("1.0.0", false)), Observed::Unchanged);
        assert_eq!(again.sync(&upstream("0.9.0", true)), Observed::Unchanged);
        assert!(again.changes().is_empty());
    }

    #[test]
    fn what_the_owner_published_is_not_changed_by_a_crawl_or_a_sync() {
        let mut server = empty();
        server.publish(&document("1.0.0"), at(1)).expect("new");
        assert_eq!(server.sync(&upstream("2.0.0", true)), Observed::Outranked);
        assert_eq!(server.crawl(&document("2.0.0"), "", at(2)), Observed::Outranked);
        assert_eq!(flags(&server), [("1.0.0", true)]);
    }

    #[test]
    fn new_bytes_under_a_known_version_are_a_revision_and_new_evidence_is_not() {
        let mut server = empty();
        assert_eq!(server.crawl(&document("1.0.0"), "{}", at(1)), Observed::Added);
        assert_eq!(server.crawl(&document("1.0.0"), "{}", at(2)), Observed::Unchanged);
        assert_eq!(server.crawl(&document("1.0.0"), "{\"a\":1}", at(3)), Observed::Changed);
        assert_eq!(server.versions()[0].standing.updated_at, at(1));
        let revised = ServerJson { description: "More weather".into(), ..document("1.0.0") };
        assert_eq!(server.crawl(&revised, "{\"a\":1}", at(4)), Observed::Changed);
        let standing = &server.versions()[0].standing;
        assert_eq!((standing.published_at, standing.updated_at), (at(1), at(4)));
    }

    #[test]
    fn deleting_the_latest_moves_the_flag() {
        let mut server = empty();
        server.publish(&document("1.0.0"), at(1)).expect("new");
        server.publish(&document("2.0.0"), at(2)).expect("new");
        let delete = StatusChange { status: Status::Deleted, message: None };
        server.set_status("2.0.0", &delete, at(3)).expect("it changes");
        assert_eq!(flags(&server), [("1.0.0", true), ("2.0.0", false)]);
        server.set_status_of_all(&delete, at(4)).expect("one changes");
        assert_eq!(flags(&server), [("1.0.0", false), ("2.0.0", true)]);
        assert_eq!(server.set_status_of_all(&delete, at(5)), Err(StatusRefused::NothingChanges));
    }
}
