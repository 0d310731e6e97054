//! Asking strangers politely: robots.txt first, one request at a time for each host, pauses kept, every request written down.

mod allowed;
mod pace;
mod record;
mod robots;
mod status;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::{secret, site};
use registry_core::clock::SharedClock;
use registry_core::outbound::{Client, FailureClass, FetchError, Fetched, Get, Hop, Trail};
use registry_core::store::{PgPool, StoreError};
use url::Url;

use allowed::Allowed;
use pace::{INTERVAL, Paces, Place};
pub(crate) use pace::{Turn, Turns, unwanted};
use record::Records;
use robots::Robots;
pub use robots::{TOKEN, robots_refusal};
pub(crate) use status::{Meaning, meaning, retry_after};

/// The longest pause that a visit sits out, to ask once more.
const WORTH_WAITING: TimeDelta = TimeDelta::seconds(10);

/// How often a document is asked for again in one visit (discovery section 11).
const RETRIES: usize = 2;

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Asked {
    /// An answer, whatever its status.
    Answer(Box<Fetched>),
    /// None, and why.
    Failed(FetchError),
    /// The host's robots.txt says no, or cannot be read; or nobody is to crawl the host.
    Disallowed(String),
    /// Not now: the host's turn is too far away, or it was asked often enough.
    NotNow(String),
}

/// Asks hosts; one for a whole process.
pub(crate) struct Fetcher {
    client: Client,
    clock: SharedClock,
    own_hosts: Vec<String>,
    paces: Paces,
    allowed: Allowed,
    records: Records,
}

impl Fetcher {
    pub(crate) fn new(client: Client, clock: SharedClock, own_hosts: Vec<String>) -> Self {
        let paces = Paces::new(clock.clone());
        Self { client, clock, own_hosts, paces, allowed: Allowed::default(), records: Records::default() }
    }

    /// Asks for a document if its host allows it, when it is the host's turn; along redirects each host is asked so.
    pub(crate) async fn get(&self, get: &Get, turns: &Turns) -> Result<Asked, StoreError> {
        let mut get = get.clone();
        let mut trail = Trail::default();
        loop {
            // An address that is refused is refused by itself, whatever its host allows.
            if let Err(error) = self.check(&get.url) {
                return Ok(Asked::Failed(trail.refused(error)));
            }
            let robots = match self.robots(&get.url, turns).await? {
                Ok(robots) => robots,
                Err(asked) => return Ok(along(&trail, asked)),
            };
            if let Some(refusal) = robots.refusal(&get.url) {
                return Ok(Asked::Disallowed(refusal));
            }
            match self.hop(&get, &trail, &robots, turns).await? {
                Ok(Hop::Answer(fetched)) if fetched.is_not_acceptable(&get) => get.accept = "*/*",
                Ok(Hop::Answer(fetched)) => return Ok(Asked::Answer(fetched)),
                Ok(Hop::Redirect { to, trail: further, .. }) => {
                    get.url = to;
                    trail = further;
                }
                Err(asked) => return Ok(asked),
            }
        }
    }

    /// Waits until an address may be asked by another way than [`Self::get`]: its host's robots.txt allows it, and it is the host's
    /// turn, which lasts until the answer is dropped.
    pub(crate) async fn admit(&self, url: &Url, turns: &Turns) -> Result<Result<Turn, Asked>, StoreError> {
        if let Err(error) = self.check(url) {
            return Ok(Err(Asked::Failed(error)));
        }
        let robots = match self.robots(url, turns).await? {
            Ok(robots) => robots,
            Err(asked) => return Ok(Err(asked)),
        };
        if let Some(refusal) = robots.refusal(url) {
            // What cannot be read now says nothing for good.
            return Ok(Err(if robots.is_closed() {
                Asked::NotNow(refusal)
            } else {
                Asked::Disallowed(refusal)
            }));
        }
        self.turn(url, &robots, turns).await
    }

    /// Writes down a request that was made with a turn of [`Self::admit`].
    pub(crate) async fn made(
        &self,
        url: &Url,
        begun: Instant,
        answer: Result<(u16, usize, Option<&str>), FailureClass>,
        turns: &Turns,
    ) -> Result<(), StoreError> {
        let status = answer.as_ref().ok().map(|(status, ..)| *status);
        self.records.add(
            self.clock.now(),
            url,
            begun,
            answer.map(|(status, bytes, _)| (status, bytes)),
            turns,
        );
        let retry_after = answer.ok().and_then(|(.., retry_after)| retry_after);
        self.heed(url, status, retry_after, turns).await
    }

    /// Whether an address may be asked, as far as it says itself. One with a key is not: what is asked is written down, and a key in
    /// a public document is nobody's to use.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        if secret::address_holds_key(url) {
            return Err(FetchError::Credentials(url.host_str().unwrap_or_default().to_owned()));
        }
        self.client.check(url)
    }

    /// The client, for whoever asks by another way.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The sources of entries that the robots.txt of the address's host names; nothing where it cannot be read.
    pub(crate) async fn agentmaps(&self, url: &Url, turns: &Turns) -> Result<Vec<Url>, StoreError> {
        Ok(self.robots(url, turns).await?.map(|robots| robots.agentmaps().to_vec()).unwrap_or_default())
    }

    /// Writes the requests made so far into the database.
    pub(crate) async fn flush(&self, pool: &PgPool) -> Result<(), StoreError> {
        self.records.flush(pool).await
    }

    /// One request, when it is the host's turn; again where the host asks for a moment's patience only.
    pub(super) async fn hop(
        &self,
        get: &Get,
        trail: &Trail,
        robots: &Robots,
        turns: &Turns,
    ) -> Result<Result<Hop, Asked>, StoreError> {
        let mut asked = self.hop_once(get, trail, robots, turns).await?;
        for _ in 0..RETRIES {
            let Ok(Hop::Answer(fetched)) = &asked else { break };
            let Some(pause) = self.retry_after(fetched).map(|until| until - self.clock.now()) else { break };
            if pause > WORTH_WAITING || self.is_own(get.url.host_str().unwrap_or_default()) {
                break;
            }
            tokio::time::sleep(pause.to_std().unwrap_or_default()).await;
            match self.hop_once(get, trail, robots, turns).await? {
                // What was said before says more.
                Err(Asked::NotNow(_)) => break,
                again => asked = again,
            }
        }
        Ok(asked)
    }

    async fn hop_once(
        &self,
        get: &Get,
        trail: &Trail,
        robots: &Robots,
        turns: &Turns,
    ) -> Result<Result<Hop, Asked>, StoreError> {
        let turn = match self.turn(&get.url, robots, turns).await? {
            Ok(turn) => turn,
            Err(asked) => return Ok(Err(asked)),
        };
        let begun = Instant::now();
        let answer = self.client.hop(get, trail).await;
        drop(turn);
        let said = match &answer {
            Ok(Hop::Answer(fetched)) => {
                Ok((fetched.status, fetched.body.len(), fetched.retry_after.as_deref()))
            }
            Ok(Hop::Redirect { status, .. }) => Ok((*status, 0, None)),
            Err(error) => Err(error.class()),
        };
        self.made(&get.url, begun, said, turns).await?;
        Ok(answer.map_err(Asked::Failed))
    }

    async fn turn(
        &self,
        url: &Url,
        robots: &Robots,
        turns: &Turns,
    ) -> Result<Result<Turn, Asked>, StoreError> {
        let host = url.host_str().unwrap_or_default();
        let is_own = self.is_own(host);
        let interval = if is_own { Duration::ZERO } else { INTERVAL.max(robots.delay()) };
        let address =
            if is_own || matches!(turns, Turns::Own) { None } else { self.client.address(url).await };
        let place = Place { host, site: site::of(host), address, interval };
        self.paces.turn(&place, turns).await
    }

    /// Leaves a host alone that asks for it, or that fails again and again.
    async fn heed(
        &self,
        url: &Url,
        status: Option<u16>,
        retry_after: Option<&str>,
        turns: &Turns,
    ) -> Result<(), StoreError> {
        let (Some(status), Some(host)) = (status, url.host_str()) else { return Ok(()) };
        let now = self.clock.now();
        let asked_for = match status {
            429 | 503 => retry_after.and_then(|text| status::retry_after(text, now)),
            _ => None,
        };
        let shared = match turns {
            Turns::Shared { pool, .. } if !self.is_own(host) => Some(pool),
            _ => None,
        };
        self.paces.heed(host, status, asked_for, shared).await
    }

    /// Until when an answer asks to be left alone; a day at most.
    pub(crate) fn retry_after(&self, fetched: &Fetched) -> Option<DateTime<Utc>> {
        if !matches!(fetched.status, 429 | 503) {
            return None;
        }
        status::retry_after(fetched.retry_after.as_deref()?, self.clock.now())
    }

    /// Whether a host is the operator's own.
    pub(crate) fn is_own(&self, host: &str) -> bool {
        self.own_hosts.iter().any(|own| match own.strip_prefix("*.") {
            Some(domain) => host != domain && site::is_within(host, domain),
            None => host == own,
        })
    }
}

/// What keeps one from going on along redirects names the one that led there.
fn along(trail: &Trail, asked: Asked) -> Asked {
    match asked {
        Asked::Failed(error) => Asked::Failed(trail.refused(error)),
        other => other,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
