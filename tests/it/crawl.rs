//! The crawler over a real Postgres, against hosts that this process serves.

mod claims;
mod documents;
mod hostile;
mod politeness;
mod schedule;

use std::sync::Arc;
use std::time::Duration;

use crate::harness::host::{Document, Hosts};
use crate::harness::postgres::Postgres;
use crawler::report::Described;
use crawler::{Config, Crawler, Report};
use registry_core::clock::FixedClock;
use registry_core::listing::Listing;
use registry_core::outbound::Policy;
use registry_core::store::findings::{Finding, Outcome};
use registry_core::store::{findings, ledger, servers};
use serde_json::{Value, json};

pub const CATALOG: &str = "/.well-known/ai-catalog.json";
pub const CARD: &str = "/.well-known/mcp-server-card";
pub const CARD_JSON: &str = "/.well-known/mcp/server-card.json";
pub const V1: &str = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json";

/// Hosts to crawl, and a database to crawl into.
pub struct Web {
    pub hosts: Hosts,
    pub database: Postgres,
    pub clock: FixedClock,
}

impl Web {
    pub async fn start() -> Self {
        let clock = FixedClock::at("2026-11-24T12:00:00Z".parse().expect("a time"));
        Self { hosts: Hosts::start().await, database: Postgres::database().await, clock }
    }

    /// Settings under which hosts of `.com` and `.org` are asked without pauses, and slow ones not for long.
    pub fn config(&self) -> Config {
        Config {
            policy: Policy {
                first_byte_timeout: Duration::from_millis(3000),
                total_timeout: Duration::from_secs(3),
                ..self.hosts.policy()
            },
            own_hosts: vec!["*.com".into(), "*.org".into()],
            random: || 7,
            ..Config::default()
        }
    }

    pub fn crawler(&self) -> Crawler {
        self.crawler_with(self.config())
    }

    pub fn crawler_with(&self, config: Config) -> Crawler {
        Crawler::new(config, self.database.pool(), Arc::new(self.clock.clone())).expect("usable settings")
    }

    /// One visit by a crawler that remembers nothing.
    pub async fn crawl(&self, host: &str) -> Report {
        self.crawler().crawl(&host.parse().expect("a domain"), false).await.expect("the database works")
    }

    /// How many rows the ledger has.
    pub async fn changes(&self) -> i64 {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        ledger::head(&mut conn).await.expect("a ledger").seq
    }

    pub async fn listings(&self, name: &str) -> Vec<Listing> {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        servers::of(&mut conn, &[name.parse().expect("a name")]).await.expect("listings")
    }

    pub async fn findings(&self, host: &str) -> Vec<Finding> {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        findings::of(&mut conn, &host.parse().expect("a domain")).await.expect("findings")
    }

    /// The names of everything that is listed.
    pub async fn names(&self) -> Vec<String> {
        let pool = self.database.pool();
        sqlx::query_scalar(
            "SELECT DISTINCT s.name FROM servers s JOIN versions v ON v.server_id = s.id ORDER BY 1",
        )
        .fetch_all(&pool)
        .await
        .expect("names")
    }
}

/// A Server Card.
pub fn card(name: &str, remote: &str) -> Value {
    json!({
        "$schema": V1, "name": name, "version": "1.0.0", "description": "Tells the tides",
        "remotes": [{ "type": "streamable-http", "url": remote }],
    })
}

/// A catalog of MCP cards by address.
pub fn catalog(urls: &[&str]) -> Value {
    let entry = |url: &&str| {
        let leaf = url.rsplit('/').next().unwrap_or_default();
        let identifier = format!("urn:air:acme.com:x:{leaf}");
        json!({ "identifier": identifier, "type": "application/mcp-server-card+json", "url": url })
    };
    json!({ "specVersion": "1.0", "entries": urls.iter().map(entry).collect::<Vec<_>>() })
}

pub fn serve(hosts: &Hosts, host: &str, path: &str, document: &Value) {
    hosts.serve(host, path, Document::json(document));
}

/// `name change` of everything listed in a visit.
pub fn listed(report: &Report) -> Vec<String> {
    let word = |d: &Described| format!("{} {}", d.name.as_deref().unwrap_or("?"), d.change.unwrap_or("?"));
    report.with(Outcome::Listed).map(word).collect()
}

/// The reasons given for an outcome.
pub fn reasons(report: &Report, outcome: Outcome) -> Vec<&str> {
    report.with(outcome).map(|described| described.reason.as_deref().unwrap_or_default()).collect()
}
