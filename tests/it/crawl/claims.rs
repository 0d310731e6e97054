//! Whose names are listed: nothing unproved, and one endpoint under one name.

use super::*;
use registry_core::listing::{Source, Standing};
use registry_core::server::Upstream;
use registry_core::server_json::{Remote, ServerJson};

/// What a catalog claims in its own words is never its right to another's name.
#[tokio::test]
async fn a_hostile_catalog_never_lists_anything_under_anothers_name() {
    let web = Web::start().await;
    let mut list = catalog(&["https://evil.org/cards/one.json", "https://victim.com/real.json"]);
    let inline = json!({
        "identifier": "urn:air:victim.com:x:y", "type": "application/mcp-server-card+json",
        "publisher": { "identifier": "victim.com", "displayName": "Victim" },
        "data": card("com.victim/bank", "https://evil.org/bank/mcp"),
    });
    list["entries"].as_array_mut().expect("entries").push(inline);
    serve(&web.hosts, "evil.org", CATALOG, &list);
    serve(&web.hosts, "evil.org", "/cards/one.json", &card("com.victim/tides", "https://evil.org/mcp"));
    // The victim's own card keeps its name although a stranger lists it, with the stranger as "listed by".
    serve(&web.hosts, "victim.com", "/real.json", &card("com.victim/real", "https://victim.com/mcp"));

    let report = web.crawl("evil.org").await;

    assert_eq!(listed(&report), ["org.evil/bank added", "org.evil/tides added", "com.victim/real added"]);
    assert_eq!(web.names().await, ["com.victim/real", "org.evil/bank", "org.evil/tides"]);
    let held: Vec<_> = report.with(Outcome::Listed).filter_map(|d| d.reason.as_deref()).collect();
    assert_eq!(held.len(), 2, "both claims are held, with a reason: {report}");
    assert!(held.iter().all(|reason| reason.contains("`com.victim` belongs to `victim.com`")), "{held:?}");
    let real = &web.listings("com.victim/real").await[0];
    assert!(real.extensions.contains("`evil.org` lists the document"), "{}", real.extensions);
}

#[tokio::test]
async fn a_stranger_cannot_describe_somebody_elses_endpoint() {
    let web = Web::start().await;
    serve(&web.hosts, "victim.com", CARD, &card("com.victim/bank", "https://victim.com/mcp"));
    web.crawl("victim.com").await;
    serve(&web.hosts, "evil.org", CARD, &card("org.evil/bank", "https://victim.com/mcp"));

    let report = web.crawl("evil.org").await;

    assert_eq!(listed(&report), [""; 0]);
    assert!(reasons(&report, Outcome::Held)[0].contains("does not confirm"), "{report}");
    assert_eq!((web.names().await, web.changes().await), (vec!["com.victim/bank".to_owned()], 1));
}

#[tokio::test]
async fn files_on_a_shared_host_speak_for_nobody() {
    let web = Web::start().await;
    let url = "https://raw.githubusercontent.com/someone/repo/main/card.json";
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[url]));
    let remote = "https://raw.githubusercontent.com/mcp";
    serve(
        &web.hosts,
        "raw.githubusercontent.com",
        "/someone/repo/main/card.json",
        &card("io.github.someone/x1", remote),
    );
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), [""; 0]);
    assert_eq!(report.with(Outcome::Held).count(), 1, "{report}");
}

#[tokio::test]
async fn two_servers_of_one_origin_never_share_a_name() {
    let web = Web::start().await;
    let urls = ["https://acme.com/a.json", "https://acme.com/b.json", "https://acme.com/c.json"];
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&urls));
    serve(&web.hosts, "acme.com", "/a.json", &card("com.acme/tides", "https://acme.com/north/mcp"));
    serve(&web.hosts, "acme.com", "/b.json", &card("com.acme/tides", "https://acme.com/south/mcp"));
    serve(&web.hosts, "acme.com", "/c.json", &card("com.acme/again", "https://ACME.com/south/mcp/"));

    let first = web.crawl("acme.com").await;
    assert_eq!(listed(&first), ["com.acme/tides added", "com.acme/tides-south added"]);
    assert!(
        reasons(&first, Outcome::Skipped)[0].contains("the same server as `https://acme.com/b.json`"),
        "{first}"
    );

    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[urls[2], urls[1], urls[0]]));
    serve(&web.hosts, "acme.com", "/c.json", &json!({}));
    let turned = web.crawl("acme.com").await;
    assert_eq!(listed(&turned), ["com.acme/tides unchanged", "com.acme/tides-south unchanged"]);
}

#[tokio::test]
async fn what_its_owner_has_published_is_not_changed_and_not_listed_twice() {
    let web = Web::start().await;
    let published = ServerJson {
        name: "com.acme/tides".into(),
        description: "Published".into(),
        version: "1.0.0".into(),
        remotes: vec![Remote {
            kind: "streamable-http".into(),
            url: "https://acme.com/mcp/".into(),
            ..Remote::default()
        }],
        ..ServerJson::default()
    };
    hold(&web, &published, Source::Published).await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    let same_name = web.crawl("acme.com").await;
    assert_eq!(
        same_name.with(Outcome::Skipped).next().and_then(|d| d.change),
        Some("outranked"),
        "{same_name}"
    );

    serve(&web.hosts, "acme.com", CARD, &card("com.acme/other", "https://acme.com/mcp"));
    let other_name = web.crawl("acme.com").await;
    assert!(
        reasons(&other_name, Outcome::Held)[0].contains("listed as `com.acme/tides` already"),
        "{other_name}"
    );
    assert_eq!((web.names().await, web.changes().await), (vec!["com.acme/tides".to_owned()], 0));
    assert_eq!(web.listings("com.acme/tides").await.len(), 1);
}

#[tokio::test]
async fn an_owner_is_listed_beside_a_strangers_name_for_the_endpoint() {
    let web = Web::start().await;
    let synced = ServerJson {
        name: "io.github.someone/tides".into(),
        description: "Synced".into(),
        version: "1.0.0".into(),
        remotes: vec![Remote {
            kind: "streamable-http".into(),
            url: "https://acme.com/mcp".into(),
            ..Remote::default()
        }],
        ..ServerJson::default()
    };
    hold(&web, &synced, Source::Synced).await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides unchanged"]);
}

#[tokio::test]
async fn two_origins_with_one_server_do_not_take_turns() {
    let web = Web::start().await;
    serve(&web.hosts, "list.org", CATALOG, &catalog(&["https://acme.com/.well-known/mcp-server-card"]));
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    assert_eq!(listed(&web.crawl("list.org").await), ["com.acme/tides added"]);
    let mut changes = Vec::new();
    for _ in 0..3 {
        web.crawl("acme.com").await;
        web.crawl("list.org").await;
        changes.push(web.changes().await);
    }
    assert_eq!(changes[1..], [changes[0]; 2], "they agree after the first round");
}

/// Puts a version there that is not from a crawl.
async fn hold(web: &Web, document: &ServerJson, source: Source) {
    let pool = web.database.pool();
    let mut tx = pool.begin().await.expect("a transaction");
    let name = document.name.parse().expect("a name");
    let mut held = servers::lock(&mut tx, &[name], Source::Synced).await.expect("a server");
    let at = "2026-11-01T00:00:00Z".parse().expect("a time");
    match source {
        Source::Published => held[0].publish(document, at).expect("a new version"),
        _ => {
            let standing = Standing { is_latest: true, ..Standing::published(at) };
            held[0].sync(&Upstream { server: document.clone(), standing });
        }
    }
    servers::save(&mut tx, &held).await.expect("saved");
    tx.commit().await.expect("committed");
}
