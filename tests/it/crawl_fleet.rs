//! Two crawler processes and one database: no document is fetched twice in a round, hosts are asked once a second by both
//! together, and one that is killed loses nothing.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use registry_core::clock::{Clock, SystemClock};
use registry_core::store::origins;

use crate::crawl::{CARD, card};
use crate::harness::host::{Document, Hosts, Request};
use crate::harness::postgres::Postgres;
use crate::harness::program::{cardinal, run};

const ORIGINS: usize = 2_000;

/// How many of them are strangers', asked once a second.
const STRANGERS: usize = 24;

/// How many visits a process makes at once, and so how many a kill can interrupt.
const AT_ONCE: usize = 16;

/// Far longer than a visit here takes.
const LEASE_SECONDS: u64 = 20;

fn host(number: usize) -> String {
    if number < STRANGERS { format!("stranger{number}.net") } else { format!("own{number}.com") }
}

/// Every host has one card, and wants nothing else to be asked for.
fn answer(request: &Request) -> Document {
    let robots = "User-agent: *\nDisallow: /\nAllow: /.well-known/mcp-server-card$\nAllow: /.well-known/mcp.json$\nAllow: /$";
    match request.path.as_str() {
        "/robots.txt" if request.domain.starts_with("mcp.") => Document::text("User-agent: *\nDisallow: /"),
        "/robots.txt" => Document::text(robots),
        CARD => {
            let name = request.domain.split('.').rev().collect::<Vec<_>>().join(".");
            Document::json(&card(&format!("{name}/tides"), &format!("https://{}/mcp", request.domain)))
        }
        _ => Document::status(404),
    }
}

fn crawler(hosts: &Hosts, database: &Postgres, folder: &std::path::Path) -> Child {
    let mut command: Command = cardinal();
    command.args(["serve", "--role", "crawler", "--data-dir"]).arg(folder);
    command.args(["--database-url", &database.url(), "--crawler-connect-to", &hosts.connect_to()]);
    command.args(["--crawler-own-hosts", "*.com", "--crawler-probe=false"]);
    command.args([
        "--crawler-concurrency",
        &AT_ONCE.to_string(),
        "--crawler-lease",
        &LEASE_SECONDS.to_string(),
    ]);
    command.arg("--crawler-ca-file").arg(hosts.ca_file());
    let log =
        std::fs::File::options().create(true).append(true).open(folder.join("crawler.log")).expect("a log");
    command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts")
}

async fn crawled(database: &Postgres) -> usize {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM origins WHERE crawled_at IS NOT NULL")
        .fetch_one(&database.pool())
        .await
        .expect("it counts");
    usize::try_from(count).expect("a count")
}

/// Waits until so many origins were visited.
async fn wait_for(database: &Postgres, count: usize, folder: &std::path::Path) {
    let begun = Instant::now();
    while crawled(database).await < count {
        let log = || std::fs::read_to_string(folder.join("crawler.log")).unwrap_or_default();
        assert!(begun.elapsed() < Duration::from_secs(300), "{} origins\n{}", 0, log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_crawlers_share_the_work_and_one_may_be_killed() {
    let (hosts, database) = (Hosts::start().await, Postgres::database().await);
    hosts.respond("*", "*", answer);
    let pool = database.pool();
    let mut tx = pool.begin().await.expect("a transaction");
    for number in 0..ORIGINS {
        let origin = host(number).parse().expect("a domain");
        origins::add(&mut tx, &origin, "test", SystemClock.now()).await.expect("added");
    }
    tx.commit().await.expect("committed");
    let folder = tempfile::tempdir().expect("the temporary directory is writable");

    let mut dying = crawler(&hosts, &database, folder.path());
    let mut living = crawler(&hosts, &database, folder.path());
    wait_for(&database, ORIGINS / 3, folder.path()).await;
    dying.kill().expect("it runs");
    dying.wait().expect("it ended");
    wait_for(&database, ORIGINS, folder.path()).await;
    crate::harness::program::signal("-TERM", living.id());
    assert!(living.wait().expect("it ended").success());

    let requests = hosts.requests();
    assert_fetched_once(&requests);
    assert_polite(&requests);
    let listed: i64 =
        sqlx::query_scalar("SELECT count(*) FROM versions").fetch_one(&pool).await.expect("a count");
    assert_eq!(listed, i64::try_from(ORIGINS).expect("few"), "every origin's card is listed once");
    let verified = run(&[
        "verify",
        "--data-dir",
        folder.path().to_str().expect("a path"),
        "--database-url",
        &database.url(),
    ]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}

/// Only what the killed process had under way may have been asked for again.
fn assert_fetched_once(requests: &[Request]) {
    let mut fetched: HashMap<(&str, &str), usize> = HashMap::new();
    for request in requests.iter().filter(|request| request.path == CARD) {
        *fetched.entry((&request.domain, &request.path)).or_default() += 1;
    }
    assert_eq!(fetched.len(), ORIGINS);
    let again: Vec<_> = fetched.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.len() <= AT_ONCE && again.iter().all(|(_, times)| **times == 2), "{again:?}");
}

/// Both processes together ask a stranger's host once a second.
fn assert_polite(requests: &[Request]) {
    for number in 0..STRANGERS {
        let host = host(number);
        let times: Vec<Instant> =
            requests.iter().filter(|request| request.domain == host).map(|request| request.at).collect();
        // Turns are a second apart where they are given; a busy machine sends the first of them up to a second late.
        let (first, last) = (times[0], times[times.len() - 1]);
        let least = Duration::from_secs(times.len() as u64 - 2);
        assert!(last - first >= least, "`{host}` is asked {} times in {:?}", times.len(), last - first);
        assert!(times.len() >= 4, "`{host}` was asked: {times:?}");
    }
}
