//! The scheduled crawl: cron and notices only wake it; what is due is decided in Postgres.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use registry_core::store::listen::Notices;
use registry_core::store::origins::Leased;
use registry_core::store::{StoreError, fetches, hosts, origins};
use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Crawler, RunError};

/// How long a lost notice can go unheard where the schedule is rarer.
const POLL: Duration = Duration::from_secs(60);

/// How often what is no longer needed is deleted.
const CLEANING: Duration = Duration::from_secs(10 * 60);

/// How many requests are kept at most, however young they are.
const MOST_FETCHES: i64 = 10_000_000;

/// A cron job that wakes the crawler; an error says that the schedule is none.
pub(crate) fn job(schedule: &str, wake: Arc<Notify>) -> Result<Job, JobSchedulerError> {
    Job::new_async(schedule, move |_, _| {
        let wake = wake.clone();
        Box::pin(async move { wake.notify_one() })
    })
}

impl Crawler {
    /// Crawls what is due until it is told to stop; what is under way then is given back.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), RunError> {
        let mut cron = JobScheduler::new().await?;
        cron.add(job(&self.config.schedule, self.wake.clone())?).await?;
        cron.start().await?;
        let mut notices = Notices::on(self.pool.clone(), origins::CHANNEL, POLL);
        let mut visits = Visits::default();
        let mut cleaning = tokio::time::interval(CLEANING);
        cleaning.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // Also right away: an origin may have been added while nobody listened.
            if let Err(error) = self.start_due(&mut visits).await {
                warn!(error = %error, "The crawler cannot ask what is due: {error}");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                () = notices.next() => {}
                () = visits.next_end(), if !visits.held.is_empty() => {}
                _ = cleaning.tick() => {
                    if let Err(error) = self.clean_up().await {
                        warn!(error = %error, "What is no longer needed cannot be deleted now: {error}");
                    }
                }
            }
        }
        self.give_back(visits).await;
        self.write_fetches().await;
        cron.shutdown().await?;
        Ok(())
    }

    /// Deletes what is remembered of hosts that nobody waits for, and old requests.
    async fn clean_up(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut conn = self.pool.acquire().await?;
        hosts::forget(&mut conn, now - TimeDelta::days(1)).await?;
        let before = now - TimeDelta::from_std(self.config.keep_fetches).unwrap_or(TimeDelta::days(30));
        while fetches::prune(&mut conn, before, MOST_FETCHES).await? > 0 {}
        Ok(())
    }

    /// Begins as many visits as there is room for.
    async fn start_due(&self, visits: &mut Visits) -> Result<(), StoreError> {
        let room = self.config.concurrency.max(1).saturating_sub(visits.held.len());
        if room == 0 {
            return Ok(());
        }
        let now = self.clock.now();
        let mut conn = self.pool.acquire().await?;
        let room = i64::try_from(room).unwrap_or(i64::MAX);
        let due = origins::claim(&mut conn, now, now + self.lease(), room).await?;
        for held in due {
            let visit = self.clone().visit_due(held.clone());
            let task = visits.tasks.spawn(visit).id();
            visits.held.insert(task, held);
        }
        Ok(())
    }

    async fn visit_due(self, held: Leased) {
        let origin = &held.origin;
        let visit = async { self.visit(&held, self.reach(&held).await?).await };
        match visit.await {
            Ok(Some(report)) => {
                info!(origin = %origin, changes = report.changes, "Crawled {origin}: {}", report.detail)
            }
            Ok(None) => info!(origin = %origin, "Another process has taken {origin} over"),
            // Not given back: at once it would only fail again.
            Err(error) => {
                warn!(origin = %origin, error = %error, "The visit to {origin} could not be written: {error}")
            }
        }
    }

    /// Ends the visits under way and frees their origins; where that fails, the leases end by themselves.
    async fn give_back(&self, mut visits: Visits) {
        visits.tasks.shutdown().await;
        let Ok(mut conn) = self.pool.acquire().await else { return };
        for held in visits.held.values() {
            if let Err(error) = origins::release(&mut conn, held).await {
                warn!(origin = %held.origin, error = %error, "{} cannot be given back: {error}", held.origin);
            }
        }
    }
}

/// The visits under way.
#[derive(Default)]
struct Visits {
    tasks: JoinSet<()>,
    held: HashMap<Id, Leased>,
}

impl Visits {
    /// Waits until one has ended.
    async fn next_end(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                warn!(error = %error, "A visit broke off; its origin is tried again when its lease ends");
                error.id()
            }
            None => return,
        };
        self.held.remove(&id);
    }
}
