//! Domains to crawl: what anybody may submit and see, and what operators type.

use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::TimeDelta;
use crawler::{Config, CrawlError, Crawler};
use registry_api::config::Rate;
use registry_core::card::origin::Origin;
use registry_core::store::{PgConnection, origins};
use serde_json::{Value, json};

use crate::crawl::{CARD, CATALOG, card, catalog, serve};
use crate::harness::host::Hosts;
use crate::harness::program::{Said, Serving, data_dir, run};
use crate::harness::registry::{Answer, Registry};

const ORIGINS: &str = "/v0.1/x/org.cardinal-registry/origins";

async fn submit(registry: &Registry, origin: &str) -> Answer {
    registry.anyone().post(ORIGINS, &json!({ "origin": origin })).await
}

async fn report(registry: &Registry, origin: &str) -> Value {
    registry.anyone().get(&format!("{ORIGINS}/{origin}")).await.expect_status(200).json()
}

fn origin(host: &str) -> Origin {
    host.parse().expect("a domain")
}

fn crawler(registry: &Registry, hosts: &Hosts) -> Crawler {
    let config = Config {
        policy: hosts.policy(),
        own_hosts: vec!["*.com".into(), "*.org".into()],
        random: || 7,
        ..Config::default()
    };
    Crawler::new(config, registry.database.pool(), Arc::new(registry.clock.clone())).expect("usable settings")
}

async fn with_row(registry: &Registry, change: impl AsyncFnOnce(&mut PgConnection)) {
    let mut conn = registry.database.pool().acquire().await.expect("a connection");
    change(&mut conn).await;
}

#[tokio::test]
async fn anybody_submits_a_domain_and_sees_what_became_of_it() {
    let (registry, hosts) = (Registry::start().await, Hosts::start().await);
    let answer = submit(&registry, " HTTPS://Acme.com/ ").await.expect_status(202);
    let place = "http://registry.test/v0.1/x/org.cardinal-registry/origins/acme.com";
    assert_eq!(answer.header("location"), Some(place));
    let told = answer.json();
    assert_eq!(told["origin"], "acme.com");
    assert_eq!(told["status"], "waiting");
    assert_eq!(told["statusUrl"], place);
    assert_eq!(told["nextVisitAt"], "2026-11-24T12:00:00Z");
    assert_eq!(submit(&registry, "acme.com").await.expect_status(202).json(), told, "again is the same");
    assert_eq!(report(&registry, "acme.com").await["status"], "waiting");

    let other = "https://acme.com/cards/other";
    serve(&hosts, "acme.com", CATALOG, &catalog(&[other]));
    serve(&hosts, "acme.com", "/cards/other", &card("com.acme/other", "https://stranger.org/mcp"));
    serve(&hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    crawler(&registry, &hosts).crawl(&origin("acme.com"), false).await.expect("the database works");
    let found = report(&registry, "acme.com").await;
    assert_eq!((&found["status"], &found["listed"], &found["held"]), (&json!("found"), &json!(1), &json!(1)));
    let held = &found["findings"][0];
    assert_eq!(
        (&held["outcome"], &held["name"]),
        (&json!("held"), &json!("com.acme/other")),
        "what to do comes first"
    );
    let reason = held["reason"].as_str().expect("a reason");
    assert!(reason.contains("serve the same card at `https://stranger.org/mcp/server-card`"), "{reason}");
    let listed = &found["findings"][1];
    assert_eq!((&listed["name"], &listed["level"]), (&json!("com.acme/tides"), &json!("endpoint-bound")));
    assert!(listed["evidence"].as_array().is_some_and(|evidence| !evidence.is_empty()));
    let urls: Vec<&str> =
        found["documents"].as_array().expect("a list").iter().filter_map(|d| d["url"].as_str()).collect();
    assert!(urls.contains(&other) && urls.len() == 3, "{urls:?}");
    assert!(!found.to_string().contains("Tells the tides"), "no bytes of documents");
    let fetches = found["fetches"].as_array().expect("a list");
    let of = |path: &str| fetches.iter().find(|fetch| fetch["url"] == format!("https://acme.com{path}"));
    let card = of(CARD).expect("it was asked for");
    assert_eq!((&card["status"], &card["outcome"]), (&json!(200), &json!("answered")));
    assert!(card["bytes"].as_u64().is_some_and(|bytes| bytes > 100) && card["at"].is_string());
    assert!(of("/robots.txt").is_some_and(|robots| robots["status"] == 404), "{fetches:?}");
    assert!(fetches.len() <= 50);
}

#[tokio::test]
async fn a_domain_visited_lately_is_not_visited_again_for_a_submission() {
    let (registry, hosts) = (Registry::start().await, Hosts::start().await);
    submit(&registry, "acme.com").await.expect_status(202);
    crawler(&registry, &hosts).crawl(&origin("acme.com"), false).await.expect("the database works");
    let due = report(&registry, "acme.com").await["nextVisitAt"].clone();
    registry.clock.advance(TimeDelta::hours(23));
    let told = submit(&registry, "acme.com").await.expect_status(202).json();
    assert_eq!((&told["status"], &told["nextVisitAt"]), (&json!("nothing"), &due));
    let message = told["message"].as_str().expect("a sentence");
    assert!(message.contains("was visited at 2026-11-24 12:00 UTC and is visited again at"), "{message}");

    registry.clock.advance(TimeDelta::minutes(61));
    let told = submit(&registry, "acme.com").await.expect_status(202).json();
    assert_eq!(told["nextVisitAt"], "2026-11-25T12:01:00Z");
}

#[tokio::test]
async fn what_is_no_domain_of_somebody_is_refused_in_a_sentence() {
    let registry = Registry::start().await;
    for (origin, part) in [
        ("127.0.0.1", "is an IP address"),
        ("[::1]", "is an IP address"),
        ("localhost", "write a whole domain"),
        ("printer.local", "is not a name on the public web"),
        ("co.uk", "is a public suffix"),
        ("github.io", "is a public suffix"),
        ("a b", "is no domain"),
        ("http://example.com", "documents are not crawled"),
        ("example.com/mcp", "is more than a domain"),
        ("", "is no domain"),
    ] {
        let problem = submit(&registry, origin).await.expect_status(422);
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        let problem = problem.json();
        assert_eq!(problem["code"], "invalid-origin", "{origin}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(part)), "{problem}");
    }
    for (body, status) in
        [(json!({}), 422), (json!({ "origin": 1 }), 422), (json!({ "origin": "a.com", "x": 1 }), 422)]
    {
        registry.anyone().post(ORIGINS, &body).await.expect_status(status);
    }
    let unknown = registry.anyone().get(&format!("{ORIGINS}/acme.com")).await.expect_status(404).json();
    assert_eq!(unknown["code"], "origin-not-found");
    assert!(
        unknown["detail"].as_str().is_some_and(|detail| detail.contains(r#"{"origin":"acme.com"}"#)),
        "{unknown}"
    );
    registry.anyone().get(&format!("{ORIGINS}/10.0.0.1")).await.expect_status(422);
}

#[tokio::test]
async fn what_was_removed_is_not_crawled_and_not_taken_again() {
    let (registry, hosts) = (Registry::start().await, Hosts::start().await);
    submit(&registry, "acme.com").await.expect_status(202);
    let now = registry.now();
    with_row(&registry, async |conn| {
        let held = origins::claim(conn, now, now + TimeDelta::minutes(15), 10).await.expect("origins");
        assert!(origins::remove(conn, &origin("acme.com"), "test", now).await.expect("removed"));
        assert!(
            !origins::still_held(conn, &held[0]).await.expect("origins"),
            "a visit under way is not written"
        );
        assert!(
            !origins::remove(conn, &origin("acme.com"), "test", now).await.expect("removed"),
            "twice is once"
        );
        let later = now + TimeDelta::days(99);
        assert!(origins::claim(conn, later, later, 10).await.expect("origins").is_empty());
        assert!(!origins::recrawl(conn, &origin("acme.com"), now).await.expect("origins"));
    })
    .await;
    for host in ["acme.com", "mcp.acme.com"] {
        let refused = submit(&registry, host).await.expect_status(403).json();
        assert_eq!(refused["code"], "origin-removed");
        let crawled = crawler(&registry, &hosts).crawl(&origin(host), false).await;
        assert!(matches!(crawled, Err(CrawlError::Removed(_))), "{crawled:?}");
    }
    assert!(hosts.requests().is_empty());
    let told = report(&registry, "acme.com").await;
    assert_eq!((&told["status"], &told["nextVisitAt"]), (&json!("removed"), &Value::Null));
    with_row(&registry, async |conn| {
        let all = ["acme.com".to_owned(), "new.org".to_owned()];
        let added = origins::add_many(conn, &all, "test", now, false).await.expect("added");
        assert_eq!(added, ["new.org"]);
        assert_eq!(origins::add_many(conn, &all, "test", now, true).await.expect("added"), ["acme.com"]);
    })
    .await;
    submit(&registry, "acme.com").await.expect_status(202);
}

#[tokio::test]
async fn what_somebody_waits_for_is_visited_before_a_long_list() {
    let registry = Registry::start().await;
    let now = registry.now();
    with_row(&registry, async |conn| {
        let list: Vec<String> = (0..5).map(|number| format!("site{number}.com")).collect();
        origins::add_many(conn, &list, "test", now, false).await.expect("added");
        assert!(origins::recrawl(conn, &origin("site3.com"), now).await.expect("origins"));
    })
    .await;
    registry.clock.advance(TimeDelta::minutes(1));
    submit(&registry, "acme.com").await.expect_status(202);
    let now = registry.now();
    with_row(&registry, async |conn| {
        let held = origins::claim(conn, now, now + TimeDelta::minutes(15), 2).await.expect("origins");
        let mut first: Vec<&str> = held.iter().map(|held| held.origin.host()).collect();
        first.sort_unstable();
        assert_eq!(first, ["acme.com", "site3.com"]);
    })
    .await;
}

#[tokio::test]
async fn strangers_cannot_fill_the_table() {
    let registry = Registry::with(|config| config.submissions_per_day = 2).await;
    submit(&registry, "a.com").await.expect_status(202);
    registry.clock.advance(TimeDelta::hours(1));
    submit(&registry, "b.com").await.expect_status(202);
    let full = submit(&registry, "c.com").await.expect_status(429);
    assert_eq!(full.json()["code"], "too-many-submissions");
    assert_eq!(full.header("retry-after"), Some("82800"), "a day after the oldest");
    submit(&registry, "a.com").await.expect_status(202);
    registry.clock.advance(TimeDelta::days(2));
    submit(&registry, "c.com").await.expect_status(429);

    let hosts = Hosts::start().await;
    crawler(&registry, &hosts).crawl(&origin("a.com"), false).await.expect("the database works");
    submit(&registry, "c.com").await.expect_status(202);

    let closed = Registry::with(|config| config.submissions_per_day = 0).await;
    assert_eq!(submit(&closed, "a.com").await.expect_status(403).json()["code"], "submissions-off");
}

#[tokio::test]
async fn submissions_have_a_budget_of_their_own() {
    let registry = Registry::with(|config| {
        config.http.submissions = NonZeroU32::new(1).and_then(|burst| Rate::new(1, burst));
    })
    .await;
    let first = submit(&registry, "a.com").await.expect_status(202);
    assert_eq!(first.header("ratelimit-policy"), Some("\"submissions\";q=1;w=60"));
    let second = submit(&registry, "b.com").await.expect_status(429);
    assert!(second.header("retry-after").is_some());
    registry.anyone().post("/v0.1/x/org.cardinal-registry/lint", &json!({})).await.expect_status(429);
    registry.anyone().post("/v0.1/validate", &json!({})).await.expect_status(422);
    report(&registry, "a.com").await;
}

#[tokio::test]
async fn without_the_database_origins_are_503() {
    let registry = Registry::start().await;
    registry.state.pool.close().await;
    let answer = registry.anyone().get(&format!("{ORIGINS}/acme.com")).await.expect_status(503);
    assert_eq!((&answer.json()["code"], answer.header("retry-after")), (&json!("unavailable"), Some("5")));
    submit(&registry, "acme.com").await.expect_status(503);
}

fn said(data: &tempfile::TempDir, arguments: &[&str]) -> Said {
    let data = data.path().to_str().expect("a path");
    run(&[&["origins"], arguments, &["--data-dir", data]].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_add_list_show_remove_and_recrawl() {
    let data = data_dir();
    // Without its crawler nobody is asked for the domains of this test.
    let serving = Serving::start(data.path(), &["--role", "api"]);
    let list = data.path().join("domains.txt");
    std::fs::write(&list, "rank,domain\n1,b.example\n2,https://c.example/x\n# none\n127.0.0.1\n")
        .expect("written");
    let list = list.to_str().expect("a path");
    let added = said(&data, &["add", "a.example", "--file", list]);
    assert_eq!((added.code, added.out.as_str()), (Some(1), "3 added, 1 not understood\n"), "{}", added.err);
    assert!(added.err.contains("line 5: `127.0.0.1` is an IP address"), "{}", added.err);
    let again = said(&data, &["add", "a.example", "d.example", "--json"]);
    let again: Value = serde_json::from_str(&again.out).expect("JSON");
    assert_eq!((&again["added"], &again["known"]), (&json!(["d.example"]), &json!(1)));

    let listed = said(&data, &["list"]);
    let names: Vec<&str> = listed.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["DOMAIN", "a.example", "b.example", "c.example", "d.example"], "{}", listed.out);
    let shown = said(&data, &["show", "a.example"]);
    assert!(
        shown.out.starts_with("a.example: waiting\n") && shown.out.contains("by operator"),
        "{}",
        shown.out
    );
    assert_eq!(said(&data, &["add", "mcp.a.example"]).code, Some(0));
    let removed = said(&data, &["remove", "a.example"]);
    let told = "a.example is crawled no longer\nmcp.a.example is crawled no longer\nNobody adds a.example";
    assert!(removed.out.starts_with(told), "{}", removed.out);
    assert!(said(&data, &["remove", "a.example"]).out.starts_with("a.example was not crawled\n"));
    assert!(said(&data, &["remove", "co.uk"]).err.contains("is a public suffix"));
    let refused = said(&data, &["add", "www.a.example"]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), "0 added, 1 removed before\n"));
    assert!(refused.err.contains("--force"), "{}", refused.err);
    let shown = said(&data, &["show", "a.example", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&shown.out).expect("JSON")["status"], "removed");
    let recrawled = said(&data, &["recrawl", "a.example"]);
    assert_eq!(recrawled.code, Some(1));
    assert!(recrawled.err.contains("`a.example` was removed at"), "{}", recrawled.err);
    let forced = said(&data, &["add", "a.example", "--force"]);
    assert_eq!((forced.code, forced.out.as_str()), (Some(0), "1 added\n"));
    assert_eq!(said(&data, &["recrawl", "a.example"]).code, Some(0));
    assert_eq!(said(&data, &["show", "nobody.example"]).code, Some(1));
    assert_eq!(said(&data, &["add"]).code, Some(2));
    assert!(serving.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_is_listed_no_longer() {
    let (data, hosts) = (data_dir(), Hosts::start().await);
    let place = data.path().to_str().expect("a path");
    serve(&hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    serve(&hosts, "acme.com", CATALOG, &json!({ "specVersion": "1.0", "entries": [] }));
    let serving = Serving::start(data.path(), &["--role", "api"]);
    let (connect_to, authority) = (hosts.connect_to(), hosts.ca_file().display().to_string());
    let reached = [
        "--crawler-connect-to",
        &connect_to,
        "--crawler-ca-file",
        &authority,
        "--crawler-own-hosts",
        "acme.com",
    ];
    let crawl = |arguments: &[&str]| {
        run(&[&["crawl", "acme.com", "--data-dir", place], &reached[..], arguments].concat())
    };
    let crawled = crawl(&[]);
    assert_eq!(crawled.code, Some(0), "{}{}", crawled.out, crawled.err);
    let shown = said(&data, &["show", "acme.com"]);
    assert!(shown.out.contains("1 listed, 0 held") && shown.out.contains("proof:"), "{}", shown.out);
    assert!(shown.out.contains("Last requests") && shown.out.contains("/robots.txt: 404"), "{}", shown.out);

    let removed = said(&data, &["remove", "acme.com"]);
    assert!(
        removed.out.contains("\n  com.acme/tides is listed no longer\n"),
        "{}{}",
        removed.out,
        removed.err
    );
    let answer = serving.get("/v0.1/servers/com.acme%2Ftides/versions/latest?include_deleted=true").await;
    assert!(answer.contains("no longer crawled here"), "{answer}");
    assert!(said(&data, &["show", "acme.com"]).out.contains("0 listed"), "it is seen where it went");
    for arguments in [&[][..], &["--dry-run"]] {
        let refused = crawl(arguments);
        assert_eq!(refused.code, Some(1));
        assert!(refused.err.contains("`acme.com` was removed and is not crawled"), "{}", refused.err);
    }
    assert!(serving.terminate().success());
    let verified = run(&["verify", "--data-dir", place]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_domains_are_added_in_seconds() {
    let data = data_dir();
    let serving = Serving::start(data.path(), &["--role", "api"]);
    let lines: String = (0..100_000).map(|n| format!("{n},site{n}.example\n")).collect();
    let list = data.path().join("domains.csv");
    std::fs::write(&list, lines).expect("written");
    let begun = std::time::Instant::now();
    let added = said(&data, &["add", "--file", list.to_str().expect("a path")]);
    assert_eq!((added.code, added.out.as_str()), (Some(0), "100000 added\n"), "{}", added.err);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    let again = said(&data, &["add", "--file", list.to_str().expect("a path")]);
    assert_eq!(again.out, "0 added, 100000 known already\n");
    assert!(serving.terminate().success());
}
