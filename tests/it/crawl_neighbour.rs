//! A good neighbour: what is fresh is not asked for, who does not want to be asked is not, and who asks for a moment gets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use crawler::{Config, Crawler};
use registry_core::card::origin::Origin;
use registry_core::clock::{Clock, SystemClock};
use registry_core::listing::Status;
use registry_core::store::{fetches, hosts, origins};

use crate::crawl::{CARD, CARD_JSON, CATALOG, Web, card, catalog, listed, serve};
use crate::crawl_polite::{round, stranger};
use crate::harness::host::Document;

fn origin(host: &str) -> Origin {
    host.parse().expect("a domain")
}

fn count(web: &Web, host: &str, path: &str) -> usize {
    web.hosts.paths(host).iter().filter(|asked| *asked == path).count()
}

/// Makes an origin due now, as time does.
async fn is_due(web: &Web, host: &str) {
    sqlx::query("UPDATE origins SET due_at = $2 WHERE host = $1")
        .bind(host)
        .bind(web.clock.now())
        .execute(&web.database.pool())
        .await
        .expect("updated");
}

#[tokio::test]
async fn a_document_is_not_asked_for_while_it_is_fresh() {
    let web = Web::start().await;
    stranger(&web, "fresh.net");
    let document = Document::json(&card("net.fresh/tides", "https://fresh.net/mcp"));
    let document = document.with_etag("\"one\"").with_header("cache-control", "max-age=172800");
    web.hosts.serve("fresh.net", CARD, document);
    let pool = web.database.pool();
    let mut conn = pool.acquire().await.expect("a connection");
    origins::add(&mut conn, &origin("fresh.net"), "test", web.clock.now()).await.expect("added");
    let crawler = web.crawler_with(Config { schedule: "0 0 0 1 1 *".to_owned(), ..web.config() });
    round(&web, &crawler, "fresh.net").await;
    assert_eq!(count(&web, "fresh.net", CARD), 1);
    let changes = web.changes().await;
    assert_eq!(web.listings("net.fresh/tides").await.len(), 1);

    web.clock.advance(TimeDelta::hours(3));
    is_due(&web, "fresh.net").await;
    round(&web, &crawler, "fresh.net").await;
    assert_eq!(count(&web, "fresh.net", CARD), 1, "it is fresh for two days");
    assert_eq!(web.changes().await, changes, "and what is listed is what it was");
    let row = origins::get(&mut conn, &origin("fresh.net")).await.expect("origins").expect("known");
    assert_eq!(row.outcome.as_deref(), Some("found"));
    let wait = row.due_at - web.clock.now();
    assert!((TimeDelta::hours(45)..TimeDelta::hours(50)).contains(&wait), "the rest of its time: {wait}");

    web.clock.advance(TimeDelta::minutes(1));
    origins::recrawl(&mut conn, &origin("fresh.net"), web.clock.now()).await.expect("recrawled");
    round(&web, &crawler, "fresh.net").await;
    assert_eq!(count(&web, "fresh.net", CARD), 2, "somebody wants to know");

    web.clock.advance(TimeDelta::hours(49));
    is_due(&web, "fresh.net").await;
    round(&web, &crawler, "fresh.net").await;
    assert_eq!(count(&web, "fresh.net", CARD), 3, "its time is over");
    let requests = web.hosts.requests();
    let last = requests.iter().rfind(|request| request.domain == "fresh.net" && request.path == CARD);
    assert_eq!(last.and_then(|request| request.header("if-none-match")), Some("\"one\""));
}

#[tokio::test]
async fn who_was_removed_is_not_asked_for_the_sake_of_others() {
    let web = Web::start().await;
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    origins::remove(&mut conn, &origin("quiet.net"), "test", web.clock.now()).await.expect("removed");
    drop(conn);
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&["https://cards.quiet.net/card.json"]));
    web.hosts.redirect("acme.com", CARD, "https://quiet.net/card");
    let report = web.crawl("acme.com").await;
    assert!(report.to_string().contains("`cards.quiet.net` is not crawled"), "{report}");
    assert_eq!(web.hosts.paths("cards.quiet.net"), [""; 0]);
    assert_eq!(web.hosts.paths("quiet.net"), [""; 0]);
}

#[tokio::test]
async fn a_moments_patience_is_had_at_once() {
    let web = Web::start().await;
    stranger(&web, "brief.net");
    let times = AtomicUsize::new(0);
    let found = Document::json(&card("net.brief/tides", "https://brief.net/mcp"));
    web.hosts.respond("brief.net", CARD, move |_| match times.fetch_add(1, Ordering::Relaxed) {
        0 => Document::status(503).with_header("retry-after", "1"),
        _ => found.clone(),
    });
    let crawler = Crawler::new(web.config(), web.database.pool(), Arc::new(SystemClock)).expect("settings");
    let report = crawler.crawl(&origin("brief.net"), false).await.expect("it is visited");
    assert_eq!(listed(&report), ["net.brief/tides added"], "{report}");
    assert_eq!(count(&web, "brief.net", CARD), 2);
}

#[tokio::test]
async fn whoever_sees_a_host_work_ends_its_streak_of_failures() {
    let web = Web::start().await;
    stranger(&web, "better.net");
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    for _ in 0..4 {
        hosts::failed(&mut conn, "better.net", web.clock.now()).await.expect("noted");
    }
    web.crawl("better.net").await;
    assert_eq!(hosts::failures(&mut conn, "better.net").await.expect("hosts"), 0);
}

#[tokio::test]
async fn of_a_large_robots_txt_the_beginning_counts() {
    let web = Web::start().await;
    let rules = "User-agent: *\nDisallow: /.well-known/mcp/\n";
    let large = format!("{rules}{}\nDisallow: /\n", "# nothing to see\n".repeat(40_000));
    web.hosts.serve("acme.com", "/robots.txt", Document::text(&large));
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    serve(&web.hosts, "acme.com", CARD_JSON, &card("com.acme/hidden", "https://acme.com/hidden/mcp"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    assert_eq!(count(&web, "acme.com", CARD_JSON), 0);
}

#[tokio::test]
async fn both_requests_are_written_down_where_the_first_is_not_acceptable() {
    let web = Web::start().await;
    let found = Document::json(&card("com.picky/tides", "https://picky.com/mcp"));
    web.hosts.respond("picky.com", CARD, move |request| match request.header("accept") {
        Some("*/*") => found.clone(),
        _ => Document::status(406),
    });
    let report = web.crawl("picky.com").await;
    assert_eq!(listed(&report), ["com.picky/tides added"], "{report}");
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    let written = fetches::of_host(&mut conn, "picky.com", 1000).await.expect("fetches");
    let statuses: Vec<_> =
        written.iter().rev().filter(|fetch| fetch.url.ends_with(CARD)).map(|fetch| fetch.status).collect();
    assert_eq!(statuses, [Some(406), Some(200)]);
}

#[tokio::test]
async fn whoever_is_removed_is_not_listed_through_others_either() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&["https://lent.net/card.json"]));
    serve(&web.hosts, "lent.net", "/card.json", &card("net.lent/tides", "https://lent.net/mcp"));
    assert_eq!(listed(&web.crawl("acme.com").await), ["net.lent/tides added"]);
    let pool = web.database.pool();
    let quiet = origin("lent.net");
    let mut conn = pool.acquire().await.expect("a connection");
    origins::add(&mut conn, &quiet, "test", web.clock.now()).await.expect("added");
    origins::remove(&mut conn, &quiet, "test", web.clock.now()).await.expect("removed");
    drop(conn);
    let names = crawler::withdraw_origin(&pool, &quiet, "not wanted", "test", web.clock.now()).await;
    assert_eq!(names.expect("withdrawn").len(), 1);
    assert_eq!(web.status("net.lent/tides").await, Status::Deleted);
    let before = web.hosts.paths("lent.net").len();
    // The time over which one's own hosts are believed to be wanted.
    web.clock.advance(TimeDelta::minutes(1));
    let report = web.crawl("acme.com").await;
    assert!(report.to_string().contains("`lent.net` is not crawled"), "{report}");
    assert_eq!(web.hosts.paths("lent.net").len(), before);
    assert_eq!(web.status("net.lent/tides").await, Status::Deleted);
}

#[tokio::test]
async fn an_endpoint_that_is_not_to_be_crawled_is_not_listed_by_another_document_either() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    serve(&web.hosts, "acme.com", CARD_JSON, &card("com.acme/open", "https://acme.com/open/mcp"));
    let out = serde_json::json!({ "mcp_version": "2025-06-18", "name": "Tides", "endpoint": "https://acme.com/mcp", "crawl": false });
    serve(&web.hosts, "acme.com", "/.well-known/mcp-server", &out);
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/open added"], "{report}");
    assert!(report.to_string().contains("says `crawl: false` of it"), "{report}");
}

#[tokio::test]
async fn an_opt_out_holds_at_every_later_visit_and_ends_what_was_listed() {
    let web = Web::start().await;
    let pool = web.database.pool();
    let mut conn = pool.acquire().await.expect("a connection");
    let robots =
        "User-agent: *\nDisallow: /\nAllow: /.well-known/mcp-server$\nAllow: /.well-known/mcp-server-card$";
    web.hosts.serve("shy.net", "/robots.txt", Document::text(robots));
    web.hosts.serve("mcp.shy.net", "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    serve(&web.hosts, "shy.net", CARD, &card("net.shy/tides", "https://shy.net/mcp"));
    origins::add(&mut conn, &origin("shy.net"), "test", web.clock.now()).await.expect("added");
    let crawler = web.crawler_with(Config { schedule: "0 0 0 1 1 *".to_owned(), ..web.config() });
    let visit = async || {
        is_due(&web, "shy.net").await;
        round(&web, &crawler, "shy.net").await;
        let status = web.status("net.shy/tides").await;
        web.clock.advance(TimeDelta::hours(25));
        status
    };
    assert_eq!(visit().await, Status::Active);
    let out = serde_json::json!({ "mcp_version": "2025-06-18", "name": "Tides", "endpoint": "https://shy.net/mcp", "crawl": false });
    serve(&web.hosts, "shy.net", "/.well-known/mcp-server", &out);
    web.clock.advance(TimeDelta::days(30));
    for _ in 0..3 {
        assert_eq!(visit().await, Status::Deleted);
    }
}

#[tokio::test]
async fn what_is_gone_for_good_is_left_alone_for_long_and_so_is_what_is_not_beside_an_endpoint() {
    let web = Web::start().await;
    stranger(&web, "gone.net");
    let robots = "User-agent: *\nDisallow: /\nAllow: /.well-known/mcp-server-card$\nAllow: /mcp/";
    web.hosts.serve("gone.net", "/robots.txt", Document::text(robots));
    let pool = web.database.pool();
    let mut conn = pool.acquire().await.expect("a connection");
    origins::add(&mut conn, &origin("gone.net"), "test", web.clock.now()).await.expect("added");
    let crawler = web.crawler_with(Config { schedule: "0 0 0 1 1 *".to_owned(), ..web.config() });
    round(&web, &crawler, "gone.net").await;
    let beside = count(&web, "gone.net", "/mcp/server-card");
    assert_eq!((beside, count(&web, "gone.net", "/mcp/server-card.json")), (1, 1));
    web.hosts.serve("gone.net", CARD, Document::status(410));
    for (days, asked) in [(2, 2), (2, 2), (30, 2), (60, 3)] {
        web.clock.advance(TimeDelta::days(days));
        is_due(&web, "gone.net").await;
        round(&web, &crawler, "gone.net").await;
        assert_eq!(count(&web, "gone.net", CARD), asked, "after {days} days more");
    }
    assert_eq!(web.status("net.gone/tides").await, Status::Deleted);
    assert!(count(&web, "gone.net", "/mcp/server-card") <= 3, "once, after a day or a week, after a month");
}
