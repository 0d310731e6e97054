//! What each client of a registry needs, one test for each row of the table of client facts. Every test plays the client
//! that made the row necessary: its paths, its headers, its way of reading, over a socket.

mod documents;
mod headers;
mod lists;
mod paths;
mod search;

use std::sync::Arc;

use registry_api::config::Config;
use serde_json::{Value, json};

use crate::harness::program;
use crate::harness::registry::{Answer, Registry, document};

/// A name as clients that encode write it.
pub const ALPHA: &str = "com.example%2Falpha";

/// A registry that listens, with a few servers in it.
pub struct World {
    pub registry: Registry,
    base: String,
}

impl World {
    /// With `com.example/alpha` in two versions, `com.example/beta` and `org.example/gamma`.
    pub async fn start() -> Self {
        let world = Self::empty(|_| {}).await;
        for (name, version) in [
            ("com.example/alpha", "1.0.0"),
            ("com.example/alpha", "1.1.0"),
            ("com.example/beta", "1.0.0"),
            ("org.example/gamma", "0.1.0"),
        ] {
            world.publish(&document(name, version)).await;
        }
        world.registry.indexed().await;
        world
    }

    /// With nothing in it.
    pub async fn empty(change: impl FnOnce(&mut Config)) -> Self {
        let registry = Registry::with(change).await;
        let base = registry.listen().await;
        Self { registry, base }
    }

    /// Publishes as somebody who may publish everything, each a second after the one before.
    pub async fn publish(&self, document: &Value) {
        self.registry.publisher("everybody", &["*"]).publish(document).await.expect_status(200);
        self.registry.clock.advance(chrono::TimeDelta::seconds(1));
    }

    /// Takes over entries as an operator's import does, and waits until they are listed.
    pub async fn import(&self, entries: &[Value]) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("dump.ndjson");
        let lines: String = entries.iter().map(|entry| format!("{entry}\n")).collect();
        std::fs::write(&file, lines).expect("a file");
        let source = file.to_str().expect("a path").parse().expect("a source");
        let options = crawler::import::Options::new(folder.path().join("report.ndjson"));
        let clock = Arc::new(self.registry.clock.clone());
        let pool = self.registry.database.pool();
        crawler::import::run(&pool, &clock_of(clock), &source, &options, &|_| ()).await.expect("it is read");
        let last: i64 =
            sqlx::query_scalar("SELECT max(seq) FROM ledger").fetch_one(&pool).await.expect("rows");
        self.registry.model.applied(last).await;
    }

    /// A client that was given this address, and what it sends with everything.
    pub fn client(&self, below: &str, headers: &[(&'static str, &'static str)]) -> Client {
        Client { http: program::client(), base: format!("{}{below}", self.base), headers: headers.to_vec() }
    }
}

fn clock_of(clock: Arc<registry_core::clock::FixedClock>) -> registry_core::clock::SharedClock {
    clock
}

/// A program that reads a registry.
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(&'static str, &'static str)>,
}

impl Client {
    /// Reads what stands below its base address.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[]).await
    }

    /// Any request, with headers beside the usual ones.
    pub async fn send(&self, method: &str, path: &str, more: &[(&'static str, &str)]) -> Answer {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in
            self.headers.iter().map(|(name, value)| (*name, *value)).chain(more.iter().copied())
        {
            request = request.header(name, value);
        }
        let response = request.send().await.expect("it answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.text().await.expect("a body of text") }
    }

    /// Every page of a list, the cursor pasted into the address as it came.
    pub async fn walk(&self, list: &str) -> Vec<Answer> {
        self.walk_with(list, list).await
    }

    /// The same, where the pages after the first are asked for in other words.
    pub async fn walk_with(&self, first: &str, further: &str) -> Vec<Answer> {
        let mut pages = vec![self.get(first).await.expect_status(200)];
        while let Some(cursor) = pages.last().and_then(Answer::next_cursor) {
            assert!(pages.len() < 1000, "the list does not end");
            pages.push(self.get(&format!("{further}&cursor={cursor}")).await.expect_status(200));
        }
        pages
    }
}

/// `name:version` of everything on these pages.
pub fn items(pages: &[Answer]) -> Vec<String> {
    pages.iter().flat_map(Answer::items).collect()
}

/// The registry's word on a version, of an entry of a list or a detail.
pub fn official(entry: &Value) -> &Value {
    &entry["_meta"]["io.modelcontextprotocol.registry/official"]
}

/// An entry of a dump of another registry.
pub fn upstream(document: &Value) -> Value {
    let at = "2026-02-01T00:00:00Z";
    let official = json!({ "status": "active", "publishedAt": at, "updatedAt": at, "isLatest": true });
    json!({ "server": document, "_meta": { "io.modelcontextprotocol.registry/official": official } })
}
