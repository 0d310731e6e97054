//! What needs the network: [`Linter`], which the crawler is, for the API and the command line, which know no crawler.

use futures_util::future::BoxFuture;
use url::Url;

use crate::wire::lint::LintReport;

/// Checks documents and says what would be listed.
pub trait Linter: Send + Sync {
    /// Fetches what is at an address, checks it and how it is served, and says what would be listed. Where the address is that
    /// of a site, its well-known places are looked at. Everything that can go wrong is in the report, but for being asked too much.
    fn lint_url(&self, url: Url) -> BoxFuture<'_, Result<LintReport, Busy>>;

    /// Checks a document that somebody has, and says what would be listed if it were served at `at`; without that, from the host
    /// that its name belongs to.
    fn lint_document(&self, bytes: &[u8], at: Option<&Url>) -> LintReport;
}

/// Too many are asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many addresses are being checked at this moment; try again in a few seconds")]
pub struct Busy;
