//! Hosts that answer slowly, endlessly, wrongly, or send the crawler elsewhere (discovery sections 4.6 and 9).

use std::io::Write;
use std::time::Duration;

use super::{Expected, Site, World, visit};
use crate::crawl::{CARD, CARD_JSON, CATALOG, card};
use crate::harness::host::Document;
use chrono::TimeDelta;
use crawler::State;
use crawler::frontier::Outcome as Visit;
use registry_core::store::findings::Outcome;
use serde_json::Value;

fn own(host: &str) -> Value {
    let name = format!("{}/tides", host.split('.').rev().collect::<Vec<_>>().join("."));
    card(&name, &format!("https://{host}/mcp"))
}

/// Some kilobytes that become hundreds of megabytes.
fn bomb() -> Document {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        packed.write_all(&vec![b' '; 1 << 20]).expect("into memory");
    }
    Document::new("application/json", packed.finish().expect("into memory"))
        .with_header("content-encoding", "gzip")
}

pub fn sites() -> Vec<Site> {
    let mut sites = answers();
    sites.extend(elsewhere());
    sites.extend(endless());
    sites
}

fn answers() -> Vec<Site> {
    vec![
        Site::new("absent.com", "a host with nothing")
            .expects(Expected::Ends(Visit::Nothing))
            .expects(Expected::Listings(0)),
        Site::new("gone.com", "410")
            .document(CARD, Document::status(410))
            .expects(Expected::Is(CARD, State::Gone)),
        Site::new("busy.com", "429 with Retry-After")
            .document(CATALOG, Document::status(429).with_header("retry-after", "7200"))
            .json(CARD, own("busy.com"))
            .expects(Expected::Is(CATALOG, State::Inconclusive))
            .expects(Expected::NeverAsked(CARD_JSON)),
        Site::new("wall.com", "402 is not absence")
            .document(CARD, Document::status(402))
            .expects(Expected::Is(CARD, State::Inconclusive)),
        Site::new("unauthorized.com", "401 is not absence")
            .document(CARD, Document::status(401))
            .expects(Expected::Is(CARD, State::Inconclusive)),
        Site::new("soft-404.com", "200 with a page for everything")
            .with(|world: &World| {
                world.web.hosts.catch_all(
                    "soft-404.com",
                    Document::new("text/html", "<html><body>Not found</body></html>"),
                )
            })
            .expects(Expected::Listings(0))
            .expects(Expected::Ends(Visit::Nothing)),
        Site::new("catch-all.com", "the same card for everything")
            .with(|world: &World| {
                world.web.hosts.catch_all("catch-all.com", Document::json(&own("catch-all.com")))
            })
            .document("/robots.txt", Document::status(404))
            .expects(Expected::Listings(0)),
        Site::new("error-body.com", "200 with an error in JSON")
            .document(CARD, Document::new("application/json", r#"{"error":"not found"}"#))
            .expects(Expected::Is(CARD, State::Absent)),
        Site::new("comment.com", "JSON behind a comment")
            .document(CARD, Document::new("application/json", "// our card\n{}"))
            .says(Outcome::Refused, "begins with a comment"),
        Site::new("not-acceptable.com", "406 to our Accept, and the card to any")
            .with(|world: &World| {
                world.web.hosts.respond("not-acceptable.com", CARD, |request| {
                    match request.header("accept") {
                        Some("*/*") => Document::json(&own("not-acceptable.com")),
                        _ => Document::status(406),
                    }
                });
            })
            .lists("com.not-acceptable/tides"),
        Site::new("disallowed.com", "robots.txt disallows everything")
            .document("/robots.txt", Document::text("User-agent: *\nDisallow: /"))
            .json(CARD, own("disallowed.com"))
            .expects(Expected::NeverAsked(CARD))
            .expects(Expected::Ends(Visit::Refused)),
        Site::new("closed.com", "robots.txt answers 503")
            .document("/robots.txt", Document::status(503))
            .json(CARD, own("closed.com"))
            .expects(Expected::NeverAsked(CARD)),
    ]
}

fn elsewhere() -> Vec<Site> {
    vec![
        Site::new("inward.com", "redirects into the network")
            .with(|world: &World| {
                world.web.hosts.redirect("inward.com", CARD, "https://169.254.169.254/latest/meta-data/");
                world.web.hosts.redirect("inward.com", CARD_JSON, "https://10.0.0.1/card.json");
            })
            .says(Outcome::Refused, "`169.254.169.254` is a link-local address")
            .says(Outcome::Refused, "`10.0.0.1` is a private address")
            .expects(Expected::Listings(0)),
        Site::new("downgrade.com", "redirects to plain http")
            .with(|world: &World| {
                world.web.hosts.redirect("downgrade.com", CARD, "http://downgrade.com/card.json")
            })
            .says(Outcome::Refused, "not an https address"),
        Site::new("round.com", "redirects to itself")
            .with(|world: &World| {
                world.web.hosts.redirect("round.com", CARD, "https://round.com/.well-known/mcp-server-card")
            })
            .expects(Expected::Listings(0))
            .expects(Expected::AtMost(60)),
        Site::new("forbidden-hop.com", "redirects to a host whose robots.txt says no")
            .with(|world: &World| {
                world.web.hosts.redirect("forbidden-hop.com", CARD, "https://no-robots.org/card.json")
            })
            .elsewhere("no-robots.org", "/robots.txt", Document::text("User-agent: *\nDisallow: /"))
            .elsewhere("no-robots.org", "/card.json", Document::json(&own("forbidden-hop.com")))
            .expects(Expected::Listings(0)),
    ]
}

fn endless() -> Vec<Site> {
    let late = Duration::from_secs(60);
    vec![
        Site::new("endless.com", "a body without end")
            .with(|world: &World| world.web.hosts.endless("endless.com", CATALOG))
            .says(Outcome::Refused, "larger than 5242880 bytes"),
        Site::new("dripping.com", "a body byte by byte")
            .with(|world: &World| world.web.hosts.dripping("dripping.com", CARD, Duration::from_millis(20)))
            .expects(Expected::Is(CARD, State::Inconclusive)),
        Site::new("slow.com", "an answer that does not come")
            .with(move |world: &World| {
                world.web.hosts.slow("slow.com", CARD, late, Document::json(&own("slow.com")))
            })
            .expects(Expected::Is(CARD, State::Inconclusive)),
        Site::new("bomb.com", "a gzip bomb").document(CARD, bomb()).says(Outcome::Refused, "larger than"),
        Site::new("deep.com", "a tower of brackets")
            .document(CARD, Document::new("application/json", "[".repeat(100_000)))
            .says(Outcome::Refused, "levels deep"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_host_makes_the_crawler_wait_go_astray_or_take_a_page_for_a_card() {
    let world = World::start().await;
    world.crawl(sites()).await;
    assert!(
        !world.web.hosts.paths("no-robots.org").contains(&"/card.json".to_owned()),
        "the hop is not followed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_has_not_changed_is_asked_for_by_its_tag_only() {
    let world = World::start().await;
    world.web.hosts.serve("tagged.com", CARD, Document::json(&own("tagged.com")).with_etag("\"one\""));
    visit(&world.crawler(), "tagged.com").await;
    let before = world.web.changes().await;
    world.web.clock.advance(TimeDelta::days(2));
    let again = visit(&world.crawler(), "tagged.com").await;
    let sent = world
        .web
        .hosts
        .requests()
        .into_iter()
        .rfind(|request| request.domain == "tagged.com" && request.path == CARD);
    assert_eq!(
        sent.and_then(|request| request.header("if-none-match").map(str::to_owned)).as_deref(),
        Some("\"one\"")
    );
    assert!(
        again.documents.iter().any(|asked| asked.url.ends_with(CARD) && asked.state == State::Unchanged),
        "{again}"
    );
    assert_eq!(world.web.changes().await, before);
}
