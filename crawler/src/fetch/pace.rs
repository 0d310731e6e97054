//! Politeness: each host is asked by one request at a time, and not before its turn.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::clock::SharedClock;
use registry_core::store::hosts::Reserved;
use registry_core::store::{self, PgPool, StoreError, hosts};
use tokio::sync::OwnedMutexGuard;

use super::{Asked, lock};

/// The shortest time between two requests to a host.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// How long a turn is waited for; later ones are left to the next visit.
const PATIENCE: TimeDelta = TimeDelta::seconds(90);

/// How many failures in a row a host may have before it is left alone.
const PATIENT: i32 = 5;

/// Where turns are kept.
#[derive(Debug, Clone)]
pub(crate) enum Turns {
    /// In Postgres, with all other crawlers.
    Shared {
        /// The database.
        pool: PgPool,
        /// The registrable domain that is being visited; none where it is only heard of.
        visits: Option<Arc<str>>,
    },
    /// Here alone: a dry run writes nothing.
    Own,
}

/// What is known of the hosts that are asked.
pub(super) struct Paces {
    clock: SharedClock,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug, Default)]
struct Host {
    connection: Arc<tokio::sync::Mutex<()>>,
    times: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    next: Option<DateTime<Utc>>,
    paused_until: Option<DateTime<Utc>>,
    failures: i32,
    /// Whether it was removed from the origins, and until when that is believed; only of hosts that have no turns.
    is_unwanted: Option<(bool, DateTime<Utc>)>,
}

/// How long it is believed that a host of one's own is to be crawled.
const WANTED: TimeDelta = TimeDelta::seconds(2);

/// How many hosts are remembered before those nobody asks are forgotten.
const MANY: usize = 10_000;

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The host.
    pub(super) host: &'a str,
    /// Its registrable domain.
    pub(super) site: &'a str,
    /// Where it is, if strangers chose that.
    pub(super) address: Option<IpAddr>,
    /// The time between two requests; none for one's own hosts.
    pub(super) interval: Duration,
}

/// A host's turn: while it is held nobody else of this process asks the host.
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held, not read")] OwnedMutexGuard<()>);

impl Paces {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, hosts: Mutex::default() }
    }

    /// Waits for the host's turn; what is said instead when that would take too long, or the host is to be left alone.
    pub(super) async fn turn(
        &self,
        place: &Place<'_>,
        turns: &Turns,
    ) -> Result<Result<Turn, Asked>, StoreError> {
        let host = place.host;
        let known = self.host(host);
        let turn = Turn(known.connection.clone().lock_owned().await);
        let now = self.clock.now();
        if let Some(until) = lock(&known.times).paused_until.filter(|until| *until > now) {
            return Ok(Err(paused(host, until)));
        }
        if place.interval.is_zero() {
            let is_wanted = !self.is_unwanted(&known, host, turns, now).await?;
            return Ok(if is_wanted { Ok(turn) } else { Err(Asked::Disallowed(unwanted(host))) });
        }
        let interval = TimeDelta::from_std(place.interval).unwrap_or(TimeDelta::days(1));
        let reserved = match turns {
            Turns::Shared { pool, visits } => {
                let Place { site, address, .. } = *place;
                let is_visit = visits.as_deref() == Some(site);
                let asked = hosts::Turn { host, site, is_visit, address, interval, latest: now + PATIENCE };
                let mut tx = store::begin(pool).await?;
                let reserved = hosts::reserve(&mut tx, &asked, now).await?;
                // What is not taken is not used up: it is rolled back.
                if matches!(reserved, Reserved::At(_)) {
                    // Another process may have seen it fail; whoever sees it work says so to all.
                    let failures = hosts::failures(&mut tx, host).await?;
                    store::commit(tx).await?;
                    lock(&known.times).failures = failures;
                }
                reserved
            }
            Turns::Own => reserve(&mut lock(&known.times).next, now, interval),
        };
        let at = match reserved {
            Reserved::At(at) => at,
            Reserved::Paused(until) => return Ok(Err(paused(host, until))),
            Reserved::TooLate => {
                return Ok(Err(Asked::NotNow(format!(
                    "`{host}` asks for long pauses between requests; the rest is left to a later visit"
                ))));
            }
            Reserved::Spent => {
                return Ok(Err(Asked::NotNow(format!(
                    "`{}` was asked as often as one day allows; the rest is left to a later visit",
                    place.site
                ))));
            }
            Reserved::Unwanted => return Ok(Err(Asked::Disallowed(unwanted(host)))),
        };
        tokio::time::sleep((at - now).to_std().unwrap_or_default()).await;
        Ok(Ok(turn))
    }

    /// Whether one of one's own hosts was removed from the origins.
    async fn is_unwanted(
        &self,
        known: &Host,
        host: &str,
        turns: &Turns,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Turns::Shared { pool, .. } = turns else { return Ok(false) };
        if let Some((is_unwanted, _)) = lock(&known.times).is_unwanted.filter(|(_, until)| *until > now) {
            return Ok(is_unwanted);
        }
        let is_unwanted = hosts::is_unwanted(&mut *pool.acquire().await?, host).await?;
        lock(&known.times).is_unwanted = Some((is_unwanted, now + WANTED));
        Ok(is_unwanted)
    }

    /// What an answer's status says of the host: left alone as long as it asks for, and the longer the oftener it fails.
    pub(super) async fn heed(
        &self,
        host: &str,
        status: u16,
        asked_for: Option<DateTime<Utc>>,
        shared: Option<&PgPool>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Some(pool) = shared else {
            if let Some(until) = asked_for {
                lock(&self.host(host).times).paused_until = Some(until);
            }
            return Ok(());
        };
        let known = self.host(host);
        if status < 500 && status != 429 {
            if std::mem::take(&mut lock(&known.times).failures) > 0 {
                hosts::recovered(&mut *pool.acquire().await?, host).await?;
            }
            return Ok(());
        }
        let mut conn = pool.acquire().await?;
        let failures = hosts::failed(&mut conn, host, now).await?;
        lock(&known.times).failures = failures;
        if let Some(until) = asked_for.or_else(|| back_off(status, failures).map(|wait| now + wait)) {
            hosts::pause(&mut conn, host, until, now).await?;
        }
        Ok(())
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let mut hosts = lock(&self.hosts);
        if hosts.len() > MANY {
            let now = self.clock.now();
            hosts.retain(|_, host| {
                let times = lock(&host.times);
                Arc::strong_count(host) > 1 || times.next.max(times.paused_until).is_some_and(|at| at > now)
            });
        }
        hosts.entry(host.to_owned()).or_default().clone()
    }
}

/// Why a host is not asked that was removed from the origins.
pub(crate) fn unwanted(host: &str) -> String {
    format!("`{host}` is not crawled: its owner or the operator does not want it to be")
}

fn paused(host: &str, until: DateTime<Utc>) -> Asked {
    Asked::NotNow(format!("`{host}` is left alone until {}", until.format("%Y-%m-%d %H:%M UTC")))
}

/// How long a host is left alone that has failed so often in a row: at once where it asks for patience, and after some failures
/// otherwise; twice as long each time, a day at most.
fn back_off(status: u16, failures: i32) -> Option<TimeDelta> {
    let times = if matches!(status, 429 | 503) { failures - 1 } else { failures - PATIENT };
    (times >= 0).then(|| (TimeDelta::minutes(1) * (1 << times.min(11))).min(TimeDelta::days(1)))
}

fn reserve(next: &mut Option<DateTime<Utc>>, now: DateTime<Utc>, interval: TimeDelta) -> Reserved {
    let at = next.map_or(now, |next| next.max(now));
    if at > now + PATIENCE {
        return Reserved::TooLate;
    }
    *next = Some(at + interval);
    Reserved::At(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_each_other_and_are_not_waited_for_without_end() {
        let now = DateTime::UNIX_EPOCH;
        let second = TimeDelta::seconds(1);
        let mut next = None;
        assert_eq!(reserve(&mut next, now, second), Reserved::At(now));
        assert_eq!(reserve(&mut next, now, second), Reserved::At(now + second));
        assert_eq!(reserve(&mut next, now + second * 10, second), Reserved::At(now + second * 10));
        let mut far = Some(now + TimeDelta::hours(1));
        assert_eq!(reserve(&mut far, now, second), Reserved::TooLate);
        assert_eq!(far, Some(now + TimeDelta::hours(1)), "a turn that is not taken is not reserved");
    }

    #[test]
    fn a_host_that_fails_is_left_alone_longer_each_time() {
        let minutes =
            |status| (1..9).map(|n| back_off(status, n).map(|wait| wait.num_minutes())).collect::<Vec<_>>();
        assert_eq!(minutes(503)[..4], [Some(1), Some(2), Some(4), Some(8)]);
        assert_eq!(minutes(500)[..6], [None, None, None, None, Some(1), Some(2)]);
        assert_eq!(back_off(429, i32::MAX), Some(TimeDelta::days(1)));
    }

    #[tokio::test]
    async fn a_host_that_asks_for_a_pause_gets_it() {
        let clock = registry_core::clock::FixedClock::at(DateTime::UNIX_EPOCH);
        let paces = Paces::new(Arc::new(clock.clone()));
        let place = Place { host: "acme.com", site: "acme.com", address: None, interval: Duration::ZERO };
        let ask = || paces.turn(&place, &Turns::Own);
        assert!(ask().await.expect("no database").is_ok());
        let until = Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(5));
        paces.heed("acme.com", 429, until, None).await.expect("no database");
        assert!(ask().await.expect("no database").is_err());
        clock.advance(TimeDelta::minutes(6));
        assert!(ask().await.expect("no database").is_ok());
    }
}
