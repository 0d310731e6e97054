//! What hosts allow, remembered: here for this process, and in Postgres for all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::secret;
use registry_core::outbound::{FailureClass, FetchError, Get, Hop, Trail};
use registry_core::store::{StoreError, robots as stored};
use url::Url;

use super::robots::{self, Robots};
use super::{Asked, Fetcher, Turns, lock};

/// How long a robots.txt is believed.
const VALID: TimeDelta = TimeDelta::hours(24);

/// How long a host whose robots.txt cannot be read is left alone before it is tried again.
const CLOSED: TimeDelta = TimeDelta::minutes(30);

/// How long a host that is not there is taken for not there.
const UNREACHABLE: TimeDelta = TimeDelta::minutes(1);

/// How many hosts are remembered here, and how many bytes their files may have together.
const MANY: usize = 20_000;
const MANY_BYTES: usize = 32 * 1024 * 1024;

/// The most memory that a rule with an end anchor takes: it is a regular expression.
const ANCHORED_BYTES: usize = 16 * 1024;

/// What is known, by origin.
#[derive(Debug, Default)]
pub(super) struct Allowed(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<String, Known>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Known {
    what: Result<Arc<Robots>, FetchError>,
    until: DateTime<Utc>,
    /// About how many bytes it takes.
    weight: usize,
}

impl Allowed {
    fn get(&self, origin: &str, now: DateTime<Utc>) -> Option<Result<Arc<Robots>, FetchError>> {
        let memory = lock(&self.0);
        memory.known.get(origin).filter(|known| known.until > now).map(|known| known.what.clone())
    }

    fn keep(&self, origin: &str, known: Known, now: DateTime<Utc>) {
        lock(&self.0).keep(origin, known, now);
    }
}

impl Memory {
    fn keep(&mut self, origin: &str, known: Known, now: DateTime<Utc>) {
        let is_full = |all: &Self| all.known.len() >= MANY || all.bytes + known.weight > MANY_BYTES;
        if is_full(self) {
            self.known.retain(|_, known| known.until > now);
            self.bytes = self.known.values().map(|known| known.weight).sum();
        }
        if is_full(self) {
            *self = Self::default();
        }
        self.bytes += known.weight;
        if let Some(before) = self.known.insert(origin.to_owned(), known) {
            self.bytes -= before.weight;
        }
    }
}

impl Known {
    fn read(robots: Arc<Robots>, body: &[u8], until: DateTime<Utc>) -> Self {
        let anchored = body.iter().filter(|byte| **byte == b'$').count();
        let weight = 2 * body.len() + ANCHORED_BYTES * anchored + 1024;
        Self { what: Ok(robots), until, weight }
    }
}

impl Fetcher {
    /// What the address's host allows; in the way of it, whatever kept robots.txt from being asked for.
    pub(super) async fn robots(
        &self,
        url: &Url,
        turns: &Turns,
    ) -> Result<Result<Arc<Robots>, Asked>, StoreError> {
        let now = self.clock.now();
        let origin = url.origin().ascii_serialization();
        if let Some(known) = self.allowed.get(&origin, now) {
            return Ok(known.map_err(Asked::Failed));
        }
        let Ok(place) = url.join("/robots.txt") else { return Ok(Ok(Arc::new(Robots::Open))) };
        if let Some(stored) = self.shared(&origin, &place, turns, now).await? {
            let robots = Arc::new(Robots::of(stored.status, &stored.body, stored.reason.as_deref(), &place));
            let known = Known::read(robots.clone(), &stored.body, stored.valid_until);
            self.allowed.keep(&origin, known, now);
            return Ok(Ok(robots));
        }
        let read = match self.read_robots(&place, turns).await? {
            Ok(read) => read,
            Err(asked) => {
                if let Asked::Failed(error) = &asked {
                    // Whoever lets one wait for it, or answers nonsense, is not asked again for each of its documents.
                    let is_gone = error.class() == FailureClass::Unreachable;
                    let until = self.clock.now() + if is_gone { UNREACHABLE } else { CLOSED };
                    let known = Known { what: Err(error.clone()), until, weight: 1024 };
                    self.allowed.keep(&origin, known, now);
                }
                return Ok(Err(asked));
            }
        };
        let robots = Arc::new(Robots::of(read.status, &read.body, read.reason.as_deref(), &place));
        let until = self.clock.now() + if robots.is_closed() { CLOSED } else { VALID };
        let known = Known::read(robots.clone(), &read.body, until);
        if let Some(pool) = self.sharing(url, turns) {
            let mut conn = pool.acquire().await?;
            stored::save(&mut conn, &origin, &stored::Robots { valid_until: until, ..read }).await?;
        }
        self.allowed.keep(&origin, known, now);
        Ok(Ok(robots))
    }

    /// What another process has read.
    async fn shared(
        &self,
        origin: &str,
        place: &Url,
        turns: &Turns,
        now: DateTime<Utc>,
    ) -> Result<Option<stored::Robots>, StoreError> {
        let Some(pool) = self.sharing(place, turns) else { return Ok(None) };
        stored::get(&mut *pool.acquire().await?, origin, now).await
    }

    /// Where something is remembered for all; of one's own hosts nothing need be.
    fn sharing<'t>(&self, url: &Url, turns: &'t Turns) -> Option<&'t registry_core::store::PgPool> {
        match turns {
            Turns::Shared { pool, .. } if !self.is_own(url.host_str().unwrap_or_default()) => Some(pool),
            _ => None,
        }
    }

    /// Asks for the file, along redirects: they concern robots.txt itself, which needs no permission.
    async fn read_robots(
        &self,
        place: &Url,
        turns: &Turns,
    ) -> Result<Result<stored::Robots, Asked>, StoreError> {
        let mut get = Get::new(place.clone(), "text/plain, */*;q=0.1", robots::MAX_BYTES);
        // What is beyond the limit is not read, and no reason to read nothing (RFC 9309, 2.5).
        get.cut = true;
        let mut trail = Trail::default();
        let read =
            |status, body, reason| stored::Robots { status, body, reason, valid_until: DateTime::UNIX_EPOCH };
        loop {
            match self.hop(&get, &trail, &Robots::Open, turns).await? {
                Ok(Hop::Answer(fetched)) => {
                    let body = if (200..300).contains(&fetched.status) { fetched.body } else { Vec::new() };
                    return Ok(Ok(read(Some(fetched.status), body, None)));
                }
                Ok(Hop::Redirect { to, .. }) if secret::address_holds_key(&to) => {
                    let host = to.host_str().unwrap_or_default().to_owned();
                    return Ok(Err(Asked::Failed(FetchError::Credentials(host))));
                }
                Ok(Hop::Redirect { to, trail: further, .. }) => {
                    get.url = to;
                    trail = further;
                }
                // Too many redirects are as good as no file (RFC 9309, 2.3.1.2).
                Err(Asked::Failed(FetchError::TooManyRedirects { .. })) => {
                    return Ok(Ok(read(Some(404), Vec::new(), None)));
                }
                Err(asked) => return Ok(Err(asked)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn known(body: &[u8]) -> Known {
        Known::read(Arc::new(Robots::Open), body, NOW + TimeDelta::hours(1))
    }

    #[test]
    fn what_is_read_is_believed_until_its_time() {
        let allowed = Allowed::default();
        allowed.keep("https://acme.com", known(b""), NOW);
        assert!(allowed.get("https://acme.com", NOW).is_some());
        assert!(allowed.get("https://acme.com", NOW + TimeDelta::hours(1)).is_none());
        assert!(allowed.get("https://acme.com:8443", NOW).is_none());
    }

    #[test]
    fn large_files_cannot_fill_the_memory() {
        let mut memory = Memory::default();
        let large = vec![b'#'; robots::MAX_BYTES];
        for number in 0..200 {
            memory.keep(&format!("https://{number}.com"), known(&large), NOW);
            assert!(memory.bytes <= MANY_BYTES);
            assert_eq!(memory.bytes, memory.known.values().map(|known| known.weight).sum::<usize>());
        }
        assert!(memory.known.contains_key("https://199.com"));
    }
}
