//! What becomes of what an origin's documents described before, and describe no more. Pure. The rules:
//!
//! - *Nobody can tell* (401, 403, 429, 5xx, a timeout, TLS, a limit of the visit): everything stays as it was.
//! - *Looked for in vain* (404 or the like, a document that no longer describes it or cannot be read, a catalog that no longer
//!   lists it): the finding is `stale` since then, the listing stays and says so (`missingSince`). After three such visits over at
//!   least 72 hours the listing is withdrawn.
//! - *Not to be read* (robots.txt): `stale` for as long as that lasts; nothing is withdrawn for it.
//! - *Opted out* (`crawl: false` of its endpoint): withdrawn at once.
//! - *Gone* (410), *renamed* (its endpoint is listed under another name), *unproved* (the host no longer may give the name, or
//!   the catalog that lent it no longer lists the document): withdrawn at once, as far as every proof was looked at.
//! - *Elsewhere*: another origin lists the name, so it is no longer this one's to keep.
//!
//! Withdrawn is `deleted` with a message that says what happened and how to return. What returns is restored, unless somebody has
//! changed its status since. What its owner published here is never touched, nor is what an upstream registry listed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::site;
use registry_core::card::text::shorten;
use registry_core::store::findings::{Finding, Missing, Outcome};

use url::Url;

use crate::visit::{Asked, State, Visited};

/// How many visits in vain it takes.
const VISITS: i32 = 3;

/// And over how long a time.
const PATIENCE: TimeDelta = TimeDelta::hours(72);

/// How long an owner can read that something was withdrawn.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// What a visit saw of documents that were known before.
pub(crate) struct Sights<'a> {
    asked: HashMap<&'a str, &'a Asked>,
    /// By a document's last address: the one that is asked.
    aliases: &'a HashMap<String, String>,
    /// Documents that cannot be read as a whole, and why.
    broken: HashMap<&'a str, &'a str>,
    is_cut: bool,
    /// Endpoints that are not to be crawled.
    opted_out: &'a HashSet<String>,
    /// What the visit left to the next ones.
    left: &'a HashSet<Url>,
    /// What the visit says now.
    now: &'a [Finding],
    listed: HashSet<&'a str>,
    /// By endpoint: the name it is listed by now.
    renamed: HashMap<&'a str, &'a str>,
    /// By document: what is said of it now.
    by_url: HashMap<&'a str, Vec<&'a Finding>>,
    /// Names that other origins list.
    elsewhere: &'a HashSet<String>,
}

/// What becomes of the findings of earlier visits.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Life {
    /// Those that stay, with their new outcome.
    pub(crate) findings: Vec<Finding>,
    /// Names to withdraw, and why.
    pub(crate) withdrawn: Vec<(String, String)>,
    /// Versions to call missing: name, version, since when.
    pub(crate) missing: Vec<(String, String, DateTime<Utc>)>,
}

/// What was seen of a listed description.
#[derive(Debug, PartialEq)]
enum Sight {
    Unknown,
    Forbidden(String),
    Vain(String),
    Over(String),
}

impl<'a> Sights<'a> {
    pub(crate) fn of(
        visited: &'a Visited,
        now: &'a [Finding],
        aliases: &'a HashMap<String, String>,
        elsewhere: &'a HashSet<String>,
    ) -> Self {
        let broken = visited.notes.iter().filter(|note| note.is_refusal && note.pointer.is_empty());
        let mut sights = Self {
            asked: visited.asked.iter().map(|asked| (asked.url.as_str(), asked)).collect(),
            aliases,
            broken: broken.map(|note| (note.url.as_str(), note.reason.as_str())).collect(),
            is_cut: visited.is_cut,
            opted_out: &visited.opted_out,
            left: &visited.left,
            now,
            listed: HashSet::new(),
            renamed: HashMap::new(),
            by_url: HashMap::new(),
            elsewhere,
        };
        for finding in sights.now {
            sights.by_url.entry(&finding.url).or_default().push(finding);
            if let Some(name) = finding.server_name.as_deref().filter(|_| finding.outcome == Outcome::Listed)
            {
                sights.listed.insert(name);
                sights.renamed.extend(finding.endpoints.iter().map(|endpoint| (endpoint.as_str(), name)));
            }
        }
        sights
    }

    fn asked(&self, url: &str) -> Option<&Asked> {
        let alias = || self.aliases.get(url).and_then(|url| self.asked.get(url.as_str()));
        self.asked.get(url).or_else(alias).copied()
    }

    /// Whether it was left to the next visits, or asked under another address that was.
    fn is_left(&self, url: &str) -> bool {
        let is = |url: &str| Url::parse(url).is_ok_and(|url| self.left.contains(&url));
        self.is_cut && (is(url) || self.aliases.get(url).is_some_and(|alias| is(alias)))
    }

    fn is_known(&self, url: &str) -> bool {
        self.aliases.contains_key(url)
    }

    fn sight(&self, old: &Finding) -> Sight {
        if let Some(endpoint) = old.endpoints.iter().find(|endpoint| self.opted_out.contains(*endpoint)) {
            return Sight::Over(format!(
                "a document of its site says `crawl: false` of `{endpoint}`; say `true` or leave it out and the listing returns by itself"
            ));
        }
        let Some(asked) = self.asked(&old.url) else { return self.unasked(old) };
        let detail = || asked.detail.clone().unwrap_or_else(|| "it is not there".to_owned());
        match asked.state {
            State::Inconclusive => Sight::Unknown,
            State::Refused => Sight::Forbidden(detail()),
            State::Absent => Sight::Vain(detail()),
            State::Gone => Sight::Over(format!(
                "`{}` answers 410: its card is gone for good; serve a card again and the listing returns by itself",
                old.url
            )),
            State::Found | State::Unchanged => self.there(old),
        }
    }

    /// The document is there, and does not give the name any more.
    fn there(&self, old: &Finding) -> Sight {
        let here = self.by_url.get(old.url.as_str()).map(Vec::as_slice).unwrap_or_default();
        let same = |now: &&&Finding| {
            let shares = now.endpoints.iter().any(|endpoint| old.endpoints.contains(endpoint));
            shares || (now.pointer == old.pointer && (now.endpoints.is_empty() || old.endpoints.is_empty()))
        };
        let by_endpoint =
            old.endpoints.iter().find_map(|endpoint| self.renamed.get(endpoint.as_str()).copied());
        let by_place = || {
            let listed = here.iter().filter(same).find(|now| now.outcome == Outcome::Listed);
            listed.and_then(|now| now.server_name.as_deref())
        };
        if let Some(name) = by_endpoint.or_else(by_place) {
            return Sight::Over(format!(
                "the card at `{}` now describes this server under the name `{name}`; look it up there",
                old.url
            ));
        }
        if self.is_proof_unseen(old) {
            return Sight::Unknown;
        }
        match here.iter().find(same) {
            Some(now) if matches!(now.outcome, Outcome::Held | Outcome::Skipped) => {
                let reason = now.reason.as_deref().unwrap_or("the name is no longer proved");
                Sight::Over(format!("the card at `{}` no longer stands for this name: {reason}", old.url))
            }
            Some(now) => Sight::Vain(now.reason.clone().unwrap_or_else(silent)),
            None => Sight::Vain(silent()),
        }
    }

    /// Whether something that proved the name could not be looked at this time.
    fn is_proof_unseen(&self, old: &Finding) -> bool {
        old.evidence.iter().filter_map(|item| item.url.as_deref()).any(|url| match self.asked(url) {
            Some(asked) => matches!(asked.state, State::Inconclusive | State::Refused),
            None => self.is_cut,
        })
    }

    /// The document was not asked for: what led to it leads there no more, or was not looked at.
    fn unasked(&self, old: &Finding) -> Sight {
        if self.is_left(&old.url) {
            return Sight::Unknown;
        }
        let mut vain = None;
        for catalog in proofs(old, "listed-by") {
            let Some(asked) = self.asked(catalog) else {
                // Another origin's catalog is read when that origin is visited.
                if self.is_known(catalog) || self.is_left(catalog) {
                    return Sight::Unknown;
                }
                continue;
            };
            let unlisted = || format!("`{catalog}` no longer lists `{}`", old.url);
            match (asked.state, self.broken.get(asked.url.as_str())) {
                (State::Inconclusive | State::Refused, _) => return Sight::Unknown,
                (State::Absent | State::Gone, _) => {
                    vain = Some(format!("`{catalog}`, which listed it, is gone"))
                }
                (State::Found | State::Unchanged, Some(reason)) => vain = Some((*reason).to_owned()),
                (State::Found | State::Unchanged, None) if is_lent(old, catalog) => {
                    return Sight::Over(format!(
                        "{}, which was the proof for it; list it again and the listing returns by itself",
                        unlisted()
                    ));
                }
                (State::Found | State::Unchanged, None) => vain = vain.or_else(|| Some(unlisted())),
            }
        }
        vain.or_else(|| self.forsaken(old)).map_or(Sight::Unknown, Sight::Vain)
    }

    /// That nothing leads to a document any more; none where something that may was out of reach.
    fn forsaken(&self, old: &Finding) -> Option<String> {
        let is_all_seen = self.asked.values().all(|asked| asked.state.is_conclusive());
        is_all_seen.then(|| format!("nothing leads to `{}` any more", old.url))
    }
}

fn proofs<'f>(finding: &'f Finding, what: &'static str) -> impl Iterator<Item = &'f str> {
    let items = finding.evidence.iter().filter(move |item| item.what == what);
    items.filter_map(|item| item.url.as_deref())
}

/// Whether a catalog's listing was what proved it: the catalog lent the name, or stood by the document for its own endpoint.
fn is_lent(old: &Finding, catalog: &str) -> bool {
    let host = |url: &str| {
        url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    };
    let (catalog_host, document_host) = (host(catalog), host(&old.url));
    let on_its_ground =
        || old.endpoints.iter().any(|endpoint| site::same_site(&host(endpoint), &catalog_host));
    let stood_by = !site::same_site(&catalog_host, &document_host)
        && proofs(old, "endpoint").next().is_none()
        && on_its_ground();
    stood_by || proofs(old, "namespace").any(|url| url == catalog)
}

fn silent() -> String {
    "the document no longer describes it".to_owned()
}

/// What becomes of an origin's earlier findings after a visit.
pub(crate) fn live(before: &[Finding], sights: &Sights<'_>, at: DateTime<Utc>) -> Life {
    let mut life = Life::default();
    for old in before {
        let name = old.server_name.as_deref();
        let is_listed = name.is_some_and(|name| sights.listed.contains(name));
        match (old.outcome, name) {
            (Outcome::Listed | Outcome::Stale, Some(name))
                if is_listed || sights.elsewhere.contains(name) => {}
            (Outcome::Listed | Outcome::Stale, Some(name)) => life.turn(old, name, sights.sight(old), at),
            (Outcome::Withdrawn, _) if is_listed || at - old.since >= REMEMBERED => {}
            (Outcome::Withdrawn, _) => life.findings.push(old.clone()),
            _ if sights.is_out_of_reach(old) => life.findings.push(old.clone()),
            _ => {}
        }
    }
    life.withdrawn.sort_unstable();
    life.withdrawn.dedup_by(|a, b| a.0 == b.0);
    life
}

impl Sights<'_> {
    /// Whether nobody can tell what has become of a document of which no listing was made.
    fn is_out_of_reach(&self, old: &Finding) -> bool {
        match self.asked(&old.url) {
            Some(asked) => asked.state == State::Inconclusive,
            None => self.is_cut || self.asked.values().any(|asked| asked.state == State::Inconclusive),
        }
    }
}

impl Life {
    fn turn(&mut self, old: &Finding, name: &str, sight: Sight, at: DateTime<Utc>) {
        match sight {
            Sight::Unknown => self.findings.push(old.clone()),
            Sight::Forbidden(reason) => {
                let missing = old.missing.unwrap_or(Missing { since: at, visits: 0 });
                self.stale(
                    old,
                    name,
                    missing,
                    format!("{reason}; the listing stays as it was last seen"),
                    at,
                );
            }
            Sight::Vain(reason) => {
                let (since, visits) = old.missing.map_or((at, 0), |m| (m.since, m.visits));
                let missing = Missing { since, visits: visits.saturating_add(1) };
                if missing.visits >= VISITS && at - since >= PATIENCE {
                    let day = since.format("%Y-%m-%d");
                    let reason = format!(
                        "`{}` has described this server no more since {day}: {reason}; serve its card again and the listing returns by itself",
                        old.url
                    );
                    self.withdraw(old, name, reason, at);
                } else {
                    let reason = format!(
                        "{reason}; the listing stays until it was looked for in vain {VISITS} times over {} hours; serve the card again, or                          answer 410 to withdraw it at once",
                        PATIENCE.num_hours()
                    );
                    self.stale(old, name, missing, reason, at);
                }
            }
            Sight::Over(reason) => self.withdraw(old, name, reason, at),
        }
    }

    fn stale(&mut self, old: &Finding, name: &str, missing: Missing, reason: String, at: DateTime<Utc>) {
        let since = if old.outcome == Outcome::Stale { old.since } else { at };
        self.missing.extend(old.version.clone().map(|version| (name.to_owned(), version, missing.since)));
        let (reason, missing) = (Some(reason), Some(missing));
        self.findings.push(Finding {
            outcome: Outcome::Stale,
            reason,
            since,
            missing,
            seen_at: at,
            ..old.clone()
        });
    }

    fn withdraw(&mut self, old: &Finding, name: &str, reason: String, at: DateTime<Utc>) {
        self.withdrawn.push((name.to_owned(), shorten(&reason, 500)));
        let reason = Some(reason);
        self.findings.push(Finding {
            outcome: Outcome::Withdrawn,
            reason,
            since: at,
            seen_at: at,
            ..old.clone()
        });
    }
}

#[cfg(test)]
mod tests;
