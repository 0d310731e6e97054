//! Catalogs signed with keys made here, whole and then broken one rule at a time.

mod catalogs;
mod identities;
mod manifests;
mod signer;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::*;
use signer::Signer;

const CARD: &[u8] = br#"{"name":"com.acme/tides","version":"1.0.0"}"#;
const TYPE: &str = "application/mcp-server-card+json";
const CARD_URL: &str = "https://acme.com/mcp/server-card";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn now() -> DateTime<Utc> {
    at("2026-11-25T12:00:00Z")
}

fn sha256(bytes: &[u8]) -> String {
    digest::Hash::Sha256.digest_of(bytes)
}

fn url(text: &str) -> url::Url {
    text.parse().expect("an address")
}

/// An entry for the card, with its digest and version.
fn entry() -> Value {
    json!({
        "identifier": "urn:air:acme.com:servers:tides", "type": TYPE, "version": "1.0.0", "url": CARD_URL,
        "digest": sha256(CARD),
    })
}

fn subject_of(entry: &Value) -> Value {
    let members = ["identifier", "type", "version", "digest", "url"];
    members
        .into_iter()
        .filter_map(|m| Some((m.to_owned(), entry.get(m)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A catalog of one entry, as it is served.
fn catalog_of(entry: Value) -> Catalog {
    let text = json!({ "specVersion": "1.0", "entries": [entry] }).to_string();
    Catalog::read(text.as_bytes()).expect("a catalog")
}

/// What comes of an entry whose document is the card.
fn verified(entry: Value, documents: &Documents) -> Outcome {
    verify(&catalog_of(entry), "/entries/0", &Artifact::of(CARD), documents, now())
}

/// What comes of an entry's only manifest.
fn verdict(entry: Value, documents: &Documents) -> Result<Verified, Reason> {
    let mut outcome = verified(entry, documents);
    assert_eq!(outcome.manifests.len(), 1);
    match outcome.manifests.remove(0).verdict {
        Verdict::Verified(verified) => Ok(verified),
        Verdict::NotVerified(reason) => Err(reason),
    }
}
