//! Server Cards and catalogs checked at their addresses, over the API, and on the command line.

use std::sync::Arc;

use cli::{Env, Out};
use crawler::Config;
use crawler::lint::Linter;
use registry_core::clock::FixedClock;
use registry_core::lint::Linter as _;
use registry_core::wire::lint::LintReport;
use serde_json::{Value, json};

use crate::crawl::{CARD, CATALOG, V1, card, catalog, serve};
use crate::harness::host::{Document, Hosts};
use crate::harness::registry::{NOW, Registry};

const LINT: &str = "/v0.1/x/org.cardinal-registry/lint";

fn linter(hosts: &Hosts) -> Linter {
    let config = Config {
        policy: hosts.policy(),
        own_hosts: vec!["*.com".into(), "*.org".into(), "acme.com".into(), "host.org".into()],
        random: || 7,
        ..Config::default()
    };
    let clock = FixedClock::at(NOW.parse().expect("a time"));
    Linter::new(&config, Arc::new(clock)).expect("usable settings")
}

async fn check(hosts: &Hosts, url: &str) -> LintReport {
    linter(hosts).lint_url(url.parse().expect("an address")).await.expect("there is room")
}

fn rules(report: &LintReport) -> Vec<&str> {
    report.documents.iter().flat_map(|d| &d.findings).map(|finding| finding.rule.as_str()).collect()
}

/// What became of each description: its outcome and name.
fn outcomes(report: &LintReport) -> Vec<String> {
    let told = report.servers.iter();
    told.map(|s| format!("{} {}", s.outcome.as_str(), s.name.as_deref().unwrap_or("-"))).collect()
}

/// A document as a careful host serves it.
fn served(value: &Value, media: &str) -> Document {
    Document::new(media, value.to_string())
        .with_etag("\"1\"")
        .with_header("cache-control", "public, max-age=3600")
        .with_header("access-control-allow-origin", "*")
        .with_header("access-control-allow-methods", "GET")
        .with_header("access-control-allow-headers", "Content-Type, If-None-Match")
        .with_header("access-control-expose-headers", "ETag")
}

fn served_card(name: &str, remote: &str) -> Document {
    served(&card(name, remote), "application/mcp-server-card+json")
}

const URL: &str = "https://acme.com/.well-known/mcp-server-card";

#[tokio::test]
async fn a_card_that_is_well_made_and_well_served_has_no_findings() {
    let hosts = Hosts::start().await;
    hosts.serve("acme.com", CARD, served_card("com.acme/tides", "https://acme.com/mcp"));
    let report = check(&hosts, URL).await;
    assert_eq!(rules(&report), [""; 0], "{report:#?}");
    assert!(report.valid);
    assert_eq!(outcomes(&report), ["listed com.acme/tides"]);
    let server = &report.servers[0];
    assert_eq!(server.level.map(|level| level.number()), Some(3));
    assert_eq!(server.server.as_ref().map(|s| s.remotes.len()), Some(1));
    let paths = hosts.paths("acme.com");
    assert_eq!(paths[0], "/robots.txt");
    assert!(paths.len() <= 6, "{paths:?}");
    assert!(hosts.requests().iter().all(|request| request.header("cookie").is_none()));
}

#[tokio::test]
async fn what_a_host_leaves_undone_is_told() {
    let hosts = Hosts::start().await;
    serve(&hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    let report = check(&hosts, URL).await;
    let (told, mut expected) = (rules(&report), vec!["H6", "H9", "H10", "H7", "H7", "H7", "H8"]);
    expected.sort_unstable();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(told[..3], ["H6", "H9", "H10"], "the gravest first");
    assert!(report.valid, "warnings refuse nothing");

    // A tag that is not honoured, and a host that looks at what is accepted.
    hosts.respond("acme.com", CARD, |request| {
        let card = served_card("com.acme/tides", "https://acme.com/mcp");
        match request.header("accept") {
            Some(accept) if accept.contains("mcp-server-card") => Document { status: 200, ..card },
            _ => Document::status(406),
        }
    });
    let report = check(&hosts, URL).await;
    assert!(rules(&report).contains(&"H12") && rules(&report).contains(&"H11"), "{report:#?}");
}

#[tokio::test]
async fn robots_are_obeyed_and_the_owner_is_told() {
    let hosts = Hosts::start().await;
    hosts.serve("acme.com", "/robots.txt", Document::text("User-agent: *\nDisallow: /.well-known/"));
    hosts.serve("acme.com", CARD, served_card("com.acme/tides", "https://acme.com/mcp"));
    let report = check(&hosts, URL).await;
    assert_eq!(rules(&report), ["H13"]);
    assert_eq!(hosts.paths("acme.com"), ["/robots.txt"]);
    assert!(report.servers.is_empty());
}

#[tokio::test]
async fn pages_redirects_and_catch_alls_are_seen_through() {
    let hosts = Hosts::start().await;
    hosts.catch_all("page.com", Document::new("text/html", "<!doctype html><p>Welcome"));
    let report = check(&hosts, "https://page.com/.well-known/mcp-server-card").await;
    assert!(rules(&report).contains(&"D1") && rules(&report).contains(&"H4"), "{:?}", rules(&report));

    hosts.catch_all("all.com", served_card("com.all/tides", "https://all.com/mcp"));
    hosts.serve("all.com", "/robots.txt", Document::status(404));
    let report = check(&hosts, "https://all.com/.well-known/mcp-server-card").await;
    assert_eq!(rules(&report), ["H14"]);
    assert!(report.servers.is_empty(), "what every address answers describes nothing");

    hosts.redirect("acme.com", CARD, "https://host.org/card");
    hosts.serve("host.org", "/card", served_card("com.acme/tides", "https://acme.com/mcp"));
    let report = check(&hosts, URL).await;
    assert_eq!(rules(&report), ["H5"]);
    assert_eq!(report.documents[0].final_url.as_deref(), Some("https://host.org/card"));
    assert_eq!(outcomes(&report), ["listed com.acme/tides"], "the redirect is acme.com's word");

    hosts.redirect("loop.com", CARD, CARD);
    assert_eq!(rules(&check(&hosts, "https://loop.com/.well-known/mcp-server-card").await), ["H2"]);
    hosts.redirect("in.com", CARD, "https://127.0.0.1/card");
    assert_eq!(rules(&check(&hosts, "https://in.com/.well-known/mcp-server-card").await), ["H2"]);
}

#[tokio::test]
async fn addresses_that_are_not_fetched_are_told_so() {
    let hosts = Hosts::start().await;
    for (url, rule) in [
        ("http://acme.com/card", "H1"),
        ("https://127.0.0.1/card", "H2"),
        ("https://acme.com:8443/card", "H2"),
    ] {
        assert_eq!(rules(&check(&hosts, url).await), [rule], "{url}");
    }
    assert!(hosts.requests().is_empty());
    assert_eq!(rules(&check(&hosts, "https://acme.com/nothing").await), ["H3"]);
}

#[tokio::test]
async fn a_catalog_is_followed_and_each_card_judged() {
    let hosts = Hosts::start().await;
    let cards = [
        "https://acme.com/cards/tides",
        "https://acme.com/cards/stray",
        "https://host.org/cards/own",
        "https://acme.com/cards/gone",
    ];
    hosts.serve("acme.com", CATALOG, served(&catalog(&cards), "application/ai-catalog+json"));
    hosts.serve("acme.com", "/cards/tides", served_card("com.acme/tides", "https://acme.com/mcp"));
    hosts.serve("acme.com", "/cards/stray", served_card("com.acme/stray", "https://far.org/mcp"));
    hosts.serve("host.org", "/cards/own", served_card("com.bank/login", "https://host.org/mcp"));
    let report = check(&hosts, "https://acme.com/.well-known/ai-catalog.json").await;
    assert_eq!(report.documents.len(), 5);
    assert_eq!(report.documents[0].kind.as_deref(), Some("catalog"));
    assert_eq!(rules(&report), ["H3"], "{report:#?}");
    assert_eq!(outcomes(&report), ["listed com.acme/tides", "held com.acme/stray", "listed org.host/login"]);
    assert!(
        report.servers[1].reason.as_deref().is_some_and(|r| r.contains("`https://far.org/mcp/server-card`"))
    );
    assert_eq!(report.servers[2].declared_name.as_deref(), Some("com.bank/login"));

    hosts.serve("far.org", "/mcp/server-card", served_card("com.acme/stray", "https://far.org/mcp"));
    let report = check(&hosts, "https://acme.com/.well-known/ai-catalog.json").await;
    assert_eq!(outcomes(&report)[1], "listed com.acme/stray", "its endpoint confirms it");
}

#[tokio::test]
async fn a_hostile_catalog_is_followed_only_so_far() {
    let hosts = Hosts::start().await;
    let urls: Vec<String> = (0..200).map(|n| format!("https://acme.com/cards/{n}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    hosts.serve("acme.com", CATALOG, served(&catalog(&urls), "application/ai-catalog+json"));
    let report = check(&hosts, "https://acme.com/.well-known/ai-catalog.json").await;
    assert_eq!(report.documents.len(), 21);
    assert_eq!(report.servers.len(), 180);
    assert!(hosts.requests().len() < 40, "{}", hosts.requests().len());
}

#[tokio::test]
async fn a_site_is_looked_at_in_its_well_known_places() {
    let hosts = Hosts::start().await;
    hosts.serve("acme.com", CARD, served_card("com.acme/tides", "https://acme.com/mcp"));
    let report = check(&hosts, "https://acme.com/").await;
    assert_eq!((report.documents.len(), rules(&report).len()), (1, 0), "{report:#?}");
    assert_eq!(outcomes(&report), ["listed com.acme/tides"]);
    let nothing = check(&hosts, "https://host.org").await;
    assert_eq!(rules(&nothing), ["H2"]);
    assert!(nothing.documents[0].findings[0].message.contains("ai-catalog.json"));
}

#[tokio::test]
async fn the_api_checks_documents_and_addresses() {
    let hosts = Hosts::start().await;
    hosts.serve("acme.com", CARD, served_card("com.acme/tides", "https://acme.com/mcp"));
    let registry = Registry::with_linter(Arc::new(linter(&hosts)), |_| {}).await;
    let anyone = registry.anyone();
    let report = anyone.post(LINT, &json!({ "url": URL })).await.expect_status(200).json();
    assert_eq!((&report["valid"], &report["url"]), (&json!(true), &json!(URL)));
    assert_eq!(report["servers"][0]["server"]["name"], "com.acme/tides");

    let document = card("com.acme/tides", "https://acme.com/mcp");
    let report = anyone.post(LINT, &document).await.expect_status(200).json();
    assert_eq!(report["valid"], true);
    assert_eq!(report["assumedUrl"], URL);
    assert_eq!(
        (&report["servers"][0]["outcome"], &report["servers"][0]["level"]),
        (&json!("listed"), &json!("endpoint-bound"))
    );
    let elsewhere = format!("{LINT}?at=https%3A%2F%2Fhost.org%2Fcard");
    let report = anyone.post(&elsewhere, &document).await.expect_status(200).json();
    assert_eq!(report["servers"][0]["outcome"], "held", "host.org says something about acme.com");

    let broken = json!({ "$schema": V1, "name": "tides", "url": URL });
    let report = anyone.post(LINT, &broken).await.expect_status(200).json();
    let finding = &report["documents"][0]["findings"][0];
    assert_eq!(report["valid"], false);
    for member in ["rule", "severity", "message", "about", "hint", "reference"] {
        assert!(finding[member].as_str().is_some_and(|text| !text.is_empty()), "{finding}");
    }
    for (path, body, status, code) in [
        (LINT.to_owned(), json!({ "url": "ftp://acme.com" }), 422, "invalid-address"),
        (format!("{LINT}?at=%20"), document.clone(), 422, "invalid-address"),
        (LINT.to_owned(), json!([1, 2]), 200, ""),
    ] {
        let answer = anyone.post(&path, &body).await.expect_status(status).json();
        assert_eq!(answer["code"].as_str().unwrap_or_default(), code, "{answer}");
    }
    let asked = hosts.requests().len();
    anyone.post(LINT, &document).await.expect_status(200);
    assert_eq!(hosts.requests().len(), asked, "a document that is sent asks nobody");
}

/// Types `cardinal lint …` and shows exit code, stdout and stderr.
async fn types(hosts: &Hosts, folder: &tempfile::TempDir, target: &str, json: bool) -> String {
    let lint = cli::Lint { target: target.to_owned(), at: None, json };
    let env = Env { directory: folder.path().to_owned(), home: None };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let exit = cli::lint(lint, &linter(hosts), &env, &mut Out::plain(&mut stdout, &mut stderr, None)).await;
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    format!("exit {}\n--- stdout\n{}--- stderr\n{}", exit.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn the_command_line_tells_file_place_rule_and_what_to_do() {
    let (hosts, folder) = (Hosts::start().await, tempfile::tempdir().expect("a folder"));
    let mut document = card("com.bank/login", "https://acme.com/mcp");
    document["version"] = json!("1.x");
    document["websiteUrl"] = json!("\u{1b}[31mno address");
    std::fs::write(folder.path().join("card.json"), document.to_string()).expect("written");
    insta::assert_snapshot!(types(&hosts, &folder, "card.json", false).await, @r"
    exit 1
    --- stdout
    card.json (server-card-v1)
      error[C5] version: `1.x` is a range and no version
        hint: write one version, as in `1.0.0`
        see:  Server Card v1 (SEP-2127)
      error[C9] websiteUrl: `[31mno address` is no address
        hint: write it with its scheme, as in `https://example.com`
        see:  Server Card v1 (SEP-2127)

    What would be listed, served at https://bank.com/.well-known/mcp-server-card:
      held com.bank/login 0.0.0-20261124 [level 2, host-bound]
        the remote `https://acme.com/mcp` is on `acme.com`, which does not confirm what `bank.com` says of it; serve the same card at `https://acme.com/mcp/server-card`, or list this document in `https://acme.com/.well-known/ai-catalog.json`
        made up, since it is not there: version
    --- stderr
    found 2 errors; 1 held
    ");
    hosts.serve("acme.com", CARD, served_card("com.acme/tides", "https://acme.com/mcp"));
    insta::assert_snapshot!(types(&hosts, &folder, "acme.com", false).await, @r"
    exit 0
    --- stdout
    https://acme.com/.well-known/mcp-server-card (server-card-v1)

    What would be listed:
      listed com.acme/tides 1.0.0 [level 3, endpoint-bound]
    --- stderr
    ✓ nothing is wrong
    ");
    insta::assert_snapshot!(types(&hosts, &folder, "none.json", false).await, @r"
    exit 2
    --- stdout
    --- stderr
    error: `none.json` is no file here; name a file, `-` for stdin, or an address
    ");
    let json = types(&hosts, &folder, URL, true).await;
    assert!(json.starts_with("exit 0\n--- stdout\n{") && json.contains("\"server\": {"), "{json}");
}

#[tokio::test]
async fn a_site_is_looked_at_as_a_visit_looks_at_it() {
    let hosts = Hosts::start().await;
    let listed = |report: &LintReport| outcomes(report).iter().any(|told| told.starts_with("listed "));
    // One place that leads astray, or that robots.txt closes, says nothing of the others.
    hosts.redirect("acme.com", CATALOG, "http://acme.com/catalog.json");
    hosts.serve("acme.com", CARD, served_card("com.acme/weather", "https://acme.com/mcp"));
    let report = check(&hosts, "https://acme.com").await;
    assert!(listed(&report) && rules(&report).contains(&"H2"), "{report:#?}");
    let robots = format!("User-agent: *\nDisallow: {CATALOG}\n");
    hosts.serve("closed.com", "/robots.txt", Document::text(&robots));
    hosts.serve("closed.com", CARD, served_card("com.closed/weather", "https://closed.com/mcp"));
    let report = check(&hosts, "https://closed.com").await;
    assert!(listed(&report) && !rules(&report).contains(&"H13"), "{report:#?}");
    // What the home page names, what lies at rarer places, and what wants another `Accept`.
    let page = Document::new("text/html", "<html><body>Hello</body></html>");
    let link = "<https://linked.com/c.json>; rel=\"mcp-server-card\"";
    hosts.serve("linked.com", "/", page.with_header("link", link));
    hosts.serve("linked.com", "/c.json", served_card("com.linked/weather", "https://linked.com/mcp"));
    hosts.serve("rare.com", "/.well-known/mcp", served_card("com.rare/weather", "https://rare.com/mcp"));
    hosts.respond("picky.com", CARD, |request| match request.header("accept") {
        Some("*/*") => served_card("com.picky/weather", "https://picky.com/mcp"),
        _ => Document::status(406),
    });
    hosts.serve("mcp.apex.com", CARD, served_card("com.apex.mcp/weather", "https://mcp.apex.com/mcp"));
    for site in ["linked.com", "rare.com", "picky.com", "apex.com"] {
        let report = check(&hosts, &format!("https://{site}")).await;
        assert!(listed(&report), "{site}: {report:#?}");
    }
    hosts.redirect("moved.com", "/", "https://www.moved.com/");
    hosts.serve("www.moved.com", CARD, served_card("com.moved.www/weather", "https://www.moved.com/mcp"));
    let page = Document::new("text/html", "<html></html>");
    let link = "<https://cdn.org/card.json>; rel=\"mcp-server-card\"";
    hosts.serve("lends.com", "/", page.with_header("link", link));
    hosts.serve("cdn.org", "/card.json", served_card("com.lends/weather", "https://lends.com/mcp"));
    for site in ["moved.com", "lends.com"] {
        let report = check(&hosts, &format!("https://{site}")).await;
        assert!(listed(&report), "{site}: {report:#?}");
    }
    let out = json!({ "mcp_version": "2025-06-18", "name": "Tides", "endpoint": "https://shy.com/mcp", "crawl": false });
    hosts.serve("shy.com", CARD, served_card("com.shy/weather", "https://shy.com/mcp"));
    hosts.serve("shy.com", "/.well-known/mcp-server", Document::json(&out));
    let report = check(&hosts, "https://shy.com").await;
    assert!(!listed(&report) && !report.valid, "{report:#?}");
    hosts.serve("paid.com", CARD, Document::status(402));
    let report = check(&hosts, "https://paid.com").await;
    assert_eq!(rules(&report), ["H3"], "{report:#?}");
}

#[tokio::test]
async fn one_endpoint_is_listed_once_by_the_card_beside_it() {
    let hosts = Hosts::start().await;
    hosts.serve("acme.com", CARD, served_card("com.acme/weather", "https://acme.com/mcp"));
    hosts.serve("acme.com", "/mcp/server-card", served_card("com.acme/own", "https://acme.com/mcp"));
    let report = check(&hosts, "https://acme.com").await;
    assert_eq!(outcomes(&report), ["skipped com.acme/weather", "listed com.acme/own"], "{report:#?}");
}

#[tokio::test]
async fn what_would_not_be_listed_is_not_fine() {
    let hosts = Hosts::start().await;
    let stray = served_card("com.acme/weather", "https://elsewhere.org/mcp");
    hosts.serve("acme.com", CARD, stray);
    let report = check(&hosts, URL).await;
    assert_eq!(outcomes(&report), ["held com.acme/weather"]);
    assert!(!report.valid && report.errors == 0, "{report:#?}");
}
