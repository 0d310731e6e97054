//! Everything that pulls: documents, catalogs, upstream registries.
//!
//! - [`discover`]: where a site may describe its servers, and what a document means: pure
//! - [`config`], [`frontier`]: settings; when an origin is visited next
//! - `fetch`, `visit`: asking politely, and following where documents lead
//! - `decide`, `extensions`, `ingest`: which cards are listed, and one transaction that lists them
//! - [`import`], [`upstream`]: whole lists from files and addresses, once; other registries that are followed
//! - `schedule`, [`report`]: the crawl that runs by itself; what a visit says to an origin's owner

pub mod config;
mod decide;
pub mod discover;
mod extensions;
mod fetch;
pub mod frontier;
pub mod import;
mod ingest;
pub mod report;
mod schedule;
pub mod upstream;
mod visit;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use registry_core::card::origin::Origin;
use registry_core::clock::SharedClock;
use registry_core::outbound::{Client, PolicyError};
use registry_core::store::documents::Known;
use registry_core::store::origins::Leased;
use registry_core::store::{PgPool, StoreError, documents, origins};
use tokio::sync::Notify;
use tokio_cron_scheduler::JobSchedulerError;

pub use config::Config;
use fetch::Fetcher;
pub use fetch::TOKEN;
use fetch::Turns;
pub use ingest::DryRun;
pub use report::Report;
use visit::Means;
pub use visit::State;

/// The crawler; cheap to clone.
#[derive(Clone)]
pub struct Crawler {
    pool: PgPool,
    clock: SharedClock,
    config: Arc<Config>,
    fetcher: Arc<Fetcher>,
    wake: Arc<Notify>,
}

/// Why no crawler can be made of a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The client's policy is unusable.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The schedule is no cron expression.
    #[error("`{0}` is no schedule; write a cron expression with seconds, as in `0 */5 * * * *`")]
    Schedule(String),
}

/// Why the crawler does not run on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scheduler does not work.
    #[error("the crawler's schedule does not run: {0}")]
    Schedule(#[from] JobSchedulerError),
}

/// Why a visit has no report.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The database did not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else asked for the same visit later.
    #[error("another process has begun a visit to `{0}` meanwhile; see its result there")]
    TakenOver(Origin),
}

impl Crawler {
    /// A crawler over this database. A process-wide rustls provider must be installed.
    pub fn new(config: Config, pool: PgPool, clock: SharedClock) -> Result<Self, ConfigError> {
        let wake = Arc::new(Notify::new());
        if schedule::job(&config.schedule, wake.clone()).is_err() {
            return Err(ConfigError::Schedule(config.schedule));
        }
        let client = Client::new(config.policy.clone())?;
        let fetcher = Fetcher::new(client, clock.clone(), config.own_hosts.clone());
        Ok(Self { pool, clock, config: Arc::new(config), fetcher: Arc::new(fetcher), wake })
    }

    /// Visits an origin now, whoever else is at it. Where it is not a dry run, the origin is crawled from now on.
    pub async fn crawl(&self, origin: &Origin, dry_run: impl Into<DryRun>) -> Result<Report, CrawlError> {
        let report = match dry_run.into() {
            DryRun::Yes => self.try_out(origin).await?,
            DryRun::No => match self.take(origin).await? {
                Some(held) => self.visit(&held).await?,
                None => None,
            },
        };
        report.ok_or_else(|| CrawlError::TakenOver(origin.clone()))
    }

    async fn take(&self, origin: &Origin) -> Result<Option<Leased>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        origins::add(&mut tx, origin, "command", now).await?;
        let held = origins::take(&mut tx, origin, now + self.lease()).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// One visit to an origin that is held; none when it was taken over meanwhile.
    async fn visit(&self, held: &Leased) -> Result<Option<Report>, StoreError> {
        let known = self.known(Some(held.id)).await?;
        let means = self.means(Turns::Shared(self.pool.clone()));
        let visited = visit::visit(&means, &held.origin, known).await?;
        ingest::ingest(&self.pool, held, &visited, self.clock.now(), (self.config.random)()).await
    }

    async fn try_out(&self, origin: &Origin) -> Result<Option<Report>, StoreError> {
        let id = origins::id(&mut *self.pool.acquire().await?, origin).await?;
        let known = self.known(id).await?;
        let visited = visit::visit(&self.means(Turns::Own), origin, known).await?;
        ingest::try_out(&self.pool, &visited, self.clock.now(), (self.config.random)()).await
    }

    async fn known(&self, origin_id: Option<i64>) -> Result<HashMap<String, Known>, StoreError> {
        match origin_id {
            Some(id) => documents::known(&mut *self.pool.acquire().await?, id).await,
            None => Ok(HashMap::new()),
        }
    }

    fn means(&self, turns: Turns) -> Means {
        Means {
            fetcher: self.fetcher.clone(),
            pool: self.pool.clone(),
            clock: self.clock.clone(),
            turns,
            limit: self.config.visit_limit,
            random: self.config.random,
        }
    }

    fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.config.lease).unwrap_or(TimeDelta::hours(1))
    }

    /// Adds origins, due at once, and wakes the crawlers; says how many are new.
    pub async fn add_origins(&self, added: &[Origin], by: &str) -> Result<usize, StoreError> {
        let mut tx = self.pool.begin().await?;
        let mut new = 0;
        for origin in added {
            new += usize::from(origins::add(&mut tx, origin, by, self.clock.now()).await?);
        }
        tx.commit().await?;
        self.wake();
        Ok(new)
    }

    /// Wakes [`Self::run`] of this process: something may be due.
    pub fn wake(&self) {
        self.wake.notify_one();
    }
}
