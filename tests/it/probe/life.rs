//! How an endpoint's state changes over time, and what of that is public.

use chrono::TimeDelta;
use registry_core::listing::Listing;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{liveness, probe, probed};
use crate::crawl::{CARD, Web, card, serve};
use crate::harness::mcp::{self, Kind};
use crate::harness::registry::{Registry, remote_document};
use crawler::Config;

async fn latest(web: &Web, domain: &str) -> Listing {
    web.listings(&format!("com.{domain}/tides"))
        .await
        .into_iter()
        .find(|l| l.standing.is_latest)
        .expect("listed")
}

fn now(web: &Web) -> String {
    use registry_core::clock::Clock;
    web.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test]
async fn only_what_is_new_is_public_and_no_time_of_the_version_moves() {
    let web = Web::start().await;
    let crawled = async {
        mcp::serve(&web.hosts, "tide.com", Kind::Modern, &[]);
        serve(&web.hosts, "tide.com", CARD, &card("com.tide/tides", "https://tide.com/mcp"));
        web.crawl("tide.com").await;
        latest(&web, "tide").await.standing.updated_at
    }
    .await;
    let before = web.changes().await;
    web.clock.advance(TimeDelta::hours(1));
    probe(&web, "tide").await;
    assert_eq!(web.changes().await, before + 1, "it is alive: that is news");
    let said = liveness(&web, "tide").await;
    web.clock.advance(TimeDelta::hours(6));
    assert_eq!(probe(&web, "tide").await, said, "the same again is none");
    assert_eq!(web.changes().await, before + 1);
    assert_eq!(latest(&web, "tide").await.standing.updated_at, crawled);
    let action: String = sqlx::query_scalar("SELECT action FROM ledger ORDER BY seq DESC LIMIT 1")
        .fetch_one(&web.database.pool())
        .await
        .expect("a ledger");
    assert_eq!(action, "liveness");
}

#[tokio::test]
async fn who_fails_for_days_is_stale_and_after_a_month_dead_and_may_come_back() {
    let web = Web::start().await;
    let state = |said: Value| said["state"].as_str().unwrap_or_default().to_owned();
    assert_eq!(state(probed(&web, "tide", Kind::Modern, &[]).await), "alive");
    mcp::serve(&web.hosts, "tide.com", Kind::NotFound, &[]);
    let mut states = Vec::new();
    for hours in [6, 24, 24, 24, 24 * 14, 24 * 14] {
        web.clock.advance(TimeDelta::hours(hours));
        states.push(state(probe(&web, "tide").await));
    }
    assert_eq!(states, ["alive", "alive", "alive", "stale", "stale", "dead"]);
    mcp::serve(&web.hosts, "tide.com", Kind::Modern, &[]);
    web.clock.advance(TimeDelta::days(1));
    let back = probe(&web, "tide").await;
    assert_eq!(
        (state(back.clone()), back["endpoints"][0]["since"].clone()),
        ("alive".to_owned(), json!(now(&web)))
    );
}

#[tokio::test]
async fn an_overload_changes_nothing() {
    let web = Web::start().await;
    let before = probed(&web, "tide", Kind::Legacy("2025-06-18"), &[]).await;
    mcp::serve(&web.hosts, "tide.com", Kind::Overloaded, &[]);
    web.clock.advance(TimeDelta::hours(6));
    assert_eq!(probe(&web, "tide").await, before);
}

#[tokio::test]
async fn a_card_that_says_other_than_the_server_is_told() {
    let web = Web::start().await;
    let said = probed(&web, "tide", Kind::Modern, &[]).await;
    let drift = &said["endpoints"][0]["drift"];
    assert!(
        drift.as_array().is_some_and(|all| all
            .iter()
            .any(|one| one["what"] == "version" && one["card"] == "1.0.0" && one["live"] == "2.0.0")),
        "{said}"
    );
}

#[tokio::test]
async fn whoever_brought_a_listing_its_remotes_are_asked_and_by_itself() {
    let web = Web::start().await;
    let registry = Registry::start().await;
    mcp::serve(&web.hosts, "mcp.example.com", Kind::Modern, &[("forecast", "Tells the tides")]);
    let alice = registry.publisher("example.com", &["com.example/*"]);
    alice
        .publish(&remote_document("com.example/tides", "1.0.0", "https://mcp.example.com/mcp"))
        .await
        .expect_status(200);
    let config = Config { probes: 4, ..web.config() };
    let crawler =
        crawler::Crawler::new(config, registry.database.pool(), std::sync::Arc::new(registry.clock.clone()));
    let crawler = crawler.expect("usable settings");
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { crawler.run(stop).await }
    });
    let show =
        async || registry.anyone().get("/v0.1/servers/com.example%2Ftides/versions/latest").await.json();
    let said = tokio::time::timeout(std::time::Duration::from_secs(30), async {
        loop {
            let listing = show().await;
            if listing["_meta"]["org.cardinal-registry/tools"]["count"] == 1 {
                return listing;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it is asked");
    assert_eq!(said["_meta"]["org.cardinal-registry/liveness"]["state"], "alive", "{said}");
    registry.indexed().await;
    let found = registry.anyone().get("/v0.1/x/org.cardinal-registry/search?q=forecast&liveness=alive").await;
    assert!(found.items().len() <= 1, "the index follows by itself");
    stop.cancel();
    running.await.expect("it ends").expect("well");
}
