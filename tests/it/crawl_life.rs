//! What becomes of what was crawled: it vanishes, returns, is renamed, is published, is confirmed later.

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::origin::Origin;
use registry_core::clock::Clock;
use registry_core::extensions::EVIDENCE;
use registry_core::listing::{Listing, Status, StatusChange};
use registry_core::server::Upstream;
use registry_core::server_json::{Remote, ServerJson};
use registry_core::store::findings::Outcome;
use registry_core::store::{documents, endpoints, ledger, origins, revisions, servers, vouchers};
use serde_json::{Value, json};

use crate::crawl::{CARD, CATALOG, Web, card, catalog, listed, reasons, serve};
use crate::harness::host::Document;

const MCP: &str = "https://acme.com/mcp";
const TIDES: &str = "com.acme/tides";

impl Web {
    fn wait(&self, hours: i64) {
        self.clock.advance(TimeDelta::hours(hours));
    }

    async fn one(&self, name: &str) -> Listing {
        let mut listings = self.listings(name).await;
        assert_eq!(listings.len(), 1, "{name}");
        listings.remove(0)
    }

    pub(crate) async fn status(&self, name: &str) -> Status {
        self.one(name).await.standing.status
    }

    /// What the ledger says was done, in order.
    async fn actions(&self) -> Vec<String> {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        let mut actions = Vec::new();
        let see = |row: ledger::Row| actions.push(format!("{} {}", row.action, row.server_name));
        ledger::walk(&mut conn, see).await.expect("a ledger");
        actions
    }

    async fn due_at(&self, host: &str) -> DateTime<Utc> {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        let row = origins::get(&mut conn, &origin(host)).await.expect("origins");
        row.expect("a known origin").due_at
    }

    async fn outcomes(&self, host: &str) -> Vec<(Outcome, Option<String>)> {
        let findings = self.findings(host).await.into_iter();
        findings.map(|finding| (finding.outcome, finding.server_name)).collect()
    }

    async fn endpoints(&self, name: &str) -> usize {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        endpoints::of(&mut conn, name).await.expect("endpoints").len()
    }

    /// Changes one server as somebody else would.
    async fn change(&self, name: &str, change: impl FnOnce(&mut registry_core::server::Server)) {
        let mut tx = self.database.pool().begin().await.expect("a transaction");
        let names = [name.parse().expect("a name")];
        let mut held =
            servers::lock(&mut tx, &names, registry_core::listing::Source::Synced).await.expect("a server");
        change(&mut held[0]);
        servers::save(&mut tx, &held).await.expect("saved");
        tx.commit().await.expect("committed");
    }
}

fn origin(host: &str) -> Origin {
    host.parse().expect("a domain")
}

fn crawl_member(listing: &Listing) -> Value {
    serde_json::from_str::<Value>(&listing.extensions).expect("JSON")["org.cardinal-registry/crawl"].clone()
}

fn level(listing: &Listing) -> Value {
    let members: Value = serde_json::from_str(&listing.extensions).expect("JSON");
    members["org.cardinal-registry/evidence"]["levelNumber"].clone()
}

async fn with_tides() -> Web {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    web
}

#[tokio::test]
async fn what_vanishes_is_stale_then_withdrawn_and_comes_back() {
    let web = with_tides().await;
    web.hosts.remove("acme.com", CARD);
    web.wait(1);
    let missing_since = web.clock.now();
    let first = web.crawl("acme.com").await;
    assert!(reasons(&first, Outcome::Stale)[0].contains("the answer is 404"), "{first}");
    let missing = web.one(TIDES).await;
    assert_eq!(crawl_member(&missing)["missingSince"], json!(missing_since));
    assert_eq!(
        (missing.standing.status, missing.standing.updated_at < missing_since),
        (Status::Active, true)
    );

    for hours in [1, 1, 69] {
        web.wait(hours);
        web.crawl("acme.com").await;
        assert_eq!(web.status(TIDES).await, Status::Active, "71 hours are not enough, whatever the visits");
    }
    web.wait(1);
    let last = web.crawl("acme.com").await;
    let withdrawn = web.one(TIDES).await;
    let message = withdrawn.standing.status_message.as_deref().unwrap_or_default();
    assert!(message.contains(CARD) && message.contains("returns by itself"), "{message}");
    assert_eq!(
        (withdrawn.standing.status, withdrawn.standing.updated_at),
        (Status::Deleted, web.clock.now())
    );
    assert_eq!(last.with(Outcome::Withdrawn).next().and_then(|d| d.change), Some("withdrawn"), "{last}");
    assert_eq!(web.endpoints(TIDES).await, 0);
    let finding = &web.findings("acme.com").await[0];
    assert_eq!((finding.outcome, finding.since), (Outcome::Withdrawn, web.clock.now()));

    web.wait(1);
    web.crawl("acme.com").await;
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    web.wait(1);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides restored"]);
    let back = web.one(TIDES).await;
    assert_eq!((back.standing.status, &back.standing.status_message), (Status::Active, &None));
    assert_eq!((back.standing.updated_at, back.standing.is_latest), (web.clock.now(), true));
    assert_eq!(crawl_member(&back).get("missingSince"), None);
    assert_eq!((web.endpoints(TIDES).await, web.findings("acme.com").await.len()), (1, 1));
    let did = ["crawl", "crawl", "withdraw", "restore"].map(|action| format!("{action} {TIDES}"));
    assert_eq!(web.actions().await, did);
}

#[tokio::test]
async fn what_cannot_be_reached_or_may_not_be_read_is_never_withdrawn() {
    let web = with_tides().await;
    for status in [401, 403, 429, 451, 500, 503] {
        web.hosts.serve("acme.com", CARD, Document::status(status));
        web.wait(80);
        web.crawl("acme.com").await;
        assert_eq!(web.outcomes("acme.com").await, [(Outcome::Listed, Some(TIDES.to_owned()))], "{status}");
    }
    web.hosts.serve("acme.com", "/robots.txt", Document::text("User-agent: *\nDisallow: /\n"));
    for _ in 0..4 {
        web.wait(80);
        web.crawl("acme.com").await;
    }
    assert_eq!(web.status(TIDES).await, Status::Active);
    let findings = web.findings("acme.com").await;
    let stale = findings.iter().find(|finding| finding.outcome == Outcome::Stale).expect("a stale finding");
    assert!(stale.reason.as_ref().is_some_and(|reason| reason.contains("the listing stays")), "{stale:?}");
}

#[tokio::test]
async fn a_document_that_is_gone_for_good_is_withdrawn_at_once() {
    let web = with_tides().await;
    web.hosts.serve("acme.com", CARD, Document::status(410));
    web.wait(1);
    web.crawl("acme.com").await;
    let gone = web.one(TIDES).await;
    assert_eq!(gone.standing.status, Status::Deleted);
    assert!(gone.standing.status_message.is_some_and(|message| message.contains("answers 410")));
}

#[tokio::test]
async fn a_renamed_card_withdraws_its_old_name_and_says_the_new_one() {
    let web = with_tides().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/floods", MCP));
    web.wait(1);
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/floods added"]);
    let old = web.one(TIDES).await;
    assert_eq!(old.standing.status, Status::Deleted);
    assert!(old.standing.status_message.is_some_and(|message| message.contains("`com.acme/floods`")));
    assert_eq!((web.endpoints(TIDES).await, web.endpoints("com.acme/floods").await), (0, 1));
    web.wait(1);
    web.crawl("acme.com").await;
    assert_eq!(web.changes().await, 3, "once is enough");

    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    web.wait(1);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides restored"]);
    assert_eq!(web.status("com.acme/floods").await, Status::Deleted);
}

#[tokio::test]
async fn a_delegation_ends_when_the_catalog_no_longer_lists_the_card() {
    let web = Web::start().await;
    let there = "https://host.org/cards/tides.json";
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[there]));
    serve(&web.hosts, "host.org", "/cards/tides.json", &card(TIDES, "https://host.org/mcp"));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    assert_eq!(level(&web.one(TIDES).await), json!(2), "delegated");

    web.hosts.serve(
        "acme.com",
        CATALOG,
        Document::text("{ \"specVersion\": \"1.0\", \"entries\": [ ")
            .with_header("content-type", "application/json"),
    );
    web.wait(1);
    web.crawl("acme.com").await;
    assert_eq!(web.status(TIDES).await, Status::Active, "a slip of the pen withdraws nothing");
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[]));
    web.wait(1);
    web.crawl("acme.com").await;
    let ended = web.one(TIDES).await;
    assert_eq!(ended.standing.status, Status::Deleted);
    assert!(ended.standing.status_message.is_some_and(|message| message.contains("no longer lists")));

    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[there]));
    web.wait(1);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides restored"]);
}

#[tokio::test]
async fn what_its_owner_has_published_since_is_not_withdrawn() {
    let web = with_tides().await;
    let published = ServerJson {
        name: TIDES.into(),
        description: "Published".into(),
        version: "2.0.0".into(),
        ..ServerJson::default()
    };
    let now = web.clock.now();
    web.change(TIDES, |server| server.publish(&published, now).expect("a new version")).await;
    web.hosts.serve("acme.com", CARD, Document::status(410));
    web.wait(1);
    web.crawl("acme.com").await;
    let statuses = web.listings(TIDES).await.into_iter().map(|listing| listing.standing.status);
    assert_eq!(statuses.collect::<Vec<_>>(), [Status::Active, Status::Active]);
    assert_eq!((web.changes().await, web.outcomes("acme.com").await.len()), (1, 0));
}

#[tokio::test]
async fn what_somebody_deleted_by_hand_is_not_restored_by_a_card() {
    let web = with_tides().await;
    web.hosts.serve("acme.com", CARD, Document::status(410));
    web.wait(1);
    web.crawl("acme.com").await;
    let delete = StatusChange { status: Status::Deleted, message: Some("spam".to_owned()) };
    web.wait(1);
    let now = web.clock.now();
    web.change(TIDES, |server| server.set_status("1.0.0", &delete, now).expect("it changes")).await;
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    web.wait(1);
    web.crawl("acme.com").await;
    let listing = web.one(TIDES).await;
    assert_eq!(
        (listing.standing.status, listing.standing.status_message.as_deref()),
        (Status::Deleted, Some("spam"))
    );
}

#[tokio::test]
async fn another_origin_with_the_same_server_takes_over() {
    let web = Web::start().await;
    let there = "https://acme.com/.well-known/mcp-server-card";
    serve(&web.hosts, "list.org", CATALOG, &catalog(&[there]));
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    web.crawl("acme.com").await;
    let second = web.crawl("list.org").await;
    assert_eq!(second.with(Outcome::Skipped).count(), 1, "{second}");

    web.hosts.serve("acme.com", "/robots.txt", Document::text("User-agent: *\nAllow: /\n"));
    let (pool, gone) = (web.database.pool(), origin("acme.com"));
    let message = "`acme.com` is no longer crawled";
    let removed = crawler::withdraw_origin(&pool, &gone, message, "operator", web.clock.now());
    let removed = removed.await.expect("withdrawn");
    assert_eq!((removed.len(), web.status(TIDES).await), (1, Status::Deleted));
    assert_eq!(web.due_at("list.org").await, web.clock.now(), "its turn now");
    web.wait(1);
    assert_eq!(listed(&web.crawl("list.org").await), ["com.acme/tides restored"]);
    let did = ["crawl", "withdraw", "restore"].map(|action| format!("{action} {TIDES}"));
    assert_eq!(web.actions().await, did);
}

#[tokio::test]
async fn a_stale_listing_passes_to_an_origin_that_still_has_it() {
    let web = Web::start().await;
    serve(&web.hosts, "list.org", CATALOG, &catalog(&["https://acme.com/tides.json"]));
    serve(&web.hosts, "acme.com", "/tides.json", &card(TIDES, MCP));
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    web.crawl("acme.com").await;
    web.crawl("list.org").await;
    web.hosts.remove("acme.com", CARD);
    web.wait(1);
    web.crawl("acme.com").await;
    assert_eq!(web.due_at("list.org").await, web.clock.now());
    for _ in 0..4 {
        web.wait(30);
        web.crawl("list.org").await;
        web.crawl("acme.com").await;
    }
    assert_eq!(web.status(TIDES).await, Status::Active);
    assert!(!web.one(TIDES).await.extensions.contains("missingSince"));
    assert_eq!(web.outcomes("acme.com").await, []);
}

#[tokio::test]
async fn a_later_confirmation_lifts_the_hold() {
    let web = Web::start().await;
    let there = "https://acme.com/.well-known/mcp-server-card";
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, "https://host.org/mcp"));
    let held = web.crawl("acme.com").await;
    assert!(reasons(&held, Outcome::Held)[0].contains("`https://host.org/mcp/server-card`"), "{held}");
    assert_eq!(web.names().await, [""; 0]);

    serve(&web.hosts, "host.org", CATALOG, &catalog(&[there]));
    web.wait(2);
    web.crawl("host.org").await;
    web.wait(1);
    let report = web.crawl("host.org").await;
    assert_eq!(web.due_at("acme.com").await, web.clock.now() - TimeDelta::hours(1), "woken once: {report}");
    web.crawl("acme.com").await;
    assert_eq!((web.names().await, web.status(TIDES).await), (vec![TIDES.to_owned()], Status::Active));
    let listing = web.one(TIDES).await;
    assert!(listing.extensions.contains("`host.org` lists the document"), "{}", listing.extensions);

    serve(&web.hosts, "host.org", CATALOG, &catalog(&[]));
    web.wait(1);
    web.crawl("host.org").await;
    assert_eq!(web.due_at("acme.com").await, web.clock.now(), "taken back");
    web.crawl("acme.com").await;
    assert_eq!(web.status(TIDES).await, Status::Deleted);
}

#[tokio::test]
async fn the_apex_lends_its_name_to_a_subdomain_that_it_lists() {
    let web = Web::start().await;
    serve(&web.hosts, "docs.acme.com", CARD, &card(TIDES, MCP));
    let alone = web.crawl("docs.acme.com").await;
    assert_eq!(listed(&alone), ["com.acme.docs/tides added"]);
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&["https://docs.acme.com/.well-known/mcp-server-card"]));
    web.wait(1);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    assert_eq!(web.due_at("docs.acme.com").await, web.clock.now());
    web.wait(1);
    web.crawl("docs.acme.com").await;
    assert_eq!(web.status("com.acme.docs/tides").await, Status::Deleted, "one server is one listing");
    assert_eq!(web.status(TIDES).await, Status::Active);
}

#[tokio::test]
async fn www_speaks_for_the_domain_that_leads_there() {
    let web = Web::start().await;
    let www = "https://www.acme.com/.well-known/ai-catalog.json";
    web.hosts.redirect("acme.com", CATALOG, www);
    serve(&web.hosts, "www.acme.com", CATALOG, &catalog(&["https://www.acme.com/tides.json"]));
    serve(&web.hosts, "www.acme.com", "/tides.json", &card(TIDES, MCP));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    assert!(web.one(TIDES).await.extensions.contains("leads to `www.acme.com`"));
}

#[tokio::test]
async fn an_upstream_registry_and_the_endpoint_together_are_the_strongest_proof() {
    let web = Web::start().await;
    let name = "io.github.alice/tides";
    let synced = ServerJson {
        name: name.into(),
        description: "Synced".into(),
        version: "1.0.0".into(),
        remotes: vec![Remote { kind: "streamable-http".into(), url: MCP.into(), ..Remote::default() }],
        ..ServerJson::default()
    };
    let standing = registry_core::listing::Standing {
        is_latest: true,
        ..registry_core::listing::Standing::published(web.clock.now())
    };
    let upstream = Upstream { server: synced, standing };
    web.change(name, |server| _ = server.sync(&upstream)).await;
    serve(&web.hosts, "evil.org", CARD, &card(name, "https://evil.org/mcp"));
    serve(&web.hosts, "acme.com", CARD, &card(name, MCP));
    assert_eq!(listed(&web.crawl("evil.org").await), ["org.evil/tides added"]);
    assert_eq!(listed(&web.crawl("acme.com").await), ["io.github.alice/tides changed"]);
    assert_eq!(level(&web.one(name).await), json!(4));
    web.wait(1);
    assert_eq!(
        listed(&web.crawl("acme.com").await),
        ["io.github.alice/tides unchanged"],
        "the testimony is kept"
    );
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    vouchers::forget_registered(&mut conn, &[name.to_owned()]).await.expect("forgotten");
    web.wait(1);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    assert_eq!(web.status(name).await, Status::Deleted);
}

#[tokio::test]
async fn a_registry_whose_word_proves_nothing_neither_lifts_nor_covers_a_card() {
    let web = Web::start().await;
    let claim = [(EVIDENCE, Some(json!({ "level": "claimed" })))];
    let server = ServerJson {
        name: TIDES.into(),
        description: "Synced".into(),
        version: "5.0.0".into(),
        remotes: vec![Remote { kind: "streamable-http".into(), url: MCP.into(), ..Remote::default() }],
        ..ServerJson::default()
    };
    let standing = registry_core::listing::Standing {
        is_latest: true,
        ..registry_core::listing::Standing::published(web.clock.now())
    };
    let upstream = Upstream { server, standing };
    web.change(TIDES, |server| _ = server.sync_with(&upstream, &claim)).await;
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    let versions = web.listings(TIDES).await;
    let latest: Vec<_> = versions.iter().filter(|l| l.standing.is_latest).collect();
    assert_eq!(latest.len(), 1);
    assert_eq!(latest[0].version.as_str(), "1.0.0", "its own card says what it is");
    assert_eq!(level(latest[0]), json!(3), "and no registry that proves nothing makes that any surer");
}

#[tokio::test]
async fn every_change_of_a_document_and_of_its_listing_is_kept() {
    let web = with_tides().await;
    let mut revised = card(TIDES, MCP);
    for (number, words) in ["Tells the floods", "Tells the ebbs"].iter().enumerate() {
        revised["description"] = json!(words);
        serve(&web.hosts, "acme.com", CARD, &revised);
        web.wait(1);
        assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides changed"]);
        assert_eq!(web.findings("acme.com").await[0].revision, 2 + i32::try_from(number).expect("small"));
    }
    assert_eq!(web.one(TIDES).await.standing.updated_at, web.clock.now());
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    let of_document = revisions::of_origin(&mut conn, &origin("acme.com"), 10).await.expect("revisions");
    let of_listing =
        revisions::of_server(&mut conn, &TIDES.parse().expect("a name"), 10).await.expect("revisions");
    for (kept, of) in [(&of_document, "https://acme.com/.well-known/mcp-server-card"), (&of_listing, "1.0.0")]
    {
        let numbers: Vec<_> = kept.iter().map(|revision| (revision.of.as_str(), revision.number)).collect();
        assert_eq!(numbers, [(of, 3), (of, 2)]);
        assert_eq!((kept[0].previous, kept[0].at), (kept[1].sha256, web.clock.now()));
        let patch = r#"[{"op":"replace","path":"/description","value":"Tells the ebbs"}]"#;
        assert_eq!(kept[0].diff.as_deref(), Some(patch));
        assert!(kept[1].body.as_ref().is_some_and(|body| body.contains("Tells the tides")), "{kept:?}");
    }
    web.wait(1);
    web.crawl("acme.com").await;
    assert_eq!(revisions::of_origin(&mut conn, &origin("acme.com"), 10).await.expect("revisions").len(), 2);
}

#[tokio::test]
async fn history_is_bounded() {
    let web = with_tides().await;
    let mut revised = card(TIDES, MCP);
    for number in 0..23 {
        revised["description"] = json!(format!("Tells the tides {number}"));
        serve(&web.hosts, "acme.com", CARD, &revised);
        web.wait(1);
        web.crawl("acme.com").await;
    }
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    let kept = revisions::of_origin(&mut conn, &origin("acme.com"), 100).await.expect("revisions");
    assert_eq!((kept.len(), kept[0].number, kept[19].number), (20, 24, 5));
    let name = TIDES.parse().expect("a name");
    let kept = revisions::of_server(&mut conn, &name, 100).await.expect("revisions");
    assert_eq!((kept.len(), kept[0].number, kept[19].number), (20, 24, 5));
}

#[tokio::test]
async fn versions_that_a_catalog_lists_are_versions_here() {
    let web = Web::start().await;
    let urls = ["https://acme.com/v1.json", "https://acme.com/v2.json"];
    for (url, version) in urls.iter().zip(["1.0.0", "2.0.0"]) {
        let mut card = card(TIDES, MCP);
        card["version"] = json!(version);
        serve(&web.hosts, "acme.com", url.trim_start_matches("https://acme.com"), &card);
    }
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[urls[1], urls[0]]));
    assert_eq!(listed(&web.crawl("acme.com").await).len(), 2);
    let versions = web.listings(TIDES).await.into_iter();
    let versions: Vec<_> = versions.map(|v| (v.version.to_string(), v.standing.is_latest)).collect();
    assert_eq!(versions, [("1.0.0".to_owned(), false), ("2.0.0".to_owned(), true)]);
    assert_eq!(web.endpoints(TIDES).await, 1);
    serve(&web.hosts, "acme.com", CATALOG, &catalog(&[urls[1]]));
    web.wait(1);
    web.crawl("acme.com").await;
    assert_eq!(web.listings(TIDES).await[0].standing.status, Status::Active, "an earlier version is history");
}

#[tokio::test]
async fn a_document_that_has_moved_for_good_is_asked_there() {
    let web = Web::start().await;
    let moved = Document::status(301).with_header("location", "https://acme.com/cards/tides.json");
    web.hosts.serve("acme.com", CARD, moved);
    serve(&web.hosts, "acme.com", "/cards/tides.json", &card(TIDES, MCP));
    for sightings in 1..=3 {
        web.crawl("acme.com").await;
        let mut conn = web.database.pool().acquire().await.expect("a connection");
        let id = origins::id(&mut conn, &origin("acme.com")).await.expect("origins").expect("known");
        let known = documents::known(&mut conn, id).await.expect("documents");
        assert_eq!(known["https://acme.com/.well-known/mcp-server-card"].moved_sightings, sightings);
        web.wait(1);
    }
    let count = |path: &str| web.hosts.paths("acme.com").iter().filter(|asked| *asked == path).count();
    let before = (count(CARD), count("/cards/tides.json"));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides unchanged"]);
    assert_eq!((count(CARD), count("/cards/tides.json")), (before.0, before.1 + 1));

    web.hosts.remove("acme.com", "/cards/tides.json");
    serve(&web.hosts, "acme.com", CARD, &card(TIDES, MCP));
    web.wait(1);
    web.crawl("acme.com").await;
    assert_eq!(
        web.outcomes("acme.com").await,
        [(Outcome::Listed, Some(TIDES.to_owned()))],
        "it has come home"
    );
}

#[tokio::test]
async fn a_visit_to_nothing_waits_for_nobody() {
    let web = Web::start().await;
    let mut tx = web.database.pool().begin().await.expect("a transaction");
    origins::lock_writing(&mut tx).await.expect("the lock");
    let report = web.crawl("nothing.com").await;
    assert_eq!(report.outcome, crawler::frontier::Outcome::Nothing);
    tx.rollback().await.expect("rolled back");
    assert_eq!(web.findings("nothing.com").await, []);
}

#[tokio::test]
async fn a_dry_run_has_no_next_visit_and_a_dead_host_one_sentence() {
    let web = Web::start().await;
    web.hosts.catch_all("acme.com", Document::status(503));
    web.hosts.serve("acme.com", "/robots.txt", Document::status(404));
    let tried = web.crawler().crawl(&origin("acme.com"), true).await.expect("a report").to_string();
    assert!(!tried.contains("next visit"), "{tried}");
    let told = tried.lines().filter(|line| line.trim_start().starts_with("not known")).count();
    assert_eq!(told, 1, "{tried}");
    assert!(tried.contains("more address"), "{tried}");
    let real = web.crawl("acme.com").await.to_string();
    assert!(real.contains("next visit"), "{real}");
}

#[tokio::test]
async fn a_document_that_opts_out_is_not_read_and_its_listing_stays_as_it_was() {
    let web = with_tides().await;
    let mut revised = card(TIDES, MCP);
    revised["crawl"] = json!(false);
    revised["description"] = json!("Not to be read");
    serve(&web.hosts, "acme.com", CARD, &revised);
    web.wait(100);
    let report = web.crawl("acme.com").await;
    assert!(reasons(&report, Outcome::Refused)[0].contains("`crawl: false`"), "{report}");
    let listing = web.one(TIDES).await;
    assert_eq!(listing.standing.status, Status::Active);
    assert!(listing.document.contains("Tells the tides"), "{}", listing.document);
    assert_eq!(reasons(&report, Outcome::Stale).len(), 1);
}

#[tokio::test]
async fn a_strangers_catalog_does_not_write_itself_into_other_peoples_listings() {
    let web = with_tides().await;
    serve(&web.hosts, "evil.org", CATALOG, &catalog(&["https://acme.com/.well-known/mcp-server-card"]));
    web.wait(1);
    web.crawl("evil.org").await;
    web.wait(1);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides unchanged"]);
    assert_eq!(web.changes().await, 1);
}
