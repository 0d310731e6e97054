//! Upstream registries: followed page by page, then by what changed, each by itself.
//!
//! - `address`: where an upstream's list is, and how it is asked
//! - `plan`: which walk is due, and when the next pull is: pure
//! - `pull`: one pull, from the lease to the word on its row
//! - `vanished`: what a complete walk has not met
//! - `schedule`: the pulls that run by themselves

mod address;
mod plan;
mod pull;
mod schedule;
mod vanished;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::clock::SharedClock;
use registry_core::outbound::Policy;
use registry_core::store::upstreams;
use registry_core::store::{PgPool, StoreError};

use crate::import::Retry;

pub use address::{Address, InvalidAddress};
pub use pull::Pulled;

/// How upstreams are followed.
#[derive(Debug, Clone)]
pub struct Settings {
    /// From one pull to the next.
    pub interval: TimeDelta,
    /// From one full walk to the next.
    pub full_every: TimeDelta,
    /// How far a walk by changes looks back behind what it has seen.
    pub overlap: TimeDelta,
    /// How long one pull may take; the next one goes on where it ended.
    pub deadline: Duration,
    /// How long an upstream is held without a sign of life from whoever pulls it.
    pub lease: TimeDelta,
    /// How many upstreams are pulled at once.
    pub concurrency: usize,
    /// How the client names itself.
    pub user_agent: String,
    /// Its patience.
    pub retry: Retry,
    /// How many entries share a transaction, rounded up to whole pages.
    pub batch_size: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: TimeDelta::hours(1),
            full_every: TimeDelta::days(7),
            overlap: TimeDelta::minutes(10),
            deadline: Duration::from_secs(30 * 60),
            lease: TimeDelta::minutes(5),
            concurrency: 4,
            user_agent: Policy::default().user_agent,
            retry: Retry::default(),
            batch_size: 500,
        }
    }
}

/// What a pull that somebody asks for may do beyond the usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Walk through everything, whatever is due; what it does not meet is withdrawn even where that is the larger part.
    pub full: bool,
}

/// Follows upstreams; cheap to clone.
#[derive(Clone)]
pub struct Puller {
    pool: PgPool,
    clock: SharedClock,
    settings: Arc<Settings>,
}

impl Puller {
    /// One over this database. A process-wide rustls provider must be installed.
    pub fn new(pool: PgPool, clock: SharedClock, settings: Settings) -> Self {
        Self { pool, clock, settings: Arc::new(settings) }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Pulls the upstream of this name now, whoever else is at it; none when there is no such upstream.
    pub async fn pull(&self, name: &str, asked: Asked) -> Result<Option<Pulled>, StoreError> {
        let until = self.now() + self.settings.lease;
        let held = {
            let mut conn = self.pool.acquire().await?;
            upstreams::take(&mut conn, name, until).await?
        };
        match held {
            Some(held) => self.pull_held(held, asked).await.map(Some),
            None => Ok(None),
        }
    }
}
