//! What must hold of everything that comes out of a stranger's document, whatever went in.

use chrono::NaiveDate;
use crawler::discover::{self, Document, Follow, Found, FoundCard, MAX_ENTRIES};
use registry_core::card::address;
use registry_core::card::map::{Context, Mapped, to_server_json};
use registry_core::card::secret::looks_like_credential;
use registry_core::server_json::{ServerJson, rules, service, shape};
use serde_json::Value;
use url::Url;

/// A key that stands in the seeds, for the fuzzer to put anywhere.
pub const SECRET: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// Where every document lies.
pub fn address() -> Url {
    Url::parse("https://mcp.acme.com/.well-known/document.json").expect("an address")
}

/// A document with these bytes, as it is fetched.
pub fn document<'a>(url: &'a Url, body: &'a [u8]) -> Document<'a> {
    Document { url, body, content_type: Some("application/json"), links: &[] }
}

/// Reads a document by its shape and holds what it says to all that must hold.
pub fn read(body: &[u8]) -> Vec<Found> {
    let url = address();
    let document = document(&url, body);
    let found = discover::read(&document);
    assert_eq!(found, discover::read(&document), "the same bytes say the same");
    let found = found.unwrap_or_default();
    found.iter().for_each(hold);
    found
}

/// Holds one thing that a document says to what must hold of it.
pub fn hold(found: &Found) {
    match found {
        Found::Card(card) => hold_card(card),
        Found::Follow(follow) => hold_follow(follow),
        Found::Endpoint { url, .. } => assert!(is_asked(url), "{url}"),
        Found::Skipped { reason, .. } => assert!(!reason.is_empty()),
    }
    assert!(!format!("{found:?}").is_empty());
}

/// Whether a crawler may ask there at all.
pub fn is_asked(url: &Url) -> bool {
    url.scheme() == "https"
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none()
}

fn hold_follow(follow: &Follow) {
    assert!(is_asked(&follow.url), "{}", follow.url);
    assert!(follow.believed_as.is_none_or(|id| discover::format(id).is_some()), "{:?}", follow.believed_as);
    assert!(follow.entry.words.len() <= MAX_ENTRIES);
}

fn hold_card(card: &FoundCard) {
    let url = address();
    let first_seen = NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day");
    let display = card.entry.as_ref().map(|entry| &entry.display);
    let context = Context { document_url: &url, first_seen, display };
    let mapped = to_server_json(&card.value, card.shape, &context);
    assert_eq!(mapped, to_server_json(&card.value, card.shape, &context), "the same card maps the same");
    match mapped {
        Ok(mapped) => hold_mapped(&mapped),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn hold_mapped(mapped: &Mapped) {
    let names = [Some(&mapped.own_name), mapped.declared_name.as_ref()];
    for name in names.into_iter().flatten() {
        hold_server(&mapped.named(name));
    }
    // An address with variables is told apart by them, and resolved without.
    for endpoint in mapped.endpoints.iter().filter(|endpoint| !endpoint.key.contains('{')) {
        assert_eq!(address::key(endpoint.resolved.as_str()).as_deref(), Some(endpoint.key.as_str()));
    }
    secrets(&Value::Object(mapped.facts.clone()));
}

fn hold_server(server: &ServerJson) {
    let broken: Vec<_> = rules::check(server).into_iter().filter(rules::Finding::is_error).collect();
    assert!(broken.is_empty(), "{broken:?} in {}", server.to_canonical());
    assert!(service::check(server).is_ok(), "{}", server.to_canonical());
    let value: Value = serde_json::from_str(&server.to_canonical()).expect("canonical JSON");
    let again = shape::read(&value).expect("what is listed can be published");
    assert_eq!(again.to_canonical(), server.to_canonical(), "the canonical form is its own");
    secrets(&value);
    for remote in &server.remotes {
        let headers = serde_json::to_value(&remote.headers).expect("headers");
        inputs(&headers);
        inputs(&Value::Object(remote.variables.clone()));
    }
}

/// Nothing that is filled in by whoever connects comes with a key already in it.
fn inputs(value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(inputs),
        Value::Object(members) => {
            for filled in ["value", "default", "placeholder"] {
                let text = members.get(filled).and_then(Value::as_str).unwrap_or_default();
                assert!(!looks_like_credential(text), "{text} in {value}");
            }
            members.values().for_each(inputs);
        }
        _ => {}
    }
}

/// The key of the seeds survives nowhere as a word of its own.
fn secrets(value: &Value) {
    let is_word = |text: &str| text.split(|c: char| c.is_whitespace()).any(|word| word == SECRET);
    let hold = |text: &str| assert!(!is_word(text), "{text}");
    match value {
        Value::String(text) => hold(text),
        Value::Array(items) => items.iter().for_each(secrets),
        Value::Object(members) => members.values().for_each(secrets),
        _ => {}
    }
}
