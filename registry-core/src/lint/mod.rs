//! What a Server Card, a catalog and the host that serves them should be: one table of rules, one file a family.
//!
//! - [`table`]: the rules
//! - [`document`]: bytes, and what kind of document they are; from there `card` and `catalog`
//! - [`host`]: how it is served
//! - [`linter`]: what needs the network, as a trait: whoever has a crawler gives it to the API and the command line
//!
//! Everything else here is pure.

mod card;
mod catalog;
pub mod document;
pub mod host;
mod inputs;
pub mod linter;
mod members;
mod page;
mod remote;
mod repeated;
mod secrets;
pub mod table;

pub use linter::{Busy, InvalidAddress, Linter, address};
pub use page::page;
pub use table::{RULES, Rule, Severity};

/// How many findings of one document are told; more nobody reads.
pub const MOST_FINDINGS: usize = 500;

/// A breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Where: `remotes[0].url` in a document, `header.etag` for a host; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// The findings of one document, as they come up.
#[derive(Debug, Default)]
struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, rule: &'static Rule, path: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < MOST_FINDINGS {
            self.0.push(Finding { rule, path: path.into(), message: message.into() });
        }
    }
}

#[cfg(test)]
mod tests;
