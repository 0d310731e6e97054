//! A version's life in this registry: its status and times, where it came from, and which transitions are allowed.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::name::ServerName;
use crate::server_json::ServerJson;
use crate::version::ServerVersion;

/// Whether a version is offered (contract 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Offered.
    Active,
    /// Offered, with a warning.
    Deprecated,
    /// Hidden unless asked for.
    Deleted,
}

impl Status {
    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no status.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no status; it is one of active, deprecated, deleted")]
pub struct InvalidStatus(String);

impl std::str::FromStr for Status {
    type Err = InvalidStatus;

    fn from_str(word: &str) -> Result<Self, InvalidStatus> {
        match word {
            "active" => Ok(Self::Active),
            "deprecated" => Ok(Self::Deprecated),
            "deleted" => Ok(Self::Deleted),
            other => Err(InvalidStatus(other.to_owned())),
        }
    }
}

/// Who decides about a name: the first of these to have spoken for it wins over the later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Its owner published it here.
    Published,
    /// A document on its own host describes it.
    Crawled,
    /// An upstream registry lists it.
    Synced,
}

impl Source {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Crawled => "crawled",
            Self::Synced => "synced",
        }
    }

    /// Whether this source may change a name that `held` decides about.
    pub fn may_change(self, held: Self) -> bool {
        self <= held
    }
}

impl std::str::FromStr for Source {
    type Err = InvalidStatus;

    fn from_str(word: &str) -> Result<Self, InvalidStatus> {
        match word {
            "published" => Ok(Self::Published),
            "crawled" => Ok(Self::Crawled),
            "synced" => Ok(Self::Synced),
            other => Err(InvalidStatus(other.to_owned())),
        }
    }
}

/// What the registry says of a version beside its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is offered.
    pub status: Status,
    /// When the status last changed.
    pub status_changed_at: DateTime<Utc>,
    /// Why, in the publisher's words; an empty text is kept.
    pub status_message: Option<String>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When anything of it last changed.
    pub updated_at: DateTime<Utc>,
    /// Whether it is the latest of its server.
    pub is_latest: bool,
}

impl Standing {
    /// A version that was just published.
    pub fn published(at: DateTime<Utc>) -> Self {
        Self {
            status: Status::Active,
            status_changed_at: at,
            status_message: None,
            published_at: at,
            updated_at: at,
            is_latest: false,
        }
    }

    /// Moves to another status (contract 2.4): says no when nothing would change, and to a message on `active`.
    pub fn change(&self, change: &StatusChange, at: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        if change.status == Status::Active && change.message.is_some() {
            return Err(InvalidTransition::MessageOnActive);
        }
        if self.status == change.status && self.status_message == change.message {
            return Err(InvalidTransition::NothingChanges);
        }
        Ok(Self {
            status: change.status,
            status_changed_at: if self.status == change.status { self.status_changed_at } else { at },
            status_message: change.message.clone(),
            updated_at: at,
            ..self.clone()
        })
    }
}

/// A status that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// The status.
    pub status: Status,
    /// The reason to show; absent clears it.
    pub message: Option<String>,
}

/// Why a status cannot be set; the words are the contract's (2.4).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransition {
    /// `active` takes no message.
    #[error("status_message cannot be provided when setting status to active")]
    MessageOnActive,
    /// Status and message are what they were.
    #[error("No changes to apply: status and message are already set to the provided values")]
    NothingChanges,
}

/// One version of one server, as this registry lists it.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Whose version.
    pub name: ServerName,
    /// Which.
    pub version: ServerVersion,
    /// The document in canonical form (contract 1.5), as JSON text.
    pub document: Box<str>,
    /// What the registry says of it.
    pub standing: Standing,
    /// Who decides about the name.
    pub source: Source,
    /// The registry's own members of `_meta` (`org.cardinal-registry/…`), as JSON text; empty when there are none.
    pub extensions: Box<str>,
}

impl Listing {
    /// The hash that stands in the ledger for this document.
    pub fn document_hash(&self) -> Digest {
        Digest::of(self.document.as_bytes())
    }

    /// The document, read; it was canonical when it was stored.
    pub fn server(&self) -> Result<ServerJson, serde_json::Error> {
        serde_json::from_str(&self.document)
    }
}

/// Which of a server's versions is latest after a status change: the highest that is not deleted, else the highest.
pub fn latest(versions: &[(ServerVersion, Standing)]) -> Option<usize> {
    let highest = |keep: fn(&Standing) -> bool| {
        let mut best: Option<usize> = None;
        for (i, (version, standing)) in versions.iter().enumerate().filter(|(_, (_, s))| keep(s)) {
            let beats = best.is_none_or(|b| {
                let (held, at) = &versions[b];
                version.outranks(standing.published_at, held, at.published_at)
            });
            if beats {
                best = Some(i);
            }
        }
        best
    };
    highest(|s| s.status != Status::Deleted).or_else(|| highest(|_| true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(second: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(second, 0).single().expect("a time")
    }

    fn version(text: &str, status: Status, second: i64) -> (ServerVersion, Standing) {
        (text.parse().expect("a version"), Standing { status, ..Standing::published(at(second)) })
    }

    #[test]
    fn the_highest_version_that_is_not_deleted_is_latest() {
        let versions = [
            version("1.0.0", Status::Active, 1),
            version("2.0.0", Status::Deleted, 2),
            version("1.5.0", Status::Deprecated, 3),
        ];
        assert_eq!(latest(&versions), Some(2));
    }

    #[test]
    fn when_all_are_deleted_the_highest_keeps_the_flag() {
        let versions = [version("1.0.0", Status::Deleted, 1), version("2.0.0", Status::Deleted, 2)];
        assert_eq!(latest(&versions), Some(1));
    }

    #[test]
    fn a_status_change_moves_the_right_times() {
        let standing = Standing::published(at(1));
        let gone = StatusChange { status: Status::Deprecated, message: Some("old".into()) };
        let once = standing.change(&gone, at(5)).expect("allowed");
        assert_eq!((once.status_changed_at, once.updated_at), (at(5), at(5)));
        let reworded = StatusChange { status: Status::Deprecated, message: None };
        let twice = once.change(&reworded, at(9)).expect("the message changes");
        assert_eq!((twice.status_changed_at, twice.updated_at), (at(5), at(9)));
        assert_eq!(twice.change(&reworded, at(10)), Err(InvalidTransition::NothingChanges));
    }

    #[test]
    fn active_takes_no_message() {
        let change = StatusChange { status: Status::Active, message: Some(String::new()) };
        assert_eq!(
            Standing::published(at(1)).change(&change, at(2)),
            Err(InvalidTransition::MessageOnActive)
        );
    }

    #[test]
    fn the_owner_outranks_the_web_and_the_web_an_upstream() {
        assert!(Source::Published.may_change(Source::Crawled));
        assert!(!Source::Synced.may_change(Source::Crawled));
        assert!(Source::Synced.may_change(Source::Synced));
    }
}
