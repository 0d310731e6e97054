//! Import over a real Postgres: every form of a source, precedence, batches, and what is reported.

mod forms;
mod record;
mod taken;
mod web;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crawler::import::{self, ImportError, Input, Options, Retry, Summary};
use futures_util::TryStreamExt;
use registry_core::clock::{FixedClock, SharedClock};
use registry_core::listing::{Listing, Source};
use registry_core::name::ServerName;
use registry_core::server::Server;
use registry_core::server_json::{CURRENT_SCHEMA, ServerJson};
use registry_core::store::{self, PgPool, ledger};
use registry_core::verify::Verdict;
use serde_json::{Value, json};

use crate::harness::postgres::Postgres;

/// A database and a folder of its own to import from.
pub struct Here {
    postgres: Postgres,
    clock: FixedClock,
    folder: tempfile::TempDir,
    batch_size: usize,
}

impl Here {
    pub async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let clock = FixedClock::at("2026-11-11T11:11:11.123456Z".parse().expect("a time"));
        let folder = tempfile::tempdir().expect("a folder");
        Self { postgres: Postgres::database().await, clock, folder, batch_size: 1000 }
    }

    pub fn in_batches_of(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    pub fn pool(&self) -> PgPool {
        self.postgres.pool()
    }

    pub fn clock(&self) -> SharedClock {
        Arc::new(self.clock.clone())
    }

    pub fn options(&self) -> Options {
        let retry = Retry { wait: std::time::Duration::from_millis(1), ..Retry::default() };
        Options { batch_size: self.batch_size, retry, ..Options::new(self.report_path()) }
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    fn report_path(&self) -> PathBuf {
        self.folder.path().join("report.ndjson")
    }

    /// The report's lines.
    pub fn report(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.report_path()).expect("a report");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    pub fn has_report(&self) -> bool {
        self.report_path().exists()
    }

    pub async fn try_import(&self, input: &str) -> Result<Summary, ImportError> {
        let input: Input = input.parse().expect("a source");
        import::run(&self.pool(), &self.clock(), &input, &self.options(), &|_| ()).await
    }

    pub async fn import_with(&self, input: &Path, options: &Options) -> Summary {
        let input: Input = input.to_str().expect("a path").parse().expect("a source");
        import::run(&self.pool(), &self.clock(), &input, options, &|_| ()).await.expect("it is read")
    }

    pub async fn import(&self, input: &Path) -> Summary {
        self.try_import(input.to_str().expect("a path")).await.expect("it is read")
    }

    /// Every version, in (name, version) order.
    pub async fn listings(&self) -> Vec<Listing> {
        let mut connection = self.pool().acquire().await.expect("the database answers");
        store::servers::all(&mut connection).try_collect().await.expect("the database answers")
    }

    /// The flagged version of every server: `name version`.
    pub async fn latest(&self) -> Vec<String> {
        let listings = self.listings().await;
        let latest = listings.iter().filter(|listing| listing.standing.is_latest);
        latest.map(|listing| format!("{} {}", listing.name, listing.version)).collect()
    }

    pub async fn verdict(&self) -> Verdict {
        store::verify(&self.pool()).await.expect("the database answers")
    }

    /// Everything that an import may change, as it is now.
    pub async fn state(&self) -> (Vec<String>, i64) {
        let told =
            |l: &Listing| format!("{} {} {:?} {:?} {}", l.name, l.version, l.source, l.standing, l.document);
        let listings = self.listings().await.iter().map(told).collect();
        (listings, self.verdict().await.head.seq)
    }

    /// Changes a server as the API or the crawler would.
    pub async fn change(&self, name: &str, source: Source, change: impl FnOnce(&mut Server)) {
        let mut tx = store::begin(&self.pool()).await.expect("the database answers");
        let names: [ServerName; 1] = [name.parse().expect("a name")];
        let mut servers = store::servers::lock(&mut tx, &names, source).await.expect("the database answers");
        change(&mut servers[0]);
        store::servers::save(&mut tx, &servers).await.expect("the database answers");
        let entries: Vec<_> = servers.iter().flat_map(ledger::entries).collect();
        ledger::append(&mut tx, "test", "2026-01-01T00:00:00Z".parse().expect("a time"), &entries)
            .await
            .expect("the database answers");
        store::commit(tx).await.expect("the database answers");
    }

    /// Runs a statement past the program, as somebody with access to the database might.
    pub async fn tamper(&self, statements: &'static str) {
        let mut tx = store::begin(&self.pool()).await.expect("the database answers");
        sqlx::raw_sql(statements).execute(&mut *tx).await.expect("the database answers");
        store::commit(tx).await.expect("the database answers");
    }
}

/// A document as an upstream has it.
pub fn document(name: &str, version: &str) -> Value {
    json!({ "$schema": CURRENT_SCHEMA, "name": name, "description": "Tells the weather", "version": version })
}

/// The same, as this registry keeps it.
pub fn server(name: &str, version: &str) -> ServerJson {
    serde_json::from_value(document(name, version)).expect("a document")
}

/// An entry of a dump.
pub fn entry(name: &str, version: &str, is_latest: bool) -> Value {
    let at = "2026-02-01T00:00:00Z";
    wrapped(
        document(name, version),
        json!({ "status": "active", "publishedAt": at, "updatedAt": at, "isLatest": is_latest }),
    )
}

pub fn wrapped(document: Value, official: Value) -> Value {
    json!({ "server": document, "_meta": { "io.modelcontextprotocol.registry/official": official } })
}

pub fn lines(entries: &[Value]) -> String {
    entries.iter().map(|entry| format!("{entry}\n")).collect()
}

/// Added, changed, unchanged, kept, refused.
pub fn counts(summary: &Summary) -> (u64, u64, u64, u64, u64) {
    (summary.added, summary.changed, summary.unchanged, summary.kept, summary.refused)
}
