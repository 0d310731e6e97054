//! Every example holds: its accepted document breaks no rule, its refused one breaks the rule it shows.

use std::collections::HashSet;

use serde_json::Value;

use crate::server_json::rules::examples::{Example, Place, Shown, examples};
use crate::server_json::rules::{RULES, Severity, Sort, check};
use crate::server_json::{ServerJson, schema, service, shape};

/// Rule, place and message of each breach; warnings too.
fn breaches(sort: Sort, place: Place, value: Value) -> Vec<(&'static str, String, String)> {
    let body = place.fill(value);
    let issues =
        if place == Place::Status { shape::read_status(&body).err() } else { shape::read(&body).err() };
    if sort == Sort::Shape {
        let issues = issues.unwrap_or_default().into_iter();
        return issues.map(|i| (i.rule.map_or("", |rule| rule.id), i.location, i.message)).collect();
    }
    // Read past its shape: what the shape refuses first must not slip through here either.
    let server: ServerJson = serde_json::from_value(body).expect("a document");
    if sort == Sort::Service {
        let unkept = service::check(&server).err();
        return unkept.iter().map(|why| (why.rule().id, String::new(), why.to_string())).collect();
    }
    let mut found: Vec<_> = check(&server).into_iter().map(|f| (f.rule.id, f.path, f.message)).collect();
    found.extend(schema::check(&server).into_iter().map(|f| ("J1", f.path, f.message)));
    found
}

fn shown() -> impl Iterator<Item = (&'static Example, (Place, Value), (Place, Value))> {
    examples().filter_map(|example| match (example.accepted, example.refused) {
        (Shown::At(yes, accepted), Shown::At(no, refused)) => {
            Some((example, (yes, accepted()), (no, refused())))
        }
        _ => None,
    })
}

#[test]
fn each_refused_example_breaks_its_rule_with_its_message_at_its_place() {
    for (example, _, (place, refused)) in shown() {
        let found = breaches(example.rule.sort, place, refused);
        let told = (example.rule.id, example.path.to_owned(), example.message.to_owned());
        assert!(found.contains(&told), "{told:?} is not in {found:#?}");
    }
}

#[test]
fn each_accepted_example_is_free_of_its_rule_and_of_errors() {
    for (example, (place, accepted), _) in shown() {
        let severity = |id: &str| RULES.iter().find(|rule| rule.id == id).map(|rule| rule.severity);
        let found = breaches(example.rule.sort, place, accepted);
        let broken =
            found.iter().find(|(id, ..)| *id == example.rule.id || severity(id) == Some(Severity::Error));
        assert_eq!(broken, None, "{}", example.rule.id);
    }
}

#[test]
fn the_rules_are_shown_once_each_and_in_their_order() {
    let shown: Vec<_> = examples().map(|example| example.rule.id).collect();
    let all: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(shown, all);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 18 + 4 + 1 + 26 + 8);
}

#[test]
fn what_is_shown_in_words_needs_a_registry() {
    let in_words: Vec<_> = examples()
        .filter(|example| matches!(example.refused, Shown::InWords(_)))
        .map(|example| example.rule.id)
        .collect();
    assert_eq!(in_words, ["G2", "G3", "G4", "G5", "G8"]);
}
