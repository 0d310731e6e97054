//! What needs the network: [`Linter`], which the crawler is, for the API and the command line, which know no crawler.

use futures_util::future::BoxFuture;
use url::Url;

use crate::card::text::clean;
use crate::wire::lint::LintReport;

/// The longest address that is looked at.
const LONGEST: usize = 2000;

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

/// A text that is no address to check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no address; write one as in `https://example.com/.well-known/mcp-server-card`, or a domain as in `example.com`"
)]
pub struct InvalidAddress(String);

/// The address that somebody means: a whole one, or one without its `https://`.
pub fn address(text: &str) -> Result<Url, InvalidAddress> {
    let text = text.trim();
    let invalid = || InvalidAddress(clean(text, 100));
    if text.is_empty() || text.len() > LONGEST {
        return Err(invalid());
    }
    let is_whole = text.contains("://");
    let url = if is_whole { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
    // Any word could be a host; somebody who means one says so.
    let is_meant = |url: &Url| is_whole || url.host_str().is_some_and(|host| host.contains(['.', ':']));
    url.ok().filter(|url| is_web(url) && is_meant(url)).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_its_scheme_out() {
        for (text, url) in [
            ("example.com", "https://example.com/"),
            (" example.com/card ", "https://example.com/card"),
            ("http://example.com", "http://example.com/"),
        ] {
            assert_eq!(address(text).map(String::from).as_deref(), Ok(url), "{text}");
        }
        for text in
            ["", "ftp://example.com", "file:///etc/passwd", "https://", "a b", "word", &"a".repeat(3000)]
        {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
