//! A catalog whose signatures can be checked, and the two steps of doing so: what to fetch, and what holds then.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::artifact::Artifact;
use super::documents::{Documents, Needed};
use super::entry::Entry;
use super::strict::{self, Ambiguous};
use super::verdict::{Layer, Manifest, Outcome, Reason, Verdict, Verified};
use super::{did_web, identity};

/// How many manifests of one entry are looked at.
const MAX_MANIFESTS: usize = 16;

/// A document with a catalog in it, read in the only way in which it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog(Value);

impl Catalog {
    /// Reads the bytes as they were served.
    pub fn read(bytes: &[u8]) -> Result<Self, Ambiguous> {
        strict::parse(bytes).map(Self)
    }
}

/// The documents with keys without which nobody can tell whether the manifests of an entry hold.
///
/// The entry is given by its JSON pointer; the artifact is what was served at its `url`, and is not looked at where it has `data`.
pub fn plan(catalog: &Catalog, entry: &str, artifact: &Artifact<'_>, now: DateTime<Utc>) -> Vec<Needed> {
    needed(verify(catalog, entry, artifact, &Documents::default(), now).manifests)
}

/// Which manifests of an entry hold.
pub fn verify(
    catalog: &Catalog,
    entry: &str,
    artifact: &Artifact<'_>,
    documents: &Documents,
    now: DateTime<Utc>,
) -> Outcome {
    let Some(value) = catalog.0.pointer(entry).filter(|value| value.is_object()) else {
        return Outcome { layer: Layer::Transport, digest: None, manifests: Vec::new() };
    };
    let inline = value.get("data").filter(|data| !data.is_null()).map(Artifact::inline);
    let entry = Entry { value, artifact: inline.as_ref().unwrap_or(artifact) };
    let (by_digest, digest) = entry.digest();
    let manifests = manifests(&entry, documents, now);
    let layers = manifests.iter().filter_map(Manifest::verified).map(|verified| verified.layer);
    Outcome { layer: layers.max().unwrap_or_default().max(by_digest), digest, manifests }
}

/// The documents with keys without which nobody can tell whether the signatures of a catalog as a whole hold.
pub fn plan_snapshot(catalog: &Catalog, at: &str, now: DateTime<Utc>) -> Vec<Needed> {
    needed(verify_snapshot(catalog, at, &Documents::default(), now))
}

/// Which signatures of a catalog as a whole hold: its own, and that of its host's manifest.
pub fn verify_snapshot(
    catalog: &Catalog,
    at: &str,
    documents: &Documents,
    now: DateTime<Utc>,
) -> Vec<Manifest> {
    let Some(value) = catalog.0.pointer(at) else { return Vec::new() };
    let mut manifests = Vec::new();
    if present(value, "signature").is_some() {
        manifests.push(Manifest::of("/signature".to_owned(), did_web::snapshot(value, documents, now)));
    }
    if let Some(host) = value.get("host").filter(|host| present(host, "trustManifest").is_some()) {
        manifests.push(Manifest::of("/host/trustManifest".to_owned(), identity::host(host, documents, now)));
    }
    manifests
}

/// Each manifest by itself, whatever dialect it is in.
fn manifests(entry: &Entry<'_>, documents: &Documents, now: DateTime<Utc>) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    if let Some(single) = present(entry.value, "trustManifest") {
        let verdict = identity::manifest(single, entry, documents, now);
        manifests.push(Manifest::of("/trustManifest".to_owned(), verdict));
    }
    match present(entry.value, "trustManifests") {
        None => {}
        Some(Value::Array(all)) => {
            for (at, one) in all.iter().take(MAX_MANIFESTS).enumerate() {
                let verdict = did_web::manifest(one, entry, documents, now);
                manifests.push(Manifest::of(format!("/trustManifests/{at}"), verdict));
            }
            if all.len() > MAX_MANIFESTS {
                let too_many = Err(Reason::TooMany(MAX_MANIFESTS));
                manifests.push(Manifest::of(format!("/trustManifests/{MAX_MANIFESTS}"), too_many));
            }
        }
        Some(_) => {
            let malformed = Err(Reason::Malformed("trustManifests"));
            manifests.push(Manifest::of("/trustManifests".to_owned(), malformed));
        }
    }
    manifests
}

fn present<'v>(value: &'v Value, member: &str) -> Option<&'v Value> {
    value.get(member).filter(|value| !value.is_null())
}

/// The documents with keys that would tell more of these, each once.
pub fn needed(manifests: impl IntoIterator<Item = Manifest>) -> Vec<Needed> {
    let mut all: Vec<Needed> = Vec::new();
    for manifest in manifests {
        if let Verdict::NotVerified(Reason::NotFetched(needed)) = manifest.verdict
            && !all.contains(&needed)
        {
            all.push(needed);
        }
    }
    all
}

impl Manifest {
    fn of(pointer: String, checked: Result<Verified, Reason>) -> Self {
        let verdict = match checked {
            Ok(verified) => Verdict::Verified(verified),
            Err(reason) => Verdict::NotVerified(reason),
        };
        Self { pointer, verdict }
    }

    /// What it proves, if it holds.
    pub fn verified(&self) -> Option<&Verified> {
        match &self.verdict {
            Verdict::Verified(verified) => Some(verified),
            Verdict::NotVerified(_) => None,
        }
    }
}
