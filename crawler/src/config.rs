//! The crawler's settings.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use registry_core::outbound::{Dns, Policy};
use tokio::sync::Notify;

/// Once a minute, at its beginning.
pub const SCHEDULE: &str = "0 * * * * *";

/// Whether a text is a cron expression with seconds.
pub fn is_schedule(text: &str) -> bool {
    crate::schedule::job(text, Arc::new(Notify::new())).is_ok()
}

/// How many origins are visited at once; most of the time is spent waiting for their turns.
pub const CONCURRENCY: usize = 32;

/// What an operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the client may go, its user agent and its limits.
    pub policy: Policy,
    /// Hosts that are asked without pauses, the operator's own; `*.` before a domain means all below it.
    pub own_hosts: Vec<String>,
    /// When to look for origins that are due, as a cron expression with seconds, in UTC.
    pub schedule: String,
    /// How many origins are visited at once.
    pub concurrency: usize,
    /// How long a visit may take; what is not asked by then is left to the next one.
    pub visit_limit: Duration,
    /// How long an origin is held for a visit; a dead crawler's origins are taken over after that.
    pub lease: Duration,
    /// How long it is kept which requests were made.
    pub keep_fetches: Duration,
    /// Dice: for jitter, and for addresses that no host has.
    pub random: fn() -> u64,
    /// Looks up the TXT records that name endpoints; none leaves them out.
    pub txt: Option<Dns>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            own_hosts: Vec::new(),
            schedule: SCHEDULE.to_owned(),
            concurrency: CONCURRENCY,
            visit_limit: Duration::from_secs(10 * 60),
            lease: Duration::from_secs(15 * 60),
            keep_fetches: Duration::from_secs(30 * 24 * 60 * 60),
            random,
            txt: None,
        }
    }
}

/// A number that nobody can foresee: the standard library seeds its hashers from the system.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
