//! What a document must say (V, N, R, P, W, T, I, K, A, X, Y): one table of rules.

use super::ServerJson;

/// A broken rule.
#[derive(Debug)]
pub struct Finding;

impl Finding {
    /// Whether it forbids publication.
    pub fn is_error(&self) -> bool {
        true
    }
}

/// Everything that is wrong with a document.
pub fn check(server: &ServerJson) -> Vec<Finding> {
    let _ = server;
    Vec::new()
}
