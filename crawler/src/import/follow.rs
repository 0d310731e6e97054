//! What a walk through an upstream registry notes beside its entries: whose each name is, how far it has come, and the evidence.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::evidence::{Evidence, Level};
use registry_core::extensions::{self, EVIDENCE};
use registry_core::name::ServerName;
use registry_core::store::upstreams::{self, Held, Step};
use registry_core::store::{PgConnection, StoreError};
use registry_core::version::ServerVersion;
use serde_json::{Value, json};

use super::entry::{Bad, Entry, Place, Way};
use super::produce::PageEnd;

/// A walk under its lease.
#[derive(Debug, Clone)]
pub(crate) struct Follow {
    /// The upstream, held.
    pub(crate) held: Held,
    /// The walk's number.
    pub(crate) walk: i64,
    /// For how long each written page holds the upstream.
    pub(crate) lease: TimeDelta,
    /// The address that the evidence names.
    pub(crate) shown: String,
}

/// What a batch brings.
#[derive(Debug, Default)]
pub(super) struct Notes {
    met: Vec<(String, String)>,
    step: Option<Step>,
}

impl Notes {
    /// Of the entries and the bad ones of a batch that ends with this page.
    pub(super) fn of(entries: &[(Place, Entry)], bad: &[(Place, Bad)], end: Option<&PageEnd>) -> Self {
        let mut met: Vec<(String, String)> =
            entries.iter().map(|(_, entry)| (entry.name.to_string(), entry.version.to_string())).collect();
        let named = bad.iter().filter_map(|(_, bad)| named(bad));
        met.extend(named);
        let unread = bad.iter().any(|(_, bad)| named_not(bad));
        let times = entries.iter().filter_map(|(_, entry)| match &entry.way {
            Way::Carried(claimed) => claimed.updated_at,
            Way::Published => None,
        });
        let newest_at = times.max();
        let step =
            end.map(|end| Step { list: end.list.clone(), cursor: end.cursor.clone(), newest_at, unread });
        Self { met, step }
    }
}

/// A bad entry that can be told from others: it is there, though it is not taken over.
fn named(bad: &Bad) -> Option<(String, String)> {
    let (name, version) = (bad.name.clone()?, bad.version.clone()?);
    let (name, version) = (name.parse::<ServerName>().ok()?, version.parse::<ServerVersion>().ok()?);
    Some((name.to_string(), version.to_string()))
}

fn named_not(bad: &Bad) -> bool {
    named(bad).is_none()
}

/// What was known of a batch's names before it.
#[derive(Debug, Default)]
pub(super) struct Tie {
    /// Names on which another upstream has the word.
    others: HashSet<String>,
    vanished: HashSet<(String, String)>,
}

impl Tie {
    /// Whether another upstream that has the word before this one lists the name.
    pub(super) fn is_others(&self, name: &ServerName) -> bool {
        self.others.contains(name.as_str())
    }

    /// Whether the version was withdrawn because an upstream no longer listed it.
    pub(super) fn had_vanished(&self, name: &ServerName, version: &ServerVersion) -> bool {
        self.vanished.contains(&(name.to_string(), version.to_string()))
    }
}

impl Follow {
    /// What is known of these names, whose servers are locked.
    pub(super) async fn tie(&self, conn: &mut PgConnection, names: &[ServerName]) -> Result<Tie, StoreError> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut tie = Tie::default();
        for entry in upstreams::entries(conn, &names).await? {
            if entry.vanished {
                tie.vanished.insert((entry.server_name, entry.version));
            } else if entry.is_before(&self.held.row) {
                tie.others.insert(entry.server_name);
            }
        }
        Ok(tie)
    }

    /// Writes what a batch brings; says whether the upstream was still held. If not, nothing of the batch may be written.
    pub(super) async fn note(
        &mut self,
        conn: &mut PgConnection,
        notes: &Notes,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let until = now + self.lease;
        let held = match &notes.step {
            Some(step) => upstreams::advance(conn, &self.held, step, until).await?,
            None => upstreams::renew(conn, &self.held, until).await?,
        };
        if !held {
            return Ok(false);
        }
        upstreams::note(conn, self.held.row.id, self.walk, &notes.met).await?;
        Ok(true)
    }

    /// The walk goes on under the lease that was written now.
    pub(super) fn noted(&mut self, now: DateTime<Utc>) {
        self.held.until = now + self.lease;
    }

    /// What `_meta` says of where a version comes from: what it said before, unless that was something else.
    pub(super) fn evidence(&self, known: Option<&str>, now: DateTime<Utc>) -> Value {
        let known = known.and_then(|known| extensions::member(known, EVIDENCE));
        let date = |member: &Value| -> Option<DateTime<Utc>> {
            serde_json::from_value(member.get("items")?.get(0)?.get("at")?.clone()).ok()
        };
        let before = known.and_then(|known| Some((date(&known)?, known)));
        match before {
            Some((at, known)) if self.evidence_of(at) == known => known,
            _ => self.evidence_of(now),
        }
    }

    /// An upstream's word proves a namespace where the operator says that it is the official registry; elsewhere it is a claim.
    fn evidence_of(&self, at: DateTime<Utc>) -> Value {
        let (level, how) = if self.held.row.official {
            (Level::Registry, "the official registry lists it under this name")
        } else {
            (Level::Claimed, "an upstream registry lists it under this name")
        };
        let item = Evidence {
            what: "synced-from".to_owned(),
            how: how.to_owned(),
            by: self.held.row.name.clone(),
            url: Some(self.shown.clone()),
            sha256: None,
            at,
            until: None,
        };
        json!({ "level": level, "levelNumber": level.number(), "items": [item] })
    }
}
