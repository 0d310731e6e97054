//! What a crawl or an upstream registry says of a server, below its owner's word.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::life::is_withdrawn;
use super::{Held, MAX_VERSIONS, Server};
use crate::extensions::{self, CRAWL, EVIDENCE};
use crate::listing::{Source, Standing, Status};
use crate::server_json::ServerJson;

/// What came of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// A version was added.
    Added,
    /// A version was changed.
    Changed,
    /// What the crawler had withdrawn is offered again.
    Restored,
    /// It is already known so.
    Unchanged,
    /// Somebody with precedence decides about the name.
    Outranked,
    /// The server has as many versions as one may have (contract G4).
    Full,
}

/// A version as an upstream registry has it.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Its document.
    pub server: ServerJson,
    /// Its status, times and flag.
    pub standing: Standing,
}

/// Members of `_meta` with their new values; `None` takes one away.
pub type Members<'a> = [(&'a str, Option<Value>)];

impl Server {
    /// Takes over a version from an upstream registry, with its status and times.
    pub fn sync(&mut self, upstream: &Upstream) -> Observed {
        self.sync_with(upstream, &[])
    }

    /// The same with `members` of `_meta` that say where it comes from; all others of the version stay.
    pub fn sync_with(&mut self, upstream: &Upstream, members: &Members<'_>) -> Observed {
        if !Source::Synced.may_change(self.source) {
            return Observed::Outranked;
        }
        let known = self.held(&upstream.server.version).map(|held| held.extensions.clone());
        let extensions = extensions::with(known.as_deref().unwrap_or_default(), members);
        let Ok(mut new) = Held::new(&upstream.server, Source::Synced, upstream.standing.clone(), extensions)
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
                let was_withdrawn = is_withdrawn(held);
                if was_withdrawn {
                    let without = extensions::with(&held.extensions, &[(CRAWL, None), (EVIDENCE, None)]);
                    new.extensions = extensions::with(&without, members);
                }
                // What was edited here stays, but which version is latest is still the upstream's to say.
                let may_change = Source::Synced.may_change(held.source) || was_withdrawn;
                let changed = may_change && new.differs_in_more_than_the_flag(held);
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

    /// Withdraws a synced version that its upstream no longer lists; says whether that changes anything.
    ///
    /// Versions that were edited here, and those that are deleted already, stay as they are.
    pub fn withdraw_synced(&mut self, version: &str, message: &str, at: DateTime<Utc>) -> bool {
        let Some(position) = self.position(version) else { return false };
        let held = &mut self.versions[position];
        let may_change = Source::Synced.may_change(self.source) && Source::Synced.may_change(held.source);
        if !may_change || held.standing.status == Status::Deleted {
            return false;
        }
        held.standing = Standing {
            status: Status::Deleted,
            status_changed_at: at,
            status_message: Some(message.to_owned()),
            updated_at: at,
            ..held.standing.clone()
        };
        self.action = "sync";
        self.flag_latest();
        true
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

    /// Takes in what a crawl found: a new version is a new row, new bytes under a known version are a revision. What the crawler
    /// had withdrawn is restored.
    ///
    /// `members` are those of `_meta` that a crawl owns, as an object; all others of the version stay.
    pub fn crawl(&mut self, server: &ServerJson, members: &Value, at: DateTime<Utc>) -> Observed {
        if !Source::Crawled.may_change(self.source) {
            return Observed::Outranked;
        }
        if self.position(&server.version).is_none() && self.versions.len() >= MAX_VERSIONS {
            return Observed::Full;
        }
        let restored = self.restore_withdrawn(at);
        let observed = self.take_in(server, members, at);
        self.take_flag_from_claims();
        if restored > 0 {
            self.action = "restore";
            return Observed::Restored;
        }
        observed
    }

    fn take_in(&mut self, server: &ServerJson, members: &Value, at: DateTime<Utc>) -> Observed {
        let known = self.position(&server.version).map(|at| self.versions[at].extensions.clone());
        let members: Vec<(&str, Option<Value>)> =
            members.as_object().into_iter().flatten().map(|(k, v)| (k.as_str(), Some(v.clone()))).collect();
        let extensions = extensions::with(known.as_deref().unwrap_or_default(), &members);
        let Ok(new) = Held::new(server, Source::Crawled, Standing::published(at), extensions) else {
            return Observed::Unchanged;
        };
        self.source = Source::Crawled;
        self.action = if self.action == "restore" { "restore" } else { "crawl" };
        let Some(position) = self.position(&server.version) else {
            self.add(new);
            return Observed::Added;
        };
        let held = &mut self.versions[position];
        if !Source::Crawled.may_change(held.source) {
            return Observed::Outranked;
        }
        if held.is_mere_claim() {
            // Neither its status nor its times are of any registry's making that proves nothing.
            let is_latest = held.standing.is_latest;
            *held = Held { standing: Standing { is_latest, ..new.standing.clone() }, ..new };
            self.flag_latest();
            return Observed::Changed;
        }
        if held.document_hash == new.document_hash && held.extensions == new.extensions {
            return Observed::Unchanged;
        }
        // Evidence alone may change: that is public, but no edit of the server, so updatedAt stays.
        let revised = held.document_hash != new.document_hash;
        held.standing.updated_at = if revised { at } else { held.standing.updated_at };
        *held = Held { standing: held.standing.clone(), ..new };
        Observed::Changed
    }
}
