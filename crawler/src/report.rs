//! What a visit found and did, for the owner of the origin: as JSON, and as text.

use std::fmt;

use chrono::{DateTime, Utc};
use registry_core::card::origin::Origin;
use registry_core::evidence::Level;
use registry_core::server::Observed;
use registry_core::store::findings::{Finding, Outcome as Fate};
use serde::Serialize;

use crate::frontier::Outcome;
use crate::visit::State;

/// One visit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The host.
    pub origin: Origin,
    /// Whether nothing was written: the changes are those that would be made.
    pub dry_run: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The same in a sentence.
    pub detail: String,
    /// Every document that was asked for.
    pub documents: Vec<Asked>,
    /// What became of every description.
    pub servers: Vec<Described>,
    /// Endpoints that are named or implied, and described nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// How many rows the ledger gets.
    pub changes: usize,
    /// When the origin is visited next.
    pub due_at: DateTime<Utc>,
}

/// A document that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// Its address.
    pub url: String,
    /// What came of it.
    pub state: State,
    /// Why, where there is something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// An endpoint that is described nowhere.
#[derive(Debug, Clone, Serialize)]
pub struct Lead {
    /// Its address.
    pub url: String,
    /// Why it is thought to be one: `named`, `implied`, `protected`, `txt` or `answered`.
    pub how: &'static str,
    /// The document that says so; none for a record in the domain name system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl From<&crate::visit::Lead> for Lead {
    fn from(lead: &crate::visit::Lead) -> Self {
        Self {
            url: lead.url.to_string(),
            how: lead.how.as_str(),
            by: lead.by.as_ref().map(ToString::to_string),
        }
    }
}

/// What became of a description.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    /// Listed, held, refused or skipped.
    pub outcome: Fate,
    /// The name it is listed by, or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name it claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_name: Option<String>,
    /// The version it describes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What changes in the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
    /// How far its name is proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Its document.
    pub url: String,
    /// Where in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// What it was read as.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shape: String,
    /// Why, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Described {
    pub(crate) fn of(finding: &Finding, observed: Option<Observed>) -> Self {
        Self {
            outcome: finding.outcome,
            name: finding.server_name.clone(),
            declared_name: finding.declared_name.clone(),
            version: finding.version.clone(),
            change: observed.map(|observed| word(finding.outcome, observed)),
            level: finding.level,
            url: finding.url.clone(),
            pointer: finding.pointer.clone(),
            shape: finding.shape.clone(),
            reason: finding.reason.clone(),
        }
    }
}

fn word(outcome: Fate, observed: Observed) -> &'static str {
    match observed {
        Observed::Changed if outcome == Fate::Withdrawn => "withdrawn",
        Observed::Restored => "restored",
        Observed::Full => "full",
        Observed::Added => "added",
        Observed::Changed => "changed",
        Observed::Unchanged => "unchanged",
        Observed::Outranked => "outranked",
    }
}

impl Report {
    /// Whether the origin answered to any question, if only that nothing is there.
    pub fn was_reached(&self) -> bool {
        self.documents.iter().any(|asked| asked.state.is_conclusive())
    }

    /// The documents worth a line, and how many more of the same host it speaks for: a host that cannot be reached is told once.
    fn told(&self) -> Vec<(&Asked, usize)> {
        let mut told: Vec<(&Asked, usize)> = Vec::new();
        let host = |asked: &Asked| asked.url.split('/').nth(2).map(str::to_owned);
        for asked in self.documents.iter().filter(|asked| asked.state != State::Absent) {
            let is_told = |(before, _): &&mut (&Asked, usize)| {
                let is_failure = matches!(asked.state, State::Inconclusive | State::Refused);
                is_failure
                    && before.state == asked.state
                    && before.detail == asked.detail
                    && host(before) == host(asked)
            };
            match told.iter_mut().find(is_told) {
                Some((_, more)) => *more += 1,
                None => told.push((asked, 0)),
            }
        }
        told
    }

    /// The descriptions with this outcome.
    pub fn with(&self, outcome: Fate) -> impl Iterator<Item = &Described> {
        self.servers.iter().filter(move |described| described.outcome == outcome)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dry = if self.dry_run { " (dry run, nothing is written)" } else { "" };
        writeln!(f, "{}{dry}: {}", self.origin, self.detail)?;
        for (asked, more) in self.told() {
            let state = match asked.state {
                State::Found => "read",
                State::Unchanged => "unchanged",
                State::Absent | State::Gone => "absent",
                State::Inconclusive => "not known",
                State::Refused => "not read",
            };
            write!(f, "  {state:<10} {}", asked.url)?;
            match more {
                0 => {}
                1 => write!(f, " and 1 more address there")?,
                more => write!(f, " and {more} more addresses there")?,
            }
            match &asked.detail {
                Some(detail) => writeln!(f, "\n             {detail}")?,
                None => writeln!(f)?,
            }
        }
        let absent = self.documents.iter().filter(|asked| asked.state == State::Absent).count();
        if absent > 0 {
            writeln!(f, "  {absent} other places have no document")?;
        }
        for outcome in Fate::ALL {
            for described in self.with(outcome) {
                write_description(f, described)?;
            }
        }
        if self.dry_run {
            return Ok(());
        }
        writeln!(f, "  next visit {}", self.due_at.format("%Y-%m-%d %H:%M UTC"))
    }
}

fn write_description(f: &mut fmt::Formatter<'_>, described: &Described) -> fmt::Result {
    let mut words = vec![described.outcome.as_str().to_owned()];
    words.extend(described.name.clone());
    words.extend(described.version.clone());
    words.extend(described.change.map(|change| format!("({change})")));
    words.extend(described.level.map(|level| format!("[level {}]", level.number())));
    writeln!(f, "  {}", words.join(" "))?;
    let pointer =
        if described.pointer.is_empty() { String::new() } else { format!("#{}", described.pointer) };
    writeln!(f, "             from {}{pointer}", described.url)?;
    match &described.reason {
        Some(reason) => writeln!(f, "             {reason}"),
        None => Ok(()),
    }
}
