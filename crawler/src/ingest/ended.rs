//! How a visit ended: the origin's next date, and the report for its owner.

use registry_core::store::findings::Outcome as Kind;
use registry_core::store::origins::Finished;
use registry_core::store::{PgConnection, StoreError, origins};

use super::{DryRun, Ingest};
use crate::frontier::{Ended, Outcome, fresh_for, next_due};
use crate::report::{Asked, Described, Lead, Report};
use crate::visit::State;

impl Ingest<'_> {
    /// Ends the visit; none when somebody else has taken the origin over meanwhile.
    pub(super) async fn finish(
        &self,
        conn: &mut PgConnection,
        dice: u64,
        changes: usize,
        dry_run: DryRun,
    ) -> Result<Option<Report>, StoreError> {
        let visited = self.visited;
        let outcome = visited.outcome();
        let fresh = visited.documents.iter().filter_map(|d| fresh_for(d.cache_control.as_deref())).min();
        let ended =
            Ended { outcome, misses: self.held.misses, fresh_for: fresh, not_before: visited.not_before };
        let (due_at, misses) = next_due(&ended, self.at, dice);
        let detail = self.detail(outcome);
        let finished = Finished { at: self.at, due_at, outcome: outcome.as_str(), detail: &detail, misses };
        if !origins::finish(conn, self.held, &finished).await? {
            return Ok(None);
        }
        let servers = self.findings.iter().zip(&self.observed);
        Ok(Some(Report {
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
            leads: visited.leads.iter().map(Lead::from).collect(),
            changes,
            due_at,
        }))
    }

    fn detail(&self, outcome: Outcome) -> String {
        let count = |kind: Kind| self.findings.iter().filter(|f| f.outcome == kind).count();
        let why = |state: State| {
            let asked = self.visited.asked.iter().find(|asked| asked.state == state);
            asked.and_then(|asked| asked.detail.clone()).unwrap_or_default()
        };
        match outcome {
            Outcome::Nothing if count(Kind::Stale) + count(Kind::Withdrawn) > 0 => {
                format!("nothing is published here any more{}", lost(count(Kind::Stale), count(Kind::Withdrawn)))
            }
            Outcome::Nothing => "nothing is published here; serve a Server Card at `/.well-known/mcp-server-card`, or a list of them at \
                 `/.well-known/ai-catalog.json`"
                .to_owned(),
            Outcome::Refused => why(State::Refused),
            Outcome::Inconclusive => why(State::Inconclusive),
            Outcome::Found | Outcome::Partly => format!(
                "{} read; {} listed, {} held, {} refused, {} skipped{}",
                plural(self.visited.documents.len(), "document"),
                count(Kind::Listed),
                count(Kind::Held),
                count(Kind::Refused),
                count(Kind::Skipped),
                lost(count(Kind::Stale), count(Kind::Withdrawn)),
            ),
        }
    }
}

/// What is said of listings that are no longer described, where there are any.
fn lost(stale: usize, withdrawn: usize) -> String {
    let word =
        |count: usize, word: &str| if count == 0 { String::new() } else { format!(", {count} {word}") };
    format!("{}{}", word(stale, "stale"), word(withdrawn, "withdrawn"))
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
