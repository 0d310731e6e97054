//! robots.txt, pauses, and hosts that ask to be left alone.

use super::*;
use crawler::State;
use crawler::frontier::Outcome as Visit;
use std::time::Instant;

#[tokio::test]
async fn what_robots_txt_disallows_is_not_asked_for() {
    let web = Web::start().await;
    let robots = "User-agent: Cardinal\nDisallow: /.well-known/mcp/\n\nUser-agent: *\nDisallow: /";
    web.hosts.serve("acme.com", "/robots.txt", Document::text(robots));
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    serve(&web.hosts, "acme.com", CARD_JSON, &card("com.acme/hidden", "https://acme.com/hidden/mcp"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"]);
    assert!(reasons(&report, Outcome::Refused)[0].contains("robots.txt disallows"), "{report}");
    let paths = web.hosts.paths("acme.com");
    assert!(!paths.contains(&CARD_JSON.to_owned()), "{paths:?}");
    assert_eq!(paths.iter().filter(|path| *path == "/robots.txt").count(), 1, "asked for once, and first");
    assert_eq!(paths[0], "/robots.txt");
}

#[tokio::test]
async fn a_robots_txt_that_fails_forbids_everything() {
    let web = Web::start().await;
    web.hosts.serve("acme.com", "/robots.txt", Document::status(503));
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    let report = web.crawl("acme.com").await;
    assert_eq!((listed(&report), report.outcome), (Vec::new(), Visit::Refused));
    assert_eq!(web.hosts.paths("acme.com"), ["/robots.txt"]);
    assert!(report.detail.contains("robots.txt answers 503"), "{}", report.detail);
}

#[tokio::test]
async fn cards_on_other_hosts_obey_the_robots_txt_there() {
    let web = Web::start().await;
    web.hosts.serve("cdn.org", "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&["https://cdn.org/card.json"]));
    web.hosts.redirect("acme.com", CARD, "https://cdn.org/other.json");
    serve(&web.hosts, "cdn.org", "/card.json", &card("com.acme/tides", "https://acme.com/mcp"));
    serve(&web.hosts, "cdn.org", "/other.json", &card("com.acme/other", "https://acme.com/other/mcp"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), [""; 0], "{report}");
    assert!(!web.hosts.paths("cdn.org").contains(&"/card.json".to_owned()));
}

#[tokio::test]
async fn a_stranger_is_asked_once_a_second_by_all_crawlers_together() {
    let web = Web::start().await;
    // All places of a site take longer than a test may, a request a second.
    let config = || Config { visit_limit: Duration::from_secs(6), ..web.config() };
    let (one, other) = (web.crawler_with(config()), web.crawler_with(config()));
    let origin = "polite.net".parse().expect("a domain");
    let begun = Instant::now();
    // The clock stands still, so that turns are counted from one moment.
    let (first, second) = tokio::join!(one.crawl(&origin, false), other.crawl(&origin, false));
    let asked = web.hosts.paths("polite.net").len();
    let least = Duration::from_millis(900) * u32::try_from(asked - 1).expect("a few");
    assert!(begun.elapsed() >= least, "{asked} requests in {:?}", begun.elapsed());
    assert!(first.is_ok() != second.is_ok(), "who came later has taken the visit over");
}

#[tokio::test]
async fn a_host_that_asks_for_patience_gets_it() {
    let web = Web::start().await;
    web.hosts.serve("acme.com", CATALOG, Document::status(429).with_header("retry-after", "7200"));
    let report = web.crawl("acme.com").await;
    assert_eq!(web.hosts.paths("acme.com"), ["/robots.txt", "/", CATALOG], "{report}");
    assert_eq!(report.outcome, Visit::Inconclusive);
    assert!(report.due_at >= web_now(&web) + chrono::TimeDelta::hours(2));
    let slow = "User-agent: *\nCrawl-delay: 3600";
    web.hosts.serve("delay.net", "/robots.txt", Document::text(slow));
    web.hosts.serve("mcp.delay.net", "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    let report = web.crawl("delay.net").await;
    let states: Vec<_> = report.documents.iter().map(|asked| asked.state).collect();
    assert_eq!(states[0], State::Absent, "{report}");
    assert_eq!(states[1..], [State::Inconclusive; 2], "the rest is told once: {report}");
}

fn web_now(web: &Web) -> chrono::DateTime<chrono::Utc> {
    registry_core::clock::Clock::now(&web.clock)
}
