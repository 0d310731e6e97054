//! Every rule against its examples.

mod examples;
mod shown;

use serde_json::json;

use super::*;
use crate::server_json::{CURRENT_SCHEMA, shape};
use examples::{accepted, argument, refused, with};

#[test]
fn each_refused_document_breaks_its_rule_and_no_other() {
    for (id, server, path, message) in refused() {
        let found = check(&server);
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        assert_eq!((found[0].rule.id, found[0].path.as_str()), (id, path), "{found:?}");
        assert!(found[0].message.starts_with(message), "{id}: {}", found[0].message);
    }
}

#[test]
fn each_accepted_document_breaks_no_rule() {
    for (id, server) in accepted() {
        let errors: Vec<_> = check(&server).into_iter().filter(Finding::is_error).collect();
        assert!(errors.is_empty(), "{id}: {errors:?}");
    }
}

#[test]
fn an_unknown_schema_is_also_not_the_current_one() {
    for id in ["draft", "2024-01-01"] {
        let server = with(json!({ "$schema": format!("https://x/schemas/{id}/server.schema.json") }));
        let ids: Vec<_> =
            check(&server).iter().map(|f| (f.rule.id, f.rule.sort.as_str(), f.is_error())).collect();
        assert_eq!(ids, [("V3", "schema", true), ("V4", "semantic", false)]);
    }
}

#[test]
fn a_home_page_without_a_scheme_breaks_two_rules() {
    let found = check(&with(json!({ "websiteUrl": "example.com/docs" })));
    let said: Vec<_> = found.iter().map(|f| (f.rule.id, f.message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("W1", "websiteUrl must be absolute (include scheme): example.com/docs"),
            ("W2", "websiteUrl must use https scheme: example.com/docs"),
        ]
    );
}

#[test]
fn an_argument_without_a_name_repeats_it_in_every_value() {
    let found = check(&argument(json!({ "type": "named", "value": "8080", "default": "1" })));
    assert_eq!(found.iter().map(|f| f.rule.id).collect::<Vec<_>>(), ["A1", "A3", "A4"]);
}

#[test]
fn findings_come_in_the_contracts_order() {
    let server = with(json!({
        "$schema": "", "name": "a/bc", "version": "latest", "title": " ",
        "repository": { "url": "x", "source": "x" }, "websiteUrl": "http://x", "icons": [{ "src": "a" }],
        "packages": [{ "registryType": "npm", "identifier": "a b", "version": "latest", "transport": { "type": "x" },
            "packageArguments": [{ "type": "named" }] }],
        "remotes": [{ "type": "stdio" }, { "type": "sse" }],
    }));
    let ids: Vec<_> = check(&server).iter().map(|f| f.rule.id).collect();
    assert_eq!(ids, ["V1", "N1", "R1", "P1", "W2", "T1", "I1", "K1", "R1", "A1", "X1", "Y1", "Y2"]);
}

#[test]
fn references_are_stable_words() {
    for rule in RULES {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(rule.reference.split('-').all(is_word), "{}: {}", rule.id, rule.reference);
        assert!(!rule.about.ends_with('.'), "{}: it is put into sentences", rule.id);
    }
}

#[test]
fn only_v4_is_a_warning() {
    assert!(RULES.iter().all(|r| (r.severity == Severity::Warning) == (r.id == "V4")));
    let of_schemas: Vec<_> = RULES.iter().filter(|r| r.sort == Sort::Schema).map(|r| r.id).collect();
    assert_eq!(of_schemas, ["V2", "V3", "J1"]);
}

#[test]
fn what_the_contract_does_not_enforce_is_let_through() {
    let loose = json!({
        "$schema": CURRENT_SCHEMA, "name": "com.example/loose", "description": " ", "version": "",
        "icons": [{ "src": "https://a.example", "sizes": ["huge"] }],
        "packages": [{ "registryType": "bogus", "identifier": "a", "registryBaseUrl": "x", "runtimeHint": "?",
            "transport": { "type": "stdio" },
            "packageArguments": [{ "type": "odd" }, { "type": "positional", "value": "{undeclared}" }],
            "environmentVariables": [{ "name": "", "default": "c", "choices": ["a"] }] }],
        "remotes": [{ "type": "sse", "url": "https://other.example" }],
    });
    let server = shape::read(&loose).expect("the shape is right");
    assert_eq!(check(&server), []);
}
