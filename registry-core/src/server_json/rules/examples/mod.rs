//! A document for and one against each rule: what the documentation shows and the tests hold true.

mod place;
mod semantic;
mod service;
mod shape;

use serde_json::Value;

use super::Rule;
pub use place::Place;

/// A rule, shown.
pub struct Example {
    /// Which rule.
    pub rule: &'static Rule,
    /// What is taken.
    pub accepted: Shown,
    /// What is refused.
    pub refused: Shown,
    /// Where the refused document breaks it: `body.version` for a shape rule, `version` for others; empty where the
    /// problem has no place.
    pub path: &'static str,
    /// What is said about that.
    pub message: &'static str,
}

/// How a rule is shown.
#[derive(Clone, Copy)]
pub enum Shown {
    /// By what stands at a place of a document.
    At(Place, fn() -> Value),
    /// In words: it takes a registry or other parties to show it.
    InWords(&'static str),
}

impl Example {
    const fn new(
        rule: &'static Rule,
        accepted: Shown,
        refused: Shown,
        path: &'static str,
        message: &'static str,
    ) -> Self {
        Self { rule, accepted, refused, path, message }
    }
}

/// All examples, in the order of the rules.
pub fn examples() -> impl Iterator<Item = &'static Example> {
    shape::EXAMPLES.iter().chain(semantic::EXAMPLES).chain(service::EXAMPLES)
}
