//! The read model: all that is public, in memory, following the ledger.
//!
//! - [`entry`], [`catalog`]: versions with their ready answers, in order
//! - [`list`], [`cursor`]: pages of them
//! - [`orders`]: searches that were made a moment ago
//! - [`follow`]: keeping up with the ledger
//! - [`snapshot`]: the catalog on disk, for a warm start

pub mod catalog;
pub mod cursor;
pub mod entry;
pub mod follow;
pub mod list;
pub mod orders;
pub mod snapshot;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use registry_core::wire::search::Suggestion;
use tokio::sync::{Notify, Semaphore, watch};

use catalog::Catalog;
use list::{Filter, Page, Position, Ranker};
use orders::{Orders, Place, State};

use crate::search::find::{Depth, Order, Request, shown};
use crate::search::index::SearchIndex;

/// How long a write waits for its own process to show it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every reader shares.
pub struct ReadModel {
    catalog: ArcSwap<Catalog>,
    applied: watch::Sender<i64>,
    nudge: Notify,
    search: SearchIndex,
    orders: Orders,
    searching: Semaphore,
}

impl ReadModel {
    /// A read model that shows `catalog` until somebody follows the ledger for it.
    pub fn new(catalog: Catalog, search: SearchIndex) -> Self {
        let applied = watch::Sender::new(catalog.head().seq);
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let searching = Semaphore::new(cores);
        Self {
            catalog: ArcSwap::from_pointee(catalog),
            applied,
            nudge: Notify::new(),
            search,
            orders: Orders::default(),
            searching,
        }
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
            return list::page(&catalog, &**self, filter, after.as_ref(), limit);
        }
        let (model, asked) = (self.clone(), filter.clone());
        self.beside(move || list::page(&catalog, &*model, &asked, after.as_ref(), limit)).await
    }

    /// What a request finds, and the catalog in which it was found.
    pub async fn find(self: &Arc<Self>, request: Request) -> (Arc<Catalog>, Arc<Order>) {
        let catalog = self.catalog();
        let state = self.state(&catalog);
        if let Some(known) = self.orders.known(state, &request) {
            return (catalog, known);
        }
        let model = self.clone();
        self.beside(move || {
            let order = model.orders.search(state, &request, || model.search.find(&catalog, &request));
            (catalog, order)
        })
        .await
    }

    /// What a text may become while somebody types.
    pub async fn suggest(self: &Arc<Self>, text: String) -> Vec<Suggestion> {
        let (model, catalog) = (self.clone(), self.catalog());
        self.beside(move || model.search.suggest(&catalog, &text)).await
    }

    /// Runs something that takes milliseconds beside the requests, and only so much at once that others are answered meanwhile.
    async fn beside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _permit = self.searching.acquire().await;
        // It only fails where it panics, and the panic goes on where it belongs.
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    fn state(&self, catalog: &Catalog) -> State {
        (catalog.head().seq, self.search.searcher().generation().generation_id())
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

impl Ranker for ReadModel {
    fn order(&self, catalog: &Catalog, text: &str) -> Arc<[Place]> {
        self.orders.list(self.state(catalog), text, || {
            let request =
                Request { text: text.to_owned(), depth: Depth::All, is_strict: true, ..Request::default() };
            let found = self.search.find(catalog, &request);
            let servers =
                found.hits.iter().filter_map(|hit| Some(shown(catalog, hit.id)?.0.clone())).collect();
            (list::order(catalog, servers, text), found.is_broken)
        })
    }
}
