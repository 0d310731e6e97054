//! A visit: one loop that asks an origin for its documents and follows where they lead. It decides nothing and writes nothing.
//!
//! The loop knows the formats by `discover::ALL` alone. Everything a stranger can make endless has a limit: documents, bytes,
//! depth, time.

mod again;
mod ask;
mod catch_all;
mod confirm;
mod fresh;
mod hosts;
mod keys;
mod leads;
mod read;
mod task;
mod trust;
mod visited;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use registry_core::card::origin::Origin;
use registry_core::clock::SharedClock;
use registry_core::digest::Digest;
use registry_core::outbound::Dns;
use registry_core::store::documents::Known;
use registry_core::store::{PgPool, StoreError};
use tokio::time::Instant;
use url::Url;

use crate::discover::{MAX_ENTRIES, MAX_FETCHES};
use crate::fetch::{Fetcher, Turns};
pub(crate) use read::{LEFT_OUT, endpoint_of};
use task::{Queue, Task};
pub use visited::State;
pub(crate) use visited::{Asked, Card, Document, Lead, Note, Visited};

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
    pub(crate) txt: Option<Dns>,
    pub(crate) reach: Reach,
    /// Addresses without a document that are not due yet, and when they are.
    pub(crate) absent: HashMap<String, DateTime<Utc>>,
}

/// How far a visit looks on hosts of which nothing is known (discovery section 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everywhere: somebody asked for this very origin.
    Everywhere,
    /// At the usual places, and at the rare ones if something was found.
    AsFound,
    /// At the usual places only: the rare ones were asked not long ago.
    Usual,
}

/// Visits an origin; `known` is what earlier visits fetched.
pub(crate) async fn visit(
    means: &Means,
    origin: &Origin,
    known: HashMap<String, Known>,
) -> Result<Visited, StoreError> {
    let mut visit = Visit::new(means, origin, known);
    visit.run().await?;
    visit.note_freshness();
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
    catch_all: HashMap<String, Option<Digest>>,
    /// Hosts that could not be reached, each with its port where that is not the usual one.
    dead: HashMap<String, Dead>,
    /// Hosts that are not asked again today, and why.
    resting: HashMap<String, String>,
    /// By host: what its home page is.
    homes: HashMap<String, Home>,
    /// The status of the last answer.
    status: Option<u16>,
    bytes: usize,
    /// How many requests were made to hosts of strangers.
    fetches: usize,
    is_spent: bool,
    has_looked_again: bool,
    seen: Visited,
}

/// Why a host cannot be asked.
struct Dead {
    reason: String,
    /// Whether its name has no address.
    is_unresolved: bool,
}

/// A home page.
struct Home {
    /// The host that answered.
    host: String,
    /// Its bytes; none where there is no page.
    sha256: Option<Digest>,
}

impl<'a> Visit<'a> {
    fn new(means: &'a Means, origin: &Origin, known: HashMap<String, Known>) -> Self {
        Self {
            means,
            known,
            deadline: Instant::now() + means.limit,
            queue: Queue::default(),
            done: HashMap::new(),
            endpoints: HashSet::new(),
            catch_all: HashMap::new(),
            dead: HashMap::new(),
            resting: HashMap::new(),
            homes: HashMap::new(),
            status: None,
            bytes: 0,
            fetches: 0,
            is_spent: false,
            has_looked_again: false,
            seen: Visited::of(origin.clone()),
        }
    }

    /// The procedure of discovery section 2.
    async fn run(&mut self) -> Result<(), StoreError> {
        let origin = self.seen.origin.clone();
        self.follow_robots(&origin).await?;
        self.look_home(&origin).await?;
        self.queue_usual(&origin);
        self.look_up_records().await;
        self.drain().await?;
        self.look_at_siblings().await?;
        self.look_further();
        self.drain().await?;
        if self.look_again() {
            self.drain().await?;
        }
        self.leave_out();
        self.confirm_endpoints().await?;
        self.check_trust().await
    }

    /// Asks for everything that is queued, and for what that leads to.
    async fn drain(&mut self) -> Result<(), StoreError> {
        loop {
            while let Some(task) = self.queue.pop() {
                self.step(task).await?;
            }
            if !self.look_beside_endpoints() {
                return Ok(());
            }
        }
    }

    /// Why nothing more is asked; none while there is room. What is known without asking costs nothing, and neither do one's own hosts.
    fn spent(&self, costs: bool) -> Option<String> {
        if costs && self.fetches >= MAX_FETCHES {
            return Some(format!(
                "one visit asks for at most {MAX_FETCHES} documents; the rest is asked for at the next ones"
            ));
        }
        if self.done.len() >= MAX_ENTRIES {
            return Some(format!("one visit reads at most {MAX_ENTRIES} documents; list fewer"));
        }
        if self.bytes >= MAX_BYTES {
            return Some(format!(
                "one visit takes at most {} MiB; make the documents smaller",
                MAX_BYTES >> 20
            ));
        }
        None
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
        self.note(task.url.clone(), task.format.id(), pointer, shape, is_refusal, reason);
    }

    fn note(
        &mut self,
        url: Url,
        format: &'static str,
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
        self.seen.notes.push(Note { url, pointer, format, shape, is_refusal, reason });
    }
}
