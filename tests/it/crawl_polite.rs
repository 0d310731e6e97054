//! What all crawlers together remember of other people's hosts: turns, budgets, pauses, robots.txt, absences, requests.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crawler::{Config, Crawler, State};
use registry_core::clock::Clock;
use registry_core::outbound::Policy;
use registry_core::store::findings::Outcome;
use registry_core::store::hosts::{self, A_DAY, FIRST_DAY, Reserved, Turn};
use registry_core::store::{PgPool, fetches, origins};
use tokio_util::sync::CancellationToken;

use crate::crawl::{CARD, CATALOG, Web, card, catalog, serve};
use crate::harness::host::Document;

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().expect("a time")
}

async fn reserve(
    pool: &PgPool,
    host: &str,
    address: Option<IpAddr>,
    interval: TimeDelta,
    at: DateTime<Utc>,
) -> Reserved {
    let mut conn = pool.acquire().await.expect("a connection");
    let latest = at + TimeDelta::seconds(90);
    let turn = Turn { host, site: "acme.net", is_visit: true, address, interval, latest };
    hosts::reserve(&mut conn, &turn, at).await.expect("it answers")
}

#[tokio::test]
async fn a_domain_gets_many_requests_on_its_first_day_and_few_later() {
    let web = Web::start().await;
    let pool = web.database.pool();
    let turns = async |count: i32, at: DateTime<Utc>| {
        for number in 0..count {
            let host = format!("h{number}.acme.net");
            let reserved = reserve(&pool, &host, None, TimeDelta::zero(), at).await;
            assert_eq!(reserved, Reserved::At(at), "request {number} at {at}");
        }
        assert_eq!(reserve(&pool, "more.acme.net", None, TimeDelta::zero(), at).await, Reserved::Spent);
    };
    turns(FIRST_DAY, now()).await;
    turns(A_DAY, now() + TimeDelta::days(2)).await;
    turns(A_DAY, now() + TimeDelta::days(3)).await;
}

#[tokio::test]
async fn who_is_only_named_by_others_keeps_the_first_day_for_the_own_visit() {
    let web = Web::start().await;
    let pool = web.database.pool();
    let ask = async |is_visit: bool, at: DateTime<Utc>| {
        let mut conn = pool.acquire().await.expect("a connection");
        let (interval, latest) = (TimeDelta::zero(), at);
        let turn = Turn { host: "acme.net", site: "acme.net", is_visit, address: None, interval, latest };
        hosts::reserve(&mut conn, &turn, at).await.expect("it answers")
    };
    for _ in 0..A_DAY {
        assert_eq!(ask(false, now()).await, Reserved::At(now()));
    }
    assert_eq!(ask(false, now()).await, Reserved::Spent, "others spend no more than a later day's");
    let later = now() + TimeDelta::days(5);
    for _ in 0..FIRST_DAY {
        assert_eq!(ask(true, later).await, Reserved::At(later));
    }
    assert_eq!(ask(true, later).await, Reserved::Spent);
}

#[tokio::test]
async fn an_address_with_many_hosts_is_asked_four_times_a_second() {
    let web = Web::start().await;
    let (pool, address) = (web.database.pool(), Some("93.184.216.34".parse().expect("an address")));
    for number in 0..6 {
        let host = format!("tenant{number}.net");
        let reserved = reserve(&pool, &host, address, TimeDelta::seconds(1), now()).await;
        assert_eq!(reserved, Reserved::At(now() + TimeDelta::milliseconds(250) * number));
    }
    let again = reserve(&pool, "tenant0.net", None, TimeDelta::seconds(1), now()).await;
    assert_eq!(again, Reserved::At(now() + TimeDelta::seconds(1)), "the host itself once a second");
}

#[tokio::test]
async fn a_host_that_asks_for_patience_gets_it_from_all() {
    let web = Web::start().await;
    let robots = "User-agent: *\nDisallow: /\nAllow: /$";
    web.hosts.serve("busy.net", "/robots.txt", Document::text(robots));
    web.hosts.serve("mcp.busy.net", "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    web.hosts.serve("busy.net", "/", Document::status(503).with_header("retry-after", "3600"));
    web.crawl("busy.net").await;
    assert_eq!(web.hosts.paths("busy.net"), ["/robots.txt", "/"]);
    let other = web.crawl("busy.net").await;
    assert_eq!(web.hosts.paths("busy.net").len(), 2, "another process asks nothing: {other}");
    web.clock.advance(TimeDelta::hours(2));
    web.crawl("busy.net").await;
    assert_eq!(web.hosts.paths("busy.net"), ["/robots.txt", "/", "/"], "after that it is asked again");
}

/// A stranger with one place that may be asked, and one more where there is nothing.
pub fn stranger(web: &Web, host: &str) {
    let robots =
        "User-agent: *\nDisallow: /\nAllow: /.well-known/mcp-server-card$\nAllow: /.well-known/mcp.json$";
    web.hosts.serve(host, "/robots.txt", Document::text(robots));
    web.hosts.serve(&format!("mcp.{host}"), "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    let name = format!("net.{}/tides", host.trim_end_matches(".net"));
    serve(&web.hosts, host, CARD, &card(&name, &format!("https://{host}/mcp")));
}

#[tokio::test]
async fn robots_txt_is_read_once_a_day_by_all() {
    let web = Web::start().await;
    stranger(&web, "shared.net");
    web.crawl("shared.net").await;
    web.crawl("shared.net").await;
    let read = || web.hosts.paths("shared.net").iter().filter(|path| *path == "/robots.txt").count();
    assert_eq!(read(), 1, "{:?}", web.hosts.paths("shared.net"));
    web.clock.advance(TimeDelta::hours(25));
    web.crawl("shared.net").await;
    assert_eq!(read(), 2);
}

/// Visits everything that is due, by the schedule, until this origin's turn is over.
pub async fn round(web: &Web, crawler: &Crawler, host: &str) {
    let pool = web.database.pool();
    let origin = host.parse().expect("a domain");
    let row = async || {
        let mut conn = pool.acquire().await.expect("a connection");
        origins::get(&mut conn, &origin).await.expect("origins").expect("a known origin")
    };
    let before = row().await.crawled_at;
    let stop = CancellationToken::new();
    let visited = async {
        while row().await.crawled_at == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ended = async {
        tokio::time::timeout(Duration::from_secs(60), visited).await.expect("the visit comes to an end");
        stop.cancel();
    };
    let (ran, ()) = tokio::join!(crawler.run(stop.clone()), ended);
    ran.expect("it runs");
}

#[tokio::test]
async fn what_is_absent_is_asked_for_after_a_day_a_week_and_a_month() {
    let web = Web::start().await;
    stranger(&web, "sparse.net");
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    origins::add(&mut conn, &"sparse.net".parse().expect("a domain"), "test", web.clock.now())
        .await
        .expect("added");
    drop(conn);
    // A busy machine may answer late, and what is late is not known to be absent.
    let policy = Policy {
        first_byte_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_secs(30),
        ..web.config().policy
    };
    let crawler = web.crawler_with(Config { schedule: "0 0 0 1 1 *".to_owned(), policy, ..web.config() });
    let mut asked = Vec::new();
    for _ in 0..10 {
        round(&web, &crawler, "sparse.net").await;
        let paths = web.hosts.paths("sparse.net");
        let count = |path: &str| paths.iter().filter(|asked| *asked == path).count();
        asked.push((count("/.well-known/mcp.json"), count(CARD)));
        web.clock.advance(TimeDelta::hours(27));
    }
    let absent: Vec<usize> = asked.iter().map(|(absent, _)| *absent).collect();
    assert_eq!(absent, [1, 2, 2, 2, 2, 2, 2, 2, 3, 3], "after a day and a week");
    assert_eq!(asked[9].1, 10, "what is there is asked for each time");
}

#[tokio::test]
async fn every_request_is_written_down_and_the_old_ones_go() {
    let web = Web::start().await;
    stranger(&web, "written.net");
    web.hosts.redirect("other.com", CARD, "https://written.net/.well-known/mcp-server-card");
    let report = web.crawl("other.com").await;
    let pool = web.database.pool();
    let mut conn = pool.acquire().await.expect("a connection");
    let own = fetches::of_host(&mut conn, "other.com", 100).await.expect("fetches");
    let asked = web.hosts.paths("other.com");
    assert_eq!(own.len(), asked.len(), "{report}");
    let redirect = own.iter().find(|fetch| fetch.url.ends_with(CARD)).expect("the redirect");
    assert_eq!((redirect.status, redirect.outcome.as_str()), (Some(302), "answered"));
    let other = fetches::of_host(&mut conn, "written.net", 100).await.expect("fetches");
    assert_eq!(other.len(), web.hosts.paths("written.net").len());
    assert!(other.iter().any(|fetch| fetch.status == Some(200) && fetch.bytes > 100), "{other:?}");
    let pruned = fetches::prune(&mut conn, now() + TimeDelta::days(1), 1_000_000).await.expect("pruned");
    assert_eq!(pruned as usize, web.hosts.requests().len());
    assert!(fetches::of_host(&mut conn, "other.com", 100).await.expect("fetches").is_empty());
}

#[tokio::test]
async fn a_domain_that_was_asked_enough_today_is_left_to_another_day() {
    let web = Web::start().await;
    stranger(&web, "spent.net");
    let pool = web.database.pool();
    for _ in 0..FIRST_DAY - 2 {
        let mut conn = pool.acquire().await.expect("a connection");
        let turn = Turn {
            host: "x.spent.net",
            site: "spent.net",
            is_visit: true,
            address: None,
            interval: TimeDelta::zero(),
            latest: now(),
        };
        hosts::reserve(&mut conn, &turn, now()).await.expect("it answers");
    }
    serve(&web.hosts, "spent.net", CATALOG, &serde_json::json!({ "specVersion": "1.0", "entries": [] }));
    let report = web.crawl("spent.net").await;
    assert_eq!(web.hosts.requests().len(), 2, "{report}");
    let why = |asked: &crawler::report::Asked| {
        asked.detail.as_deref().unwrap_or_default().contains("as often as one day allows")
    };
    assert!(
        report.documents.iter().any(|asked| asked.state == State::Inconclusive && why(asked)),
        "{report}"
    );
}

#[tokio::test]
async fn a_robots_txt_that_hangs_or_is_nonsense_is_asked_for_once_a_visit() {
    let web = Web::start().await;
    web.hosts.slow("hangs.com", "/robots.txt", Duration::from_secs(30), Document::text(""));
    web.hosts.serve(
        "nonsense.com",
        "/robots.txt",
        Document::text("x").with_header("content-encoding", "odd"),
    );
    for host in ["hangs.com", "nonsense.com"] {
        serve(
            &web.hosts,
            host,
            CARD,
            &card(&format!("com.{}/tides", host.trim_end_matches(".com")), &format!("https://{host}/mcp")),
        );
        web.crawl(host).await;
        assert_eq!(web.hosts.paths(host), ["/robots.txt"], "and nothing else");
        assert!(web.names().await.is_empty());
    }
}

#[tokio::test]
async fn a_catalog_larger_than_a_visit_is_read_on_at_the_next_ones() {
    const CARDS: usize = 8;
    let web = Web::start().await;
    let robots = "User-agent: *\nDisallow: /\nAllow: /.well-known/ai-catalog.json$\nAllow: /cards/";
    web.hosts.serve("large.net", "/robots.txt", Document::text(robots));
    web.hosts.serve("mcp.large.net", "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    let urls: Vec<String> = (0..CARDS).map(|n| format!("https://large.net/cards/{n}.json")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    serve(&web.hosts, "large.net", CATALOG, &catalog(&urls));
    for n in 0..CARDS {
        let (name, endpoint) = (format!("net.large/s{n:02}"), format!("https://large.net/{n}/mcp"));
        serve(&web.hosts, "large.net", &format!("/cards/{n}.json"), &card(&name, &endpoint));
    }
    // Its first day is over, and most of today's requests are made.
    sqlx::query("INSERT INTO sites (site, first_at, day, spent) VALUES ('large.net', $1, $2, 15)")
        .bind(web.clock.now() - TimeDelta::days(9))
        .bind(web.clock.now().date_naive())
        .execute(&web.database.pool())
        .await
        .expect("inserted");
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    let large = "large.net".parse().expect("a domain");
    origins::add(&mut conn, &large, "test", web.clock.now()).await.expect("added");
    drop(conn);
    let crawler = web.crawler_with(Config { schedule: "0 0 0 1 1 *".to_owned(), ..web.config() });
    let mut listed = Vec::new();
    for _ in 0..2 {
        round(&web, &crawler, "large.net").await;
        let mut count = 0;
        for n in 0..CARDS {
            count += web.listings(&format!("net.large/s{n:02}")).await.len();
        }
        listed.push(count);
        // What was read is still fresh.
        web.clock.advance(TimeDelta::hours(23));
        sqlx::query("UPDATE origins SET due_at = $1")
            .bind(web.clock.now())
            .execute(&web.database.pool())
            .await
            .expect("updated");
    }
    assert!((1..CARDS).contains(&listed[0]) && listed[1] == CARDS, "{listed:?}");
    let read = web.hosts.paths("large.net");
    let cards = read.iter().filter(|path| path.starts_with("/cards/")).count();
    assert_eq!(cards, CARDS, "none is asked for twice: {read:?}");
    let rest = web.findings("large.net").await;
    assert!(rest.iter().all(|finding| finding.outcome != Outcome::Skipped), "nothing is left: {rest:?}");
}
