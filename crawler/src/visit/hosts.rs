//! Which hosts are asked, and at which of their places.

use std::sync::Arc;

use registry_core::card::origin::Origin;
use registry_core::card::site;
use registry_core::store::StoreError;
use tokio::time::Instant;
use url::Url;

use super::task::{Named, Task, Via};
use super::{Reach, Visit};
use crate::discover::{self, Discovery, Entry, Expects, Tier};

impl Visit<'_> {
    /// What robots.txt names.
    pub(super) async fn follow_robots(&mut self, origin: &Origin) -> Result<(), StoreError> {
        let Some(format) = discover::format("agentmap") else { return Ok(()) };
        let left = self.deadline.saturating_duration_since(Instant::now());
        let home = origin.url("/");
        let maps = self.means.fetcher.agentmaps(&home, &self.means.turns);
        let Ok(maps) = tokio::time::timeout(left, maps).await else { return Ok(()) };
        for (at, url) in maps?.into_iter().enumerate() {
            let named = Named {
                by: origin.url("/robots.txt"),
                expects: Expects::Catalog,
                is_guess: false,
                pointer: format!("/agentmap/{at}"),
                entry: Arc::new(Entry::default()),
            };
            self.queue.push(Task {
                url,
                format,
                via: Via::Named(Box::new(named)),
                depth: 1,
                path: Vec::new(),
            });
        }
        Ok(())
    }

    /// Reads a host's home page: what it links to comes before what may lie at well-known places.
    pub(super) async fn look_home(&mut self, origin: &Origin) -> Result<(), StoreError> {
        for (url, format) in places(origin, |format| format.is_cut()) {
            self.step(Task::location(url, format)).await?;
        }
        Ok(())
    }

    /// Queues the usual places of a host, and the rare ones where something was found before.
    pub(super) fn queue_usual(&mut self, origin: &Origin) {
        for (url, format) in places(origin, |format| !format.is_cut()) {
            if format.tier() == Tier::Usual || self.known.contains_key(url.as_str()) {
                self.queue.push(Task::location(url, format));
            }
        }
    }

    /// Asks the host's siblings: `www` or the apex where the host itself fails, and `mcp`, which is a host of its own.
    pub(super) async fn look_at_siblings(&mut self) -> Result<(), StoreError> {
        let host = self.seen.origin.host().to_owned();
        for sibling in siblings(&host, self.is_off()) {
            let Ok(origin) = sibling.parse::<Origin>() else { continue };
            if self.homes.get(&host).is_none_or(|home| home.host != sibling) {
                self.look_home(&origin).await?;
            }
            if self.is_another(&host, &sibling) {
                self.queue_usual(&origin);
                self.drain().await?;
            }
        }
        Ok(())
    }

    /// Whether the origin's host fails in DNS, or sends visitors elsewhere.
    fn is_off(&self) -> bool {
        let host = self.seen.origin.host();
        self.dead.get(host).is_some_and(|dead| dead.is_unresolved)
            || self.homes.get(host).is_some_and(|home| home.host != host)
    }

    /// Whether a sibling is there and not the first host by another name.
    fn is_another(&self, host: &str, sibling: &str) -> bool {
        let Some(home) = self.homes.get(sibling) else { return !self.dead.contains_key(sibling) };
        let page = |of: &str| self.homes.get(of).and_then(|home| home.sha256);
        home.host != host && (home.sha256.is_none() || home.sha256 != page(host))
    }

    /// Queues the rare places, if this visit goes so far.
    pub(super) fn look_further(&mut self) {
        let is_found = !self.known.is_empty() || !self.seen.cards.is_empty() || !self.seen.leads.is_empty();
        let goes_on = match self.means.reach {
            Reach::Everywhere => true,
            Reach::AsFound => is_found,
            Reach::Usual => false,
        };
        if !goes_on || self.dead.contains_key(self.seen.origin.host()) {
            return;
        }
        self.seen.has_looked_further = true;
        let origin = self.seen.origin.clone();
        for (url, format) in places(&origin, |format| format.tier() == Tier::LongTail) {
            self.queue.push(Task::location(url, format));
        }
    }
}

/// The places of those formats on a host.
fn places(
    origin: &Origin,
    of: impl Fn(&dyn Discovery) -> bool,
) -> impl Iterator<Item = (Url, &'static dyn Discovery)> {
    let formats = discover::ALL.iter().copied().filter(move |format| of(*format));
    formats.flat_map(move |format| format.locations(origin).into_iter().map(move |url| (url, format)))
}

/// The other hosts of a site that may describe its servers.
fn siblings(host: &str, is_off: bool) -> Vec<String> {
    let bare = site::without_www(host);
    let Some(apex) = site::site(host).filter(|apex| *apex == bare) else { return Vec::new() };
    let mut siblings = Vec::new();
    if is_off {
        siblings.push(if host == apex { format!("www.{apex}") } else { apex.to_owned() });
    }
    siblings.push(format!("mcp.{apex}"));
    siblings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_belong_to_the_apex() {
        assert_eq!(siblings("acme.com", false), ["mcp.acme.com"]);
        assert_eq!(siblings("acme.com", true), ["www.acme.com", "mcp.acme.com"]);
        assert_eq!(siblings("www.acme.com", true), ["acme.com", "mcp.acme.com"]);
        for none in ["mcp.acme.com", "docs.acme.com", "github.io", "www.docs.acme.com"] {
            assert_eq!(siblings(none, true), [""; 0], "{none}");
        }
    }
}
