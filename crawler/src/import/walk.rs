//! One walk through an upstream's list: as an import, but each transaction ends with a page and says how far the walk is.

use std::time::Duration;

use registry_core::clock::SharedClock;
use registry_core::store::upstreams::Held;
use registry_core::store::{PgPool, StoreError, upstreams};
use tokio::sync::mpsc;
use url::Url;

use super::apply::Writer;
use super::follow::Follow;
use super::produce::Meter;
use super::{Options, ReadError, Summary, producer};

/// Where a walk reads.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// From the beginning, at the first of these addresses that has a list.
    Start(Vec<Url>),
    /// From a page in the middle.
    Resume(Url, String),
}

/// Why a walk ended before its end. What was written before stays.
#[derive(Debug)]
pub(crate) enum WalkError {
    /// The upstream.
    Read(ReadError),
    /// The database.
    Store(StoreError),
    /// The client.
    Client(registry_core::outbound::PolicyError),
    /// Somebody else holds the upstream.
    Lost,
    /// The deadline came first.
    Late,
    /// The thread that reads has broken down.
    Thread,
}

impl From<StoreError> for WalkError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What came of a walk; its lease has moved on with it.
pub(crate) struct Walked {
    /// None only where no upstream was followed.
    pub(crate) held: Option<Held>,
    pub(crate) summary: Summary,
    pub(crate) end: Result<(), WalkError>,
    /// A few bad entries, each with its reason.
    pub(crate) samples: Vec<String>,
}

/// How many bad entries are told.
const SAMPLES: usize = 3;

/// Walks along `route`, until the deadline at the latest.
pub(crate) async fn walk(
    pool: &PgPool,
    clock: &SharedClock,
    route: Route,
    options: &Options,
    follow: Follow,
    deadline: Duration,
) -> Walked {
    let actor = format!("sync:{}", follow.held.row.name);
    let writer = Writer::following(pool, clock.clone(), actor, follow);
    let mut walk = Walk { writer, clock: clock.clone(), summary: Summary::default(), samples: Vec::new() };
    // A transaction that is cut off is rolled back; what was committed before is kept with the page it belongs to.
    let end = match tokio::time::timeout(deadline, walk.run(pool, route, options)).await {
        Ok(end) => end,
        Err(_) => Err(WalkError::Late),
    };
    let (summary, samples) = (walk.summary, walk.samples);
    Walked { held: walk.writer.into_held(), summary, end, samples }
}

struct Walk {
    writer: Writer,
    clock: SharedClock,
    summary: Summary,
    samples: Vec<String>,
}

impl Walk {
    async fn run(&mut self, pool: &PgPool, route: Route, options: &Options) -> Result<(), WalkError> {
        let (to, mut from) = mpsc::channel(2);
        let producer =
            producer(to, Meter::default(), &self.clock, options, true).map_err(WalkError::Client)?;
        let reading = tokio::task::spawn_blocking(move || producer.follow(&route));
        let patience = self.writer.lease() / 3;
        loop {
            let batch = tokio::select! {
                batch = from.recv() => match batch {
                    Some(batch) => batch,
                    None => break,
                },
                () = tokio::time::sleep(patience) => {
                    self.renew(pool).await?;
                    continue;
                }
            };
            let end = batch.end;
            let outcome = self.writer.write(batch.items, end.as_ref()).await?;
            if outcome.lost {
                return Err(WalkError::Lost);
            }
            self.summary.add(&outcome);
            let room = SAMPLES.saturating_sub(self.samples.len());
            self.samples.extend(outcome.bad.iter().take(room).map(|(_, bad)| bad.told()));
        }
        reading.await.map_err(|_| WalkError::Thread)?.map_err(WalkError::Read)?;
        let moved = self.writer.settle(options.batch_size).await?.min(self.summary.unchanged);
        self.summary.unchanged -= moved;
        self.summary.changed += moved;
        Ok(())
    }

    /// While an upstream lets us wait.
    async fn renew(&mut self, pool: &PgPool) -> Result<(), WalkError> {
        let now = self.clock.now();
        let mut conn = pool.acquire().await.map_err(StoreError::from)?;
        let Some((held, until)) = self.writer.held_until(now) else { return Ok(()) };
        if !upstreams::renew(&mut conn, held, until).await? {
            return Err(WalkError::Lost);
        }
        self.writer.noted(now);
        Ok(())
    }
}

/// The lease as a wait.
pub(super) fn wait(lease: chrono::TimeDelta) -> Duration {
    lease.to_std().unwrap_or_default().max(Duration::from_secs(3))
}
