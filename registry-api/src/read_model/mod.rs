//! The read model: all that is public, in memory, following the ledger.
//!
//! - [`entry`], [`catalog`]: versions with their ready answers, in order
//! - [`list`], [`cursor`]: pages of them
//! - [`follow`]: keeping up with the ledger
//! - [`snapshot`]: the catalog on disk, for a warm start

pub mod catalog;
pub mod cursor;
pub mod entry;
pub mod follow;
pub mod list;
pub mod snapshot;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, Semaphore, watch};

use catalog::Catalog;
use list::{Filter, Page, Position};

use crate::search::index::SearchIndex;

/// How long a write waits for its own process to show it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every reader shares.
pub struct ReadModel {
    catalog: ArcSwap<Catalog>,
    applied: watch::Sender<i64>,
    nudge: Notify,
    search: SearchIndex,
    searching: Semaphore,
}

impl ReadModel {
    /// A read model that shows `catalog` until somebody follows the ledger for it.
    pub fn new(catalog: Catalog, search: SearchIndex) -> Self {
        let applied = watch::Sender::new(catalog.head().seq);
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let searching = Semaphore::new(cores.saturating_sub(1).max(1));
        Self { catalog: ArcSwap::from_pointee(catalog), applied, nudge: Notify::new(), search, searching }
    }

    /// Everything public, at this moment.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }

    /// The search index; it follows the catalog by itself.
    pub fn search(&self) -> &SearchIndex {
        &self.search
    }

    /// A page of the list; a search runs beside the requests, and only so many at once that others are answered meanwhile.
    pub async fn page(self: &Arc<Self>, filter: &Filter, after: Option<Position>, limit: usize) -> Page {
        let catalog = self.catalog();
        if filter.search.is_none() {
            return list::page(&catalog, &self.search, filter, after.as_ref(), limit);
        }
        let _permit = self.searching.acquire().await;
        let (model, asked) = (self.clone(), filter.clone());
        let searched = tokio::task::spawn_blocking(move || {
            list::page(&catalog, &model.search, &asked, after.as_ref(), limit)
        });
        // It only fails where it panics, and the panic goes on where it belongs.
        searched.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Waits until the ledger row `seq` is shown; a write calls it before it answers.
    ///
    /// Comes back after some seconds all the same: the write has happened, and the reader is merely late.
    pub async fn applied(&self, seq: i64) {
        self.nudge.notify_one();
        let mut applied = self.applied.subscribe();
        let shown = tokio::time::timeout(PATIENCE, applied.wait_for(|at| *at >= seq)).await;
        if shown.is_err() {
            tracing::warn!(
                ledger.seq = seq,
                "The read model is late; a write was answered before it is shown"
            );
        }
    }

    fn show(&self, catalog: Catalog) -> Arc<Catalog> {
        let seq = catalog.head().seq;
        let catalog = Arc::new(catalog);
        self.catalog.store(catalog.clone());
        self.applied.send_replace(seq);
        catalog
    }
}
