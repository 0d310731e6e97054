//! What was fetched, byte for byte, with its revisions; and what the catalogs among it list elsewhere.

use std::collections::BTreeSet;

use registry_core::store::vouchers::{self, CatalogListing};
use registry_core::store::{PgConnection, StoreError, absences, documents, revisions};

use super::Ingest;
use crate::visit::Document;

impl Ingest<'_> {
    pub(super) async fn documents(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let (mut same, mut unseen) = (Vec::new(), 0);
        let mut is_revised = false;
        for document in &self.visited.documents {
            let seen = seen(document);
            match self.known.get(seen.url) {
                Some(known) if known.is_as(&seen) => {
                    unseen += usize::from(document.is_as_before);
                    same.extend((!document.is_as_before).then_some(known.id));
                }
                known => {
                    if let Some(known) = known.filter(|known| known.sha256 != seen.sha256) {
                        let added = revisions::add(conn, known.id, seen.sha256, seen.body, self.at).await?;
                        is_revised |= added.is_some();
                    }
                    documents::save(conn, self.held.id, &seen, self.at).await?;
                }
            }
        }
        if !same.is_empty() {
            documents::touch(conn, &same, self.at).await?;
        }
        if same.len() + unseen < self.visited.documents.len() {
            documents::prune(conn, self.held.id).await?;
        }
        if is_revised {
            revisions::prune(conn, self.held.id).await?;
        }
        Ok(())
    }

    /// Keeps until when nothing new is expected at the addresses that were asked, be there a document or none.
    pub(super) async fn asked_again(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let visited = self.visited;
        if !visited.fresh.is_empty() {
            let fresh: Vec<_> = visited.fresh.iter().map(|(url, until)| (url.as_str(), *until)).collect();
            documents::keep_fresh(conn, self.held.id, &fresh).await?;
        }
        if !visited.missed.is_empty() {
            absences::missed(conn, self.held.id, &visited.missed, self.at).await?;
        }
        if !visited.documents.is_empty() {
            let found: Vec<_> = visited.documents.iter().map(|document| document.url.to_string()).collect();
            absences::found(conn, self.held.id, &found).await?;
        }
        Ok(())
    }

    /// Keeps what this origin's catalogs say of documents on other hosts: the visits there cannot see it.
    pub(super) async fn replace_catalog_listings(
        &mut self,
        conn: &mut PgConnection,
    ) -> Result<(), StoreError> {
        let before: BTreeSet<CatalogListing> =
            vouchers::catalog_listings(conn, self.held.id).await?.into_iter().collect();
        let mut now: BTreeSet<CatalogListing> = self.visited.documents.iter().flat_map(listings).collect();
        now.extend(before.iter().filter(|listing| self.is_unsure(listing)).cloned());
        if now == before {
            return Ok(());
        }
        let changed = now.symmetric_difference(&before).map(|listing| listing.document_url.clone());
        self.news.documents.extend(changed);
        let now: Vec<CatalogListing> = now.into_iter().collect();
        vouchers::replace_catalog_listings(conn, self.held.id, &now, self.at).await
    }

    /// Whether this visit cannot tell if the listing still stands: its catalog, or the document, was out of reach.
    fn is_unsure(&self, listing: &CatalogListing) -> bool {
        let asked = |url: &str| {
            let alias =
                self.known.iter().find(|(_, known)| known.final_url == url).map(|(url, _)| url.as_str());
            let is_it =
                |asked: &&crate::visit::Asked| asked.url.as_str() == url || Some(asked.url.as_str()) == alias;
            self.visited.asked.iter().find(is_it)
        };
        let catalog_is_read = asked(&listing.catalog_url).is_some_and(|asked| asked.state.is_conclusive());
        let document_is_out_of_reach =
            asked(&listing.document_url).is_some_and(|asked| !asked.state.is_conclusive());
        !catalog_is_read || document_is_out_of_reach || self.visited.is_cut
    }
}

fn seen(document: &Document) -> documents::Seen<'_> {
    documents::Seen {
        url: document.url.as_str(),
        final_url: document.at().as_str(),
        format: document.format.id(),
        shape: document.shape,
        etag: document.etag.as_deref(),
        last_modified: document.last_modified.as_deref(),
        sha256: document.sha256,
        body: &document.body,
        moved_to: document.moved_to().map(url::Url::as_str),
    }
}

/// Who lists a document from another host.
fn listings(document: &Document) -> impl Iterator<Item = CatalogListing> {
    let elsewhere = document.listed_by.iter().filter(|by| by.host_str() != document.url.host_str());
    elsewhere.map(|by| CatalogListing { catalog_url: by.to_string(), document_url: document.url.to_string() })
}
