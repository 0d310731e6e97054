//! The pulls that run by themselves: what is due is decided in Postgres, and no upstream waits for another.

use std::time::Duration;

use registry_core::store::StoreError;
use registry_core::store::listen::Notices;
use registry_core::store::upstreams::{self, Held};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Asked, Puller};

/// How often it is asked what is due, where no notice comes.
const POLL: Duration = Duration::from_secs(60);

impl Puller {
    /// Pulls what is due until it is told to stop; what is under way then goes on where it stands when its lease ends.
    pub async fn run(&self, stop: CancellationToken) {
        let mut notices = Notices::on(self.pool.clone(), upstreams::CHANNEL, POLL);
        let mut tasks = JoinSet::new();
        loop {
            if let Err(error) = self.start_due(&mut tasks).await {
                warn!(error = %error, "It cannot be asked which upstreams are due: {error}");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = notices.next() => {}
                Some(ended) = tasks.join_next() => {
                    if let Err(error) = ended {
                        warn!(error = %error, "A pull broke off; it is taken up again when its lease ends");
                    }
                }
            }
        }
        tasks.shutdown().await;
    }

    async fn start_due(&self, tasks: &mut JoinSet<()>) -> Result<(), StoreError> {
        let room = self.settings.concurrency.max(1).saturating_sub(tasks.len());
        if room == 0 {
            return Ok(());
        }
        let now = self.now();
        let room = i64::try_from(room).unwrap_or(i64::MAX);
        let mut conn = self.pool.acquire().await?;
        for due in upstreams::claim(&mut conn, now, now + self.settings.lease, room).await? {
            tasks.spawn(self.clone().pull_due(due));
        }
        Ok(())
    }

    async fn pull_due(self, held: Held) {
        let name = held.row.name.clone();
        match self.pull_held(held, Asked::default()).await {
            Ok(pulled) if pulled.outcome == "failed" => {
                warn!(upstream = %name, "The upstream {name} was not pulled completely: {}", pulled.detail);
            }
            Ok(pulled) => info!(upstream = %name, "Pulled the upstream {name}: {}", pulled.detail),
            Err(error) => {
                warn!(upstream = %name, error = %error, "The pull of {name} could not be written: {error}");
            }
        }
    }
}
