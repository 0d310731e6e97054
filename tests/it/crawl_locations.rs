//! Every place where a site may describe its servers (discovery 1.1 to 1.3), each on a host of its own.

mod hosts;
mod links;
mod records;

use registry_core::store::findings::Outcome;
use serde_json::{Value, json};

use crate::crawl::{CARD, CATALOG, Web, card, catalog, listed, reasons, serve};
use crate::harness::host::Document;

/// The card of a host called `<word>.com`, at an endpoint of its own.
fn own_card(word: &str) -> Value {
    card(&format!("com.{word}/tides"), &format!("https://{word}.com/mcp"))
}

#[tokio::test]
async fn a_card_is_found_at_each_well_known_path() {
    let web = Web::start().await;
    let paths = [
        "mcp-server-card",
        "mcp-server-card.json",
        "mcp/server-card.json",
        "mcp/server-card",
        "mcp.json",
        "mcp/server.json",
        "mcp",
        "mcp-server",
        "mcp-server.json",
        "mcp-manifest.json",
        "mcp/manifest.json",
        "server.json",
    ];
    for (number, path) in paths.iter().enumerate() {
        let word = format!("place{number}");
        let host = format!("{word}.com");
        serve(&web.hosts, &host, &format!("/.well-known/{path}"), &own_card(&word));
        assert_eq!(listed(&web.crawl(&host).await), [format!("com.{word}/tides added")], "{path}");
    }
}

#[tokio::test]
async fn every_kind_of_catalog_leads_to_its_card() {
    let web = Web::start().await;
    let entry = |word: &str| {
        let identifier = format!("urn:air:{word}.com:x:tides");
        json!({ "identifier": identifier, "type": "application/mcp-server-card+json", "url": "/cards/tides" })
    };
    let linkset = json!({ "linkset": [{ "service-desc": [
        { "href": "/cards/tides", "type": "application/mcp-server-card+json" },
    ] }] });
    let places = [
        ("ai", CATALOG, json!({ "specVersion": "1.0", "entries": [entry("ai")] })),
        ("ard", "/.well-known/ard.json", json!({ "entries": [entry("ard")] })),
        (
            "draft",
            "/.well-known/mcp/catalog.json",
            json!({ "specVersion": "draft", "entries": [entry("draft")] }),
        ),
        ("bare", "/.well-known/mcp/catalog", json!({ "entries": [entry("bare")] })),
        ("foreign", CATALOG, linkset.clone()),
        ("linkset", "/.well-known/api-catalog", linkset),
        (
            "cards",
            "/.well-known/mcp/server-cards.json",
            json!({ "serverCards": ["https://cards.com/cards/tides/server-card"] }),
        ),
        (
            "invented",
            "/.well-known/ard.json",
            json!({ "name": "x", "resources": [{ "type": "mcp", "card": "/cards/tides" }] }),
        ),
    ];
    for (word, path, document) in &places {
        let host = format!("{word}.com");
        serve(&web.hosts, &host, path, document);
        serve(&web.hosts, &host, "/cards/tides", &own_card(word));
        serve(&web.hosts, &host, "/cards/tides/server-card", &own_card(word));
        let report = web.crawl(&host).await;
        assert_eq!(listed(&report), [format!("com.{word}/tides added")], "{path}: {report}");
    }
}

#[tokio::test]
async fn lists_and_configurations_hold_servers_themselves() {
    let web = Web::start().await;
    let places = [
        ("list", "/.well-known/mcp/servers.json", json!({ "servers": [own_card("list")] })),
        ("top", "/.well-known/mcp-servers.json", json!([{ "name": "tides", "url": "https://top.com/mcp" }])),
        (
            "config",
            "/.well-known/mcp.json",
            json!({ "mcpServers": {
            "tides": { "type": "http", "url": "https://config.com/mcp", "headers": { "X-Api-Key": "ghp_16C7e42F292c6912E7710c838347Ae178B4a" } },
            "local": { "command": "npx", "args": ["tides"] },
        } }),
        ),
    ];
    for (word, path, document) in &places {
        let host = format!("{word}.com");
        serve(&web.hosts, &host, path, document);
        let report = web.crawl(&host).await;
        assert_eq!(listed(&report), [format!("com.{word}/tides added")], "{path}: {report}");
    }
    let config = &web.listings("com.config/tides").await[0];
    assert!(config.document.contains("https://config.com/mcp"), "{}", config.document);
    assert!(!config.document.contains("ghp_") && !config.extensions.contains("ghp_"), "a key was kept");
}

#[tokio::test]
async fn names_in_a_list_are_looked_for_and_nobody_is_told_what_is_missing() {
    let web = Web::start().await;
    serve(
        &web.hosts,
        "acme.com",
        "/.well-known/mcp/index.json",
        &json!({ "servers": ["com.acme/tides", "com.acme/gone"] }),
    );
    serve(&web.hosts, "acme.com", "/.well-known/mcp-server-card/com.acme/tides", &own_card("acme"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    assert_eq!(reasons(&report, Outcome::Refused), [""; 0], "{report}");
}

#[tokio::test]
async fn the_card_beside_an_endpoint_may_have_an_extension() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&["https://acme.com/api/mcp"]));
    web.hosts.serve("acme.com", "/api/mcp", Document::status(405));
    let other = card("com.acme/tides", "https://acme.com/api/mcp");
    serve(&web.hosts, "acme.com", "/api/mcp/server-card.json", &other);
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    let leads: Vec<_> = report.leads.iter().map(|lead| (lead.url.as_str(), lead.how)).collect();
    assert_eq!(leads, [("https://acme.com/api/mcp", "answered")]);
    assert!(
        web.hosts.paths("acme.com").contains(&"/api/mcp/server-card".to_owned()),
        "the reserved place first"
    );
}

#[tokio::test]
async fn a_live_endpoint_at_a_documents_place_is_a_lead() {
    let web = Web::start().await;
    web.hosts.serve("post.com", "/.well-known/mcp", Document::status(405));
    let rpc = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": "no" } });
    serve(&web.hosts, "rpc.com", "/.well-known/mcp", &rpc);
    let metadata =
        json!({ "resource": "https://oauth.com/mcp", "authorization_servers": ["https://login.com"] });
    serve(&web.hosts, "oauth.com", "/.well-known/oauth-protected-resource", &metadata);
    let agent = json!({ "name": "x", "url": "https://agent.com/a2a", "skills": [], "mcp": { "url": "https://agent.com/mcp" } });
    serve(&web.hosts, "agent.com", "/.well-known/agent-card.json", &agent);
    for (host, url, how) in [
        ("post.com", "https://post.com/.well-known/mcp", "answered"),
        ("rpc.com", "https://rpc.com/.well-known/mcp", "answered"),
        ("oauth.com", "https://oauth.com/mcp", "protected"),
        ("agent.com", "https://agent.com/mcp", "named"),
    ] {
        let report = web.crawl(host).await;
        let leads: Vec<_> = report.leads.iter().map(|lead| (lead.url.as_str(), lead.how)).collect();
        assert_eq!((leads, listed(&report)), (vec![(url, how)], Vec::new()), "{host}: {report}");
    }
}

#[tokio::test]
async fn an_implied_endpoint_is_looked_up_in_the_hosts_metadata() {
    let web = Web::start().await;
    let bare = json!({ "serverInfo": { "name": "tides", "version": "1.0.0" }, "tools": [] });
    serve(&web.hosts, "acme.com", "/.well-known/mcp/server-card.json", &bare);
    let report = web.crawl("acme.com").await;
    let leads: Vec<_> = report.leads.iter().map(|lead| (lead.url.as_str(), lead.how)).collect();
    assert_eq!(leads, [("https://acme.com/mcp", "implied")], "{report}");
    let paths = web.hosts.paths("acme.com");
    for asked in ["/.well-known/oauth-protected-resource/mcp", "/mcp/server-card", "/mcp/server-card.json"] {
        assert!(paths.contains(&asked.to_owned()), "{asked}: {paths:?}");
    }
    let probes = paths.iter().filter(|path| *path == "/mcp").count();
    assert!(probes <= 2, "a guess is probed by two requests at most: {paths:?}");
}

#[tokio::test]
async fn what_is_reached_in_several_ways_is_asked_for_once_and_believed_most() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &own_card("acme"));
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&["https://acme.com/.well-known/mcp-server-card"]));
    serve(&web.hosts, "acme.com", "/.well-known/ard.json", &catalog(&["/.well-known/mcp-server-card"]));
    let links =
        r#"<html><head><link rel="mcp-server-card" href="/.well-known/mcp-server-card"></head></html>"#;
    web.hosts.serve("acme.com", "/", Document::new("text/html", links));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    assert_eq!(web.hosts.paths("acme.com").iter().filter(|path| *path == CARD).count(), 1);
    let extensions: Value =
        serde_json::from_str(&web.listings("com.acme/tides").await[0].extensions).expect("JSON");
    assert_eq!(extensions["org.cardinal-registry/crawl"]["format"], "ai-catalog", "{extensions}");
}

#[tokio::test]
async fn a_searchable_registry_is_named_and_not_followed() {
    let web = Web::start().await;
    let list = json!({ "specVersion": "1.0", "entries": [
        { "identifier": "urn:air:acme.com:x:all", "type": "application/ai-registry+json", "url": "https://registry.org/api" },
    ] });
    serve(&web.hosts, "acme.com", CATALOG, &list);
    let report = web.crawl("acme.com").await;
    assert!(
        reasons(&report, Outcome::Skipped)[0].contains("`https://registry.org/api` is a searchable registry"),
        "{report}"
    );
    assert_eq!(web.hosts.paths("registry.org"), [""; 0]);
}
