//! The page that explains the crawler to those it visits: what it asks for, how often, and how to keep it away.

use askama::Template;
use registry_core::outbound::ROBOTS_TOKEN;
use url::Url;

use super::view::Site;

/// Where an unknown host is asked; the rest follows from what is found there (discovery section 2).
const PLACES: [&str; 12] = [
    "/.well-known/ai-catalog.json",
    "/.well-known/ard.json",
    "/.well-known/mcp/catalog.json",
    "/.well-known/mcp/catalog",
    "/.well-known/api-catalog",
    "/.well-known/mcp-server-card",
    "/.well-known/mcp-server-card.json",
    "/.well-known/mcp/server-card.json",
    "/.well-known/mcp/server-card",
    "/.well-known/mcp.json",
    "/.well-known/mcp/server.json",
    "/.well-known/oauth-protected-resource",
];

#[derive(Template)]
#[template(path = "crawler.html")]
struct CrawlerPage<'a> {
    site: &'a Site,
    token: &'static str,
    places: [&'static str; 12],
    contact: Option<Contact<'a>>,
}

/// Whom to write to.
struct Contact<'a> {
    /// As it is shown.
    text: &'a str,
    /// Where a click leads, if it is an address of the web or of mail.
    href: Option<&'a str>,
}

/// The page; `contact` is what the operator says of whom to write to.
pub fn crawler(site: &Site, contact: Option<&str>) -> Result<String, askama::Error> {
    let contact = contact.map(|text| {
        let is_link = |url: &Url| matches!(url.scheme(), "https" | "http" | "mailto");
        let href = Url::parse(text).ok().filter(is_link).map(|_| text);
        Contact { text: text.strip_prefix("mailto:").unwrap_or(text), href }
    });
    CrawlerPage { site, token: ROBOTS_TOKEN, places: PLACES, contact }.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    #[test]
    fn the_page_says_how_to_keep_the_crawler_away_and_whom_to_write_to() {
        let page = crawler(&samples::site(), Some("mailto:ops@example.com")).expect("rendered");
        assert!(page.contains("User-agent: Cardinal\nDisallow: /"));
        assert!(page.contains("<a href=\"mailto:ops@example.com\">ops@example.com</a>"));
        samples::assert_page(&page);
        let odd = crawler(&samples::site(), Some("javascript:alert(1)")).expect("rendered");
        assert!(!odd.contains("href=\"javascript"));
        samples::assert_page(&crawler(&samples::site(), None).expect("rendered"));
    }
}
