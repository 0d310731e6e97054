//! From a document's bytes to cards, and to what is asked next.

use std::borrow::Cow;
use std::sync::Arc;

use registry_core::card::map::{Context, Display, to_server_json};
use registry_core::card::{address, raw, secret, site};
use registry_core::digest::Digest;
use registry_core::outbound::Fetched;
use registry_core::store::StoreError;
use registry_core::store::documents::Known;
use url::Url;

use super::task::{Named, Task, Via};
use super::trust::Trust;
use super::visited::{Card, Document, Mention, OPTED_OUT, State};
use super::{MAX_ADDRESS, Visit};
use crate::discover::{
    self, DiscoveryError, Expects, Follow, Found, FoundCard, MAX_CATALOG_DEPTH, MAX_ENTRIES,
};

/// How many of those that name one document are kept.
const MAX_MENTIONS: usize = 100;

/// Why a card is left out that says nothing wrong itself.
pub(crate) const LEFT_OUT: &str =
    "its endpoint is not to be crawled: another document of the site says `crawl: false` of it";

impl Visit<'_> {
    pub(super) async fn document(
        &mut self,
        task: &Task,
        mut fetched: Box<Fetched>,
        known: Option<&Known>,
    ) -> Result<(), StoreError> {
        // What is kept of a document may lack a key that it has; its hash is always that of what was served.
        let unchanged = known.filter(|_| fetched.status == 304);
        let sha256 = unchanged.map_or_else(|| Digest::of(&fetched.body), |known| known.sha256);
        // A key that somebody pasted is neither read nor kept; the hash stays that of what was served.
        if let Cow::Owned(without_keys) = secret::redact_document(&fetched.body) {
            fetched.body = without_keys;
        }
        let is_known = known.is_some_and(|known| known.sha256 == sha256);
        let document = discover::Document {
            url: &fetched.final_url,
            body: &fetched.body,
            content_type: fetched.content_type.as_deref(),
            links: &fetched.link,
        };
        let read = task.format.read(&document);
        if let Err(error) = &read
            && error.is_absence()
        {
            self.absent(task, State::Absent, error.to_string());
            return Ok(());
        }
        if let Err(error @ DiscoveryError::OptedOut) = &read {
            self.seen.opted_out.extend(endpoint_of(&fetched.body, &fetched.final_url));
            // It is kept, so that every visit asks whether it still says so.
            let at = self.keep(task, fetched, sha256);
            self.shape(at, OPTED_OUT);
            self.refuse(task, error.to_string());
            return Ok(());
        }
        // Only what was guessed can be a catch-all's answer, and only what is new is worth a request to find out.
        // A home page is there by nature; that others look like it is their fault.
        let may_be_catch_all = task.is_guess() && !is_known && !task.is_home();
        if may_be_catch_all && self.is_catch_all(&fetched.final_url, sha256).await? {
            self.absent(
                task,
                State::Absent,
                "the host answers every address with the same document".to_owned(),
            );
            return Ok(());
        }
        let state = if is_known { State::Unchanged } else { State::Found };
        self.ask_of(&task.url, state, None);
        let at = self.keep(task, fetched, sha256);
        let first_seen = known.map_or_else(|| self.means.clock.now(), |known| known.first_seen_at);
        match read {
            Ok(found) => {
                if found.is_empty() {
                    self.shape(at, "catalog");
                }
                for found in found {
                    self.take(task, at, found, first_seen);
                }
            }
            Err(error) => self.remark(task, String::new(), "unreadable", true, error.to_string()),
        }
        Ok(())
    }

    /// Takes away what other documents say of endpoints that are not to be crawled.
    pub(super) fn leave_out(&mut self) {
        let out = self.seen.opted_out.clone();
        if out.is_empty() {
            return;
        }
        let is_out = |url: &str| address::key(url).is_some_and(|key| out.contains(&key));
        self.seen.leads.retain(|lead| !is_out(lead.url.as_str()));
        let left = self
            .seen
            .cards
            .extract_if(.., |card| card.mapped.endpoints.iter().any(|endpoint| out.contains(&endpoint.key)));
        for card in left.collect::<Vec<_>>() {
            let document = &self.seen.documents[card.document];
            let (url, format) = (document.url.clone(), document.format.id());
            self.note(url, format, card.pointer, card.mapped.shape.as_str(), true, LEFT_OUT.to_owned());
        }
    }

    fn keep(&mut self, task: &Task, fetched: Box<Fetched>, sha256: Digest) -> usize {
        let at = self.seen.documents.len();
        self.seen.documents.push(Document {
            url: task.url.clone(),
            chain: fetched.chain,
            moved_permanently: fetched.moved_permanently,
            format: task.format,
            shape: "unreadable",
            body: fetched.body.into(),
            sha256,
            etag: fetched.etag,
            last_modified: fetched.last_modified,
            cache_control: fetched.cache_control,
            is_as_before: false,
            is_named: task.named().is_some(),
            listed_by: task.named().map(|named| named.by.clone()).into_iter().collect(),
            mentions: task.named().map(|named| mention(task, named)).into_iter().collect(),
        });
        self.done.insert(task.url.clone(), Some(at));
        at
    }

    fn take(&mut self, task: &Task, at: usize, found: Found, first_seen: chrono::DateTime<chrono::Utc>) {
        match found {
            Found::Card(card) => self.card(task, at, card, first_seen),
            Found::Follow(follow) => self.follow(task, at, follow),
            Found::Endpoint { url, how, .. } => {
                self.shape(at, "endpoint");
                let by = self.seen.documents[at].at().clone();
                self.lead(url, how, &by);
            }
            Found::Skipped { pointer, reason } => {
                self.shape(at, if pointer.is_empty() { "unknown" } else { "catalog" });
                self.remark(task, pointer, "", false, reason);
            }
        }
    }

    /// A document is what the first thing in it is.
    fn shape(&mut self, at: usize, shape: &'static str) {
        let document = &mut self.seen.documents[at];
        if document.shape == "unreadable" {
            document.shape = shape;
        }
    }

    fn card(&mut self, task: &Task, at: usize, found: FoundCard, first_seen: chrono::DateTime<chrono::Utc>) {
        if self.seen.cards.len() >= MAX_ENTRIES {
            let reason = format!("one visit takes in at most {MAX_ENTRIES} cards");
            return self.remark(task, found.pointer, found.shape.as_str(), false, reason);
        }
        let is_inline = !found.pointer.is_empty();
        self.shape(at, if is_inline { "catalog" } else { found.shape.as_str() });
        let document = self.seen.documents[at].at().clone();
        let entry = found.entry.map(Arc::new);
        let entry = entry.or_else(|| task.named().filter(|_| !is_inline).map(|named| named.entry.clone()));
        let shown = entry.as_deref().filter(|_| is_inline || is_of_own_site(task, &document));
        let display: Option<&Display> = shown.map(|entry| &entry.display);
        let context = Context { document_url: &document, first_seen: first_seen.date_naive(), display };
        let words = shown.map(|entry| entry.words.clone()).unwrap_or_default();
        match to_server_json(&found.value, found.shape, &context) {
            Ok(mapped) => self.seen.cards.push(Card {
                trust: Trust::default(),
                document: at,
                pointer: found.pointer,
                is_inline,
                mapped,
                first_seen,
                words,
                entry,
            }),
            Err(error) => self.remark(task, found.pointer, found.shape.as_str(), true, error.to_string()),
        }
    }

    fn follow(&mut self, task: &Task, at: usize, follow: Follow) {
        self.shape(at, "catalog");
        let document = &self.seen.documents[at];
        let by = document.at().clone();
        if follow.url == task.url {
            return;
        }
        let mut path = task.path.clone();
        // A home page is no catalog: what it leads to may well lie at its own address.
        if task.depth > 0 {
            path.extend([task.url.clone(), by.clone()]);
        }
        if path.contains(&follow.url) {
            let reason =
                format!("`{}` leads back to a catalog that leads here; take it off the list", follow.url);
            return self.remark(task, follow.pointer, "", true, reason);
        }
        if follow.url.as_str().len() > MAX_ADDRESS {
            let reason = format!("the address is longer than {MAX_ADDRESS} bytes; use a shorter one");
            return self.remark(task, follow.pointer, "", true, reason);
        }
        let is_catalog = follow.expects == Expects::Catalog;
        if task.depth > MAX_CATALOG_DEPTH || (is_catalog && task.depth == MAX_CATALOG_DEPTH) {
            let reason = format!(
                "catalogs lead to each other more than {MAX_CATALOG_DEPTH} deep; list the servers further up"
            );
            return self.remark(task, follow.pointer, "", true, reason);
        }
        let Follow { url, expects, believed_as, is_guess, pointer, entry } = follow;
        let format = believed_as.and_then(discover::format).unwrap_or(task.format);
        let named = Named { by, expects, is_guess, pointer, entry: Arc::new(entry) };
        let known = self.known.get(url.as_str()).map(|known| known.fresh_until);
        let task = Task { url, format, via: Via::Named(Box::new(named)), depth: task.depth + 1, path };
        match known.filter(|_| !is_catalog) {
            Some(fresh_until) => self.queue.push_seen(task, fresh_until),
            None => self.queue.push(task),
        }
    }

    /// Another document names what was asked for already: it counts as the most believed of them says.
    pub(super) fn list_again(&mut self, task: &Task, done: Option<usize>) {
        let (Some(at), Some(named)) = (done, task.named()) else { return };
        let document = &mut self.seen.documents[at];
        if !document.listed_by.contains(&named.by) {
            document.listed_by.push(named.by.clone());
        }
        let mention = mention(task, named);
        if document.mentions.len() < MAX_MENTIONS && !document.mentions.contains(&mention) {
            document.mentions.push(mention);
        }
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        let is_believed = task.format.precedence() < document.format.precedence();
        if is_believed && site::same_site(&host(&named.by), &host(document.at())) {
            document.format = task.format;
        }
    }
}

fn mention(task: &Task, named: &Named) -> Mention {
    Mention {
        by: named.by.clone(),
        format: task.format.id(),
        pointer: named.pointer.clone(),
        entry: named.entry.clone(),
    }
}

/// Whether the card is of the site that names it: another site's words are not the card's.
fn is_of_own_site(task: &Task, document: &Url) -> bool {
    let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
    task.named().is_some_and(|named| site::same_site(&host(&named.by), &host(document)))
}

/// The endpoint that a document is about which asks not to be crawled.
pub(crate) fn endpoint_of(body: &[u8], document: &Url) -> Option<String> {
    let value = raw::parse(body).ok()?;
    let places = ["/endpoint", "/url", "/transport/endpoint", "/transport/url"];
    let endpoint = places.iter().find_map(|place| value.pointer(place)?.as_str())?;
    address::key(document.join(endpoint).ok()?.as_str())
}
