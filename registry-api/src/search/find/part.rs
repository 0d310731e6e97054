//! Names that contain a text somewhere, for who remembers the middle of one.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Depth, FEW, MOST_HITS, Order, Ranked, Request, Sort, Standing, facets, gather};
use crate::read_model::catalog::{Catalog, Server};
use crate::read_model::entry::Needle;
use crate::search::gather::{Gather, Gathered};
use crate::search::schema::id;

/// What a server scores whose name contains the text somewhere.
const CALLED: f32 = 0.1;

impl Order {
    /// Where the words find nothing, the names that contain the text, for who remembers the middle of one; and, where nothing else is
    /// asked, for as long as the index is being built.
    pub(super) fn by_part_of_name(
        &mut self,
        catalog: &Catalog,
        request: &Request,
        ask: impl FnOnce(Gather) -> tantivy::Result<Gathered>,
    ) -> tantivy::Result<()> {
        if self.wanted.text.chars().count() < 3 || !self.wanted.is_plain() {
            return Ok(());
        }
        let reach = if request.depth == Depth::Few { FEW } else { MOST_HITS };
        let mut called = called(catalog, &self.wanted.text, reach);
        self.total = called.len() as u64;
        let has_more = !request.filters.is_empty() || request.since.is_some() || request.counts;
        if has_more || request.sort != Sort::Relevance {
            called = self.narrowed(called, request, ask)?;
        }
        let score = if request.sort == Sort::Relevance { CALLED } else { 0.0 };
        let hit = |id| Ranked { id, score, bm25: 0.0, has_all: true, more: 0 };
        self.hits = called.into_iter().take(gather(request).most).map(hit).collect();
        match request.sort {
            Sort::Relevance => self.standing = Standing::Called,
            sort => self.sorted(sort, catalog),
        }
        Ok(())
    }

    /// Those of the servers for which everything else that is asked is true, counted and in the order that is wanted.
    fn narrowed(
        &mut self,
        mut called: Vec<u64>,
        request: &Request,
        ask: impl FnOnce(Gather) -> tantivy::Result<Gathered>,
    ) -> tantivy::Result<Vec<u64>> {
        let among = Some(Arc::new(called.iter().copied().collect()));
        let gathered = ask(Gather { most: MOST_HITS, among, ..gather(request) })?;
        self.total = gathered.total;
        self.facets = if request.counts { facets(&gathered) } else { Vec::new() };
        let found = gathered.servers.iter().map(|(_, id)| *id);
        if request.sort != Sort::Relevance {
            return Ok(found.collect());
        }
        let found: FxHashSet<u64> = found.collect();
        called.retain(|id| found.contains(id));
        Ok(called)
    }
}

/// The servers whose names contain a folded text, by name.
fn called(catalog: &Catalog, text: &str, most: usize) -> Vec<u64> {
    let needle = Needle::new(text);
    // What nearly every namespace begins with is found only by whoever types a namespace.
    let is_name = text.contains(['.', '/']);
    let is_called = |server: &&Arc<Server>| match server.folded_name().strip_prefix("io.github.") {
        Some(own) if !is_name => needle.is_in(own),
        _ => true,
    };
    let servers = catalog.called(text).filter(is_called).filter(|server| server.visible().is_some());
    servers.take(most).map(|server| id(server.name.as_str())).collect()
}
