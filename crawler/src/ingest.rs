//! What a visit found → one transaction: listings, documents, findings, endpoints, and last the ledger.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registry_core::name::ServerName;
use registry_core::server::{Observed, Server};
use registry_core::server_json::ServerJson;
use registry_core::store::findings::{Finding, Outcome as Kind};
use registry_core::store::origins::{Finished, Leased};
use registry_core::store::{
    PgConnection, PgPool, StoreError, documents, endpoints, findings, ledger, origins, servers,
};

use crate::decide::{Fate, Proposal, World, fates, proposals};
use crate::extensions;
use crate::frontier::{Ended, Outcome, fresh_for, next_due};
use crate::report::{Asked, Described, Report};
use crate::visit::{Note, State, Visited};

/// Whether a visit is only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Nothing is written; the report says what would be.
    Yes,
    /// What is found is written.
    No,
}

impl From<bool> for DryRun {
    fn from(is_dry: bool) -> Self {
        if is_dry { Self::Yes } else { Self::No }
    }
}

/// Writes a visit down and says what that changed; none when somebody else has taken the origin over meanwhile.
pub(crate) async fn ingest(
    pool: &PgPool,
    held: &Leased,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
) -> Result<Option<Report>, StoreError> {
    let mut tx = pool.begin().await?;
    origins::lock_writing(&mut tx).await?;
    if !origins::still_held(&mut tx, held).await? {
        return Ok(None);
    }
    let (report, entries) = write(&mut tx, held, visited, at, dice, DryRun::No).await?;
    if !entries.is_empty() {
        let actor = format!("crawler:{}", held.origin);
        ledger::append(&mut tx, &actor, at, &entries).await?;
    }
    tx.commit().await?;
    Ok(Some(report))
}

/// Says what writing a visit down would change: it goes the same way, and is rolled back. None when it cannot be told now.
pub(crate) async fn try_out(
    pool: &PgPool,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
) -> Result<Option<Report>, StoreError> {
    let mut tx = pool.begin().await?;
    origins::lock_writing(&mut tx).await?;
    origins::add(&mut tx, &visited.origin, "dry run", at).await?;
    let Some(held) = origins::take(&mut tx, &visited.origin, at).await? else { return Ok(None) };
    let (report, _) = write(&mut tx, &held, visited, at, dice, DryRun::Yes).await?;
    tx.rollback().await?;
    Ok(Some(report))
}

async fn write(
    conn: &mut PgConnection,
    held: &Leased,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
    dry_run: DryRun,
) -> Result<(Report, Vec<ledger::Entry>), StoreError> {
    let mut ingest = Ingest { visited, held, at, findings: Vec::new(), observed: Vec::new() };
    let entries = ingest.listings(conn).await?;
    ingest.notes();
    ingest.documents(conn).await?;
    ingest.replace_findings(conn).await?;
    let report = ingest.finish(conn, dice, entries.len(), dry_run).await?;
    Ok((report, entries))
}

struct Ingest<'a> {
    visited: &'a Visited,
    held: &'a Leased,
    at: DateTime<Utc>,
    findings: Vec<Finding>,
    /// Beside each finding: what it changed.
    observed: Vec<Option<Observed>>,
}

impl Ingest<'_> {
    async fn listings(&mut self, conn: &mut PgConnection) -> Result<Vec<ledger::Entry>, StoreError> {
        let visited = self.visited;
        let proposals = proposals(visited, self.at);
        let world = self.world(conn, &proposals).await?;
        let document =
            |proposal: &Proposal| visited.documents[visited.cards[proposal.card].document].at().to_string();
        let fates = fates(&proposals, &world, document);
        let mut names: Vec<ServerName> = fates.iter().filter_map(listed_name).cloned().collect();
        names.sort_unstable();
        names.dedup();
        let mut servers = servers::lock(conn, &names, registry_core::listing::Source::Crawled).await?;
        for (proposal, fate) in proposals.iter().zip(&fates) {
            let observed = match listed_name(fate) {
                Some(name) => self.observe(proposal, name, &mut servers),
                None => None,
            };
            if let (Some(name), Some(_)) = (listed_name(fate), observed) {
                let Proposal { rank, endpoints, .. } = proposal;
                endpoints::replace(conn, name.as_str(), self.held.id, *rank, endpoints, self.at).await?;
            }
            let finding = self.finding(proposal, fate, observed);
            self.add(finding, observed);
        }
        servers::save(conn, &servers).await?;
        Ok(servers.iter().flat_map(ledger::entries).collect())
    }

    /// What is listed already, as far as it concerns these proposals.
    async fn world(&self, conn: &mut PgConnection, proposals: &[Proposal]) -> Result<World, StoreError> {
        let open = || proposals.iter().filter(|proposal| proposal.obstacle.is_none());
        let urls: Vec<String> = open().flat_map(|p| p.endpoints.iter().map(|e| e.url.clone())).collect();
        let names: Vec<String> =
            open().flat_map(|p| [Some(p.name.clone()), p.other_name()]).flatten().map(String::from).collect();
        let mut incumbents: HashMap<String, Vec<_>> = HashMap::new();
        for incumbent in endpoints::incumbents(conn, &urls).await? {
            incumbents.entry(incumbent.url.clone()).or_default().push(incumbent);
        }
        let mut holders = HashMap::new();
        for holder in findings::holders(conn, &names, self.held.id).await? {
            holders.entry(holder.server_name.clone()).or_insert(holder);
        }
        Ok(World { origin_id: self.held.id, incumbents, holders })
    }

    /// Shows the server what was found; none where its version is none.
    fn observe(&self, proposal: &Proposal, name: &ServerName, servers: &mut [Server]) -> Option<Observed> {
        let card = &self.visited.cards[proposal.card];
        let server = servers.iter_mut().find(|server| server.name == *name)?;
        let document: ServerJson = card.mapped.named(name);
        document.version.parse::<registry_core::version::ServerVersion>().ok()?;
        let known = server.versions().iter().find(|held| held.version.as_str() == document.version);
        let known = known.map(|held| held.extensions.clone());
        let document_of = &self.visited.documents[card.document];
        let new = extensions::write(card, document_of, &proposal.claim, proposal.held_name.as_ref());
        let members = extensions::settle(new, known.as_deref());
        Some(server.crawl(&document, &members, self.at))
    }

    fn finding(&self, proposal: &Proposal, fate: &Fate, observed: Option<Observed>) -> Finding {
        let card = &self.visited.cards[proposal.card];
        let document = &self.visited.documents[card.document];
        let (outcome, name, reason) = match (fate, observed) {
            (Fate::Listed(name), Some(Observed::Outranked)) => {
                let reason = format!(
                    "`{name}` is published here by its owner, whose word counts; publish the new version there"
                );
                (Kind::Skipped, name, Some(reason))
            }
            (Fate::Listed(name), Some(_)) => {
                (Kind::Listed, name, proposal.held_name.as_ref().map(|held| held.reason.clone()))
            }
            (Fate::Listed(name), None) => (
                Kind::Refused,
                name,
                Some("the card's version cannot be kept; write one as in `1.0.0`".to_owned()),
            ),
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
        }
    }

    fn notes(&mut self) {
        for note in &self.visited.notes {
            self.add(of_note(note), None);
        }
    }

    fn add(&mut self, finding: Finding, observed: Option<Observed>) {
        self.findings.push(finding);
        self.observed.push(observed);
    }

    async fn documents(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        for document in &self.visited.documents {
            let seen = documents::Seen {
                url: document.url.as_str(),
                final_url: document.at().as_str(),
                format: document.format.id(),
                shape: document.shape,
                etag: document.etag.as_deref(),
                last_modified: document.last_modified.as_deref(),
                sha256: document.sha256,
                body: &document.body,
            };
            documents::save(conn, self.held.id, &seen, self.at).await?;
        }
        documents::prune(conn, self.held.id).await?;
        Ok(())
    }

    /// Findings of documents that nobody could reach this time stay as they were.
    async fn replace_findings(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let asked = &self.visited.asked;
        let is_whole = asked.iter().all(|asked| asked.state.is_conclusive());
        let reached: Vec<String> =
            asked.iter().filter(|a| a.state != State::Inconclusive).map(|a| a.url.to_string()).collect();
        let reached = (!is_whole).then_some(reached.as_slice());
        findings::replace(conn, self.held.id, &self.findings, reached, self.at).await
    }

    async fn finish(
        &self,
        conn: &mut PgConnection,
        dice: u64,
        changes: usize,
        dry_run: DryRun,
    ) -> Result<Report, StoreError> {
        let visited = self.visited;
        let outcome = visited.outcome();
        let fresh = visited.documents.iter().filter_map(|d| fresh_for(d.cache_control.as_deref())).min();
        let ended =
            Ended { outcome, misses: self.held.misses, fresh_for: fresh, not_before: visited.not_before };
        let (due_at, misses) = next_due(&ended, self.at, dice);
        let detail = self.detail(outcome);
        let finished = Finished { at: self.at, due_at, outcome: outcome.as_str(), detail: &detail, misses };
        origins::finish(conn, self.held, &finished).await?;
        let servers = self.findings.iter().zip(&self.observed);
        Ok(Report {
            origin: visited.origin.clone(),
            dry_run: dry_run == DryRun::Yes,
            outcome,
            detail,
            documents: visited
                .asked
                .iter()
                .map(|a| Asked { url: a.url.to_string(), state: a.state, detail: a.detail.clone() })
                .collect(),
            servers: servers.map(|(finding, observed)| Described::of(finding, *observed)).collect(),
            changes,
            due_at,
        })
    }

    fn detail(&self, outcome: Outcome) -> String {
        let count = |kind: Kind| self.findings.iter().filter(|f| f.outcome == kind).count();
        let why = |state: State| {
            let asked = self.visited.asked.iter().find(|asked| asked.state == state);
            asked.and_then(|asked| asked.detail.clone()).unwrap_or_default()
        };
        match outcome {
            Outcome::Nothing => "nothing is published here; serve a Server Card at `/.well-known/mcp-server-card`, or a list of them at \
                 `/.well-known/ai-catalog.json`"
                .to_owned(),
            Outcome::Refused => why(State::Refused),
            Outcome::Inconclusive => why(State::Inconclusive),
            Outcome::Found | Outcome::Partly => format!(
                "{} read; {} listed, {} held, {} refused, {} skipped",
                plural(self.visited.documents.len(), "document"),
                count(Kind::Listed),
                count(Kind::Held),
                count(Kind::Refused),
                count(Kind::Skipped),
            ),
        }
    }
}

fn listed_name(fate: &Fate) -> Option<&ServerName> {
    match fate {
        Fate::Listed(name) => Some(name),
        _ => None,
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn of_note(note: &Note) -> Finding {
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
    }
}
