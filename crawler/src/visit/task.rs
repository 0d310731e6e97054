//! What a visit has yet to ask for.

use std::collections::VecDeque;
use std::sync::Arc;

use url::Url;

use crate::discover::{Discovery, Entry, Expects, MAX_ENTRIES};

/// One document to ask for.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) url: Url,
    pub(super) format: &'static dyn Discovery,
    pub(super) via: Via,
    /// How many catalogs lead there, one inside the other; 0 for a home page, which is none.
    pub(super) depth: usize,
    /// Those catalogs, by every address they have.
    pub(super) path: Vec<Url>,
}

/// What led to a document.
#[derive(Clone)]
pub(super) enum Via {
    /// A site may keep it there.
    Location,
    /// It may lie beside an endpoint; where it does not, the rest may.
    Beside {
        /// Where to look next.
        or_else: Vec<Url>,
    },
    /// It may tell whether an endpoint exists.
    About,
    /// Another document names it.
    Named(Box<Named>),
}

/// How another document names one.
#[derive(Clone)]
pub(super) struct Named {
    /// The document, by its last address.
    pub(super) by: Url,
    pub(super) expects: Expects,
    /// Whether the address is made up from a name.
    pub(super) is_guess: bool,
    /// Where in that document.
    pub(super) pointer: String,
    pub(super) entry: Arc<Entry>,
}

impl Task {
    /// A place where a site may keep a document.
    pub(super) fn location(url: Url, format: &'static dyn Discovery) -> Self {
        let depth = usize::from(!format.is_cut());
        Self { url, format, via: Via::Location, depth, path: Vec::new() }
    }

    /// How it is named, if it is.
    pub(super) fn named(&self) -> Option<&Named> {
        match &self.via {
            Via::Named(named) => Some(named),
            _ => None,
        }
    }

    /// Whether nobody says that it is there, so that nothing is missing where nothing is.
    pub(super) fn is_guess(&self) -> bool {
        self.named().is_none_or(|named| named.is_guess)
    }

    pub(super) fn accept(&self) -> &'static str {
        self.named().map_or_else(|| self.format.accept(), |named| named.expects.accept())
    }

    /// How many bytes are taken.
    pub(super) fn max_bytes(&self) -> usize {
        self.named().map_or_else(|| self.format.max_bytes(), |named| named.expects.max_bytes())
    }

    /// Whether it is a site's home page.
    pub(super) fn is_home(&self) -> bool {
        self.format.is_cut() && matches!(self.via, Via::Location)
    }

    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
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
