//! A visit: one loop that asks an origin for its documents and follows where they lead. It decides nothing and writes nothing.
//!
//! The loop knows the formats by [`discover::ALL`] alone. Everything a stranger can make endless has a limit: documents, bytes,
//! depth, time.

mod again;
mod catch_all;
mod read;
mod task;
mod visited;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use registry_core::card::address;
use registry_core::card::origin::Origin;
use registry_core::clock::SharedClock;
use registry_core::digest::Digest;
use registry_core::outbound::{Fetched, Get};
use registry_core::server_json::Remote;
use registry_core::store::documents::Known;
use registry_core::store::{PgPool, StoreError, documents};
use tokio::time::Instant;
use url::Url;

use crate::discover::{self, MAX_FETCHES};
use crate::fetch::{self, Fetcher, Meaning, Turns, meaning};
use task::{Lead, Queue, Task};
pub use visited::State;
pub(crate) use visited::{Asked, Card, Document, Note, Visited};

/// How many bytes one visit takes in all.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// How many remarks one visit makes.
const MAX_NOTES: usize = 1000;

/// The longest address that is asked for.
const MAX_ADDRESS: usize = 2000;

/// What visits need.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) pool: PgPool,
    pub(crate) clock: SharedClock,
    pub(crate) turns: Turns,
    pub(crate) limit: Duration,
    pub(crate) random: fn() -> u64,
}

/// Visits an origin; `known` is what earlier visits fetched.
pub(crate) async fn visit(
    means: &Means,
    origin: &Origin,
    known: HashMap<String, Known>,
) -> Result<Visited, StoreError> {
    let mut visit = Visit::new(means, origin, known);
    visit.run().await?;
    Ok(visit.seen)
}

struct Visit<'a> {
    means: &'a Means,
    known: HashMap<String, Known>,
    deadline: Instant,
    queue: Queue,
    /// Every address that was asked, and its document.
    done: HashMap<Url, Option<usize>>,
    /// The canonical endpoints whose cards were asked for.
    endpoints: HashSet<String>,
    /// Endpoints that documents name without describing them.
    leads: Vec<Url>,
    catch_all: HashMap<String, Option<Digest>>,
    bytes: usize,
    is_spent: bool,
    has_looked_again: bool,
    seen: Visited,
}

impl<'a> Visit<'a> {
    fn new(means: &'a Means, origin: &Origin, known: HashMap<String, Known>) -> Self {
        let seen = Visited {
            origin: origin.clone(),
            asked: Vec::new(),
            documents: Vec::new(),
            cards: Vec::new(),
            notes: Vec::new(),
            beside: Vec::new(),
            not_before: None,
            is_cut: false,
        };
        Self {
            means,
            known,
            deadline: Instant::now() + means.limit,
            queue: Queue::default(),
            done: HashMap::new(),
            endpoints: HashSet::new(),
            leads: Vec::new(),
            catch_all: HashMap::new(),
            bytes: 0,
            is_spent: false,
            has_looked_again: false,
            seen,
        }
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        for format in discover::ALL {
            for url in format.locations(&self.seen.origin) {
                self.queue.push(Task { url, format, lead: Lead::Location, depth: 1, path: Vec::new() });
            }
        }
        loop {
            while let Some(task) = self.queue.pop() {
                self.step(task).await?;
            }
            if !self.look_beside_endpoints() && !self.look_again() {
                return Ok(());
            }
        }
    }

    /// Asks beside every endpoint that was not asked yet; says whether there is any.
    fn look_beside_endpoints(&mut self) -> bool {
        let lead =
            |url: &Url| Remote { kind: "streamable-http".into(), url: url.to_string(), ..Remote::default() };
        let described = self.seen.cards.iter().flat_map(|card| card.mapped.server.remotes.iter().cloned());
        let remotes: Vec<Remote> = described.chain(self.leads.iter().map(lead)).collect();
        let mut any = false;
        for remote in remotes {
            let Some(key) = address::key(&remote.url) else { continue };
            if !self.endpoints.insert(key.clone()) {
                continue;
            }
            for format in discover::ALL {
                for url in format.beside(&remote).into_iter().filter(|url| url.as_str().len() <= MAX_ADDRESS)
                {
                    self.seen.beside.push((key.clone(), url.clone(), format.precedence()));
                    self.queue.push(Task { url, format, lead: Lead::Beside, depth: 1, path: Vec::new() });
                    any = true;
                }
            }
        }
        any
    }

    async fn step(&mut self, task: Task) -> Result<(), StoreError> {
        if let Some(done) = self.done.get(&task.url).copied() {
            self.list_again(&task, done);
            return Ok(());
        }
        if let Some(reason) = self.spent() {
            // Said once, and not for each of what may be thousands.
            self.seen.is_cut = true;
            if !std::mem::replace(&mut self.is_spent, true) {
                self.ask_of(&task.url, State::Inconclusive, Some(reason));
            }
            return Ok(());
        }
        self.done.insert(task.url.clone(), None);
        let known = self.known.get(task.url.as_str()).cloned();
        let mut get = Get::new(task.url.clone(), task.accept(), task.max_bytes());
        if let Some(known) = &known {
            get.etag.clone_from(&known.etag);
            get.last_modified.clone_from(&known.last_modified);
        }
        match self.get_where_it_is(&get, known.as_ref()).await? {
            Meaning::Document(fetched) => self.document(&task, fetched, known.as_ref()).await?,
            Meaning::Unchanged(fetched) => self.unchanged(&task, get, fetched, known.as_ref()).await?,
            Meaning::Absent(reason) => self.absent(&task, State::Absent, reason),
            Meaning::Gone(reason) => self.absent(&task, State::Gone, reason),
            Meaning::Inconclusive(reason) => {
                self.ask_of(&task.url, State::Inconclusive, Some(reason));
            }
            Meaning::Refused(reason) => self.refuse(&task, reason),
        }
        Ok(())
    }

    async fn get(&mut self, get: &Get) -> Result<Meaning, StoreError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let asked = match tokio::time::timeout(left, self.means.fetcher.get(get, &self.means.turns)).await {
            Ok(asked) => asked?,
            Err(_) => {
                fetch::Asked::NotNow("the visit took too long; the rest is left to the next one".to_owned())
            }
        };
        if let fetch::Asked::Answer(fetched) = &asked {
            self.bytes += fetched.body.len();
            let at_home = fetched.final_url.host_str() == Some(self.seen.origin.host());
            if let Some(until) = self.means.fetcher.retry_after(fetched).filter(|_| at_home) {
                self.seen.not_before = self.seen.not_before.max(Some(until));
            }
        }
        Ok(meaning(asked))
    }

    /// Why nothing more is asked; none while there is room.
    fn spent(&self) -> Option<String> {
        if self.done.len() >= MAX_FETCHES {
            return Some(format!(
                "one visit asks for at most {MAX_FETCHES} documents; list fewer in one catalog"
            ));
        }
        if self.bytes >= MAX_BYTES {
            return Some(format!(
                "one visit takes at most {} MiB; make the documents smaller",
                MAX_BYTES >> 20
            ));
        }
        None
    }

    /// The stored bytes of a document that has not changed; asked for anew where they belong to another address.
    async fn unchanged(
        &mut self,
        task: &Task,
        get: Get,
        fetched: Box<Fetched>,
        known: Option<&Known>,
    ) -> Result<(), StoreError> {
        let known = known.filter(|known| known.final_url == fetched.final_url.as_str());
        let body = match known {
            Some(known) => {
                let mut conn = self.means.pool.acquire().await?;
                documents::body(&mut conn, known.id).await?
            }
            None => None,
        };
        if let (Some(body), Some(known)) = (body, known) {
            self.bytes += body.len();
            let etag = fetched.etag.clone().or_else(|| known.etag.clone());
            let last_modified = fetched.last_modified.clone().or_else(|| known.last_modified.clone());
            let fetched = Box::new(Fetched { body, etag, last_modified, ..*fetched });
            return self.document(task, fetched, Some(known)).await;
        }
        let anew = Get { etag: None, last_modified: None, ..get };
        match self.get(&anew).await? {
            Meaning::Document(fetched) => self.document(task, fetched, None).await?,
            _ => {
                let reason = "the answer is 304 although nothing was known; serve the document".to_owned();
                self.ask_of(&task.url, State::Inconclusive, Some(reason));
            }
        }
        Ok(())
    }

    fn refuse(&mut self, task: &Task, reason: String) {
        self.remark(task, String::new(), "", true, reason.clone());
        self.ask_of(&task.url, State::Refused, Some(reason));
    }

    fn absent(&mut self, task: &Task, state: State, reason: String) {
        match &task.lead {
            Lead::Catalog { by, .. } => {
                let reason =
                    format!("`{by}` lists this document, but {reason}; serve it, or take it off the list");
                self.remark(task, String::new(), "", true, reason);
                // A POST-only endpoint answers so; its card may lie beside it.
                if task.url.path().trim_end_matches('/').ends_with("/mcp") {
                    self.leads.push(task.url.clone());
                }
            }
            _ => {}
        }
        self.ask_of(&task.url, state, Some(reason));
    }

    /// Another catalog lists what was asked for already.
    fn list_again(&mut self, task: &Task, done: Option<usize>) {
        let (Some(document), Lead::Catalog { by, .. }) = (done, &task.lead) else { return };
        let listed_by = &mut self.seen.documents[document].listed_by;
        if !listed_by.contains(by) {
            listed_by.push(by.clone());
        }
    }

    fn ask_of(&mut self, url: &Url, state: State, detail: Option<String>) {
        self.seen.asked.push(Asked { url: url.clone(), state, detail });
    }

    fn remark(
        &mut self,
        task: &Task,
        pointer: String,
        shape: &'static str,
        is_refusal: bool,
        reason: String,
    ) {
        let reason = match self.seen.notes.len() {
            MAX_NOTES => "there is more to say than one report holds; mend what is said so far".to_owned(),
            full if full > MAX_NOTES => return,
            _ => reason,
        };
        let format = task.format.id();
        self.seen.notes.push(Note { url: task.url.clone(), pointer, format, shape, is_refusal, reason });
    }
}
