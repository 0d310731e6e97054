//! Signatures over what catalogs list: what holds raises a name, what does not is never shown as trust.

mod signer;

use chrono::TimeDelta;
use crawler::Report;
use registry_core::evidence::Evidence;
use registry_core::store::findings::Outcome;
use serde_json::{Value, json};

use crate::crawl::{CATALOG, Web, card, listed, serve};
use crate::harness::host::Document;
use signer::{DID, Signer, entry};

const TIDES: &str = "com.acme/tides";
const URN: &str = "urn:air:acme.com:servers:tides";
const CARD: &str = "/tides.json";
const LATER: &str = "2027-01-01T00:00:00Z";
const SIGNED: [&str; 1] = ["com.acme/tides added"];
const OWN: [&str; 1] = ["org.cards/tides added"];

/// The card of `acme.com` that `cards.org` serves, as it is listed.
fn tides() -> (Value, Value) {
    let card = card(TIDES, "https://cards.org/mcp");
    let entry = entry(URN, "https://cards.org/tides.json", &card);
    (card, entry)
}

/// Serves the card and a catalog of one entry on `cards.org`, and crawls it.
async fn crawl(web: &Web, card: &Value, entry: Value) -> Report {
    serve(&web.hosts, "cards.org", CARD, card);
    serve(&web.hosts, "cards.org", CATALOG, &json!({ "specVersion": "1.0", "entries": [entry] }));
    web.crawl("cards.org").await
}

fn notes(report: &Report) -> Vec<String> {
    let skipped = report.with(Outcome::Skipped);
    skipped.map(|d| format!("{}: {}", d.pointer, d.reason.as_deref().unwrap_or_default())).collect()
}

/// The level and evidence of what is listed under a name.
async fn evidence(web: &Web, name: &str) -> (u64, Vec<Evidence>) {
    let listings = web.listings(name).await;
    let members: Value = serde_json::from_str(&listings[0].extensions).expect("JSON");
    let evidence = &members["org.cardinal-registry/evidence"];
    let items = serde_json::from_value(evidence["items"].clone()).expect("evidence");
    (evidence["levelNumber"].as_u64().expect("a level"), items)
}

async fn crawl_member(web: &Web, name: &str) -> Value {
    let members: Value = serde_json::from_str(&web.listings(name).await[0].extensions).expect("JSON");
    members["org.cardinal-registry/crawl"].clone()
}

fn asked_for_keys(web: &Web, domain: &str) -> usize {
    web.hosts.paths(domain).iter().filter(|path| *path == DID).count()
}

#[tokio::test]
async fn a_publishers_signature_gives_its_name_to_a_card_elsewhere() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let (card, entry) = tides();
    assert_eq!(listed(&crawl(&web, &card, acme.endorse(entry, LATER)).await), SIGNED);
    let (level, items) = evidence(&web, TIDES).await;
    let signature = items.iter().find(|item| item.what == "signature").expect("a signature");
    assert_eq!((level, signature.by.as_str()), (4, "acme.com"));
    assert_eq!(signature.url.as_deref(), Some("https://acme.com/.well-known/did.json"));
    assert_eq!(signature.until, Some(LATER.parse().expect("a time")));
    assert!(signature.how.contains("has signed these very bytes"), "{}", signature.how);
    assert_eq!(crawl_member(&web, TIDES).await["trustLayer"], 2);
    let everything = web.listings(TIDES).await[0].extensions.to_string();
    assert!(!everything.contains("SOC2"), "an attestation is a claim: {everything}");
}

#[tokio::test]
async fn inline_data_is_signed_as_well() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let mut sorted = card(TIDES, "https://cards.org/mcp");
    sorted.sort_all_objects();
    let mut entry = entry(URN, "", &sorted);
    entry.as_object_mut().expect("an entry").remove("url");
    entry["data"] = card(TIDES, "https://cards.org/mcp");
    let signed = acme.endorse(entry.clone(), LATER);
    serve(&web.hosts, "cards.org", CATALOG, &json!({ "specVersion": "1.0", "entries": [signed] }));
    assert_eq!(listed(&web.crawl("cards.org").await), SIGNED);
    assert_eq!(evidence(&web, TIDES).await.0, 4);
}

#[tokio::test]
async fn a_signature_that_does_not_hold_gives_nothing() {
    let (card, entry) = tides();
    let unsigned = |_: &Signer| {
        let mut entry = entry.clone();
        entry["trustManifests"] =
            json!([{ "contributor": "did:web:acme.com", "attestations": [{ "type": "SOC2" }] }]);
        entry
    };
    let tampered = |acme: &Signer| {
        let mut signed = acme.endorse(entry.clone(), LATER);
        signed["trustManifests"][0]["subject"]["identifier"] = "urn:air:acme.com:x".into();
        signed["identifier"] = "urn:air:acme.com:x".into();
        signed
    };
    let expired = |acme: &Signer| acme.endorse(entry.clone(), "2026-11-24T12:00:00Z");
    let other_bytes = |acme: &Signer| {
        let other = signer::entry(URN, "https://cards.org/tides.json", &json!({ "name": "another" }));
        acme.endorse(other, LATER)
    };
    let by_address = |acme: &Signer| {
        let mut entry = entry.clone();
        entry.as_object_mut().expect("an entry").remove("digest");
        acme.endorse(entry, LATER)
    };
    type Case<'a> = (&'a str, &'a dyn Fn(&Signer) -> Value, &'a str);
    let cases: [Case<'_>; 5] = [
        ("unsigned", &unsigned, ""),
        (
            "tampered",
            &tampered,
            "/entries/0/trustManifests/0: this is not verified: the signature does not fit",
        ),
        (
            "expired",
            &expired,
            "/entries/0/trustManifests/0: this is not verified: it expired at 2026-11-24 12:00:00 UTC",
        ),
        ("other bytes", &other_bytes, "/entries/0/digest: the digest is `sha256:"),
        ("only an address", &by_address, ""),
    ];
    for (name, make, note) in cases {
        let web = Web::start().await;
        let acme = Signer::on(&web, "acme.com");
        let report = crawl(&web, &card, make(&acme)).await;
        assert_eq!(listed(&report), OWN, "{name}");
        let (level, items) = evidence(&web, "org.cards/tides").await;
        assert!(level < 4 && items.iter().all(|item| item.what != "signature"), "{name}: {items:?}");
        let said = notes(&report).join("\n");
        assert!(if note.is_empty() { said.is_empty() } else { said.contains(note) }, "{name}: {said}");
    }
}

#[tokio::test]
async fn other_peoples_signatures_are_evidence_where_the_cards_own_site_shows_them() {
    let web = Web::start().await;
    let assessor = Signer::on(&web, "assessor.org");
    let cards = Signer::on(&web, "cards.org");
    let card = card("org.cards/tides", "https://cards.org/mcp");
    serve(&web.hosts, "cards.org", CARD, &card);
    let entry = entry("urn:air:cards.org:tides", "https://cards.org/tides.json", &card);
    let endorsed = assessor.endorse(entry, LATER);
    let mut catalog = json!({
        "specVersion": "1.0", "host": { "displayName": "Cards", "identifier": "did:web:cards.org" }, "entries": [endorsed],
    });
    let unsigned = catalog.clone();
    cards.sign(&mut catalog, "ai-catalog+jws", LATER);
    serve(&web.hosts, "cards.org", CATALOG, &catalog);
    assert_eq!(listed(&web.crawl("cards.org").await), OWN);
    let (level, items) = evidence(&web, "org.cards/tides").await;
    let how = |by: &str| {
        items.iter().find(|item| item.what == "endorsed-by" && item.by == by).map(|item| item.how.clone())
    };
    assert_eq!(level, 3, "nobody's word but the publisher's raises a name");
    assert!(
        how("assessor.org").is_some_and(|how| how.contains("a third party, has signed these very bytes")),
        "{items:?}"
    );
    assert!(
        how("cards.org").is_some_and(|how| how.starts_with("the catalog's operator `did:web:cards.org`")),
        "{items:?}"
    );
    assert_eq!(crawl_member(&web, "org.cards/tides").await["trustLayer"], 1);

    let web = Web::start().await;
    serve(&web.hosts, "assessor.org", DID, &assessor.document());
    serve(&web.hosts, "cards.org", CARD, &card);
    serve(&web.hosts, "list.org", CATALOG, &unsigned);
    assert_eq!(listed(&web.crawl("list.org").await), OWN);
    let (_, items) = evidence(&web, "org.cards/tides").await;
    assert!(items.iter().all(|item| item.what != "endorsed-by"), "a stranger's catalog: {items:?}");
    assert_eq!(crawl_member(&web, "org.cards/tides").await["trustLayer"], Value::Null);
}

#[tokio::test]
async fn a_key_counts_on_its_own_host_only() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let (card, entry) = tides();
    let signed = acme.endorse(entry, LATER);
    serve(&web.hosts, "evil.org", DID, &acme.document());
    web.hosts.redirect("acme.com", DID, "https://evil.org/.well-known/did.json");
    let report = crawl(&web, &card, signed.clone()).await;
    assert_eq!(listed(&report), OWN);
    assert!(notes(&report)[0].contains("it redirects to `evil.org`"), "{report}");

    let web = Web::start().await;
    web.hosts.redirect("acme.com", DID, "https://www.acme.com/.well-known/did.json");
    serve(&web.hosts, "www.acme.com", DID, &acme.document());
    assert_eq!(listed(&crawl(&web, &card, signed).await), SIGNED, "its `www.` is the same domain");
}

#[tokio::test]
async fn a_key_that_is_out_of_reach_for_a_while_takes_nothing_away() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let (card, entry) = tides();
    crawl(&web, &card, acme.endorse(entry, LATER)).await;
    web.hosts.serve("acme.com", DID, Document::status(503));
    web.clock.advance(TimeDelta::hours(24));
    let before = (web.listings(TIDES).await[0].extensions.clone(), web.changes().await);
    let report = web.crawl("cards.org").await;
    assert_eq!(listed(&report), ["com.acme/tides unchanged"], "{report}");
    assert_eq!((web.listings(TIDES).await[0].extensions.clone(), web.changes().await), before);
    serve(&web.hosts, "acme.com", DID, &json!({ "id": "did:web:acme.com", "assertionMethod": [] }));
    web.clock.advance(TimeDelta::hours(24));
    web.crawl("cards.org").await;
    assert_eq!(
        web.listings(TIDES).await[0].standing.status,
        registry_core::listing::Status::Deleted,
        "the key was taken back"
    );
}

#[tokio::test]
async fn what_expires_while_the_key_is_out_of_reach_is_over() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let (card, entry) = tides();
    crawl(&web, &card, acme.endorse(entry, "2026-11-26T00:00:00Z")).await;
    web.hosts.serve("acme.com", DID, Document::status(503));
    web.clock.advance(TimeDelta::hours(24));
    assert_eq!(listed(&web.crawl("cards.org").await), ["com.acme/tides unchanged"]);
    web.clock.advance(TimeDelta::hours(24));
    assert_eq!(listed(&web.crawl("cards.org").await), OWN);
}

#[tokio::test]
async fn other_bytes_are_not_vouched_for_by_what_was_proved_before() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let (card, entry) = tides();
    crawl(&web, &card, acme.endorse(entry.clone(), LATER)).await;
    web.hosts.serve("acme.com", DID, Document::status(503));
    web.clock.advance(TimeDelta::hours(24));
    let mut other = card;
    other["description"] = "Tells something else".into();
    let forged = acme.endorse(signer::entry(URN, "https://cards.org/tides.json", &other), LATER);
    assert_eq!(listed(&crawl(&web, &other, forged).await), OWN, "nobody can check it today");
}

#[tokio::test]
async fn one_visit_asks_for_few_documents_with_keys() {
    let web = Web::start().await;
    let (card, entry) = tides();
    let mut entry = entry;
    let domains: Vec<String> = (0..12).map(|at| format!("signer-{at}.org")).collect();
    for domain in &domains {
        entry = Signer::on(&web, domain).endorse(entry, LATER);
    }
    let report = crawl(&web, &card, entry).await;
    let asked: usize = domains.iter().map(|domain| asked_for_keys(&web, domain)).sum();
    assert_eq!(asked, 4);
    let left =
        notes(&report).into_iter().filter(|note| note.contains("at most 4 documents with keys")).count();
    assert_eq!(left, 8, "{report}");
    web.hosts.serve("signer-0.org", DID, Document::new("application/json", vec![b' '; 70_000]));
    let report = web.crawl("cards.org").await;
    assert!(notes(&report)[0].contains("signer-0.org"), "64 KiB are enough for keys: {report}");
}

#[tokio::test]
async fn an_older_manifest_is_checked_with_a_jwk_set_and_names_nobody() {
    let web = Web::start().await;
    let cards = Signer::on(&web, "cards.org");
    let keys = "https://cards.org/.well-known/jwks.json";
    serve(&web.hosts, "cards.org", "/.well-known/jwks.json", &json!({ "keys": [cards.jwk()] }));
    let (card, _) = tides();
    let mut entry = entry("urn:air:cards.org:tides", "https://cards.org/tides.json", &card);
    let members = ["identifier", "type", "version", "digest", "url"];
    let subject = members.into_iter().map(|member| (member.to_owned(), entry[member].clone()));
    let mut manifest =
        json!({ "identity": keys, "identityType": "https", "subject": Value::Object(subject.collect()) });
    manifest["signature"] = cards.jws(&json!({ "alg": "ES256", "kid": "key-1" }), &manifest).into();
    entry["trustManifest"] = manifest;
    assert_eq!(listed(&crawl(&web, &card, entry.clone()).await), OWN);
    let (level, items) = evidence(&web, "org.cards/tides").await;
    let endorsed = items.iter().find(|item| item.what == "endorsed-by").expect("an endorsement");
    assert_eq!((level < 4, endorsed.url.as_deref()), (true, Some(keys)));

    for identity in ["did:web:cards.org", "spiffe://cards.org/x"] {
        let web = Web::start().await;
        entry["trustManifest"]["identity"] = identity.into();
        let report = crawl(&web, &card, entry.clone()).await;
        assert!(
            notes(&report)[0].contains(&format!("the key of `{identity}` cannot be looked up here")),
            "{report}"
        );
        let (_, items) = evidence(&web, "org.cards/tides").await;
        assert!(items.iter().all(|item| item.what != "endorsed-by"));
    }
}

#[tokio::test]
async fn a_catalog_that_says_something_twice_has_no_signatures() {
    let web = Web::start().await;
    let acme = Signer::on(&web, "acme.com");
    let (card, entry) = tides();
    serve(&web.hosts, "cards.org", CARD, &card);
    let text = json!({ "specVersion": "1.0", "entries": [acme.endorse(entry, LATER)] }).to_string();
    let twice = text.replacen(r#""version":"#, r#""version":"0.9.0","version":"#, 1);
    web.hosts.serve("cards.org", CATALOG, Document::new("application/json", twice));
    let report = web.crawl("cards.org").await;
    assert_eq!(listed(&report), OWN);
    assert!(notes(&report)[0].contains("the member `version` stands twice"), "{report}");
    assert_eq!(asked_for_keys(&web, "acme.com"), 0);
}
