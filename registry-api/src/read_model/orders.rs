//! Searches that were made a moment ago: the next page of one, or the same one again, ranks nothing anew.
//!
//! An order belongs to one catalog and one state of the index; a change makes the next one.

use std::sync::Arc;

use moka::sync::Cache;

use super::catalog::Server;
use crate::search::find::{Order, Request};

/// How many servers all remembered orders name together.
const MOST_SERVERS: u64 = 1_000_000;

/// What an order belongs to: the catalog's place in the ledger, and the index's generation.
pub type State = (i64, u64);

/// A server of a ranked list, and whether all its versions are in it or only those that match by themselves.
pub type Place = (Arc<Server>, bool);

/// Remembered orders.
pub struct Orders {
    lists: Cache<(State, String), Arc<[Place]>>,
    searches: Cache<(State, Request), Arc<Order>>,
}

impl Default for Orders {
    fn default() -> Self {
        let size = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).saturating_add(20);
        Self {
            lists: Cache::builder()
                .max_capacity(MOST_SERVERS)
                .weigher(move |_, list: &Arc<[Place]>| size(list.len()))
                .build(),
            searches: Cache::builder()
                .max_capacity(MOST_SERVERS)
                .weigher(move |_, order: &Arc<Order>| size(order.hits.len()))
                .build(),
        }
    }
}

impl Orders {
    /// The list for a text, made with `rank` where it is not remembered; it is not where `rank` says that the index was broken.
    pub fn list(&self, state: State, text: &str, rank: impl FnOnce() -> (Vec<Place>, bool)) -> Arc<[Place]> {
        let (key, mut is_broken) = ((state, text.to_owned()), false);
        let list = self.lists.get_with_by_ref(&key, || {
            let (list, broken) = rank();
            is_broken = broken;
            list.into()
        });
        if is_broken {
            self.lists.invalidate(&key);
        }
        list
    }

    /// What a request found, if it is remembered.
    pub fn known(&self, state: State, request: &Request) -> Option<Arc<Order>> {
        self.searches.get(&(state, request.clone()))
    }

    /// What a request finds.
    pub fn search(&self, state: State, request: &Request, find: impl FnOnce() -> Order) -> Arc<Order> {
        let key = (state, request.clone());
        let order = self.searches.get_with_by_ref(&key, || Arc::new(find()));
        if order.is_broken {
            self.searches.invalidate(&key);
        }
        order
    }
}
