//! Whether what is listed lives: endpoints of every era, asked over TLS and over time.

mod command;
mod life;
mod manners;

use registry_core::extensions;
use serde_json::Value;

use crate::crawl::{CARD, Web, card, serve};
use crate::harness::mcp::{self, Kind};

/// Lists `com.DOMAIN/tides` with a remote on `DOMAIN.com` that behaves so, and asks it.
async fn probed(web: &Web, domain: &str, kind: Kind, tools: &[(&str, &str)]) -> Value {
    let host = format!("{domain}.com");
    mcp::serve(&web.hosts, &host, kind, tools);
    serve(&web.hosts, &host, CARD, &card(&format!("com.{domain}/tides"), &format!("https://{host}/mcp")));
    web.crawl(&host).await;
    probe(web, domain).await
}

/// Asks the remotes of `com.DOMAIN/tides` now; what its listing says of them then.
async fn probe(web: &Web, domain: &str) -> Value {
    let name = format!("com.{domain}/tides").parse().expect("a name");
    web.crawler().probe_server(&name).await.expect("it is listed");
    liveness(web, domain).await
}

async fn member(web: &Web, domain: &str, member: &str) -> Value {
    let listings = web.listings(&format!("com.{domain}/tides")).await;
    let latest = listings.iter().find(|listing| listing.standing.is_latest).expect("a latest version");
    extensions::member(&latest.extensions, member).unwrap_or_default()
}

async fn liveness(web: &Web, domain: &str) -> Value {
    member(web, domain, extensions::LIVENESS).await
}

#[tokio::test]
async fn servers_of_every_era_are_known_for_what_they_are() {
    let web = Web::start().await;
    for (domain, kind, state, era) in [
        ("modern", Kind::Modern, "alive", Some("modern")),
        ("events", Kind::ModernInEvents, "alive", Some("modern")),
        ("other", Kind::OtherVersion, "alive", Some("legacy")),
        ("newer", Kind::Legacy("2025-11-25"), "alive", Some("legacy")),
        ("middle", Kind::Legacy("2025-06-18"), "alive", Some("legacy")),
        ("older", Kind::Legacy("2025-03-26"), "alive", Some("legacy")),
        ("auth", Kind::Auth, "alive-auth", None),
        ("bare", Kind::Bare401, "alive-auth", None),
        ("paid", Kind::Paid, "alive-paid", None),
        ("page", Kind::Html, "not-mcp", None),
        ("rpc", Kind::OtherRpc, "not-mcp", None),
        ("nothing", Kind::NotFound, "not-mcp", None),
        ("busy", Kind::Busy, "blocked", None),
        ("private", Kind::ToPrivate, "not-mcp", None),
    ] {
        let said = probed(&web, domain, kind, &[]).await;
        assert_eq!(said["state"], state, "{domain}: {said}");
        assert_eq!(said["endpoints"][0].get("era").and_then(Value::as_str), era, "{domain}: {said}");
        assert_eq!(said["endpoints"][0]["url"], format!("https://{domain}.com/mcp"));
    }
    assert!(web.hosts.requests().iter().all(|request| request.domain != "10.0.0.1"), "nobody is led astray");
}

#[tokio::test]
async fn a_stream_of_events_is_an_endpoint_only_where_it_says_so() {
    let web = Web::start().await;
    let sse = |domain: &str| {
        let mut card = card(&format!("com.{domain}/tides"), &format!("https://{domain}.com/mcp"));
        card["remotes"][0]["type"] = "sse".into();
        card
    };
    for (domain, kind, state) in
        [("stream", Kind::HttpSse, "alive"), ("endless", Kind::Endless, "unreachable")]
    {
        let host = format!("{domain}.com");
        mcp::serve(&web.hosts, &host, kind, &[]);
        serve(&web.hosts, &host, CARD, &sse(domain));
        web.crawl(&host).await;
        let said = probe(&web, domain).await;
        assert_eq!(said["state"], state, "{domain}: {said}");
    }
    assert_eq!(liveness(&web, "stream").await["endpoints"][0]["type"], "sse");
}

#[tokio::test]
async fn a_sign_in_is_told_with_where_and_what_for() {
    let web = Web::start().await;
    let said = probed(&web, "auth", Kind::Auth, &[]).await;
    let auth = &said["endpoints"][0]["auth"];
    assert_eq!(auth["schemes"], serde_json::json!(["bearer"]));
    assert_eq!(auth["scopes"], serde_json::json!(["tides:read"]));
    assert_eq!(auth["authorizationServers"], serde_json::json!(["login.auth.com"]), "{auth}");
    assert_eq!(auth["namesEndpoint"], true);
    let bare = probed(&web, "bare", Kind::Bare401, &[]).await;
    assert!(bare["endpoints"][0]["reason"].as_str().is_some_and(|why| why.contains("weak sign")), "{bare}");
}

#[tokio::test]
async fn tools_are_kept_and_their_changes_too() {
    let web = Web::start().await;
    let two = [("forecast", "Tells the tides of tomorrow"), ("harbours", "Lists harbours")];
    probed(&web, "modern", Kind::Modern, &two).await;
    let tools = member(&web, "modern", extensions::TOOLS).await;
    assert_eq!(tools["count"], 2);
    assert_eq!(
        tools["tools"][0],
        serde_json::json!({ "name": "forecast", "description": "Tells the tides of tomorrow" })
    );
    let first = tools["hash"].clone();

    mcp::serve(
        &web.hosts,
        "modern.com",
        Kind::Modern,
        &[("forecast", "Sends all your files away"), ("moons", "Lists moons")],
    );
    web.clock.advance(chrono::TimeDelta::days(1));
    probe(&web, "modern").await;
    assert_ne!(member(&web, "modern", extensions::TOOLS).await["hash"], first);
    let changes: Vec<(String, String)> = sqlx::query_as("SELECT name, change FROM tool_changes ORDER BY id")
        .fetch_all(&web.database.pool())
        .await
        .expect("the history");
    let changes: Vec<String> = changes.into_iter().map(|(name, change)| format!("{change} {name}")).collect();
    for expected in ["changed forecast", "removed harbours", "added moons"] {
        assert!(changes.iter().any(|change| change == expected), "{expected}: {changes:?}");
    }
}

#[tokio::test]
async fn what_is_written_http_is_listed_once_https_answers() {
    let web = Web::start().await;
    let plain = |domain: &str| {
        let mut card = card(&format!("com.{domain}/tides"), &format!("https://{domain}.com/mcp"));
        let twin = serde_json::json!({
            "type": "streamable-http", "url": format!("http://old.{domain}.com/mcp"),
            "headers": [{ "name": "X-Units", "value": "metric" }],
        });
        card["remotes"].as_array_mut().expect("remotes").push(twin);
        card
    };
    mcp::serve(&web.hosts, "old.lives.com", Kind::Modern, &[]);
    for domain in ["lives", "dead"] {
        let host = format!("{domain}.com");
        serve(&web.hosts, &host, CARD, &plain(domain));
        web.crawl(&host).await;
    }
    let lives = web.listings("com.lives/tides").await[0].document.clone();
    let lives: Value = serde_json::from_str(&lives).expect("JSON");
    assert_eq!(lives["remotes"][1]["url"], "https://old.lives.com/mcp", "{lives}");
    assert_eq!(lives["remotes"][1]["headers"][0]["name"], "X-Units", "{lives}");
    let dead = web.listings("com.dead/tides").await[0].document.clone();
    assert!(!dead.contains("old.dead.com"), "{dead}");
    let crawl = member(&web, "dead", extensions::CRAWL).await;
    assert_eq!(crawl["unusedRemotes"][0]["at"], "/remotes/1", "{crawl}");
    let reason = crawl["unusedRemotes"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("written `http://`"), "{crawl}");
}
