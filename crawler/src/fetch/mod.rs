//! Asking strangers politely: robots.txt first, one request at a time for each host, pauses kept.

mod pace;
mod robots;
mod status;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::site;
use registry_core::clock::SharedClock;
use registry_core::outbound::{Client, FetchError, Fetched, Get};
use registry_core::store::StoreError;
use url::Url;

use crate::discover::agentmap;
use pace::{INTERVAL, Paces};
pub(crate) use pace::{Turn, Turns};
use robots::Robots;
pub use robots::TOKEN;
pub(crate) use status::{Meaning, meaning};

/// How long a robots.txt is believed.
const ROBOTS_HOURS: i64 = 24;

/// How long a host whose robots.txt cannot be read is left alone before it is tried again.
const CLOSED_MINUTES: i64 = 30;

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Asked {
    /// An answer, whatever its status.
    Answer(Box<Fetched>),
    /// None, and why.
    Failed(FetchError),
    /// The host's robots.txt says no, or cannot be read.
    Disallowed(String),
    /// Not now: the host's turn is too far away.
    NotNow(String),
}

/// Asks hosts; one for a whole process.
pub(crate) struct Fetcher {
    client: Client,
    clock: SharedClock,
    own_hosts: Vec<String>,
    paces: Paces,
    robots: Mutex<HashMap<String, Known>>,
    /// By host: what its robots.txt names beside its rules.
    agentmaps: Mutex<HashMap<String, Vec<Url>>>,
}

/// A host's robots.txt, and until when it is believed.
type Known = (Arc<Robots>, DateTime<Utc>);

/// How many hosts' robots.txt are remembered.
const MANY: usize = 2_000;

impl Fetcher {
    pub(crate) fn new(client: Client, clock: SharedClock, own_hosts: Vec<String>) -> Self {
        let paces = Paces::new(clock.clone());
        Self { client, clock, own_hosts, paces, robots: Mutex::default(), agentmaps: Mutex::default() }
    }

    /// Asks for a document if its host allows it, when it is the host's turn.
    pub(crate) async fn get(&self, get: &Get, turns: &Turns) -> Result<Asked, StoreError> {
        let robots = match self.robots(&get.url, turns).await? {
            Ok(robots) => robots,
            Err(asked) => return Ok(asked),
        };
        if let Some(refusal) = robots.refusal(&get.url) {
            return Ok(Asked::Disallowed(refusal));
        }
        let fetched = match self.ask(get, &robots, turns).await? {
            Asked::Answer(fetched) => fetched,
            other => return Ok(other),
        };
        if fetched.final_url.origin() == get.url.origin() {
            return Ok(Asked::Answer(fetched));
        }
        // The client has followed the redirect already; what its target does not want read is not read.
        Ok(match self.robots(&fetched.final_url, turns).await? {
            Ok(robots) => match robots.refusal(&fetched.final_url) {
                Some(refusal) => Asked::Disallowed(refusal),
                None => Asked::Answer(fetched),
            },
            Err(asked) => asked,
        })
    }

    /// What the robots.txt of the address's host names as ARD entry sources; nothing where it cannot be read.
    pub(crate) async fn agentmaps(&self, url: &Url, turns: &Turns) -> Result<Vec<Url>, StoreError> {
        if self.robots(url, turns).await?.is_err() {
            return Ok(Vec::new());
        }
        Ok(lock(&self.agentmaps).get(&url.origin().ascii_serialization()).cloned().unwrap_or_default())
    }

    /// Waits until an address may be asked by another way than [`Self::get`]: its host's robots.txt allows it, and it is the host's
    /// turn, which lasts until the answer is dropped.
    pub(crate) async fn admit(&self, url: &Url, turns: &Turns) -> Result<Result<Turn, Asked>, StoreError> {
        let robots = match self.robots(url, turns).await? {
            Ok(robots) => robots,
            Err(asked) => return Ok(Err(asked)),
        };
        if let Some(refusal) = robots.refusal(url) {
            return Ok(Err(Asked::Disallowed(refusal)));
        }
        self.turn(url, &robots, turns).await
    }

    async fn turn(
        &self,
        url: &Url,
        robots: &Robots,
        turns: &Turns,
    ) -> Result<Result<Turn, Asked>, StoreError> {
        let host = url.host_str().unwrap_or_default();
        let interval = if self.is_own(host) { Duration::ZERO } else { INTERVAL.max(robots.delay()) };
        Ok(self.paces.turn(host, interval, turns).await?.ok_or_else(|| {
            Asked::NotNow(format!(
                "`{host}` asks for long pauses between requests; the rest is left to a later visit"
            ))
        }))
    }

    /// What the address's host allows; in the way of it, whatever kept robots.txt from being asked for.
    async fn robots(&self, url: &Url, turns: &Turns) -> Result<Result<Arc<Robots>, Asked>, StoreError> {
        let now = self.clock.now();
        let key = url.origin().ascii_serialization();
        let known =
            lock(&self.robots).get(&key).filter(|(_, until)| *until > now).map(|(known, _)| known.clone());
        if let Some(known) = known {
            return Ok(Ok(known));
        }
        let Ok(place) = url.join("/robots.txt") else {
            return Ok(Ok(Arc::new(Robots::Open)));
        };
        let get = Get::new(place, "text/plain, */*;q=0.1", robots::MAX_BYTES);
        let answer = match self.ask(&get, &Robots::Open, turns).await? {
            Asked::Answer(fetched) => Ok(*fetched),
            // An address that is refused is refused by itself, whatever its host allows.
            Asked::Failed(error) if error.class() == registry_core::outbound::FailureClass::TooLarge => {
                Err(error)
            }
            other => return Ok(Err(other)),
        };
        self.keep_agentmaps(&key, &answer);
        let robots = Arc::new(Robots::of(&answer));
        let closed = matches!(*robots, Robots::Closed(_));
        let until =
            now + if closed { TimeDelta::minutes(CLOSED_MINUTES) } else { TimeDelta::hours(ROBOTS_HOURS) };
        let mut all = lock(&self.robots);
        if all.len() >= MANY {
            all.retain(|_, (_, until)| *until > now);
        }
        if all.len() >= MANY {
            all.clear();
        }
        all.insert(key, (robots.clone(), until));
        Ok(Ok(robots))
    }

    fn keep_agentmaps(&self, key: &str, answer: &Result<Fetched, FetchError>) {
        let mut all = lock(&self.agentmaps);
        all.remove(key);
        let Ok(fetched) = answer else { return };
        let maps = agentmap::read(&fetched.body, &fetched.final_url);
        if (200..300).contains(&fetched.status) && !maps.is_empty() {
            if all.len() >= MANY {
                all.clear();
            }
            all.insert(key.to_owned(), maps);
        }
    }

    async fn ask(&self, get: &Get, robots: &Robots, turns: &Turns) -> Result<Asked, StoreError> {
        let turn = match self.turn(&get.url, robots, turns).await? {
            Ok(turn) => turn,
            Err(asked) => return Ok(asked),
        };
        let answer = self.client.get(get).await;
        drop(turn);
        Ok(match answer {
            Ok(fetched) => {
                if let Some(until) = self.retry_after(&fetched) {
                    self.paces.pause(fetched.final_url.host_str().unwrap_or_default(), until);
                }
                Asked::Answer(Box::new(fetched))
            }
            Err(error) => Asked::Failed(error),
        })
    }

    /// Until when an answer asks to be left alone; a day at most.
    pub(crate) fn retry_after(&self, fetched: &Fetched) -> Option<DateTime<Utc>> {
        if !matches!(fetched.status, 429 | 503) {
            return None;
        }
        status::retry_after(fetched.retry_after.as_deref()?, self.clock.now())
    }

    fn is_own(&self, host: &str) -> bool {
        self.own_hosts.iter().any(|own| match own.strip_prefix("*.") {
            Some(domain) => host != domain && site::is_within(host, domain),
            None => host == own,
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
