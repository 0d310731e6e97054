//! Looking at a document as its readers do: with the types they accept, a second time with its tag, plainly, and from a browser.

use registry_core::card::raw;
use registry_core::card::sniff::sniff;
use registry_core::digest::Digest;
use registry_core::lint::document::MAX_CATALOG;
use registry_core::lint::host::{Failure, Hosting};
use registry_core::outbound::Answer;
use reqwest::Method;
use reqwest::header::{self, HeaderMap};
use url::Url;

use super::ask::{Asker, header};
use super::listing::Source;
use crate::discover::{self, DiscoveryError, Document, Expects};
use crate::visit::endpoint_of;

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// What was seen of a document.
pub(super) struct Seen {
    pub(super) hosting: Hosting,
    /// Its bytes; none where it is not there.
    pub(super) body: Option<Vec<u8>>,
    /// The addresses that redirected, in order.
    redirects: Vec<Url>,
}

impl Seen {
    fn failed(url: &Url, failure: Failure) -> Self {
        Self { hosting: Hosting::failed(url.clone(), failure), body: None, redirects: Vec::new() }
    }

    /// Whether somebody has published something there: an answer that means JSON.
    pub(super) fn is_published(&self) -> bool {
        let body = self.body.as_deref().filter(|_| self.hosting.has_document());
        body.is_some_and(|body| match raw::parse(body) {
            Ok(value) => !matches!(
                sniff(&value),
                registry_core::card::sniff::Shape::ErrorBody | registry_core::card::sniff::Shape::Placeholder
            ),
            Err(unreadable) => unreadable.was_intended(),
        })
    }

    /// The endpoint that the document says is not to be crawled.
    pub(super) fn opted_out(&self) -> Option<String> {
        let (body, url) = (self.body.as_deref()?, &self.hosting.answered);
        let read = discover::read(&Document { url, body, content_type: None, links: &[] });
        matches!(read, Err(DiscoveryError::OptedOut)).then(|| endpoint_of(body, url)).flatten()
    }

    /// The document as what a server may be listed by; none where it is not there.
    pub(super) fn source<'a>(
        &'a self,
        at: chrono::DateTime<chrono::Utc>,
        listed_by: &'a [Url],
    ) -> Option<Source<'a>> {
        let body =
            self.body.as_deref().filter(|_| self.hosting.has_document() && !self.hosting.is_catch_all)?;
        let (document, redirects) = (&self.hosting.answered, self.redirects.as_slice());
        Some(Source { document, redirects, listed_by, body, at })
    }
}

impl Asker {
    /// Looks at an address; with `closely`, also at what only lint asks.
    pub(super) async fn look(&self, url: &Url, closely: bool) -> Seen {
        let accept = accept(url);
        let mut seen = self.follow(url, accept).await;
        if closely && seen.hosting.has_document() {
            self.look_again(&mut seen).await;
        }
        seen
    }

    async fn follow(&self, asked: &Url, accept: &str) -> Seen {
        let mut url = asked.clone();
        url.set_fragment(None);
        let mut redirects = Vec::new();
        let mut accept = accept;
        loop {
            let answer = self.ask(Method::GET, &url, header(header::ACCEPT, accept), MAX_CATALOG).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(failure) => return Seen::failed(asked, failure),
            };
            // As the crawler does: whoever has no such type may have another.
            if answer.status == 406 && accept != "*/*" {
                accept = "*/*";
                continue;
            }
            match answer.redirection(&url) {
                Ok(Some(next)) if redirects.len() < MOST_REDIRECTS => {
                    redirects.push(std::mem::replace(&mut url, next));
                    url.set_fragment(None);
                }
                Ok(Some(_)) => {
                    let reason = format!("`{asked}` was redirected more than {MOST_REDIRECTS} times");
                    return Seen::failed(asked, Failure::Fetch(reason));
                }
                Ok(None) => {
                    let Answer { status, headers, body } = answer;
                    let hosting = Hosting::answered(asked.clone(), url, status, headers);
                    let body = hosting.has_document().then_some(body);
                    return Seen { hosting, body, redirects };
                }
                Err(error) => return Seen::failed(asked, Failure::of(&error)),
            }
        }
    }

    async fn look_again(&self, seen: &mut Seen) {
        let url = seen.hosting.answered.clone();
        let body = seen.body.as_deref().unwrap_or_default();
        if let Some(etag) = seen.hosting.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()) {
            let known = header(header::IF_NONE_MATCH, etag);
            let again = self.ask(Method::GET, &url, known, MAX_CATALOG).await;
            seen.hosting.revalidated = again.ok().map(|answer| answer.status);
        }
        let plain = self.ask(Method::GET, &url, header(header::ACCEPT, "*/*"), MAX_CATALOG).await;
        seen.hosting.plain = plain.ok().map(|answer| (answer.status, is_same(body, &answer.body)));
        if !seen.hosting.headers.contains_key(header::ACCESS_CONTROL_ALLOW_HEADERS) {
            let answer = self.ask(Method::OPTIONS, &url, preflight(), 64 * 1024).await;
            seen.hosting.preflight = answer.ok().map(|answer| answer.headers);
        }
        // Only what was guessed to be there can be a catch-all's answer.
        if url.path().starts_with("/.well-known/")
            && let Ok(nowhere) = url.join(&format!("/.well-known/{:016x}.json", (self.random)()))
        {
            let accept = header(header::ACCEPT, Expects::Card.accept());
            let answer = self.ask(Method::GET, &nowhere, accept, MAX_CATALOG).await;
            seen.hosting.is_catch_all =
                answer.is_ok_and(|a| a.status == 200 && Digest::of(&a.body) == Digest::of(body));
        }
    }
}

/// What a browser asks before it asks with `If-None-Match`.
fn preflight() -> HeaderMap {
    let mut headers = header(header::ORIGIN, "https://client.example");
    headers.extend(header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET"));
    headers.extend(header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type, if-none-match"));
    headers
}

fn accept(url: &Url) -> &'static str {
    let leaf = url.path().rsplit('/').next().unwrap_or_default();
    let is_catalog = leaf.contains("catalog") || leaf == "ard.json";
    if is_catalog { Expects::Catalog.accept() } else { Expects::Card.accept() }
}

/// Whether two bodies are one document; a time of day inside does not make it another one.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let shape = |bytes: &[u8]| raw::parse(bytes).ok().map(|value| sniff(&value));
    one == other || (shape(one).is_some() && shape(one) == shape(other))
}
