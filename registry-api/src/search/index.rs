//! The index folder and its writer.
//!
//! The commit's payload says which schema and which ledger row the index stands at. Whatever does not fit is thrown away and
//! built anew from the catalog; without a usable folder the index lives in memory.

use std::path::Path;

use registry_core::digest::Digest;
use registry_core::name::ServerName;
use registry_core::store::ledger::Head;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};
use tracing::{info, warn};

use super::schema::{self, Fields};
use crate::read_model::catalog::Catalog;
use crate::read_model::list::Ranker;

/// Memory the writer may use before it writes a segment.
const WRITER_MEMORY: usize = 32 << 20;

#[derive(Serialize, Deserialize)]
struct Payload {
    schema: u32,
    seq: i64,
    hash: String,
}

/// Finds; cheap to clone and share.
#[derive(Clone)]
pub struct SearchIndex {
    reader: IndexReader,
    fields: Fields,
}

impl SearchIndex {
    /// What can be found at this moment.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// The names that `text` finds, best first, with their scores.
    pub fn find(&self, text: &str) -> Vec<(f32, ServerName)> {
        super::query::rank(&self.searcher(), &self.fields, text)
    }
}

impl Ranker for SearchIndex {
    fn rank(&self, text: &str) -> Vec<ServerName> {
        self.find(text).into_iter().map(|(_, name)| name).collect()
    }
}

/// Keeps the index; there is one for each folder.
pub struct Indexer {
    index: Index,
    writer: IndexWriter,
    search: SearchIndex,
}

impl Indexer {
    /// Opens the index in `folder`, or makes it there; falls back to memory and says so.
    pub fn open(folder: &Path) -> tantivy::Result<Self> {
        match Self::on_disk(folder) {
            Ok(indexer) => Ok(indexer),
            Err(error) => {
                warn!(index.folder = %folder.display(), %error, "The search index cannot use its folder; it is kept in memory");
                let (schema, fields) = schema::schema();
                Self::of(Index::create_in_ram(schema), fields)
            }
        }
    }

    fn on_disk(folder: &Path) -> tantivy::Result<Self> {
        let (schema, fields) = schema::schema();
        std::fs::create_dir_all(folder)?;
        let opened = Index::open_or_create(MmapDirectory::open(folder)?, schema.clone());
        match opened.and_then(|index| Self::of(index, fields)) {
            Err(tantivy::TantivyError::LockFailure(busy, context)) => {
                Err(tantivy::TantivyError::LockFailure(busy, context))
            }
            Err(error) => {
                info!(%error, "The search index does not fit and is built anew");
                std::fs::remove_dir_all(folder)?;
                std::fs::create_dir_all(folder)?;
                Self::of(Index::open_or_create(MmapDirectory::open(folder)?, schema)?, fields)
            }
            fine => fine,
        }
    }

    fn of(index: Index, fields: Fields) -> tantivy::Result<Self> {
        schema::register(&index);
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, writer, search: SearchIndex { reader, fields } })
    }

    /// The finding side.
    pub fn search(&self) -> SearchIndex {
        self.search.clone()
    }

    /// Where in the ledger the index stands; `None` where it has another schema or nothing was ever committed.
    pub fn head(&self) -> Option<Head> {
        let payload = self.index.load_metas().ok()?.payload?;
        let payload: Payload = serde_json::from_str(&payload).ok()?;
        let hash: Digest = payload.hash.parse().ok()?;
        (payload.schema == schema::VERSION).then_some(Head { seq: payload.seq, hash })
    }

    /// Brings these names to what `catalog` says of them.
    pub fn update(&mut self, catalog: &Catalog, names: &[ServerName]) -> tantivy::Result<()> {
        for name in names {
            self.writer.delete_term(Term::from_field_text(self.search.fields.name, name.as_str()));
            if let Some(entry) = catalog.server(name.as_str()).and_then(|server| server.visible()) {
                self.writer.add_document(schema::document(&self.search.fields, entry))?;
            }
        }
        self.commit(catalog.head())
    }

    /// Builds the index anew from `catalog`.
    pub fn rebuild(&mut self, catalog: &Catalog) -> tantivy::Result<()> {
        self.writer.delete_all_documents()?;
        for entry in catalog.servers().filter_map(|server| server.visible()) {
            self.writer.add_document(schema::document(&self.search.fields, entry))?;
        }
        self.commit(catalog.head())
    }

    fn commit(&mut self, head: Head) -> tantivy::Result<()> {
        let payload = Payload { schema: schema::VERSION, seq: head.seq, hash: head.hash.to_string() };
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&payload).unwrap_or_default());
        commit.commit()?;
        self.search.reader.reload()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model::catalog::tests::{catalog, described};

    fn sample() -> Catalog {
        catalog(vec![
            described("com.example/mail", "1.0.0", true, "Sends a message to a team channel"),
            described("com.example/weather", "1.0.0", true, "Forecasts for mail carriers"),
        ])
    }

    fn found(indexer: &Indexer, text: &str) -> Vec<String> {
        indexer.search().rank(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn finds_all_words_with_the_last_one_unfinished_and_names_before_descriptions() {
        let (_folder, mut indexer) = fresh();
        indexer.rebuild(&sample()).expect("built");
        assert_eq!(found(&indexer, "mail"), ["com.example/mail", "com.example/weather"]);
        assert_eq!(found(&indexer, "message team chan"), ["com.example/mail"]);
        assert!(found(&indexer, "message forecasts").is_empty(), "every word must be found");
        assert!(found(&indexer, " \" ( ").is_empty());
    }

    #[test]
    fn an_update_replaces_and_removes() {
        let (_folder, mut indexer) = fresh();
        indexer.rebuild(&sample()).expect("built");
        let names = ["com.example/mail", "com.example/weather"].map(|n| n.parse().expect("a name"));
        let next = catalog(vec![described("com.example/mail", "2.0.0", true, "Now sends parcels")]);
        indexer.update(&next, &names).expect("updated");
        assert_eq!(found(&indexer, "parcels"), ["com.example/mail"]);
        assert!(found(&indexer, "forecasts").is_empty() && found(&indexer, "channel").is_empty());
        assert_eq!(indexer.head(), Some(next.head()));
    }

    #[test]
    fn a_broken_folder_is_built_anew() {
        let (folder, indexer) = fresh();
        drop(indexer);
        std::fs::write(folder.path().join("meta.json"), "no json").expect("written");
        let mut indexer = Indexer::open(folder.path()).expect("it opens");
        assert_eq!(indexer.head(), None);
        indexer.rebuild(&sample()).expect("built");
        assert_eq!(found(&indexer, "weather").len(), 1);
    }

    fn fresh() -> (tempfile::TempDir, Indexer) {
        let folder = tempfile::tempdir().expect("a folder");
        let indexer = Indexer::open(folder.path()).expect("it opens");
        (folder, indexer)
    }
}
