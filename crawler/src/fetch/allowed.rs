//! What hosts allow, remembered: here for this process, and in Postgres for all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
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

/// How many hosts are remembered here.
const MANY: usize = 2_000;

/// What is known, by origin.
#[derive(Debug, Default)]
pub(super) struct Allowed(Mutex<HashMap<String, Known>>);

#[derive(Debug, Clone)]
struct Known {
    what: Result<Arc<Robots>, FetchError>,
    until: DateTime<Utc>,
}

impl Allowed {
    fn get(&self, origin: &str, now: DateTime<Utc>) -> Option<Result<Arc<Robots>, FetchError>> {
        lock(&self.0).get(origin).filter(|known| known.until > now).map(|known| known.what.clone())
    }

    fn keep(
        &self,
        origin: &str,
        what: Result<Arc<Robots>, FetchError>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        let mut all = lock(&self.0);
        if all.len() >= MANY {
            all.retain(|_, known| known.until > now);
        }
        if all.len() >= MANY {
            all.clear();
        }
        all.insert(origin.to_owned(), Known { what, until });
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
        if let Some((robots, until)) = self.shared(&origin, &place, turns, now).await? {
            self.allowed.keep(&origin, Ok(robots.clone()), until, now);
            return Ok(Ok(robots));
        }
        let read = match self.read_robots(&place, turns).await? {
            Ok(read) => read,
            Err(asked) => {
                if let Asked::Failed(error) = &asked
                    && error.class() == FailureClass::Unreachable
                {
                    self.allowed.keep(&origin, Err(error.clone()), now + UNREACHABLE, now);
                }
                return Ok(Err(asked));
            }
        };
        let robots = Arc::new(Robots::of(read.status, &read.body, read.reason.as_deref(), &place));
        let until = now + if robots.is_closed() { CLOSED } else { VALID };
        if let Some(pool) = self.sharing(url, turns) {
            let mut conn = pool.acquire().await?;
            stored::save(&mut conn, &origin, &stored::Robots { valid_until: until, ..read }).await?;
        }
        self.allowed.keep(&origin, Ok(robots.clone()), until, now);
        Ok(Ok(robots))
    }

    /// What another process has read.
    async fn shared(
        &self,
        origin: &str,
        place: &Url,
        turns: &Turns,
        now: DateTime<Utc>,
    ) -> Result<Option<(Arc<Robots>, DateTime<Utc>)>, StoreError> {
        let Some(pool) = self.sharing(place, turns) else { return Ok(None) };
        let known = stored::get(&mut *pool.acquire().await?, origin, now).await?;
        Ok(known.map(|known| {
            let robots = Robots::of(known.status, &known.body, known.reason.as_deref(), place);
            (Arc::new(robots), known.valid_until)
        }))
    }

    /// Where something is remembered for all; of one's own hosts nothing need be.
    fn sharing<'t>(&self, url: &Url, turns: &'t Turns) -> Option<&'t registry_core::store::PgPool> {
        match turns {
            Turns::Shared(pool) if !self.is_own(url.host_str().unwrap_or_default()) => Some(pool),
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
        let mut trail = Trail::default();
        let read =
            |status, body, reason| stored::Robots { status, body, reason, valid_until: DateTime::UNIX_EPOCH };
        loop {
            match self.hop(&get, &trail, &Robots::Open, turns).await? {
                Ok(Hop::Answer(fetched)) => return Ok(Ok(read(Some(fetched.status), fetched.body, None))),
                Ok(Hop::Redirect { to, trail: further, .. }) => {
                    get.url = to;
                    trail = further;
                }
                // An address that is refused is refused by itself, whatever its host allows.
                Err(Asked::Failed(error)) if error.class() == FailureClass::TooLarge => {
                    return Ok(Ok(read(None, Vec::new(), Some(error.to_string()))));
                }
                Err(asked) => return Ok(Err(asked)),
            }
        }
    }
}
