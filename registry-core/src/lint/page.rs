//! The documentation of the rules, made of the table.

use std::fmt::Write;

use super::{RULES, Rule};

const INTRODUCTION: &str = "\
# Rules about Server Cards and catalogs

What `cardinal lint` and `POST /v0.1/x/org.cardinal-registry/lint` check. This page is made of the code (`make openapi`) and
committed; a test fails when the two differ. An *error* breaks the specification or keeps the server from being listed, a *warning* is
what some client will stumble over, a *note* is good to know. Each rule has a document or host for it and one against it among the
tests.
";

/// The page, in Markdown.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut family = "";
    for rule in RULES {
        let now = family_of(rule);
        if now != family {
            push(
                &mut page,
                format_args!(
                    "\n## {now}\n\n| Rule | | What it asks | What to do | From |\n|---|---|---|---|---|\n"
                ),
            );
            family = now;
        }
        let Rule { id, severity, about, hint, reference } = rule;
        let (severity, hint) = (severity.as_str(), hint.replace('|', "\\|"));
        push(&mut page, format_args!("| **{id}** | {severity} | {about} | {hint} | {reference} |\n"));
    }
    page
}

fn family_of(rule: &Rule) -> &'static str {
    match rule.id.as_bytes().first() {
        Some(b'D') => "Documents",
        Some(b'C') => "Server Cards",
        Some(b'A') => "Catalogs",
        _ => "Hosts",
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(text);
}
