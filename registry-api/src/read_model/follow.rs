//! Following the ledger: the catalog at once, the search index behind it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use registry_core::listing::Listing;
use registry_core::name::ServerName;
use registry_core::store::{self, PgPool, StoreError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::ReadModel;
use super::catalog::Catalog;
use super::entry::Entry;
use super::snapshot;
use crate::search::index::Indexer;

/// How often the ledger is looked at when nobody notifies.
const POLL: Duration = Duration::from_secs(2);
/// How often a changed catalog is saved.
const SAVE_EVERY: Duration = Duration::from_secs(300);
/// From how many changed names on everything is read anew.
const TOO_MANY_NAMES: usize = 50_000;
/// How many servers are read at once.
const CHUNK: usize = 1_000;

/// Keeps a [`ReadModel`] at the ledger's end.
pub struct Follower {
    model: Arc<ReadModel>,
    pool: PgPool,
    data: PathBuf,
    indexing: mpsc::UnboundedSender<Work>,
    saved: i64,
    reachable: bool,
}

enum Work {
    Mend(Arc<Catalog>),
    Names(Arc<Catalog>, Vec<ServerName>),
    Everything(Arc<Catalog>),
}

impl Follower {
    /// Starts from the snapshot in `data` if it belongs to this database, catches up, and prepares the index.
    pub async fn start(pool: PgPool, data: PathBuf) -> Result<(Self, Arc<ReadModel>), StartError> {
        let indexer = Indexer::open(&data.join("index"))?;
        let warm = warm_start(&pool, &data).await?;
        let model = Arc::new(ReadModel::new(warm, indexer.search()));
        let (indexing, work) = mpsc::unbounded_channel();
        let mut follower = Self { model: model.clone(), pool, data, indexing, saved: -1, reachable: true };
        let behind = indexer.head();
        follower.saved = model.catalog().head().seq;
        follower.catch_up().await?;
        follower.prepare_index(behind).await?;
        std::thread::Builder::new().name("indexer".into()).spawn(move || index(indexer, work))?;
        Ok((follower, model))
    }

    /// Follows until `stop`, then saves a snapshot.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut notices = store::listen::Notices::new(self.pool.clone(), POLL);
        let mut save = tokio::time::interval(SAVE_EVERY);
        save.tick().await;
        loop {
            let model = self.model.clone();
            let search = model.search().clone();
            tokio::select! {
                () = stop.cancelled() => break,
                () = notices.next() => {}
                () = model.nudge.notified() => {}
                () = search.damaged() => drop(self.indexing.send(Work::Mend(model.catalog()))),
                _ = save.tick() => self.save().await,
            }
            let caught_up = self.catch_up().await;
            self.report(caught_up.err());
        }
        self.save().await;
    }

    fn report(&mut self, failure: Option<StoreError>) {
        match failure {
            Some(error) if self.reachable => {
                warn!(%error, "The database does not answer; reads go on from memory");
                self.reachable = false;
            }
            None if !self.reachable => {
                info!("The database answers again");
                self.reachable = true;
            }
            _ => {}
        }
    }

    /// Applies every row of the ledger that the catalog has not seen.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        let shown = self.model.catalog();
        let mut tx = store::read_snapshot(&self.pool).await?;
        let head = store::ledger::head(&mut tx).await?;
        if head == shown.head() {
            return Ok(());
        }
        let known = store::ledger::hash_at(&mut tx, shown.head().seq).await?;
        let names = match known {
            Some(hash) if hash == shown.head().hash => {
                store::ledger::names_after(&mut tx, shown.head().seq).await?
            }
            _ => return self.read_everything(&mut tx, head).await,
        };
        if names.len() > TOO_MANY_NAMES {
            return self.read_everything(&mut tx, head).await;
        }
        let mut entries = Vec::new();
        for names in names.chunks(CHUNK) {
            entries.extend(store::servers::of(&mut tx, names).await?.into_iter().filter_map(ready));
        }
        let catalog = self.model.show(shown.with(&names, entries, head));
        // The receiver only ends with the process.
        let _ = self.indexing.send(Work::Names(catalog, names));
        Ok(())
    }

    async fn read_everything(
        &mut self,
        conn: &mut store::PgConnection,
        head: store::ledger::Head,
    ) -> Result<(), StoreError> {
        let catalog = self.model.show(read_all(conn, head).await?);
        let _ = self.indexing.send(Work::Everything(catalog));
        Ok(())
    }

    /// Tells the indexer what it missed since its last commit.
    async fn prepare_index(&mut self, at: Option<store::ledger::Head>) -> Result<(), StoreError> {
        let catalog = self.model.catalog();
        let mut tx = store::read_snapshot(&self.pool).await?;
        let work = match at {
            Some(at) if store::ledger::hash_at(&mut tx, at.seq).await? == Some(at.hash) => {
                let names = store::ledger::names_after(&mut tx, at.seq).await?;
                if names.len() > CHUNK { Work::Everything(catalog) } else { Work::Names(catalog, names) }
            }
            _ => Work::Everything(catalog),
        };
        let _ = self.indexing.send(work);
        Ok(())
    }

    async fn save(&mut self) {
        let catalog = self.model.catalog();
        if catalog.head().seq == self.saved {
            return;
        }
        let (seq, folder) = (catalog.head().seq, self.data.clone());
        let written = tokio::task::spawn_blocking(move || snapshot::write(&folder, &catalog)).await;
        match written {
            Ok(Ok(())) => self.saved = seq,
            Ok(Err(error)) => {
                warn!(%error, "The snapshot could not be written; the next start reads the database")
            }
            Err(error) => error!(%error, "Writing the snapshot failed"),
        }
    }
}

/// Why the read model cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index cannot be made, not even in memory.
    #[error("the search index cannot be opened: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// No thread for the indexer.
    #[error("the indexer cannot start: {0}")]
    Thread(#[from] std::io::Error),
}

async fn warm_start(pool: &PgPool, data: &std::path::Path) -> Result<Catalog, StoreError> {
    let folder = data.to_owned();
    let saved = tokio::task::spawn_blocking(move || snapshot::read(&folder)).await.ok().flatten();
    let mut tx = store::read_snapshot(pool).await?;
    if let Some(catalog) = saved {
        let at = catalog.head();
        if store::ledger::hash_at(&mut tx, at.seq).await? == Some(at.hash) {
            return Ok(catalog);
        }
        info!("The snapshot belongs to another database; everything is read anew");
    }
    let head = store::ledger::head(&mut tx).await?;
    read_all(&mut tx, head).await
}

async fn read_all(conn: &mut store::PgConnection, head: store::ledger::Head) -> Result<Catalog, StoreError> {
    let mut entries = Vec::new();
    let mut listings = std::pin::pin!(store::servers::all(conn));
    while let Some(listing) = listings.try_next().await? {
        entries.extend(ready(listing));
    }
    Ok(Catalog::of(entries, head))
}

fn ready(listing: Listing) -> Option<Entry> {
    let (name, version) = (listing.name.clone(), listing.version.clone());
    let entry = Entry::new(listing);
    if let Err(error) = &entry {
        error!(server.name = %name, server.version = %version, %error, "A stored document no longer parses; it is not shown");
    }
    entry.ok()
}

/// The indexer's life: applies what comes, several changes in one commit.
fn index(mut indexer: Indexer, mut work: mpsc::UnboundedReceiver<Work>) {
    while let Some(first) = work.blocking_recv() {
        let (mut catalog, mut names, mut everything) = unpack(first);
        while let Ok(more) = work.try_recv() {
            let (later, more_names, more_everything) = unpack(more);
            catalog = later;
            names.extend(more_names);
            everything |= more_everything;
        }
        names.sort();
        names.dedup();
        if everything {
            indexer.rebuild(&catalog);
        } else {
            indexer.update(&catalog, &names);
        }
        indexer.mend(&catalog);
    }
}

fn unpack(work: Work) -> (Arc<Catalog>, Vec<ServerName>, bool) {
    match work {
        Work::Mend(catalog) => (catalog, Vec::new(), false),
        Work::Names(catalog, names) => (catalog, names, false),
        Work::Everything(catalog) => (catalog, Vec::new(), true),
    }
}
