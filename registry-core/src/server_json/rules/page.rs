//! The documentation of the rules, made of the table and its examples.

use std::fmt::Write;

use serde_json::Value;

use super::examples::{Example, Place, Shown, examples};
use super::{Severity, Sort};
use crate::server_json::shape;

const INTRODUCTION: &str = "\
# Rules

Every rule about a `server.json`, with what is taken and what is refused. This page is made of the code (`make openapi`) and
committed; a test fails when the two differ. Each example is a test.

| Kind | Checked when a document is | A breach is answered with |
| --- | --- | --- |
| [shape](#shape) | published, edited or validated, or a status changed; before the token is looked at | 422 `validation failed`; `errors` tells every problem: `message`, `location`, `value`, `rule` |
| [schema](#schema), [semantic](#semantic) | published, edited, validated or imported as a plain document | publishing and editing: 422 `Failed to … server, invalid schema: call /validate for details`, the breaches in `issues`. Validating: 200, the breaches in `issues`. A warning refuses nothing |
| J1 | validated | 200, the breaches in `issues` |
| [service](#service) | published; edited (all but G4, G5 and G8); brought back from `deleted` (G3) | 400 `Failed to publish server`, `Failed to edit server` or `Failed to update server status`; `errors` has one `message` that says why, and the `rule` |

`issues` has `type` (the kind), `path`, `message`, `severity`, `reference` and `rule`. The `reference` of J1 is the place in the JSON
Schema. A document is judged in its canonical form: optional members that are empty are no members.
";

/// The page, in Markdown.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut titles = ("", "");
    for example in examples() {
        let now = (sort_title(example.rule.sort, example.rule.id), family(example.rule.id));
        if now.0 != titles.0 {
            push(&mut page, format_args!("\n## {}\n", now.0));
        }
        if now.1 != titles.1 && !now.1.is_empty() {
            push(&mut page, format_args!("\n### {}\n", now.1));
        }
        titles = now;
        push_rule(&mut page, example);
    }
    page
}

fn push_rule(page: &mut String, example: &Example) {
    let rule = example.rule;
    let (weight, refused) = match rule.severity {
        Severity::Error => ("", "refused"),
        Severity::Warning => (", a warning", "warned of"),
    };
    push(page, format_args!("\n**{}** `{}`{weight}: {}.\n\n", rule.id, rule.reference, rule.about));
    push(page, format_args!("- taken: {}\n", show(example.accepted)));
    push(page, format_args!("- {refused}: {}\n", show(example.refused)));
    let place = if example.path.is_empty() { String::new() } else { format!("at `{}`: ", example.path) };
    push(page, format_args!("- {place}`{}`{}\n", example.message, earlier(example)));
}

/// The shape rules that an example for another rule breaks, too: over HTTP they answer first.
fn earlier(example: &Example) -> String {
    let Shown::At(place, value) = example.refused else { return String::new() };
    if example.rule.sort == Sort::Shape || place == Place::Status {
        return String::new();
    }
    let issues = shape::read(&place.fill(value())).err().unwrap_or_default();
    match issues.first().and_then(|issue| issue.rule) {
        Some(rule) => format!(" (a request that sends this is already refused by {})", rule.id),
        None => String::new(),
    }
}

fn show(shown: Shown) -> String {
    match shown {
        Shown::InWords(words) => words.to_owned(),
        Shown::At(place, value) => format!("{} `{}`", place.describe(), clip(value())),
    }
}

/// The value with its long texts cut, to show it.
fn clip(value: Value) -> Value {
    const LONG: usize = 100;
    match value {
        Value::String(text) if text.chars().count() >= LONG => {
            let begin: String = text.chars().take(10).collect();
            format!("{begin}… {} characters", text.chars().count()).into()
        }
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, clip(value))).collect(),
        Value::Array(items) => items.into_iter().map(clip).collect(),
        other => other,
    }
}

/// V1 and V4 are of the semantic kind on the wire, and belong to the schema for a reader.
fn sort_title(sort: Sort, id: &str) -> &'static str {
    match sort {
        Sort::Shape => "Shape",
        Sort::Semantic if !id.starts_with('V') => "Semantic",
        Sort::Schema | Sort::Semantic => "Schema",
        Sort::Service => "Service",
    }
}

fn family(id: &str) -> &'static str {
    match id.as_bytes().first() {
        Some(b'N') => "Names",
        Some(b'R') => "Versions",
        Some(b'P') => "Repository",
        Some(b'W') => "Home page",
        Some(b'T') => "Title",
        Some(b'I') => "Icons",
        Some(b'K') => "Packages",
        Some(b'A') => "Arguments of packages",
        Some(b'X') => "Transports of packages",
        Some(b'Y') => "Remotes",
        _ => "",
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(text);
}
