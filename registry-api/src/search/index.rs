//! The index folder and its writer.
//!
//! The commit's payload says which schema and which ledger row the index stands at. Whatever does not fit is thrown away and
//! built anew from the catalog; without a usable folder the index lives in memory until the folder can be used again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use registry_core::digest::Digest;
use registry_core::name::ServerName;
use registry_core::store::ledger::Head;
use registry_core::wire::search::Suggestion;
use serde::{Deserialize, Serialize};
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError};
use tokio::sync::Notify;
use tracing::{error, info, warn};

use super::find::{self, Order, Request};
use super::schema::{self, Fields};
use super::suggest;
use crate::read_model::catalog::{Catalog, Server};

/// Memory the writer may use before it writes a segment: for a few changes, and for everything.
const WRITER_MEMORY: usize = 32 << 20;
const BUILD_MEMORY: usize = 192 << 20;
/// How long the index stays in memory before its folder is tried again.
const RETRY: Duration = Duration::from_secs(60);

#[derive(Serialize, Deserialize)]
struct Payload {
    schema: u32,
    seq: i64,
    hash: String,
}

/// Finds; cheap to clone and share.
#[derive(Clone)]
pub struct SearchIndex {
    reader: Arc<ArcSwap<IndexReader>>,
    fields: Fields,
    damage: Arc<Damage>,
}

/// That the index was found unreadable.
#[derive(Debug, Default)]
struct Damage {
    is_found: AtomicBool,
    news: Notify,
}

impl SearchIndex {
    /// What can be found at this moment.
    pub fn searcher(&self) -> Searcher {
        self.reader.load().searcher()
    }

    /// What a request finds in `catalog`; nothing where the index cannot be read, which the indexer mends.
    pub fn find(&self, catalog: &Catalog, request: &Request) -> Order {
        let found = self.read(|| find::find(&self.searcher(), &self.fields, catalog, request));
        found.unwrap_or_else(Order::broken)
    }

    /// What a text may become.
    pub fn suggest(&self, catalog: &Catalog, text: &str) -> Vec<Suggestion> {
        self.read(|| suggest::suggest(&self.searcher(), &self.fields, catalog, text)).unwrap_or_default()
    }

    /// Waits until somebody finds the index damaged.
    pub async fn damaged(&self) {
        self.damage.news.notified().await;
    }

    /// A damaged file is an error to tantivy, or a panic where it believes what it reads.
    fn read<T>(&self, read: impl FnOnce() -> tantivy::Result<T>) -> Option<T> {
        let failure = match catch_unwind(AssertUnwindSafe(read)) {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => "reading it panicked".to_owned(),
        };
        error!(error = %failure, "The search index cannot be read; it is built anew");
        self.damage.is_found.store(true, Ordering::Relaxed);
        self.damage.news.notify_one();
        None
    }
}

/// Keeps the index; there is one for each folder.
pub struct Indexer {
    folder: PathBuf,
    index: Index,
    reader: IndexReader,
    writer: Option<IndexWriter>,
    search: SearchIndex,
    in_memory_since: Option<Instant>,
    /// When it was last built anew because it was damaged.
    mended: Option<Instant>,
}

impl Indexer {
    /// Opens the index in `folder`, or makes it there; falls back to memory and says so.
    pub fn open(folder: &Path) -> tantivy::Result<Self> {
        let (index, in_memory_since) = opened(folder)?;
        schema_of(&index)?;
        let reader = reader(&index)?;
        let shown = Arc::new(ArcSwap::from_pointee(reader.clone()));
        let search = SearchIndex { reader: shown, fields: schema::schema().1, damage: Arc::default() };
        let folder = folder.to_owned();
        Ok(Self { folder, index, reader, writer: None, search, in_memory_since, mended: None })
    }

    /// The finding side.
    pub fn search(&self) -> SearchIndex {
        self.search.clone()
    }

    /// Where in the ledger the index stands; `None` where it has another schema or nothing was ever committed.
    pub fn head(&self) -> Option<Head> {
        let payload = self.index.load_metas().ok()?.payload?;
        let payload: Payload = serde_json::from_str(&payload).ok()?;
        let hash: Digest = payload.hash.parse().ok()?;
        (payload.schema == schema::VERSION).then_some(Head { seq: payload.seq, hash })
    }

    /// Builds the index anew if it was found damaged; not again and again, in case what is wrong is not the index.
    pub fn mend(&mut self, catalog: &Catalog) {
        let is_damaged = self.search.damage.is_found.swap(false, Ordering::Relaxed);
        if is_damaged && self.mended.is_none_or(|at| at.elapsed() >= RETRY) {
            self.mended = Some(Instant::now());
            self.recover(catalog);
        }
    }

    /// Brings these names to what `catalog` says of them; where that fails, everything is built anew.
    pub fn update(&mut self, catalog: &Catalog, names: &[ServerName]) {
        if self.in_memory_since.is_some_and(|since| since.elapsed() >= RETRY) {
            return self.recover(catalog);
        }
        if let Err(failure) = self.try_update(catalog, names) {
            warn!(error = %failure, "The search index could not be written and is built anew; searches go on meanwhile");
            self.recover(catalog);
        }
    }

    /// Builds the index anew from `catalog`.
    pub fn rebuild(&mut self, catalog: &Catalog) {
        if let Err(failure) = self.try_rebuild(catalog) {
            warn!(error = %failure, "The search index could not be built; it is tried from scratch");
            self.recover(catalog);
        }
    }

    fn try_update(&mut self, catalog: &Catalog, names: &[ServerName]) -> tantivy::Result<()> {
        let fields = self.search.fields;
        let writer = self.writer(1, WRITER_MEMORY)?;
        for name in names {
            writer.delete_term(schema::id_term(&fields, name));
            if let Some(document) = catalog.server(name.as_str()).and_then(|server| document(&fields, server))
            {
                writer.add_document(document)?;
            }
        }
        self.commit(catalog.head())
    }

    fn try_rebuild(&mut self, catalog: &Catalog) -> tantivy::Result<()> {
        let begun = Instant::now();
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        self.writer = None;
        let fields = self.search.fields;
        let writer = self.writer(cores, BUILD_MEMORY)?;
        writer.delete_all_documents()?;
        add_all(writer, &fields, catalog, cores)?;
        self.commit(catalog.head())?;
        // The many threads and their memory were for this once.
        self.writer = None;
        info!(
            index.servers = catalog.server_count(),
            index.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            index.in_memory = self.in_memory_since.is_some(),
            "Built the search index of {} servers",
            catalog.server_count()
        );
        Ok(())
    }

    /// Starts over: in the folder if it can be used, else in memory.
    fn recover(&mut self, catalog: &Catalog) {
        self.writer = None;
        let on_disk = emptied(&self.folder).and_then(|index| self.begin(index, None, catalog));
        let Err(failure) = on_disk else {
            info!("The search index is in its folder again");
            return;
        };
        warn!(
            index.folder = %self.folder.display(), error = %failure,
            "The search index cannot use its folder; it is kept in memory and the folder is tried again later"
        );
        let in_memory = Index::create_in_ram(schema::schema().0);
        if let Err(failure) = self.begin(in_memory, Some(Instant::now()), catalog) {
            error!(error = %failure, "The search index cannot be built, not even in memory; searches find what they found before");
        }
    }

    /// Builds another index and goes on with it; where that fails, with the one before. Searches see it once it has everything.
    fn begin(
        &mut self,
        index: Index,
        in_memory_since: Option<Instant>,
        catalog: &Catalog,
    ) -> tantivy::Result<()> {
        let reader = reader(&index)?;
        self.writer = None;
        let index = std::mem::replace(&mut self.index, index);
        let reader = std::mem::replace(&mut self.reader, reader);
        let in_memory_since = std::mem::replace(&mut self.in_memory_since, in_memory_since);
        let built = self.try_rebuild(catalog);
        if built.is_err() {
            self.writer = None;
            (self.index, self.reader, self.in_memory_since) = (index, reader, in_memory_since);
        }
        built
    }

    fn writer(&mut self, threads: usize, memory: usize) -> tantivy::Result<&mut IndexWriter> {
        if self.writer.is_none() {
            self.writer = Some(self.index.writer_with_num_threads(threads, memory)?);
        }
        self.writer.as_mut().ok_or_else(|| TantivyError::SystemError("no writer".to_owned()))
    }

    fn commit(&mut self, head: Head) -> tantivy::Result<()> {
        let payload = Payload { schema: schema::VERSION, seq: head.seq, hash: head.hash.to_string() };
        let payload = serde_json::to_string(&payload).unwrap_or_default();
        let mut commit = self.writer(1, WRITER_MEMORY)?.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        self.reader.reload()?;
        self.search.reader.store(Arc::new(self.reader.clone()));
        Ok(())
    }
}

fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()
}

/// The index in the folder, a new one where the old does not fit, one in memory where the folder cannot be used.
fn opened(folder: &Path) -> tantivy::Result<(Index, Option<Instant>)> {
    let on_disk = std::fs::create_dir_all(folder).map_err(TantivyError::from).and_then(|()| {
        let opened = Index::open_or_create(MmapDirectory::open(folder)?, schema::schema().0);
        match opened.and_then(|index| schema_of(&index).and(whole(&index)).and(reader(&index)).map(|_| index))
        {
            Err(failure) => {
                info!(error = %failure, "The search index does not fit and is built anew");
                emptied(folder)
            }
            fine => fine,
        }
    });
    match on_disk {
        Ok(index) => Ok((index, None)),
        Err(failure) => {
            warn!(index.folder = %folder.display(), error = %failure, "The search index cannot use its folder; it is kept in memory");
            Ok((Index::create_in_ram(schema::schema().0), Some(Instant::now())))
        }
    }
}

/// A folder that holds a new index and nothing else; refused where another process writes there.
///
/// The folder itself stays: it may be a volume of its own.
fn emptied(folder: &Path) -> tantivy::Result<Index> {
    std::fs::create_dir_all(folder)?;
    let held = MmapDirectory::open(folder)?
        .acquire_lock(&INDEX_WRITER_LOCK)
        .map_err(|failure| TantivyError::LockFailure(failure, None))?;
    for inside in std::fs::read_dir(folder)? {
        let inside = inside?;
        if inside.file_type()?.is_dir() {
            std::fs::remove_dir_all(inside.path())?;
        } else if Path::new(&inside.file_name()) != INDEX_WRITER_LOCK.filepath {
            std::fs::remove_file(inside.path())?;
        }
    }
    drop(held);
    Index::create_in_dir(folder, schema::schema().0)
}

fn schema_of(index: &Index) -> tantivy::Result<()> {
    if index.schema() == schema::schema().0 {
        Ok(())
    } else {
        Err(TantivyError::SchemaError("its fields are others".to_owned()))
    }
}

/// Whether every file is as it was written.
fn whole(index: &Index) -> tantivy::Result<()> {
    match index.validate_checksum()?.into_iter().next() {
        None => Ok(()),
        Some(file) => Err(TantivyError::SystemError(format!("`{}` is damaged", file.display()))),
    }
}

fn document(fields: &Fields, server: &Server) -> Option<tantivy::TantivyDocument> {
    server.visible().and_then(|entry| schema::document(fields, entry))
}

/// Adds every server, on several threads: making documents costs more than taking them.
fn add_all(writer: &IndexWriter, fields: &Fields, catalog: &Catalog, threads: usize) -> tantivy::Result<()> {
    std::thread::scope(|scope| {
        let share = |of: usize| {
            scope.spawn(move || {
                for server in catalog.servers().skip(of).step_by(threads) {
                    if let Some(document) = document(fields, server) {
                        writer.add_document(document)?;
                    }
                }
                tantivy::Result::Ok(())
            })
        };
        let shares: Vec<_> = (0..threads).map(share).collect();
        shares
            .into_iter()
            .try_for_each(|share| share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

#[cfg(test)]
pub(crate) mod tests;
