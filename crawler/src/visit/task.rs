//! What a visit has yet to ask for.

use std::collections::VecDeque;

use url::Url;

use crate::discover::{Discovery, Entry, Expects, MAX_ENTRIES};

/// One document to ask for.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) url: Url,
    pub(super) format: &'static dyn Discovery,
    pub(super) lead: Lead,
    /// How many catalogs lead there, one inside the other.
    pub(super) depth: usize,
    /// Those catalogs, by every address they have.
    pub(super) path: Vec<Url>,
}

/// What led to a document.
#[derive(Clone)]
pub(super) enum Lead {
    /// A site may keep it there.
    Location,
    /// It may lie beside an endpoint.
    Beside,
    /// A catalog names it.
    Catalog { by: Url, expects: Expects, entry: Box<Entry> },
}

impl Task {
    pub(super) fn accept(&self) -> &'static str {
        match &self.lead {
            Lead::Catalog { expects, .. } => expects.accept(),
            _ => self.format.accept(),
        }
    }

    /// How many bytes are taken.
    pub(super) fn max_bytes(&self) -> usize {
        const CARD: usize = 2 * 1024 * 1024;
        const CATALOG: usize = 5 * 1024 * 1024;
        if self.accept() == Expects::Catalog.accept() { CATALOG } else { CARD }
    }
}

/// Tasks in the order of asking.
#[derive(Default)]
pub(super) struct Queue(VecDeque<Task>);

impl Queue {
    /// Adds a task; beyond any visit's reach it is dropped, so that one document cannot fill the memory.
    pub(super) fn push(&mut self, task: Task) {
        if self.0.len() < MAX_ENTRIES {
            self.0.push_back(task);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Task> {
        self.0.pop_front()
    }
}
