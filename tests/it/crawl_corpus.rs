//! Every real document of the corpus, served where its owner serves it, and crawled. Skipped where there is no corpus.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crawler::{Config, Crawler, Report};
use registry_core::card::{owner, site};
use registry_core::clock::SystemClock;
use registry_core::store::findings::Outcome;
use serde::Deserialize;

use crate::harness::host::{Document, Hosts};
use crate::harness::postgres::Postgres;
use crate::harness::program;

/// A line of the corpus' index.
#[derive(Deserialize)]
struct Line {
    file: String,
    kind: String,
    served_at: String,
    domain: Option<String>,
}

/// A document, and the host that serves it here.
struct Served {
    kind: String,
    host: String,
    path: String,
}

#[tokio::test]
async fn every_real_document_is_crawled_and_nothing_unproved_is_listed() {
    let Some(shared) = program::shared() else { return };
    let folder = shared.join("corpus/well-known");
    let (web, database) = (Hosts::start().await, Postgres::database().await);
    let served = serve(&web, &folder);
    let hosts: BTreeSet<String> = served.iter().map(|document| document.host.clone()).collect();
    let config = Config {
        policy: web.policy(),
        // All below the top-level domains: also where the documents send the crawler, which is here too.
        own_hosts: hosts.iter().map(|host| format!("*.{}", suffix(host))).collect(),
        ..Config::default()
    };
    let crawler = Crawler::new(config, database.pool(), Arc::new(SystemClock)).expect("usable settings");

    let begun = Instant::now();
    let mut reports = BTreeMap::new();
    for host in &hosts {
        let origin = host.parse().expect("the corpus names domains");
        let visit = tokio::time::timeout(Duration::from_secs(30), crawler.crawl(&origin, false));
        let report = visit.await.unwrap_or_else(|_| panic!("`{host}` hangs")).expect("the database works");
        assert_proved(host, &report);
        reports.insert(host.clone(), report);
    }
    let took = begun.elapsed();
    let table = count(&served, &reports);
    println!("{}", show(&table));
    println!("{} documents on {} hosts in {took:?}", served.len(), hosts.len());

    let reached: usize = table.values().map(|row| row.reached).sum();
    let listed: usize = table.values().map(|row| row.listed).sum();
    assert!(took < Duration::from_secs(120), "{took:?}");
    assert_eq!((served.len(), reached, listed), EXPECTED, "documents, reached, listed");

    let mut changes = 0;
    for host in &hosts {
        let again = crawler.crawl(&host.parse().expect("a domain"), false).await.expect("the database works");
        changes += again.changes;
    }
    assert_eq!(changes, 0, "the second crawl changes nothing");
}

/// Documents, those that were reached, and those that are listings. More formats make it more.
const EXPECTED: (usize, usize, usize) = (126, 121, 38);

/// Serves the corpus; documents without a domain, or with another's address, get a made-up one.
fn serve(web: &Hosts, folder: &Path) -> Vec<Served> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).expect("the corpus has an index");
    let mut taken = BTreeSet::new();
    let lines = index.lines().map(|line| serde_json::from_str::<Line>(line).expect("a line of JSON"));
    lines
        .enumerate()
        .map(|(number, line)| {
            let made_up = format!("doc{number}-corpus.com");
            let host = line.domain.filter(|host| taken.insert((host.clone(), line.served_at.clone())));
            let host = host.unwrap_or(made_up);
            let body = std::fs::read(folder.join(&line.file)).expect("the corpus is whole");
            web.serve(&host, &line.served_at, Document::new("application/json", body));
            Served { kind: line.kind, host, path: line.served_at }
        })
        .collect()
}

/// The last label.
fn suffix(host: &str) -> &str {
    host.rsplit_once('.').map_or(host, |(_, last)| last)
}

/// Every listed name is the host's, or one that a document on another host of the visit may speak for.
fn assert_proved(host: &str, report: &Report) {
    for described in report.with(Outcome::Listed) {
        let name = described.name.as_deref().expect("a listing has a name");
        let namespace = name.parse::<registry_core::name::ServerName>().expect("a name").namespace();
        let document = url::Url::parse(&described.url).expect("an address");
        let speaker = document.host_str().unwrap_or_default();
        let proved = [host, speaker].iter().any(|speaker| {
            owner::may_speak(speaker, &namespace) || owner::may_speak(site::without_www(speaker), &namespace)
        });
        assert!(proved, "`{name}` is listed from `{}`, found by way of `{host}`", described.url);
        assert!(described.level.is_some_and(|level| level.number() >= 2), "{name}");
    }
}

#[derive(Default)]
struct Row {
    documents: usize,
    reached: usize,
    listed: usize,
    held: usize,
    refused: usize,
    skipped: usize,
}

fn count(served: &[Served], reports: &BTreeMap<String, Report>) -> BTreeMap<String, Row> {
    let mut table = BTreeMap::<String, Row>::new();
    for document in served {
        let row = table.entry(document.kind.clone()).or_default();
        let url = format!("https://{}{}", document.host, document.path);
        let report = &reports[&document.host];
        row.documents += 1;
        row.reached += usize::from(report.documents.iter().any(|asked| asked.url == url));
        let outcomes =
            |outcome: Outcome| report.with(outcome).filter(|described| described.url == url).count();
        row.listed += outcomes(Outcome::Listed);
        row.held += outcomes(Outcome::Held);
        row.refused += outcomes(Outcome::Refused);
        row.skipped += outcomes(Outcome::Skipped);
    }
    table
}

fn show(table: &BTreeMap<String, Row>) -> String {
    let mut text = format!(
        "{:<28}{:>10}{:>10}{:>8}{:>6}{:>9}{:>9}\n",
        "kind", "documents", "reached", "listed", "held", "refused", "skipped"
    );
    for (kind, row) in table {
        let Row { documents, reached, listed, held, refused, skipped } = row;
        text +=
            &format!("{kind:<28}{documents:>10}{reached:>10}{listed:>8}{held:>6}{refused:>9}{skipped:>9}\n");
    }
    text
}
