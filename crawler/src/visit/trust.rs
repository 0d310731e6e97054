//! What catalogs sign: which signatures over this visit's cards hold.
//!
//! The publisher's own signature counts from wherever it comes, since it is bound to the bytes. Other people's are kept as evidence
//! only where the card's own site shows them: a stranger's catalog must not write itself into other people's listings.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use registry_core::card::owner::Signed;
use registry_core::card::site;
use registry_core::evidence::Evidence;
use registry_core::store::StoreError;
use registry_core::trust::{
    self, Ambiguous, Artifact, Binding, Catalog, Documents, Layer, Manifest, Needed, Outcome, Reason,
    Verdict, Verified,
};
use serde_json::Value;
use url::Url;

use super::Visit;
use super::keys::NoKeys;
use super::visited::{Document, Visited};
use crate::discover::Entry;

/// How many documents with keys one visit asks for.
const MAX_KEYS: usize = 4;

/// How many manifests one visit checks.
const MAX_MANIFESTS: usize = 500;

/// How many catalogs' words about one card are looked at.
const MAX_CATALOGS: usize = 10;

/// How many signatures are kept for one card.
const MAX_KEPT: usize = 20;

/// What signatures prove of a card; empty where none holds.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    /// Publishers that have signed these very bytes.
    pub(crate) signatures: Vec<Signed>,
    /// Who else has signed something about it, shown by the card's own site.
    pub(crate) endorsements: Vec<Evidence>,
    /// How much stands behind it.
    pub(crate) layer: Layer,
    /// Documents with keys that were out of reach: what was proved with them before is not disproved.
    pub(crate) unsure: Vec<Url>,
}

impl Trust {
    fn learn(&mut self, manifest: &Manifest, is_own: bool, unsure: &HashSet<Url>, at: DateTime<Utc>) {
        match &manifest.verdict {
            Verdict::Verified(verified) => self.take(verified, is_own, at),
            Verdict::NotVerified(Reason::NoKeys { url, .. })
                if unsure.contains(url) && !self.unsure.contains(url) =>
            {
                self.unsure.push(url.clone());
            }
            Verdict::NotVerified(_) => {}
        }
    }

    fn take(&mut self, verified: &Verified, is_own: bool, at: DateTime<Utc>) {
        if verified.is_publishers_word() {
            let signed = Signed {
                who: verified.domain.clone(),
                how: verified.how(),
                url: verified.key.clone(),
                until: verified.until,
            };
            if self.signatures.len() < MAX_KEPT && !self.signatures.contains(&signed) {
                self.signatures.push(signed);
            }
        } else if is_own && self.endorsements.len() < MAX_KEPT {
            let evidence = Evidence {
                what: "endorsed-by".to_owned(),
                how: verified.how(),
                by: verified.domain.clone(),
                url: Some(verified.key.to_string()),
                sha256: None,
                at,
                until: verified.until,
            };
            if !self.endorsements.contains(&evidence) {
                self.endorsements.push(evidence);
            }
        }
    }
}

/// A catalog's words about a card.
struct Claim {
    /// The card, by its place in the visit.
    card: usize,
    /// The document that the catalog stands in, likewise.
    document: usize,
    /// Where the catalog stands in it.
    catalog: String,
    /// Where the entry does.
    entry: String,
    /// Whether the catalog is of the card's own site.
    is_own: bool,
}

/// All such words of a visit, with the catalogs they stand in and the bytes they are about.
struct Claims<'a> {
    all: Vec<Claim>,
    catalogs: BTreeMap<usize, Result<Catalog, Ambiguous>>,
    /// By card.
    artifacts: HashMap<usize, Artifact<'a>>,
    now: DateTime<Utc>,
}

impl Visit<'_> {
    /// Checks the signatures that the catalogs of this visit have; the last thing a visit does.
    pub(super) async fn check_trust(&mut self) -> Result<(), StoreError> {
        let all = claims(&self.seen);
        if all.is_empty() {
            return Ok(());
        }
        let bodies: Vec<Arc<[u8]>> =
            self.seen.documents.iter().map(|document| document.body.clone()).collect();
        let claims = Claims::of(all, &self.seen, &bodies, self.means.clock.now());
        let mut documents = Documents::default();
        let mut unsure = HashSet::new();
        for (at, needed) in claims.plan().into_iter().enumerate() {
            let fetched = match at < MAX_KEYS {
                true => self.keys(&needed).await?,
                false => Err(NoKeys {
                    reason: format!("one visit asks for at most {MAX_KEYS} documents with keys"),
                    is_unsure: true,
                }),
            };
            if fetched.as_ref().is_err_and(|none| none.is_unsure) {
                unsure.insert(needed.url.clone());
            }
            documents.insert(needed.url, fetched.as_deref().map_err(|none| none.reason.clone()));
        }
        self.take_verdicts(&claims, &documents, &unsure);
        Ok(())
    }

    fn take_verdicts(&mut self, claims: &Claims<'_>, documents: &Documents, unsure: &HashSet<Url>) {
        for (at, catalog) in &claims.catalogs {
            if let Err(ambiguous) = catalog {
                self.note_trust(*at, String::new(), ambiguous.to_string());
            }
        }
        for (claim, outcome) in claims.outcomes(documents) {
            let trust = &mut self.seen.cards[claim.card].trust;
            // That a stranger's catalog knows a digest says nothing of the card.
            if claim.is_own || outcome.layer >= Layer::Signed {
                trust.layer = trust.layer.max(outcome.layer);
            }
            for manifest in &outcome.manifests {
                trust.learn(manifest, claim.is_own, unsure, claims.now);
            }
            if let Some(reason) = outcome.digest {
                self.note_trust(claim.document, format!("{}/digest", claim.entry), reason.to_string());
            }
            self.note_unverified(claim.document, &claim.entry, outcome.manifests);
        }
        for ((at, catalog), manifests) in claims.snapshots(documents) {
            let is_about = |claim: &&Claim| claim.document == at && claim.catalog == catalog && claim.is_own;
            // What a host signs of itself says nothing of what it lists.
            let speaks =
                |manifest: &&Manifest| manifest.verified().is_none_or(|v| v.binding == Binding::Snapshot);
            for manifest in manifests.iter().filter(speaks) {
                for claim in claims.all.iter().filter(is_about) {
                    self.seen.cards[claim.card].trust.learn(manifest, true, unsure, claims.now);
                }
            }
            self.note_unverified(at, catalog, manifests);
        }
    }

    /// Tells the owner of a catalog which of its signatures do not hold; that there are none is nobody's mistake.
    fn note_unverified(&mut self, at: usize, pointer: &str, manifests: Vec<Manifest>) {
        for manifest in manifests {
            if let Verdict::NotVerified(reason) = manifest.verdict
                && reason != Reason::Unsigned
            {
                let place = format!("{pointer}{}", manifest.pointer);
                self.note_trust(at, place, format!("this is not verified: {reason}"));
            }
        }
    }

    fn note_trust(&mut self, at: usize, pointer: String, reason: String) {
        let document = &self.seen.documents[at];
        let (url, format) = (document.url.clone(), document.format.id());
        self.note(url, format, pointer, "", false, reason);
    }
}

impl<'a> Claims<'a> {
    fn of(all: Vec<Claim>, seen: &Visited, bodies: &'a [Arc<[u8]>], now: DateTime<Utc>) -> Self {
        let mut catalogs = BTreeMap::new();
        let mut artifacts = HashMap::new();
        for claim in &all {
            catalogs.entry(claim.document).or_insert_with(|| Catalog::read(&bodies[claim.document]));
            let body = &bodies[seen.cards[claim.card].document];
            artifacts.entry(claim.card).or_insert_with(|| Artifact::of(body));
        }
        Self { all, catalogs, artifacts, now }
    }

    fn catalog(&self, document: usize) -> Option<&Catalog> {
        self.catalogs.get(&document)?.as_ref().ok()
    }

    /// The documents with keys that are wanted, each once: those of the cards before those of whole catalogs.
    fn plan(&self) -> Vec<Needed> {
        let nothing = Documents::default();
        let of_cards = self.outcomes(&nothing).into_iter().flat_map(|(_, outcome)| outcome.manifests);
        let of_catalogs = self.snapshots(&nothing).into_values().flatten();
        trust::needed(of_cards.chain(of_catalogs))
    }

    fn outcomes(&self, documents: &Documents) -> Vec<(&Claim, Outcome)> {
        let mut outcomes = Vec::new();
        let mut checked = 0;
        for claim in &self.all {
            let (Some(catalog), Some(artifact)) =
                (self.catalog(claim.document), self.artifacts.get(&claim.card))
            else {
                continue;
            };
            if checked >= MAX_MANIFESTS {
                break;
            }
            let outcome = trust::verify(catalog, &claim.entry, artifact, documents, self.now);
            checked += outcome.manifests.len();
            outcomes.push((claim, outcome));
        }
        outcomes
    }

    /// What comes of each catalog as a whole.
    fn snapshots(&self, documents: &Documents) -> BTreeMap<(usize, &str), Vec<Manifest>> {
        let mut snapshots = BTreeMap::new();
        for claim in &self.all {
            let place = (claim.document, claim.catalog.as_str());
            if let (Some(catalog), true) = (self.catalog(claim.document), snapshots.len() < MAX_CATALOGS) {
                let check = || trust::verify_snapshot(catalog, &claim.catalog, documents, self.now);
                snapshots.entry(place).or_insert_with(check);
            }
        }
        snapshots
    }
}

/// Where catalogs claim something of a card that can be checked.
fn claims(seen: &Visited) -> Vec<Claim> {
    let by_address: HashMap<_, usize> =
        seen.documents.iter().enumerate().map(|(at, document)| (document.at(), at)).collect();
    let mut all = Vec::new();
    for (card, own) in seen.cards.iter().enumerate() {
        let document = &seen.documents[own.document];
        if own.is_inline {
            // What stands in a catalog is the catalog's own, by where it stands.
            let entry = own.entry.as_deref().zip(own.pointer.strip_suffix("/data"));
            if let Some((entry, pointer)) = entry.filter(|(entry, _)| says_something(entry)) {
                all.push(claim(card, own.document, entry, pointer, true));
            }
            continue;
        }
        for mention in document.mentions.iter().filter(|m| says_something(&m.entry)).take(MAX_CATALOGS) {
            if let Some(at) = by_address.get(&mention.by) {
                let is_own = is_of_one_site(&seen.documents[*at], document);
                all.push(claim(card, *at, &mention.entry, &mention.pointer, is_own));
            }
        }
    }
    all
}

fn claim(card: usize, document: usize, entry: &Entry, pointer: &str, is_own: bool) -> Claim {
    Claim { card, document, catalog: entry.catalog.pointer.clone(), entry: pointer.to_owned(), is_own }
}

fn is_of_one_site(one: &Document, other: &Document) -> bool {
    let host = |document: &Document| document.at().host_str().unwrap_or_default().to_owned();
    site::same_site(&host(one), &host(other))
}

/// Whether an entry or its catalog has anything to check; of one that is too large to be carried along nobody knows.
fn says_something(entry: &Entry) -> bool {
    let has = |value: &Value, member: &str| value.get(member).is_some_and(|value| !value.is_null());
    let catalog = &entry.catalog;
    let is_large = entry.raw.is_null() && !entry.identifier.is_empty();
    let by_entry = ["trustManifests", "trustManifest", "digest"].iter().any(|member| has(&entry.raw, member));
    is_large || by_entry || !catalog.signature.is_null() || has(&catalog.host, "trustManifest")
}
