//! Politeness: each host is asked by one request at a time, and not before its turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::clock::SharedClock;
use registry_core::store::{PgPool, StoreError, hosts};
use tokio::sync::OwnedMutexGuard;

/// The shortest time between two requests to a host.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// How long a turn is waited for; later ones are left to the next visit.
const PATIENCE: TimeDelta = TimeDelta::seconds(90);

/// Where turns are kept.
#[derive(Debug, Clone)]
pub(crate) enum Turns {
    /// In Postgres, with all other crawlers.
    Shared(PgPool),
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
}

/// How many hosts are remembered before those nobody asks are forgotten.
const MANY: usize = 10_000;

/// A host's turn: while it is held nobody else of this process asks the host.
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held, not read")] OwnedMutexGuard<()>);

impl Paces {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, hosts: Mutex::default() }
    }

    /// Waits for the host's turn; none when that would take too long, or the host asked for a longer pause.
    pub(super) async fn turn(
        &self,
        host: &str,
        interval: Duration,
        turns: &Turns,
    ) -> Result<Option<Turn>, StoreError> {
        let known = self.host(host);
        let turn = Turn(known.connection.clone().lock_owned().await);
        let now = self.clock.now();
        if lock(&known.times).paused_until.is_some_and(|until| until > now) {
            return Ok(None);
        }
        if interval.is_zero() {
            return Ok(Some(turn));
        }
        let interval = TimeDelta::from_std(interval).unwrap_or(TimeDelta::days(1));
        let at = match turns {
            Turns::Shared(pool) => {
                let mut conn = pool.acquire().await?;
                hosts::reserve(&mut conn, host, now, interval, now + PATIENCE).await?
            }
            Turns::Own => reserve(&mut lock(&known.times).next, now, interval),
        };
        let Some(at) = at else { return Ok(None) };
        tokio::time::sleep((at - now).to_std().unwrap_or_default()).await;
        Ok(Some(turn))
    }

    /// Leaves a host alone until then.
    pub(super) fn pause(&self, host: &str, until: DateTime<Utc>) {
        lock(&self.host(host).times).paused_until = Some(until);
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

fn reserve(
    next: &mut Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    interval: TimeDelta,
) -> Option<DateTime<Utc>> {
    let at = next.map_or(now, |next| next.max(now));
    if at > now + PATIENCE {
        return None;
    }
    *next = Some(at + interval);
    Some(at)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_each_other_and_are_not_waited_for_without_end() {
        let now = DateTime::UNIX_EPOCH;
        let second = TimeDelta::seconds(1);
        let mut next = None;
        assert_eq!(reserve(&mut next, now, second), Some(now));
        assert_eq!(reserve(&mut next, now, second), Some(now + second));
        assert_eq!(reserve(&mut next, now + second * 10, second), Some(now + second * 10));
        let mut far = Some(now + TimeDelta::hours(1));
        assert_eq!(reserve(&mut far, now, second), None);
        assert_eq!(far, Some(now + TimeDelta::hours(1)), "a turn that is not taken is not reserved");
    }

    #[tokio::test]
    async fn a_host_that_asks_for_a_pause_gets_it() {
        let clock = registry_core::clock::FixedClock::at(DateTime::UNIX_EPOCH);
        let paces = Paces::new(Arc::new(clock.clone()));
        let ask = || paces.turn("acme.com", Duration::ZERO, &Turns::Own);
        assert!(ask().await.expect("no database").is_some());
        paces.pause("acme.com", DateTime::UNIX_EPOCH + TimeDelta::minutes(5));
        assert!(ask().await.expect("no database").is_none());
        clock.advance(TimeDelta::minutes(6));
        assert!(ask().await.expect("no database").is_some());
    }
}
