//! What a visit has yet to ask for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
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

/// Tasks in the order of asking: what is new, then what was seen before, that of which nobody has heard for the longest time first.
/// So a catalog that is larger than a visit is read on at the next one, and nothing of it is forgotten.
#[derive(Default)]
pub(super) struct Queue {
    new: VecDeque<Task>,
    seen: BTreeMap<(Option<DateTime<Utc>>, usize), Task>,
    pushed: usize,
}

impl Queue {
    /// Adds a task; beyond any visit's reach it is dropped, so that one document cannot fill the memory.
    pub(super) fn push(&mut self, task: Task) {
        if self.new.len() < MAX_ENTRIES {
            self.new.push_back(task);
        }
    }

    /// Adds a task for a document of a catalog that earlier visits have seen, fresh until then.
    pub(super) fn push_seen(&mut self, task: Task, fresh_until: Option<DateTime<Utc>>) {
        if self.seen.len() < MAX_ENTRIES {
            self.pushed += 1;
            self.seen.insert((fresh_until, self.pushed), task);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Task> {
        self.new.pop_front().or_else(|| self.seen.pop_first().map(|(_, task)| task))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::discover;

    #[test]
    fn what_is_new_comes_first_and_then_what_was_seen_longest_ago() {
        let task = |path: &str| {
            let url = Url::parse(&format!("https://acme.com/{path}")).expect("an address");
            Task::location(url, discover::ALL[0])
        };
        let at = |hours| Some(DateTime::UNIX_EPOCH + TimeDelta::hours(hours));
        let mut queue = Queue::default();
        queue.push_seen(task("b"), at(5));
        queue.push(task("new"));
        queue.push_seen(task("a"), at(2));
        queue.push_seen(task("never"), None);
        queue.push_seen(task("c"), at(5));
        let order: Vec<String> =
            std::iter::from_fn(|| queue.pop()).map(|task| task.url.path()[1..].to_owned()).collect();
        assert_eq!(order, ["new", "never", "a", "b", "c"]);
    }
}
