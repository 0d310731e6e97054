//! The reading half of an import: a thread that may wait, which turns a source into batches of entries.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use url::Url;

use super::ReadError;
use super::entry::{self, Item, Place};
use super::fetch::{FetchError, Fetcher};
use super::input::{Input, lists_of, page};
use super::split::{Piece, SplitError, Splitter};
use super::stream::{self, Body, Form};
use super::walk::Route;

/// How many bytes of entries a batch holds at most, give or take one entry.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// How long a slow list may take until what is there of it is written.
const LONGEST_BATCH: Duration = Duration::from_secs(10);

/// The longest name of a page that is taken for one.
const MAX_CURSOR: usize = 4096;

/// Entries that are imported in one transaction.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) items: Vec<Item>,
    /// The last page that is in it whole, where pages are not divided.
    pub(super) end: Option<PageEnd>,
    bytes: usize,
}

/// Where the list goes on after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageEnd {
    pub(super) list: String,
    /// The next page; none at the end.
    pub(super) cursor: Option<String>,
}

/// How much of a source was read; shared with whoever shows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter {
    pub(super) bytes: Arc<AtomicU64>,
    /// The size of the whole, 0 as long as it is not known.
    pub(super) total: Arc<AtomicU64>,
}

/// Reads a source into a channel.
pub(super) struct Producer {
    pub(super) to: mpsc::Sender<Batch>,
    pub(super) batch_size: usize,
    pub(super) meter: Meter,
    pub(super) fetcher: Fetcher,
    pub(super) runtime: Handle,
    pub(super) batch: Batch,
    pub(super) entries: u64,
    pub(super) page: Option<u64>,
    /// Whether a batch ends with a page.
    pub(super) whole_pages: bool,
    /// Since when the batch is being filled.
    pub(super) begun: Instant,
}

#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default, alias = "nextCursor")]
    next_cursor: Option<String>,
}

impl Producer {
    /// Reads everything; what was read before a failure is handed over too.
    pub(super) fn run(mut self, input: &Input) -> Result<(), ReadError> {
        let read = match input {
            Input::File(path) => self.file(path),
            Input::Url(url) => self.url(url),
            Input::List(url) => self.list(url),
            Input::Registry(url) => self.registry(url),
        };
        self.done(read)
    }

    /// Reads an upstream's list along a route.
    pub(super) fn follow(mut self, route: &Route) -> Result<(), ReadError> {
        let read = match route {
            Route::Resume(list, cursor) => self.pages(list, Some(cursor.clone())),
            Route::Start(lists) => self.first_of(lists),
        };
        self.done(read)
    }

    /// The first list that the upstream has and whose parameters it knows.
    fn first_of(&mut self, lists: &[Url]) -> Result<(), ReadError> {
        let mut missing: Option<&str> = None;
        let mut failure = None;
        for list in lists {
            if missing == Some(list.path()) {
                continue;
            }
            match self.list(list) {
                Err(ReadError::Fetch(
                    error @ FetchError::Status { status: status @ (400 | 404 | 422), .. },
                )) if self.entries == 0 => {
                    missing = (status == 404).then(|| list.path());
                    let error = ReadError::Fetch(error);
                    // A list that is there and refuses to answer says more than one that is not there.
                    if status != 404 || failure.is_none() {
                        failure = Some(error);
                    }
                }
                other => return other,
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Hands over what is left.
    fn done(&mut self, read: Result<(), ReadError>) -> Result<(), ReadError> {
        let handed = self.hand_over();
        match read {
            Err(error) if error.is_stop() => Ok(()),
            Ok(()) if handed.is_err() => Ok(()),
            read => read,
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), ReadError> {
        let at = path.display().to_string();
        let failed = |source: io::Error| ReadError::split(&at, source.into());
        let file = File::open(path).map_err(failed)?;
        self.meter.total.store(file.metadata().map_err(failed)?.len(), Ordering::Relaxed);
        if self.entries_of(file, &at)?.is_some() {
            tracing::warn!("`{at}` is one page of a registry's list; its other pages are not in the file");
        }
        Ok(())
    }

    fn url(&mut self, url: &Url) -> Result<(), ReadError> {
        let response = self.runtime.block_on(self.fetcher.open(url))?;
        self.meter.total.store(response.content_length().unwrap_or(0), Ordering::Relaxed);
        let body = Body::new(response, self.runtime.clone());
        match self.entries_of(body, url.as_str())? {
            None => Ok(()),
            Some(cursor) => self.pages(url, Some(cursor)),
        }
    }

    /// A registry's list, at the first of the addresses that has one.
    fn registry(&mut self, url: &Url) -> Result<(), ReadError> {
        let lists = lists_of(url);
        let (last, others) = lists.split_last().ok_or_else(|| ReadError::no_list(url.as_str()))?;
        for list in others {
            match self.list(list) {
                Err(ReadError::Fetch(FetchError::Status { status: 404, .. })) if self.entries == 0 => {}
                other => return other,
            }
        }
        self.list(last)
    }

    fn list(&mut self, list: &Url) -> Result<(), ReadError> {
        self.pages(list, None)
    }

    /// Page after page, from the one that `cursor` names.
    fn pages(&mut self, list: &Url, mut cursor: Option<String>) -> Result<(), ReadError> {
        let mut seen = HashSet::new();
        self.meter.total.store(0, Ordering::Relaxed);
        self.page = Some(u64::from(cursor.is_some()));
        seen.extend(list.query_pairs().find(|(name, _)| name == "cursor").map(|(_, own)| own.into_owned()));
        loop {
            let url = match cursor.take() {
                None => list.clone(),
                Some(cursor) => {
                    let url = page(list, &cursor);
                    if !seen.insert(cursor.clone()) {
                        return Err(ReadError::RepeatedCursor { url: list.to_string(), cursor });
                    }
                    url
                }
            };
            let body = self.runtime.block_on(self.fetcher.page(&url))?;
            self.meter.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
            self.page = self.page.map(|page| page + 1);
            let mut splitter = Splitter::new(body.as_slice());
            let metadata = splitter.list(&mut |line, piece| self.push(line, &piece, true));
            cursor = next_cursor(metadata.map_err(|error| ReadError::split(url.as_str(), error))?, &url)?;
            if self.whole_pages {
                self.end_page(list, cursor.clone())?;
            }
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// The entries of a file or an answer, and the cursor to go on with where it is a page of a list.
    fn entries_of(
        &mut self,
        from: impl io::Read + Send + 'static,
        at: &str,
    ) -> Result<Option<String>, ReadError> {
        let failed = |error| ReadError::split(at, error);
        let opened = stream::open(from, self.meter.bytes.clone());
        let (from, form) = opened.map_err(|error| failed(error.into()))?;
        let mut splitter = Splitter::new(from);
        match form {
            Form::Page => return Err(ReadError::no_list(at)),
            Form::Lines => {
                splitter.lines(&mut |line, piece| self.push(line, &piece, false)).map_err(failed)?
            }
            Form::Single => {
                splitter.single(&mut |line, piece| self.push(line, &piece, false)).map_err(failed)?;
            }
            Form::Array => {
                splitter.array(&mut |line, piece| self.push(line, &piece, false)).map_err(failed)?;
                splitter.end().map_err(failed)?;
            }
            Form::List => {
                let metadata =
                    splitter.list(&mut |line, piece| self.push(line, &piece, true)).map_err(failed)?;
                splitter.end().map_err(failed)?;
                return next_cursor(metadata, &at);
            }
        }
        Ok(None)
    }

    fn push(&mut self, line: u64, piece: &Piece<'_>, listed: bool) -> Result<(), SplitError> {
        self.entries += 1;
        let place = Place { page: self.page, line, entry: self.entries };
        if let Piece::Bytes(bytes) = piece {
            self.batch.bytes += bytes.len();
        }
        self.batch.items.push(Item { place, read: entry::read(piece, listed) });
        if !self.whole_pages && self.is_full() {
            return self.hand_over();
        }
        Ok(())
    }

    fn end_page(&mut self, list: &Url, cursor: Option<String>) -> Result<(), ReadError> {
        let is_last = cursor.is_none();
        self.batch.end = Some(PageEnd { list: list.to_string(), cursor });
        if is_last || self.is_full() || self.begun.elapsed() >= LONGEST_BATCH {
            self.begun = Instant::now();
            return self.hand_over().map_err(|stop| ReadError::split(list.as_str(), stop));
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.batch.items.len() >= self.batch_size || self.batch.bytes >= MAX_BATCH_BYTES
    }

    fn hand_over(&mut self) -> Result<(), SplitError> {
        let batch = std::mem::take(&mut self.batch);
        if batch.items.is_empty() && batch.end.is_none() {
            return Ok(());
        }
        self.to.blocking_send(batch).map_err(|_| SplitError::Stopped)
    }
}

/// Where the list goes on; an empty cursor is the end, as clients take it.
fn next_cursor(metadata: Option<Vec<u8>>, at: &impl ToString) -> Result<Option<String>, ReadError> {
    let Some(metadata) = metadata else { return Ok(None) };
    let metadata: Option<Metadata> = serde_json::from_slice(&metadata)
        .map_err(|error| ReadError::Metadata { at: at.to_string(), reason: error.to_string() })?;
    let cursor = metadata.unwrap_or_default().next_cursor.filter(|cursor| !cursor.is_empty());
    if cursor.as_deref().is_some_and(|cursor| cursor.len() > MAX_CURSOR || cursor.contains(char::is_control))
    {
        return Err(ReadError::Cursor { at: at.to_string() });
    }
    Ok(cursor)
}
