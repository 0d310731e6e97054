//! What a document must say (V, N, R, P, W, T, I, K, A, X, Y of contract 2.2): one table of rules, one file a family.
//!
//! The checks expect the shape to be right ([`super::shape`]), and hold for any document all the same. The table holds
//! the rules that others check, too: shape, JSON Schema ([`super::schema`]) and service ([`super::service`]).

pub mod examples;
mod links;
mod name;
mod package;
mod page;
mod remote;
mod schema;
pub mod table;
mod version;

use std::fmt;

use super::ServerJson;
pub use page::page;
pub(super) use schema::id as schema_id;
pub use table::{RULES, Rule, Severity, Sort};
pub use version::is_specific;

/// A breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Where: `packages[0].transport.url`.
    pub path: String,
    /// What is wrong, in the contract's words.
    pub message: String,
}

impl Finding {
    fn new(rule: &'static Rule, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { rule, path: path.into(), message: message.into() }
    }

    /// Whether the document is refused for it.
    pub fn is_error(&self) -> bool {
        self.rule.severity == Severity::Error
    }
}

/// Where and what: `packages[0].identifier: package name cannot contain spaces`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Everything the document says that a rule does not allow, in the contract's order.
pub fn check(server: &ServerJson) -> Vec<Finding> {
    let mut found = check_schema(server);
    found.extend(check_meaning(server));
    found
}

/// V1–V4.
pub(super) fn check_schema(server: &ServerJson) -> Vec<Finding> {
    let mut found = Vec::new();
    schema::check(&server.schema, &mut found);
    found
}

/// The others.
pub(super) fn check_meaning(server: &ServerJson) -> Vec<Finding> {
    let mut found = Vec::new();
    name::check(&server.name, &mut found);
    version::check(&server.version, "version", &mut found);
    if let Some(repository) = &server.repository {
        links::check_repository(repository, &mut found);
    }
    links::check_website(&server.website_url, &mut found);
    name::check_title(&server.title, &mut found);
    links::check_icons(&server.icons, &mut found);
    for (i, package) in server.packages.iter().enumerate() {
        package::check(package, &format!("packages[{i}]"), &mut found);
    }
    for (i, server) in server.remotes.iter().enumerate() {
        remote::check(server, &format!("remotes[{i}]"), &mut found);
    }
    found
}

#[cfg(test)]
mod tests;
