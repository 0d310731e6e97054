//! The prober that runs by itself: news and a clock only wake it; what is due is decided in Postgres.

use std::collections::HashMap;
use std::time::Duration;

use registry_core::store::listen::Notices;
use registry_core::store::probes::{self, Leased};
use registry_core::store::{StoreError, ledger};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::listing;
use crate::Crawler;

/// How long a lost notice can go unheard.
const POLL: Duration = Duration::from_secs(60);

/// How long news are gathered before listings are compared again.
const GATHERING: Duration = Duration::from_secs(3);

impl Crawler {
    /// Probes what is due until it is told to stop; what is under way then is given back. Does nothing where nobody is to probe.
    pub(crate) async fn run_probes(&self, stop: CancellationToken) {
        if self.config.probes == 0 {
            return;
        }
        let mut notices = Notices::on(self.pool.clone(), ledger::CHANNEL, POLL);
        let mut visits = Visits::default();
        let mut compare_at = Instant::now();
        loop {
            let is_late = Instant::now() >= compare_at;
            if let Err(error) = self.probe_due(&mut visits, is_late).await {
                warn!(error = %error, "The prober cannot ask what is due: {error}");
            }
            if is_late {
                compare_at = Instant::now() + POLL;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = notices.next() => compare_at = compare_at.min(Instant::now() + GATHERING),
                () = tokio::time::sleep_until(compare_at) => {}
                () = visits.next_end(), if !visits.held.is_empty() => {}
            }
        }
        self.give_probes_back(visits).await;
    }

    async fn probe_due(&self, visits: &mut Visits, compares: bool) -> Result<(), StoreError> {
        let now = self.clock.now();
        if compares {
            listing::sync(&self.pool, now).await?;
            self.write_fetches().await;
        }
        listing::tell_news(&self.pool, now).await?;
        let room = self.config.probes.saturating_sub(visits.held.len());
        if room == 0 {
            return Ok(());
        }
        let mut conn = self.pool.acquire().await?;
        let room = i64::try_from(room).unwrap_or(i64::MAX);
        for held in probes::claim(&mut conn, now, now + self.lease(), room).await? {
            let task = visits.tasks.spawn(self.clone().probe_by_itself(held.clone())).id();
            visits.held.insert(task, held);
        }
        Ok(())
    }

    async fn probe_by_itself(self, held: Leased) {
        match self.probe_held(&held, false).await {
            Ok(report) if report.state != Some(held.standing.state.as_str()) => {
                info!(endpoint = held.url, state = report.state, "{} is {}", held.url, report.found);
            }
            Ok(report) => debug!(endpoint = held.url, "{} is {}", held.url, report.found),
            // Not given back: at once it would only fail again.
            Err(error) => {
                warn!(endpoint = held.url, error = %error, "What {} is could not be written: {error}", held.url);
            }
        }
    }

    /// Ends the visits under way and frees their endpoints; where that fails, the leases end by themselves.
    async fn give_probes_back(&self, mut visits: Visits) {
        visits.tasks.shutdown().await;
        let Ok(mut conn) = self.pool.acquire().await else { return };
        for held in visits.held.values() {
            if let Err(error) = probes::release(&mut conn, held).await {
                warn!(endpoint = held.url, error = %error, "{} cannot be given back: {error}", held.url);
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
                warn!(error = %error, "A probe broke off; its endpoint is tried again when its lease ends");
                error.id()
            }
            None => return,
        };
        self.held.remove(&id);
    }
}
