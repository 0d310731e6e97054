//! A site's home page: `Link` headers, `<link>` elements of its head, and JSON-LD nodes with ARD's terms.

mod html;
mod linked_data;
mod links;

use registry_core::card::origin::Origin;
use url::Url;

use super::{Discovery, DiscoveryError, Document, Follow, Found};

/// How much of a page is read.
const MAX_BYTES: usize = 256 * 1024;

/// The home page.
pub(super) struct HomePage;

impl Discovery for HomePage {
    fn id(&self) -> &'static str {
        "home-page"
    }

    fn precedence(&self) -> u8 {
        3
    }

    fn accept(&self) -> &'static str {
        "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
    }

    fn max_bytes(&self) -> usize {
        MAX_BYTES
    }

    fn is_cut(&self) -> bool {
        true
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        vec![origin.url("/")]
    }

    fn read(&self, document: &Document<'_>) -> Result<Vec<Found>, DiscoveryError> {
        let found = read(document);
        if found.is_empty() {
            return Err(DiscoveryError::Absent("the page names no description of a server".to_owned()));
        }
        Ok(found)
    }
}

/// What a page names: first in its headers, then in its head, then in its JSON-LD.
pub fn read(document: &Document<'_>) -> Vec<Found> {
    let mut all = links::read(&links::of_headers(document.links, document.url), document.url, "header");
    let body = &document.body[..document.body.len().min(MAX_BYTES)];
    if is_html(document.content_type, body) {
        let page = html::read(body);
        // Addresses in a page start at its base, if it names one.
        let base = page.base.as_deref().and_then(|base| document.url.join(base).ok());
        let base = base.as_ref().unwrap_or(document.url);
        all.extend(links::read(&page.links, base, "link"));
        all.extend(linked_data::read(&page.linked_data, base).into_iter().map(believed));
    }
    all
}

/// What an entry in a page leads to is a document like any other, and no page.
fn believed(found: Found) -> Found {
    match found {
        Found::Follow(follow) => Found::Follow(Follow { believed_as: Some("linked-data"), ..follow }),
        found => found,
    }
}

fn is_html(content_type: Option<&str>, body: &[u8]) -> bool {
    let named = content_type.unwrap_or_default().to_ascii_lowercase();
    named.contains("html") || body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests;
