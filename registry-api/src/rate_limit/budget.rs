//! One budget (GCRA) for each client, in bounded memory.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Key;
use crate::config::Rate;

/// After so many requests, clients whose budget is full again are forgotten.
const SWEEP_AFTER: u32 = 4096;
/// With more clients than this, those that come count together with their neighbours.
const CROWD: usize = 100_000;

type Limiter = RateLimiter<Key, DashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>;

/// What a request leaves of a budget. Times are in whole seconds, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// How many may come at once.
    pub limit: u32,
    /// How many may come now.
    pub remaining: u32,
    /// When the budget is full again.
    pub reset: u64,
    /// How long to wait, when it was spent.
    pub wait: Option<u64>,
}

/// The same rate for everybody, counted apart.
pub(super) struct Budget {
    name: &'static str,
    rate: Rate,
    limiter: Limiter,
    clock: DefaultClock,
    since_sweep: AtomicU32,
    is_crowded: AtomicBool,
}

impl Budget {
    pub(super) fn new(name: &'static str, rate: Rate) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        Self {
            name,
            rate,
            limiter: RateLimiter::dashmap(quota).with_middleware(),
            clock: DefaultClock::default(),
            since_sweep: AtomicU32::new(0),
            is_crowded: AtomicBool::new(false),
        }
    }

    /// How clients hear of it.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// How long an empty budget takes to fill.
    pub(super) fn window(&self) -> u64 {
        self.refill(self.rate.burst.get())
    }

    /// Counts one request.
    pub(super) fn spend(&self, key: Key) -> Standing {
        self.sweep_now_and_then();
        let key = if self.is_crowded.load(Ordering::Relaxed) { key.wide() } else { key };
        let limit = self.rate.burst.get();
        match self.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(limit);
                Standing { limit, remaining, reset: self.refill(limit - remaining), wait: None }
            }
            Err(refusal) => {
                let wait = seconds(refusal.wait_time_from(self.clock.now())).max(1);
                Standing { limit, remaining: 0, reset: self.window().max(wait), wait: Some(wait) }
            }
        }
    }

    fn refill(&self, requests: u32) -> u64 {
        (u64::from(requests) * 60).div_ceil(u64::from(self.rate.per_minute.get()))
    }

    fn sweep_now_and_then(&self) {
        if self.since_sweep.fetch_add(1, Ordering::Relaxed) + 1 < SWEEP_AFTER {
            return;
        }
        self.since_sweep.store(0, Ordering::Relaxed);
        self.limiter.retain_recent();
        let is_crowded = self.limiter.len() > CROWD;
        if is_crowded != self.is_crowded.swap(is_crowded, Ordering::Relaxed) && is_crowded {
            tracing::warn!(
                "More than {CROWD} clients are counted for {}; newcomers share with their neighbours",
                self.name
            );
        }
        if !is_crowded {
            self.limiter.shrink_to_fit();
        }
    }
}

fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;
    use std::num::NonZeroU32;

    fn budget(per_minute: u32, burst: u32) -> Budget {
        let number = |n| NonZeroU32::new(n).expect("not zero");
        Budget::new("reads", Rate { per_minute: number(per_minute), burst: number(burst) })
    }

    fn client(number: u128) -> Key {
        Key::of(Some(Ipv6Addr::from((0x2001_0db8 << 96) | (number << 64)).into()))
    }

    #[test]
    fn a_budget_is_spent_and_says_when_to_come_again() {
        let budget = budget(60, 3);
        let spent: Vec<Standing> = (0..4).map(|_| budget.spend(client(1))).collect();
        assert_eq!(spent.iter().map(|s| s.remaining).collect::<Vec<_>>(), [2, 1, 0, 0]);
        assert_eq!(spent.iter().map(|s| s.wait).collect::<Vec<_>>(), [None, None, None, Some(1)]);
        assert_eq!((spent[0].reset, spent[2].reset, budget.window()), (1, 3, 3));
        assert_eq!(budget.spend(client(2)).remaining, 2, "everybody has a budget of their own");
    }

    #[test]
    fn a_budget_fills_again() {
        let budget = budget(60_000, 1);
        assert_eq!(budget.spend(client(1)).wait, None);
        while budget.spend(client(1)).wait.is_some() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn clients_are_forgotten_when_their_budget_is_full_and_counted_together_in_a_crowd() {
        let quick = budget(u32::MAX, 1);
        for number in 0..50_000 {
            quick.spend(client(number));
        }
        assert!(quick.limiter.len() <= 2 * SWEEP_AFTER as usize, "{}", quick.limiter.len());
        let slow = budget(1, 1);
        for number in 0..300_000 {
            slow.spend(client(number));
        }
        assert!(slow.limiter.len() < CROWD + 2 * SWEEP_AFTER as usize, "{}", slow.limiter.len());
        assert!(slow.is_crowded.load(Ordering::Relaxed));
    }
}
