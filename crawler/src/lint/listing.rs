//! What would be listed: a document's cards, mapped and judged by themselves.

use chrono::{DateTime, Utc};
use registry_core::card::map::{Context, Mapped, to_server_json};
use registry_core::card::owner::{Confirmed, Provenance, same_card};
use registry_core::card::site;
use registry_core::card::text::clean;
use registry_core::card::verdict::{self, Verdict};
use registry_core::digest::Digest;
use registry_core::evidence::Level;
use registry_core::name::Namespace;
use registry_core::server_json::Remote;
use registry_core::store::findings::Outcome;
use registry_core::wire::lint::LintServer;
use serde_json::Value;
use url::Url;

use super::{Check, MOST_SERVERS};
use crate::discover::{self, Discovery, Document, Follow, Found};

/// How many endpoints of one card are asked whether they serve it themselves.
const MOST_ENDPOINTS: usize = 3;

/// A document by which a server may be listed.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) document: &'a Url,
    pub(super) redirects: &'a [Url],
    pub(super) listed_by: &'a [Url],
    pub(super) body: &'a [u8],
    pub(super) at: DateTime<Utc>,
}

impl<'a> Source<'a> {
    /// A document that is served there.
    pub(super) fn of(document: &'a Url, body: &'a [u8], at: DateTime<Utc>) -> Self {
        Self { document, redirects: &[], listed_by: &[], body, at }
    }

    fn provenance(&self, confirmed: &'a [Confirmed]) -> Provenance<'a> {
        Provenance {
            redirects: self.redirects,
            listed_by: self.listed_by,
            confirmed,
            sha256: Some(Digest::of(self.body)),
            ..Provenance::of(self.document, self.at)
        }
    }

    fn told(&self, outcome: Outcome, pointer: &str, reason: String) -> LintServer {
        LintServer {
            outcome,
            name: None,
            declared_name: None,
            level: None,
            evidence: Vec::new(),
            reason: Some(reason),
            url: Some(self.document.to_string()),
            pointer: pointer.to_owned(),
            synthesised: Vec::new(),
            server: None,
        }
    }
}

/// A card that can be mapped.
pub(super) struct Card {
    pointer: String,
    mapped: Mapped,
}

/// What a document holds: cards, documents that it lists, and what is neither; `by` is the entry that led there.
pub(super) fn read(source: &Source<'_>, by: Option<&Follow>) -> (Vec<Card>, Vec<Follow>, Vec<LintServer>) {
    let (mut cards, mut follows, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let document = Document { url: source.document, body: source.body, content_type: None, links: &[] };
    let found = match reader().read(&document) {
        Ok(found) => found,
        Err(error) => {
            others.push(source.told(Outcome::Refused, "", error.to_string()));
            return (cards, follows, others);
        }
    };
    for found in found {
        if cards.len() + follows.len() + others.len() >= MOST_SERVERS {
            break;
        }
        match found {
            Found::Card(card) => {
                let entry = card.entry.as_ref().or_else(|| entry_of_own_site(by, source));
                let context = Context {
                    document_url: source.document,
                    first_seen: source.at.date_naive(),
                    display: entry.map(|entry| &entry.display),
                };
                match to_server_json(&card.value, card.shape, &context) {
                    Ok(mapped) => cards.push(Card { pointer: card.pointer, mapped }),
                    Err(error) => {
                        others.push(source.told(Outcome::Refused, &card.pointer, error.to_string()));
                    }
                }
            }
            Found::Follow(follow) => follows.push(follow),
            Found::Skipped { pointer, reason } => {
                others.push(source.told(Outcome::Skipped, &pointer, reason));
            }
            // An endpoint that is only named describes nothing.
            _ => {}
        }
    }
    (cards, follows, others)
}

/// The reader of JSON documents, which tells them apart by their shape.
fn reader() -> &'static dyn Discovery {
    let by_shape = discover::ALL.iter().find(|format| format.id() == "ai-catalog");
    *by_shape.unwrap_or(&discover::ALL[0])
}

/// What a catalog calls the card, where both are of one site.
fn entry_of_own_site<'f>(by: Option<&'f Follow>, source: &Source<'_>) -> Option<&'f discover::Entry> {
    let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
    let own = source.listed_by.iter().any(|catalog| site::same_site(&host(catalog), &host(source.document)));
    by.filter(|_| own).map(|follow| &follow.entry)
}

/// A document that a catalog lists and that was not looked at.
pub(super) fn unread(source: &Source<'_>, follow: &Follow) -> LintServer {
    let reason = format!("`{}` was not looked at; check that address by itself", follow.url);
    source.told(Outcome::Skipped, &follow.pointer, reason)
}

/// What would become of a card.
pub(super) fn judge(card: &Card, source: &Source<'_>, confirmed: &[Confirmed]) -> LintServer {
    let Card { pointer, mapped } = card;
    let (outcome, name, claim, reason) = match verdict::decide(mapped, &source.provenance(confirmed)) {
        Verdict::Listed { name, claim, held_name } if claim.level >= Level::HostBound => {
            (Outcome::Listed, name, claim, held_name.map(|held| held.reason))
        }
        Verdict::Listed { name, claim, .. } => {
            let host = source.document.host_str().unwrap_or_default();
            let reason = format!("nothing proves that `{host}` may use the name `{name}`");
            (Outcome::Held, name, claim, Some(reason))
        }
        Verdict::Held { name, claim, reason } => (Outcome::Held, name, claim, Some(reason)),
    };
    let declared = mapped.declared_name.as_ref().filter(|declared| **declared != name);
    LintServer {
        level: Some(claim.level),
        evidence: claim.evidence,
        declared_name: declared.map(ToString::to_string),
        synthesised: mapped.synthesised.iter().map(ToString::to_string).collect(),
        server: Some(mapped.named(&name)),
        name: Some(name.to_string()),
        reason,
        ..source.told(outcome, pointer, String::new())
    }
}

/// Where a document that somebody has would be: on the host that its name, or that of its first entry, belongs to.
pub(super) fn likely_place(document: &Value) -> Option<Url> {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let card = text("/name").and_then(|name| name.split_once('/')).map(|(namespace, _)| host_of(namespace));
    let catalog = || {
        let entry = text("/entries/0/identifier").and_then(|urn| urn.strip_prefix("urn:air:"));
        entry.and_then(|rest| rest.split(':').next()).map(str::to_owned)
    };
    let path = if document.get("entries").is_some() {
        "/.well-known/ai-catalog.json"
    } else {
        "/.well-known/mcp-server-card"
    };
    let host = card.or_else(catalog).unwrap_or_else(|| "example.com".to_owned());
    let url = Url::parse(&format!("https://{}{path}", clean(&host, 253))).ok()?;
    url.domain().is_some_and(|host| host.contains('.')).then_some(url)
}

fn host_of(namespace: &str) -> String {
    let as_host = namespace.split('.').rev().collect::<Vec<_>>().join(".");
    Namespace::of_host(&as_host).host()
}

impl Check<'_> {
    /// The endpoints on other ground that serve the same card themselves.
    pub(super) async fn confirmations(&mut self, card: &Card, source: &Source<'_>) -> Vec<Confirmed> {
        let mut confirmed = Vec::new();
        let endpoints = card.mapped.endpoints.iter();
        let stray = endpoints.filter(|endpoint| !source.provenance(&[]).is_related(endpoint));
        for endpoint in stray.take(MOST_ENDPOINTS) {
            let remote =
                Remote { kind: "streamable-http".into(), url: endpoint.url.clone(), ..Remote::default() };
            let beside = discover::ALL.iter().flat_map(|format| format.beside(&remote)).next();
            let Some(url) = beside.filter(|_| !self.is_late()) else { continue };
            let seen = self.asker.look(&url, false).await;
            let Some(theirs) = seen.source(source.at, &[]) else { continue };
            let (cards, ..) = read(&theirs, None);
            if cards.iter().any(|theirs| same_card(&card.mapped, &theirs.mapped, &endpoint.key)) {
                confirmed.push(Confirmed { key: endpoint.key.clone(), url: seen.hosting.answered.clone() });
            }
        }
        confirmed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_thought_to_be_where_its_name_belongs() {
        let place = |document: Value| likely_place(&document).map(String::from);
        assert_eq!(
            place(json!({ "name": "com.example.api/weather" })).as_deref(),
            Some("https://api.example.com/.well-known/mcp-server-card")
        );
        assert_eq!(
            place(json!({ "entries": [{ "identifier": "urn:air:example.org:mcp:a" }] })).as_deref(),
            Some("https://example.org/.well-known/ai-catalog.json")
        );
        assert_eq!(place(json!({ "name": "a/b" })), None, "no host has such a name");
        assert!(place(json!({})).is_some_and(|url| url.contains("example.com")));
        assert_eq!(place(json!({ "name": "com.exa mple:80/x" })), None);
    }
}
