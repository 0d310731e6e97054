//! What is wrong with a Server Card or catalog and how it is served, and what would be listed.

use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Level};
use crate::lint::{Finding, Severity};
use crate::server_json::ServerJson;
use crate::store::findings::Outcome;

/// What came of a check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LintReport {
    /// The address that was checked; absent for a document that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the document is thought to be served, for what would be listed; absent where its address is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed_url: Option<String>,
    /// Whether no finding is an error, and no description is refused or held.
    pub valid: bool,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
    /// The documents that were read: the one asked for, then those that it lists.
    pub documents: Vec<LintDocument>,
    /// What a crawl would make of them, by themselves: what is listed already is not looked at.
    pub servers: Vec<LintServer>,
}

/// One document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LintDocument {
    /// Where it is; absent for a document that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where it came from in the end, where that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// What it is, in a stable word: `server-card-v1`, `catalog`, `sep-1649`, …; absent where it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is wrong with it, at most 500 findings; the gravest first.
    pub findings: Vec<LintFinding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LintFinding {
    /// The rule's number: `C2`.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Where: `remotes[0].url` in the document, `header.etag` in its answer; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What the rule asks.
    pub about: String,
    /// What to do.
    pub hint: String,
    /// Where the rule comes from.
    pub reference: String,
}

/// What would become of one description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LintServer {
    /// Listed, held until something is proved, refused, or skipped.
    pub outcome: Outcome,
    /// The name it would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name it declares, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_name: Option<String>,
    /// How far the name would be proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// By what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Why, and what its owner can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The document that describes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where in that document, as a JSON Pointer; absent for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// The members that the description does not give, and that would be made up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synthesised: Vec<String>,
    /// The `server.json` that it would become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerJson>,
}

/// An address to be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LintRequest {
    /// Where the document is, or the address of a site, whose well-known places are then looked at.
    pub url: String,
}

impl From<&Finding> for LintFinding {
    fn from(finding: &Finding) -> Self {
        let Finding { rule, path, message } = finding;
        Self {
            rule: rule.id.to_owned(),
            severity: rule.severity,
            path: path.clone(),
            message: message.clone(),
            about: rule.about.to_owned(),
            hint: rule.hint.to_owned(),
            reference: rule.reference.to_owned(),
        }
    }
}

impl LintDocument {
    /// A document with these findings, the gravest first.
    pub fn new(url: Option<String>, kind: Option<String>, findings: &[Finding]) -> Self {
        let mut findings: Vec<LintFinding> = findings.iter().map(Into::into).collect();
        findings.sort_by_key(|finding| finding.severity);
        Self { url, final_url: None, kind, findings }
    }
}

impl LintReport {
    /// A report about these documents and servers.
    pub fn new(url: Option<String>, documents: Vec<LintDocument>, servers: Vec<LintServer>) -> Self {
        let count = |severity| {
            let findings = documents.iter().flat_map(|document| &document.findings);
            findings.filter(|finding| finding.severity == severity).count()
        };
        let (errors, warnings, notes) =
            (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
        let is_kept_out =
            |described: &LintServer| matches!(described.outcome, Outcome::Refused | Outcome::Held);
        let valid = errors == 0 && !servers.iter().any(is_kept_out);
        Self { url, assumed_url: None, valid, errors, warnings, notes, documents, servers }
    }
}
