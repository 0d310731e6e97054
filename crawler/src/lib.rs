//! Everything that pulls: documents, catalogs, upstream registries.
//!
//! - [`discover`]: where a site may describe its servers, and what a document means: pure
//! - [`config`], [`frontier`]: settings; when an origin is visited next
//! - `fetch`, `visit`: asking politely, and following where documents lead
//! - `decide`, `extensions`, `ingest`: which cards are listed, and one transaction that lists them
//! - [`import`], [`upstream`]: whole lists from files and addresses, once; other registries that are followed
//! - [`lint`]: documents checked for their owners, with nothing written
//! - [`probe`]: whether what is listed lives
//! - `schedule`, [`report`]: the crawl that runs by itself; what a visit says to an origin's owner

pub mod config;
mod decide;
pub mod discover;
mod extensions;
mod fetch;
pub mod frontier;
pub mod import;
mod ingest;
pub mod lint;
pub mod probe;
pub mod report;
mod schedule;
pub mod upstream;
mod visit;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use registry_core::card::origin::Origin;
use registry_core::card::site;
use registry_core::clock::SharedClock;
use registry_core::outbound::{Client, PolicyError};
use registry_core::store::documents::Known;
use registry_core::store::origins::Leased;
use registry_core::store::{PgPool, StoreError, absences, documents, long_tails, origins};
use tokio::sync::Notify;
use tokio_cron_scheduler::JobSchedulerError;

pub use config::Config;
use fetch::Fetcher;
use fetch::Turns;
pub use fetch::{TOKEN, robots_refusal};
pub use ingest::{DryRun, withdraw_origin};
pub use report::Report;
pub use visit::State;
use visit::{Means, Reach};

/// How long the rare places of an origin are left alone (discovery section 11).
const LONG_TAIL: TimeDelta = TimeDelta::days(7);

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
    /// Nobody is to crawl it.
    #[error("`{0}` was removed and is not crawled; take it up again with `cardinal origins add --force {0}`")]
    Removed(Origin),
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
        if !self.is_wanted(origin).await? {
            return Err(CrawlError::Removed(origin.clone()));
        }
        let report = match dry_run.into() {
            DryRun::Yes => self.try_out(origin).await?,
            DryRun::No => match self.take(origin).await? {
                Some(held) => self.visit(&held, Reach::Everywhere).await?,
                None => None,
            },
        };
        report.ok_or_else(|| CrawlError::TakenOver(origin.clone()))
    }

    /// Whether nobody has opted out for the origin or a domain above it.
    async fn is_wanted(&self, origin: &Origin) -> Result<bool, StoreError> {
        let hosts: Vec<String> = origin.and_above().into_iter().map(str::to_owned).collect();
        let mut conn = self.pool.acquire().await?;
        Ok(origins::removed(&mut conn, &hosts).await?.is_empty())
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
    async fn visit(&self, held: &Leased, reach: Reach) -> Result<Option<Report>, StoreError> {
        let known = self.known(Some(held.id)).await?;
        let visits = Some(site::of(held.origin.host()).into());
        let mut means = self.means(Turns::Shared { pool: self.pool.clone(), visits }, reach);
        // Who asks for this very origin wants to know what is there now.
        if reach != Reach::Everywhere {
            means.absent = absences::of(&mut *self.pool.acquire().await?, held.id, self.clock.now()).await?;
        }
        let visited = visit::visit(&means, &held.origin, known).await;
        self.write_fetches().await;
        let visited = visited?;
        ingest::ingest(&self.pool, held, &visited, self.clock.now(), (self.config.random)()).await
    }

    /// Writes down what was asked; where that fails, it is kept and tried again.
    async fn write_fetches(&self) {
        if let Err(error) = self.fetcher.flush(&self.pool).await {
            tracing::warn!(error = %error, "The requests made cannot be written down now: {error}");
        }
    }

    async fn try_out(&self, origin: &Origin) -> Result<Option<Report>, StoreError> {
        let id = origins::id(&mut *self.pool.acquire().await?, origin).await?;
        let known = self.known(id).await?;
        let visited = visit::visit(&self.means(Turns::Own, Reach::Everywhere), origin, known).await?;
        ingest::try_out(&self.pool, &visited, self.clock.now(), (self.config.random)()).await
    }

    /// How far the next visit by itself looks on an origin.
    async fn reach(&self, held: &Leased) -> Result<Reach, StoreError> {
        let asked = long_tails::asked_at(&mut *self.pool.acquire().await?, held.id).await?;
        let is_due = asked.is_none_or(|asked| asked + LONG_TAIL <= self.clock.now());
        Ok(if is_due { Reach::AsFound } else { Reach::Usual })
    }

    async fn known(&self, origin_id: Option<i64>) -> Result<HashMap<String, Known>, StoreError> {
        match origin_id {
            Some(id) => documents::known(&mut *self.pool.acquire().await?, id).await,
            None => Ok(HashMap::new()),
        }
    }

    fn means(&self, turns: Turns, reach: Reach) -> Means {
        Means {
            fetcher: self.fetcher.clone(),
            pool: self.pool.clone(),
            clock: self.clock.clone(),
            turns,
            limit: self.config.visit_limit,
            random: self.config.random,
            txt: self.config.txt.clone(),
            reach,
            absent: HashMap::new(),
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
