//! Places on the web that are crawled, or that somebody asks to be crawled.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::card::text::clean;
use crate::evidence::{Evidence, Level};
use crate::store::fetches::Fetch;
use crate::store::findings::{Finding, Outcome};
use crate::store::origins::{DocumentRow, Everything, Row};
use crate::store::revisions::Revision;

/// A domain that somebody asks to be crawled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OriginRequest {
    /// The domain, as in `example.com`.
    pub origin: String,
}

/// Where an origin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = OriginState)]
pub enum State {
    /// It waits for its first visit.
    Waiting,
    /// It is being visited.
    Visiting,
    /// The last visit found documents, and everything that was asked was answered.
    Found,
    /// The last visit found documents; of others nobody can tell.
    Partly,
    /// The last visit found nothing.
    Nothing,
    /// The last visit could not tell: the host did not answer, or answered that it would rather not.
    Inconclusive,
    /// The host does not want to be crawled, or is not to be asked.
    Refused,
    /// Its owner or the operator has asked that it is not crawled.
    Removed,
}

impl State {
    /// The word people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Visiting => "visiting",
            Self::Found => "found",
            Self::Partly => "partly",
            Self::Nothing => "nothing",
            Self::Inconclusive => "inconclusive",
            Self::Refused => "refused",
            Self::Removed => "removed",
        }
    }

    /// Of a row, at this moment.
    pub fn of(row: &Row, now: DateTime<Utc>) -> Self {
        if row.removed_at.is_some() {
            return Self::Removed;
        }
        if row.leased_until.is_some_and(|until| until > now) {
            return Self::Visiting;
        }
        match (row.crawled_at, row.outcome.as_deref()) {
            (None, _) => Self::Waiting,
            (_, Some("found")) => Self::Found,
            (_, Some("partly")) => Self::Partly,
            (_, Some("nothing")) => Self::Nothing,
            (_, Some("refused")) => Self::Refused,
            _ => Self::Inconclusive,
        }
    }
}

/// An origin and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OriginStatus {
    /// The domain.
    pub origin: String,
    /// Where it stands.
    pub status: State,
    /// The same in a sentence, with what to do next.
    pub message: String,
    /// Where to ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_url: Option<String>,
    /// Since when it is crawled, or waits to be.
    pub added_at: DateTime<Utc>,
    /// When it was visited last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visited_at: Option<DateTime<Utc>>,
    /// When it is visited next, at the earliest; absent where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_visit_at: Option<DateTime<Utc>>,
}

/// Everything that is known of an origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OriginReport {
    /// The domain and where it stands.
    #[serde(flatten)]
    pub origin: OriginStatus,
    /// How many descriptions are listed.
    pub listed: usize,
    /// How many wait for a proof.
    pub held: usize,
    /// How many cannot be used as they are.
    pub refused: usize,
    /// How many are not needed.
    pub skipped: usize,
    /// How many are listed although they are looked for in vain.
    pub stale: usize,
    /// How many were listed and no longer are.
    pub withdrawn: usize,
    /// What became of each description, those to do something about first.
    pub findings: Vec<OriginFinding>,
    /// The documents that were found, at most a thousand.
    pub documents: Vec<OriginDocument>,
    /// The last changes of these documents, the newest first, at most a hundred.
    pub revisions: Vec<OriginRevision>,
    /// The last requests to its host, the newest first, at most fifty.
    #[serde(default)]
    pub fetches: Vec<OriginFetch>,
}

/// A request to the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OriginFetch {
    /// When.
    pub at: DateTime<Utc>,
    /// The address.
    pub url: String,
    /// The answer's status; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many bytes the answer has, after decoding.
    pub bytes: u64,
    /// How it ended, in a stable word: `answered`, or why there was no answer.
    pub outcome: String,
}

/// A change of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OriginRevision {
    /// The document.
    pub url: String,
    /// The number of what it is since then; the first is 1 and has no change.
    pub number: i32,
    /// When the change was seen.
    pub at: DateTime<Utc>,
    /// SHA-256 of its bytes since then, in hex.
    pub sha256: String,
    /// What changed, as in `replace /version`, at most 50 places; empty where that cannot be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// What became of a description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OriginFinding {
    /// Listed, held until something is proved, refused, skipped, stale (listed, but looked for in vain), or withdrawn.
    pub outcome: Outcome,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Since when it is looked for in vain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<DateTime<Utc>>,
    /// The name it is listed by, or would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name it declares, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_name: Option<String>,
    /// The version it describes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How far the name is proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// By what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Why, and what its owner can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The document.
    pub url: String,
    /// Where in it, as a JSON Pointer; absent for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// What it was read as: `server-card-v1`, `sep-1649`, …; absent where it could not be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The format that led there: `ai-catalog`, …
    pub format: String,
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OriginDocument {
    /// The address that was asked.
    pub url: String,
    /// The address that answered, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// What it is: `catalog`, `server-card-v1`, …
    pub kind: String,
    /// The format that led there.
    pub format: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// When it was there for the first time.
    pub first_seen_at: DateTime<Utc>,
    /// When its bytes changed last.
    pub changed_at: DateTime<Utc>,
    /// When it was fetched last.
    pub fetched_at: DateTime<Utc>,
}

impl OriginStatus {
    /// Of a row, at this moment.
    pub fn of(row: &Row, now: DateTime<Utc>) -> Self {
        let status = State::of(row, now);
        Self {
            origin: row.host.clone(),
            status,
            message: message(row, status),
            status_url: None,
            added_at: row.added_at,
            visited_at: row.crawled_at,
            next_visit_at: (status != State::Removed).then_some(row.due_at.max(now)),
        }
    }
}

fn message(row: &Row, status: State) -> String {
    let host = &row.host;
    match status {
        State::Removed => format!(
            "`{host}` is not crawled: its owner or the operator has asked so; its owner may ask the operator to take it up again"
        ),
        State::Waiting => format!("`{host}` waits for its first visit; look again in a few minutes"),
        State::Visiting => format!("`{host}` is being visited; look again in a few minutes"),
        _ => row.detail.clone().unwrap_or_default(),
    }
}

impl OriginReport {
    /// Of what is known, at this moment.
    pub fn of(known: Everything, now: DateTime<Utc>) -> Self {
        let Everything { row, findings, documents, revisions, fetches } = known;
        let mut counts = [0; Outcome::ALL.len()];
        for finding in &findings {
            counts[Outcome::ALL.iter().position(|one| *one == finding.outcome).unwrap_or_default()] += 1;
        }
        let [listed, held, refused, skipped, stale, withdrawn] = counts;
        let mut findings: Vec<OriginFinding> = findings.into_iter().map(Into::into).collect();
        findings.sort_by_key(|finding| match finding.outcome {
            Outcome::Held => 0,
            Outcome::Refused => 1,
            Outcome::Stale => 2,
            Outcome::Withdrawn => 3,
            Outcome::Listed => 4,
            Outcome::Skipped => 5,
        });
        Self {
            origin: OriginStatus::of(&row, now),
            listed,
            held,
            refused,
            skipped,
            stale,
            withdrawn,
            findings,
            documents: documents.into_iter().map(Into::into).collect(),
            revisions: revisions.into_iter().map(Into::into).collect(),
            fetches: fetches.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Fetch> for OriginFetch {
    fn from(fetch: Fetch) -> Self {
        let Fetch { at, url, status, bytes, outcome, .. } = fetch;
        Self { at, url, status, bytes, outcome }
    }
}

impl From<Revision> for OriginRevision {
    fn from(revision: Revision) -> Self {
        let changes = revision.diff.as_deref().map(changes).unwrap_or_default();
        let Revision { of, number, at, sha256, .. } = revision;
        Self { url: of, number, at, sha256: sha256.to_string(), changes }
    }
}

/// The places of a patch, without what stands there: people do paste keys into documents.
fn changes(patch: &str) -> Vec<String> {
    let patch: Vec<Value> = serde_json::from_str(patch).unwrap_or_default();
    let text = |change: &Value, member: &str| {
        clean(change.get(member).and_then(Value::as_str).unwrap_or_default(), 200)
    };
    patch.iter().take(50).map(|change| format!("{} {}", text(change, "op"), text(change, "path"))).collect()
}

impl From<Finding> for OriginFinding {
    fn from(finding: Finding) -> Self {
        let declared_name = finding.declared_name.filter(|name| finding.server_name.as_ref() != Some(name));
        Self {
            outcome: finding.outcome,
            since: finding.since,
            missing_since: finding.missing.map(|missing| missing.since),
            name: finding.server_name,
            declared_name,
            version: finding.version,
            level: finding.level,
            evidence: finding.evidence,
            reason: finding.reason,
            url: finding.url,
            pointer: finding.pointer,
            kind: finding.shape,
            format: finding.format,
        }
    }
}

impl From<DocumentRow> for OriginDocument {
    fn from(row: DocumentRow) -> Self {
        Self {
            final_url: (row.final_url != row.url).then_some(row.final_url),
            url: row.url,
            kind: row.shape,
            format: row.format,
            sha256: row.sha256.to_string(),
            first_seen_at: row.first_seen_at,
            changed_at: row.changed_at,
            fetched_at: row.fetched_at,
        }
    }
}
