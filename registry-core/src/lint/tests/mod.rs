//! Every rule against its examples: one document, or one host, that is right, and one that breaks the rule and no graver one.

mod cards;
mod catalogs;
mod documents;
mod hosts;

use std::collections::HashSet;

use serde_json::{Value, json};
use url::Url;

use super::host::{self, Hosting};
use super::*;
use crate::card::sniff::V1_SCHEMA;

/// What a rule is shown by.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// Bytes.
    Bytes(fn() -> Vec<u8>),
    /// Members of a card; `null` takes one away.
    Card(fn() -> Value),
    /// Members of a card's remote.
    Remote(fn() -> Value),
    /// Members of a catalog.
    Catalog(fn() -> Value),
    /// Members of a catalog's entry.
    Entry(fn() -> Value),
    /// A change of how a document is served.
    Host(fn(&mut Hosting)),
}

/// A rule, shown: accepted, refused, and where the refused one breaks it.
pub(super) struct Example(&'static Rule, Shown, Shown, &'static str);

fn card() -> Value {
    json!({
        "$schema": V1_SCHEMA, "name": "com.example/weather", "version": "1.0.0", "description": "Tells the weather",
        "remotes": [{ "type": "streamable-http", "url": "https://example.com/mcp" }],
    })
}

fn catalog() -> Value {
    json!({
        "specVersion": "1.0", "host": { "displayName": "Example" },
        "entries": [{
            "identifier": "urn:air:example.com:mcp:weather", "type": "application/mcp-server-card+json",
            "url": "https://example.com/.well-known/mcp-server-card",
        }],
    })
}

fn hosting() -> Hosting {
    let url = Url::parse("https://example.com/.well-known/mcp-server-card").expect("an address");
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/mcp-server-card+json"),
        ("cache-control", "public, max-age=3600"),
        ("etag", "\"1\""),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-headers", "Content-Type, If-None-Match"),
        ("access-control-expose-headers", "ETag"),
    ] {
        headers.insert(name, value.parse().expect("a value"));
    }
    let mut hosting = Hosting::answered(url.clone(), url, 200, headers);
    hosting.revalidated = Some(304);
    hosting.plain = Some((200, true));
    hosting
}

fn with(mut whole: Value, pointer: &str, members: Value) -> Value {
    let target = whole.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object");
    for (name, value) in members.as_object().expect("members") {
        if value.is_null() {
            target.remove(name)
        } else {
            target.insert(name.clone(), value.clone())
        };
    }
    whole
}

impl Shown {
    fn findings(self) -> Vec<Finding> {
        let of = |value: Value| document::check(value.to_string().as_bytes()).findings;
        match self {
            Self::Bytes(bytes) => document::check(&bytes()).findings,
            Self::Card(members) => of(with(card(), "", members())),
            Self::Remote(members) => of(with(card(), "/remotes/0", members())),
            Self::Catalog(members) => of(with(catalog(), "", members())),
            Self::Entry(members) => of(with(catalog(), "/entries/0", members())),
            Self::Host(change) => {
                let mut host = hosting();
                change(&mut host);
                host::check(&host)
            }
        }
    }
}

fn examples() -> impl Iterator<Item = &'static Example> {
    documents::EXAMPLES.iter().chain(cards::EXAMPLES).chain(catalogs::EXAMPLES).chain(hosts::EXAMPLES)
}

#[test]
fn each_accepted_example_breaks_nothing() {
    for Example(rule, accepted, ..) in examples() {
        let found = accepted.findings();
        assert!(found.is_empty(), "{}: {found:?}", rule.id);
    }
}

#[test]
fn each_refused_example_breaks_its_rule_where_it_says_and_no_other() {
    for Example(rule, _, refused, path) in examples() {
        let found = refused.findings();
        let of_it = found.iter().any(|finding| finding.rule == *rule && finding.path == *path);
        assert!(of_it, "{} at `{path}` is not in {found:#?}", rule.id);
        let others: Vec<_> = found.iter().filter(|finding| finding.rule != *rule).collect();
        assert!(others.is_empty(), "{}: {others:#?}", rule.id);
    }
}

#[test]
fn every_rule_is_shown_and_in_the_order_of_the_table() {
    let mut shown: Vec<_> = examples().map(|Example(rule, ..)| rule.id).collect();
    shown.dedup();
    assert_eq!(shown, RULES.iter().map(|rule| rule.id).collect::<Vec<_>>());
    assert_eq!(RULES.iter().map(|rule| rule.id).collect::<HashSet<_>>().len(), RULES.len());
}

#[test]
fn rules_are_put_into_sentences() {
    for rule in RULES {
        for text in [rule.about, rule.hint, rule.reference] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", rule.id);
        }
    }
}

#[test]
fn a_hostile_catalog_is_told_of_briefly() {
    let entries: Vec<Value> = (0..6_000).map(|_| json!({ "url": 1, "data": 2, "type": [] })).collect();
    let bytes = json!({ "specVersion": "1.0", "entries": entries }).to_string();
    assert_eq!(document::check(bytes.as_bytes()).findings.len(), MOST_FINDINGS);
}

#[test]
fn what_a_document_says_is_shown_short_and_without_keys() {
    let key = "sk-live0123456789abcdefABCDEF0123456789";
    let card = with(
        card(),
        "",
        json!({ "websiteUrl": format!("no `address` \u{1b}[31m {key} {}", "x ".repeat(999)) }),
    );
    let found = document::check(card.to_string().as_bytes()).findings;
    assert_eq!(found.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(), ["C27", "C9"]);
    for Finding { message, .. } in &found {
        assert!(message.len() < 200 && !message.contains(key) && !message.contains('\u{1b}'), "{message}");
    }
}
