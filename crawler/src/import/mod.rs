//! Import: a file, an address or a whole registry is read once, in a stream, and taken over.
//!
//! - `{"server", "_meta"}` entries and registries' lists carry status, times and latest flag over, as a sync does;
//!   plain `server.json` documents go through publication
//! - one thread reads while the database writes; a batch is one transaction, so that a kill loses at most one
//! - what a name's owner published, or a crawl found, is kept; importing the same source again changes nothing
//! - bad entries are skipped and reported, each with its place and the reason

mod apply;
mod claimed;
mod entry;
mod fetch;
mod flags;
mod follow;
mod input;
mod produce;
mod proof;
mod report;
mod split;
mod stream;
mod taken;
mod walk;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use registry_core::clock::SharedClock;
use registry_core::outbound::{Policy, PolicyError, trusted_for_files};
use registry_core::package::Prover;
use registry_core::store::{PgPool, StoreError};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use apply::{Outcome, Writer};
use fetch::Fetcher;
use produce::{Batch, Meter, Producer};
use report::Report;

pub use fetch::{FetchError, Retry};
pub(crate) use follow::Follow;
pub(crate) use input::lists_of;
pub use input::{Input, InvalidInput};
pub(crate) use walk::{Route, WalkError, walk};

/// How an import is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where bad entries are written; nothing is written while there are none.
    pub report: PathBuf,
    /// How many entries share a transaction.
    pub batch_size: usize,
    /// How the client names itself to sources on the web.
    pub user_agent: String,
    /// Its patience with them.
    pub retry: Retry,
    /// What proves that documents to publish own their packages; none where the operator asks for no proof.
    pub prover: Option<Prover>,
}

impl Options {
    /// The usual way, with the report at this path.
    pub fn new(report: PathBuf) -> Self {
        let user_agent = Policy::default().user_agent;
        Self { report, batch_size: 1000, user_agent, retry: Retry::default(), prover: None }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read, packed where the source is packed.
    pub bytes: u64,
    /// Of how many, where that is known.
    pub total: Option<u64>,
    /// Entries done.
    pub entries: u64,
    /// Those of them that are bad.
    pub bad: u64,
}

/// What an import did. Each entry counts once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Versions that are new here.
    pub added: u64,
    /// Versions that were changed.
    pub changed: u64,
    /// Versions that were here already.
    pub unchanged: u64,
    /// Versions of names that their owner, or a document on their own host, decides about.
    pub kept: u64,
    /// Bad entries.
    pub refused: u64,
    /// How long it took.
    pub seconds: f64,
    /// The report, where there is one.
    pub report: Option<PathBuf>,
}

impl Summary {
    /// How many entries were read.
    pub fn entries(&self) -> u64 {
        self.added + self.changed + self.unchanged + self.kept + self.refused
    }

    fn add(&mut self, outcome: &Outcome) {
        self.added += outcome.added;
        self.changed += outcome.changed;
        self.unchanged += outcome.unchanged;
        self.kept += outcome.kept;
        self.refused += outcome.bad.len() as u64;
    }
}

/// Why a source cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The web does not give it.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It cannot be opened, or is not what it seems to be.
    #[error("`{at}` cannot be read: {source}")]
    Split {
        /// The file or address.
        at: String,
        /// Why.
        #[source]
        source: Unreadable,
    },
    /// It is something else.
    #[error(
        "`{0}` is no list of servers; give a JSON array, a file of one entry a line, or a registry's list"
    )]
    NoList(String),
    /// The end of a list's page makes no sense.
    #[error("the `metadata` of `{at}` cannot be read: {reason}")]
    Metadata {
        /// The page.
        at: String,
        /// Why.
        reason: String,
    },
    /// A cursor that no registry gives.
    #[error("`{at}` gave a cursor that is none: longer than 4,096 bytes, or with control characters")]
    Cursor {
        /// The page.
        at: String,
    },
    /// A list that would never end.
    #[error("`{url}` gave the cursor `{cursor}` twice; its list would never end")]
    RepeatedCursor {
        /// The list.
        url: String,
        /// The cursor.
        cursor: String,
    },
}

/// What is wrong with a stream.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unreadable(#[from] split::SplitError);

impl ReadError {
    fn split(at: &str, source: split::SplitError) -> Self {
        Self::Split { at: at.to_owned(), source: Unreadable(source) }
    }

    fn no_list(at: &str) -> Self {
        Self::NoList(at.to_owned())
    }

    fn is_stop(&self) -> bool {
        matches!(self, Self::Split { source: Unreadable(split::SplitError::Stopped), .. })
    }
}

/// Why an import ended early. What was imported before stays; importing again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source.
    #[error("{error}; {} entries were imported before", .done.entries() - .done.refused)]
    Read {
        /// What is wrong with it.
        #[source]
        error: ReadError,
        /// What was done before.
        done: Box<Summary>,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The client for sources on the web.
    #[error(transparent)]
    Client(#[from] PolicyError),
    /// The report cannot be written.
    #[error("the report `{}` cannot be written: {source}", path.display())]
    Report {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The thread that reads has broken down.
    #[error("the thread that reads the source has broken down")]
    Thread,
}

/// Imports `input`; `progress` hears of every batch.
pub async fn run(
    pool: &PgPool,
    clock: &SharedClock,
    input: &Input,
    options: &Options,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Summary, ImportError> {
    let begun = Instant::now();
    let (to, mut from) = mpsc::channel(2);
    let meter = Meter::default();
    let producer = producer(to, meter.clone(), clock, options, false)?;
    let source = input.clone();
    let reading = tokio::task::spawn_blocking(move || producer.run(&source));
    let writer = Writer::new(pool, clock.clone(), format!("import:{}", input.label()));
    let mut import = Import { writer, report: Report::new(&options.report), summary: Summary::default() };
    while let Some(batch) = from.recv().await {
        import.write(batch, options).await?;
        progress(import.progress(&meter));
    }
    let read = reading.await.map_err(|_| ImportError::Thread)?;
    if read.is_ok() {
        import.settle(options.batch_size).await?;
    }
    let mut summary = import.summary;
    summary.report = import.report.written();
    summary.seconds = begun.elapsed().max(Duration::from_micros(1)).as_secs_f64();
    read.map(|()| summary.clone()).map_err(|error| ImportError::Read { error, done: Box::new(summary) })
}

fn producer(
    to: mpsc::Sender<Batch>,
    meter: Meter,
    clock: &SharedClock,
    options: &Options,
    whole_pages: bool,
) -> Result<Producer, PolicyError> {
    let client = trusted_for_files(&options.user_agent)?;
    let fetcher = Fetcher::new(client, options.retry, clock.clone());
    let batch_size = options.batch_size.max(1);
    let (batch, runtime, begun) = (Batch::default(), Handle::current(), Instant::now());
    Ok(Producer {
        to,
        batch_size,
        meter,
        fetcher,
        runtime,
        batch,
        entries: 0,
        page: None,
        whole_pages,
        begun,
    })
}

/// An import under way.
struct Import {
    writer: Writer,
    report: Report,
    summary: Summary,
}

impl Import {
    async fn write(&mut self, batch: Batch, options: &Options) -> Result<(), ImportError> {
        let items = match &options.prover {
            Some(prover) => proof::prove(prover, self.writer.pool(), batch.items).await?,
            None => batch.items,
        };
        let outcome = self.writer.write(items, None).await?;
        self.summary.add(&outcome);
        let mut bad = outcome.bad;
        bad.sort_unstable_by_key(|(place, _)| place.entry);
        let written = bad.iter().try_for_each(|(place, bad)| self.report.add(*place, bad));
        written
            .and_then(|()| self.report.flush())
            .map_err(|source| ImportError::Report { path: options.report.clone(), source })
    }

    async fn settle(&mut self, batch_size: usize) -> Result<(), ImportError> {
        let moved = self.writer.settle(batch_size).await?;
        let moved = moved.min(self.summary.unchanged);
        self.summary.unchanged -= moved;
        self.summary.changed += moved;
        Ok(())
    }

    fn progress(&self, meter: &Meter) -> Progress {
        Progress {
            bytes: meter.bytes.load(Ordering::Relaxed),
            total: Some(meter.total.load(Ordering::Relaxed)).filter(|total| *total > 0),
            entries: self.summary.entries(),
            bad: self.summary.refused,
        }
    }
}
