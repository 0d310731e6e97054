//! Every real document of the corpus, served where its owner serves it, and crawled: what becomes of each is said in `outcomes.tsv`,
//! with the reason why it must. Skipped where there is no corpus.

mod documents;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crawler::{Config, Crawler, Report};
use registry_core::card::{owner, site};
use registry_core::clock::SystemClock;
use registry_core::store::findings::Outcome;

use crate::harness::host::{Document, Hosts};
use crate::harness::postgres::Postgres;
use crate::harness::program;
use documents::Real;

/// The checked table: file, shape, outcome, and why by the sections of the specification.
const TABLE: &str = include_str!("crawl_corpus/outcomes.tsv");

#[tokio::test]
async fn every_real_document_becomes_what_the_table_says() {
    let Some(shared) = program::shared() else { return };
    let real = documents::all(&shared.join("corpus/well-known"));
    let (web, database) = (Hosts::start().await, Postgres::database().await);
    for document in &real {
        web.serve(&document.host, &document.path, Document::new("application/json", document.body.clone()));
        // At such a place a card is found because something names it: here the home page.
        if document.file.starts_with("endpoint-server-card/") {
            let link = format!("<{}>; rel=\"mcp-server-card\"", document.path);
            web.serve(&document.host, "/", Document::new("text/html", "<html>").with_header("link", &link));
        }
    }
    let hosts: BTreeSet<&str> = real.iter().map(|document| document.host.as_str()).collect();
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
        let report = visit(&crawler, host).await;
        assert_proved(host, &report);
        reports.insert(*host, report);
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(240), "{took:?}");
    let mut outcomes = Vec::new();
    for document in &real {
        outcomes.push(outcome::of(document, &reports, &database.pool()).await);
    }
    compare(&real, &outcomes);

    let mut changes = Vec::new();
    for host in &hosts {
        let report = visit(&crawler, host).await;
        if report.changes > 0 {
            changes.push(report.to_string());
        }
    }
    assert!(changes.is_empty(), "the second crawl changes nothing: {}", changes.join("\n"));
}

async fn visit(crawler: &Crawler, host: &str) -> Report {
    let origin = host.parse().expect("the corpus names domains");
    let visit = tokio::time::timeout(Duration::from_secs(60), crawler.crawl(&origin, false));
    visit.await.unwrap_or_else(|_| panic!("`{host}` hangs")).expect("the database works")
}

/// Every row of the table and every document, each exactly once.
fn compare(real: &[Real], outcomes: &[String]) {
    let expected: BTreeMap<&str, (&str, &str)> =
        rows().map(|(file, shape, outcome)| (file, (shape, outcome))).collect();
    let mut wrong = String::new();
    for (document, outcome) in real.iter().zip(outcomes) {
        let is = (document.shape.as_str(), outcome.as_str());
        println!("{} | {} | {}", document.file, is.0, is.1);
        match expected.get(document.file.as_str()) {
            None => writeln!(wrong, "{}: no row says what is to become of it; it is {is:?}", document.file),
            Some(row) if *row != is => {
                writeln!(wrong, "{}:\n  is     {is:?}\n  should {row:?}", document.file)
            }
            Some(_) => Ok(()),
        }
        .expect("a text grows");
    }
    let files: BTreeSet<&str> = real.iter().map(|document| document.file.as_str()).collect();
    for file in expected.keys().filter(|file| !files.contains(**file)) {
        writeln!(wrong, "{file}: the row has no document").expect("a text grows");
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The rows of the table: file, shape, outcome.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TABLE.lines().skip(1).filter(|line| !line.is_empty()).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [file, shape, outcome, because] = cells[..] else { panic!("`{line}` has not four cells") };
        assert!(because.contains("discovery "), "`{file}` has no reason");
        (file, shape, outcome)
    })
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

#[test]
fn every_row_names_a_document_once() {
    let mut files = BTreeSet::new();
    for (file, ..) in rows() {
        assert!(files.insert(file), "`{file}` has two rows");
        assert!(Path::new(file).extension().is_some_and(|e| e == "json"), "{file}");
    }
}
