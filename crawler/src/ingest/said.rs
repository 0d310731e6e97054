//! What is said of each description, for its owner: found anew, or as it was.

use std::collections::{HashMap, HashSet};

use registry_core::server::{MAX_VERSIONS, Observed};
use registry_core::store::findings::{self, Finding, Outcome as Kind};
use registry_core::store::{PgConnection, StoreError};
use registry_core::version::ServerVersion;

use super::Ingest;
use crate::decide::{Fate, Proposal};
use crate::visit::Note;

impl Ingest<'_> {
    pub(super) fn finding(&self, proposal: &Proposal, fate: &Fate, observed: Option<Observed>) -> Finding {
        let card = &self.visited.cards[proposal.card];
        let document = &self.visited.documents[card.document];
        let (outcome, name, reason) = match (fate, observed) {
            (Fate::Listed(name), Some(Observed::Outranked)) => {
                let reason = format!(
                    "`{name}` is published here by its owner, whose word counts; publish the new version there"
                );
                (Kind::Skipped, name, Some(reason))
            }
            (Fate::Listed(name), Some(Observed::Full)) => {
                let reason = format!("`{name}` has {MAX_VERSIONS} versions, as many as a server may have");
                (Kind::Refused, name, Some(reason))
            }
            (Fate::Listed(name), _) if card.mapped.server.version.parse::<ServerVersion>().is_err() => (
                Kind::Refused,
                name,
                Some("the card's version cannot be kept; write one as in `1.0.0`".to_owned()),
            ),
            (Fate::Listed(name), _) => {
                (Kind::Listed, name, proposal.held_name.as_ref().map(|held| held.reason.clone()))
            }
            (Fate::Held(reason), _) => (Kind::Held, &proposal.name, Some(reason.clone())),
            (Fate::Refused(reason), _) => (Kind::Refused, &proposal.name, Some(reason.clone())),
            (Fate::Skipped(reason), _) => (Kind::Skipped, &proposal.name, Some(reason.clone())),
        };
        Finding {
            url: document.url.to_string(),
            pointer: card.pointer.clone(),
            format: document.format.id().to_owned(),
            shape: card.mapped.shape.as_str().to_owned(),
            rank: proposal.rank,
            outcome,
            reason,
            declared_name: card.mapped.declared_name.as_ref().map(ToString::to_string),
            server_name: Some(name.to_string()),
            version: Some(card.mapped.server.version.clone()),
            level: Some(proposal.claim.level),
            evidence: proposal.claim.evidence.clone(),
            endpoints: proposal.endpoints.iter().map(|endpoint| endpoint.url.clone()).collect(),
            since: self.at,
            seen_at: self.at,
            missing: None,
            revision: 1,
        }
    }

    pub(super) fn notes(&mut self) {
        for note in &self.visited.notes {
            let finding = self.of_note(note);
            self.add(finding, None);
        }
    }

    pub(super) fn of_note(&self, note: &Note) -> Finding {
        Finding {
            url: note.url.to_string(),
            pointer: note.pointer.clone(),
            format: note.format.to_owned(),
            shape: note.shape.to_owned(),
            rank: 0,
            outcome: if note.is_refusal { Kind::Refused } else { Kind::Skipped },
            reason: Some(note.reason.replace('\0', "\u{FFFD}")),
            declared_name: None,
            server_name: None,
            version: None,
            level: None,
            evidence: Vec::new(),
            endpoints: Vec::new(),
            since: self.at,
            seen_at: self.at,
            missing: None,
            revision: 1,
        }
    }

    /// Writes the findings down where they say something new; notes who may wait for that.
    pub(super) async fn replace_findings(&mut self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let place =
            |f: &Finding| (f.url.clone(), f.pointer.clone(), f.server_name.clone(), f.version.clone());
        let before: HashMap<_, &Finding> = self.before.iter().map(|old| (place(old), old)).collect();
        let spoken = self.before.iter().filter(|old| old.outcome != Kind::Withdrawn);
        let spoken: HashSet<(&str, &str)> = spoken
            .flat_map(|old| old.endpoints.iter().map(|endpoint| (old.url.as_str(), endpoint.as_str())))
            .collect();
        let mut is_new = self.before.len() != self.findings.len();
        for (at, finding) in self.findings.iter_mut().enumerate() {
            let old = before.get(&place(finding)).copied();
            if let Some(old) = old.filter(|old| old.outcome == finding.outcome) {
                finding.since = old.since;
                finding.revision = old.revision;
            }
            let endpoints = finding.endpoints.iter().filter(|_| finding.outcome != Kind::Withdrawn);
            let unheard =
                endpoints.filter(|endpoint| !spoken.contains(&(finding.url.as_str(), endpoint.as_str())));
            self.news.endpoints.extend(unheard.cloned());
            is_new |= self.before.get(at).is_none_or(|old| !old.says(finding));
        }
        match is_new {
            true => findings::replace(conn, self.held.id, &self.findings).await,
            false if self.findings.is_empty() => Ok(()),
            false => findings::touch(conn, self.held.id, self.at).await,
        }
    }
}
