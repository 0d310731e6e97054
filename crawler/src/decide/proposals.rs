//! Each card alone: how far it is believed, and which name it may have.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registry_core::card::owner::{Confirmed, Provenance, Signed, leads_to_www, same_card};
use registry_core::card::verdict::{self, Verdict};
use registry_core::card::{address, site};
use registry_core::evidence::{Evidence, Level};
use registry_core::store::endpoints;

use super::{Obstacle, Proposal, Testimony};
use crate::visit::{Card, Document, Visited};
use url::Url;

/// How many catalogs are kept as evidence for one card.
const MAX_CATALOGS: usize = 20;

/// What every card asks for, the most believed first; where they are equal, by their documents' addresses and as they stand there, so that
/// it does not matter in which order a visit came by them.
pub(crate) fn proposals(visited: &Visited, testimony: &Testimony, at: DateTime<Utc>) -> Vec<Proposal> {
    let beside = Beside::of(visited);
    let propose = |(number, card): (usize, &Card)| propose(visited, testimony, &beside, number, card, at);
    let mut proposals: Vec<Proposal> = visited.cards.iter().enumerate().map(propose).collect();
    let document = |proposal: &Proposal| visited.documents[visited.cards[proposal.card].document].at();
    proposals.sort_by(|a, b| {
        a.rank.cmp(&b.rank).then_with(|| document(a).cmp(document(b))).then_with(|| a.card.cmp(&b.card))
    });
    proposals
}

fn propose(
    visited: &Visited,
    testimony: &Testimony,
    beside: &Beside<'_>,
    number: usize,
    card: &Card,
    at: DateTime<Utc>,
) -> Proposal {
    let document = &visited.documents[card.document];
    let endpoints = published(card);
    let confirmed: Vec<Confirmed> = card
        .mapped
        .endpoints
        .iter()
        .filter_map(|endpoint| beside.confirmation(card, &endpoint.key))
        .collect();
    // A catalog that lists a document speaks of that document, not of each card inside it.
    let listed_by = if card.is_inline { Vec::new() } else { listed_by(card, document, testimony) };
    let kept = testimony.signed.get(&number).map(Vec::as_slice).unwrap_or_default();
    let signatures: Vec<Signed> =
        card.trust.signatures.iter().cloned().chain(kept.iter().filter_map(signed)).collect();
    let provenance = Provenance {
        redirects: document.redirects(),
        listed_by: &listed_by,
        confirmed: &confirmed,
        apex: apex(visited, document),
        registered: &testimony.registered,
        signatures: &signatures,
        sha256: Some(document.sha256),
        ..Provenance::of(document.at(), at)
    };
    let rank = rank(visited, beside, card, document, &endpoints);
    let unusable = endpoints.iter().find(|endpoint| endpoint.url.len() > endpoints::LONGEST).map(|_| {
        Obstacle::Unusable(format!("an endpoint's address is longer than {} bytes", endpoints::LONGEST))
    });
    let (name, mut claim, held_name, proof) = match verdict::decide(&card.mapped, &provenance) {
        // Nothing unproved is listed, whatever the verdict's rules become.
        Verdict::Listed { name, claim, held_name } if claim.level >= Level::HostBound => {
            (name, claim, held_name, None)
        }
        Verdict::Listed { name, claim, held_name } => {
            let reason = format!("nothing proves that `{}` may use the name `{name}`", provenance.host());
            (name, claim, held_name, Some(Obstacle::Proof(reason)))
        }
        Verdict::Held { name, claim, reason } => (name, claim, None, Some(Obstacle::Proof(reason))),
    };
    let endorsed = kept.iter().filter(|item| item.what == "endorsed-by");
    claim.evidence.extend(card.trust.endorsements.iter().chain(endorsed).cloned());
    let version = card.mapped.server.version.clone();
    let mut catalogs = if card.is_inline { vec![document.at().clone()] } else { document.listed_by.clone() };
    catalogs.sort_unstable();
    let identifier = card.entry.as_ref().map(|entry| entry.identifier.clone()).filter(|id| !id.is_empty());
    let obstacle = unusable.or(proof);
    Proposal {
        card: number,
        rank,
        name,
        claim,
        held_name,
        obstacle,
        endpoints,
        version,
        catalogs,
        identifier,
    }
}

/// A publisher's signature as an earlier visit verified it.
fn signed(item: &Evidence) -> Option<Signed> {
    let url = Url::parse(item.url.as_deref()?).ok().filter(|_| item.what == "signature")?;
    Some(Signed { who: item.by.clone(), how: item.how.clone(), url, until: item.until })
}

/// The catalogs that list a document: those of this visit, and of other origins' those that may prove something by it.
///
/// A stranger's catalog proves nothing here, and must not be able to write itself into other people's listings.
fn listed_by(card: &Card, document: &Document, testimony: &Testimony) -> Vec<Url> {
    let mapped = &card.mapped;
    let namespace = mapped.declared_name.as_ref().map(|name| name.namespace().host());
    let matters = |catalog: &&Url| {
        let host = catalog.host_str().unwrap_or_default();
        let is_of = |other: &str| site::same_site(host, other);
        is_of(document.at().host_str().unwrap_or_default())
            || namespace.as_deref().is_some_and(is_of)
            || mapped.endpoints.iter().any(|endpoint| is_of(endpoint.host()))
    };
    let others = [&document.url, document.at()].map(|url| testimony.listed_by.get(url.as_str()));
    let mut catalogs = document.listed_by.clone();
    for catalog in others.into_iter().flatten().flatten().filter(matters) {
        if !catalogs.contains(catalog) && catalogs.len() < MAX_CATALOGS {
            catalogs.push(catalog.clone());
        }
    }
    // In whatever order a visit came by them, they are the same evidence.
    catalogs.sort_unstable();
    catalogs
}

/// Where this visit saw the domain lead to its `www.`, on which the document lies.
fn apex<'v>(visited: &'v Visited, document: &Document) -> Option<&'v Url> {
    let hops = visited.documents.iter().flat_map(|document| document.chain.windows(2));
    let to_here =
        |hop: &&[Url]| hop[1].host_str() == document.at().host_str() && leads_to_www(&hop[0], &hop[1]);
    hops.into_iter().find(to_here).map(|hop| &hop[0])
}

fn published(card: &Card) -> Vec<endpoints::New> {
    let remotes = card.mapped.server.remotes.iter();
    let keys = remotes.filter_map(|remote| address::key(&remote.url));
    let endpoint = |key: String| {
        let host = card.mapped.endpoints.iter().find(|e| e.key == key).map(|e| e.host().to_owned());
        endpoints::New { url: key, host: host.unwrap_or_default() }
    };
    let mut endpoints: Vec<endpoints::New> = Vec::new();
    for endpoint in keys.map(endpoint) {
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    endpoints
}

/// The order of belief in discovery section 8 as one number: the endpoint's own site before others, then the format's
/// precedence, then the current shape before older ones, then the visit to the document's own site before others.
fn rank(
    visited: &Visited,
    beside: &Beside<'_>,
    card: &Card,
    document: &Document,
    endpoints: &[endpoints::New],
) -> i32 {
    use registry_core::card::sniff::Shape;
    let host = document.at().host_str().unwrap_or_default();
    let is_foreign = endpoints.iter().any(|endpoint| !site::same_site(host, &endpoint.host));
    let reserved = beside.precedence(document, endpoints);
    let precedence = reserved.unwrap_or_else(|| {
        // Beside somebody else's endpoint, or on a stranger's list alone, a document is no more than any other.
        let is_any = document.format.precedence() == 0 || is_on_strangers_list(document, endpoints);
        if is_any { 5 } else { document.format.precedence() }
    });
    let is_older = !matches!(card.mapped.shape, Shape::V1 | Shape::Hybrid);
    let is_away = !site::same_site(host, visited.origin.host());
    i32::from(is_foreign) * 1000 + i32::from(precedence) * 10 + i32::from(is_older) * 2 + i32::from(is_away)
}

/// Whether only catalogs of other sites than the endpoints' led to a document.
fn is_on_strangers_list(document: &Document, endpoints: &[endpoints::New]) -> bool {
    let is_of_site = |catalog: &Url| {
        let host = catalog.host_str().unwrap_or_default();
        endpoints.iter().all(|endpoint| site::same_site(host, &endpoint.host))
    };
    document.is_named && !document.listed_by.is_empty() && !document.listed_by.iter().any(is_of_site)
}

/// The documents beside endpoints.
struct Beside<'a> {
    visited: &'a Visited,
    /// By canonical endpoint: the document beside it, and its format's precedence.
    documents: HashMap<&'a str, Vec<(usize, u8)>>,
    /// By document: its cards.
    cards: HashMap<usize, Vec<&'a Card>>,
}

impl<'a> Beside<'a> {
    fn of(visited: &'a Visited) -> Self {
        let mut documents: HashMap<&str, Vec<(usize, u8)>> = HashMap::new();
        for (key, url, precedence) in &visited.beside {
            if let Some(document) = visited.document_at(url) {
                documents.entry(key).or_default().push((document, *precedence));
            }
        }
        let mut cards: HashMap<usize, Vec<&Card>> = HashMap::new();
        for card in visited.cards.iter().filter(|card| !card.is_inline) {
            cards.entry(card.document).or_default().push(card);
        }
        Self { visited, documents, cards }
    }

    /// Whether the endpoint itself serves the same card.
    fn confirmation(&self, card: &Card, key: &str) -> Option<Confirmed> {
        let (document, _) = self.documents.get(key)?.iter().find(|(document, _)| {
            let theirs = self.cards.get(document).into_iter().flatten();
            theirs.into_iter().any(|theirs| same_card(&card.mapped, &theirs.mapped, key))
        })?;
        Some(Confirmed { key: key.to_owned(), url: self.visited.documents[*document].at().clone() })
    }

    /// The precedence of a document that lies beside one of these endpoints, on its own host.
    fn precedence(&self, document: &Document, endpoints: &[endpoints::New]) -> Option<u8> {
        let host = document.at().host_str().unwrap_or_default();
        let own = endpoints.iter().filter(|endpoint| endpoint.host == host);
        let beside = own.filter_map(|endpoint| self.documents.get(endpoint.url.as_str())).flatten();
        beside.filter(|(at, _)| self.visited.documents[*at].url == document.url).map(|(_, p)| *p).min()
    }
}
