//! Following other registries over a real Postgres: pages, changes, tombstones, broken walks, and whose a name is.

mod program;
mod registry;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use crawler::import::Retry;
use crawler::upstream::{Asked, Pulled, Puller, Settings};
use registry::{Fake, entry};
use registry_core::clock::{Clock, FixedClock, SharedClock};
use registry_core::extensions::{EVIDENCE, member};
use registry_core::listing::{Listing, Source, Status};
use registry_core::store::{self, upstreams};
use registry_core::version::ServerVersion;

use crate::harness::postgres::Postgres;
use crate::import::server;

struct Here {
    postgres: Postgres,
    clock: FixedClock,
}

impl Here {
    async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let clock = FixedClock::at(at("2026-11-25T12:00:00Z"));
        Self { postgres: Postgres::database().await, clock }
    }

    fn puller(&self) -> Puller {
        let retry = Retry { wait: std::time::Duration::from_millis(1), attempts: 2, ..Retry::default() };
        let settings = Settings { retry, batch_size: 1, ..Settings::default() };
        let clock: SharedClock = Arc::new(self.clock.clone());
        Puller::new(self.postgres.pool(), clock, settings)
    }

    async fn add(&self, name: &str, fake: &Fake, official: bool) {
        let mut conn = self.postgres.pool().acquire().await.expect("a connection");
        assert!(
            upstreams::add(&mut conn, name, &fake.url(), official, self.clock.now()).await.expect("added")
        );
    }

    async fn pull(&self, name: &str) -> Pulled {
        self.pull_as(name, Asked::default()).await
    }

    async fn pull_as(&self, name: &str, asked: Asked) -> Pulled {
        self.puller().pull(name, asked).await.expect("the database works").expect("an upstream")
    }

    async fn row(&self, name: &str) -> upstreams::Row {
        let mut conn = self.postgres.pool().acquire().await.expect("a connection");
        upstreams::get(&mut conn, name).await.expect("rows").expect("an upstream")
    }

    async fn listings(&self, name: &str) -> Vec<Listing> {
        let mut conn = self.postgres.pool().acquire().await.expect("a connection");
        store::servers::of(&mut conn, &[name.parse().expect("a name")]).await.expect("listings")
    }

    async fn one(&self, name: &str) -> Listing {
        let mut listings = self.listings(name).await;
        assert_eq!(listings.len(), 1, "{name}");
        listings.remove(0)
    }

    async fn ledger(&self) -> i64 {
        let verdict = store::verify(&self.postgres.pool()).await.expect("the database answers");
        assert_eq!(verdict.problems, []);
        verdict.head.seq
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("com.example/s{number:04}")).collect()
}

fn lists(fake: &Fake) -> Vec<String> {
    fake.asked().into_iter().filter(|asked| asked.contains("/servers?")).collect()
}

#[tokio::test]
async fn all_pages_are_pulled_once_and_then_what_changed_with_an_overlap() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(250) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    here.add("one", &fake, false).await;

    let pulled = here.pull("one").await;
    assert_eq!((pulled.outcome, pulled.summary.added), ("complete", 250), "{}", pulled.detail);
    assert_eq!(lists(&fake).len(), 3);
    assert!(lists(&fake)[0].ends_with("/v0.1/servers?limit=100&include_deleted=true"));
    let listing = here.one("com.example/s0000").await;
    assert_eq!((listing.source, listing.standing.is_latest), (Source::Synced, true));
    assert_eq!(listing.standing.published_at, at("2026-11-01T00:00:00Z"));
    let evidence = member(&listing.extensions, EVIDENCE).expect("evidence");
    assert_eq!(evidence["level"], "claimed");
    assert_eq!(
        (&evidence["items"][0]["what"], &evidence["items"][0]["by"]),
        (&"synced-from".into(), &"one".into())
    );
    let row = here.row("one").await;
    assert_eq!(row.due_at, here.clock.now() + TimeDelta::hours(1));

    let before = here.ledger().await;
    here.clock.advance(TimeDelta::hours(1));
    fake.put(entry("com.example/s0007", "1.1.0", "2026-11-25T12:30:00Z"));
    fake.forget();
    let pulled = here.pull("one").await;
    assert_eq!((pulled.outcome, pulled.summary.added), ("complete", 1), "{}", pulled.detail);
    assert!(lists(&fake)[0].contains("updated_since=2026-10-31T23%3A50%3A00.000000Z"), "{:?}", lists(&fake));
    assert_eq!(here.ledger().await, before + 1);
    let latest = here.listings("com.example/s0007").await;
    let latest: Vec<_> = latest.iter().map(|l| (l.version.as_str(), l.standing.is_latest)).collect();
    assert_eq!(latest, [("1.0.0", false), ("1.1.0", true)]);
}

#[tokio::test]
async fn a_tombstone_deletes_here_too_with_its_message() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    fake.put(entry("com.example/a", "1.0.0", "2026-11-01T00:00:00Z"));
    here.add("one", &fake, true).await;
    here.pull("one").await;
    let evidence = member(&here.one("com.example/a").await.extensions, EVIDENCE).expect("evidence");
    assert_eq!(evidence["level"], "registry");

    here.clock.advance(TimeDelta::hours(1));
    let mut gone = entry("com.example/a", "1.0.0", "2026-11-25T12:30:00Z");
    let official = &mut gone["_meta"]["io.modelcontextprotocol.registry/official"];
    official["status"] = "deleted".into();
    official["statusMessage"] = "moved to b".into();
    fake.put(gone);
    assert_eq!(here.pull("one").await.summary.changed, 1);

    let standing = here.one("com.example/a").await.standing;
    assert_eq!(standing.status, Status::Deleted);
    assert_eq!(standing.status_message.as_deref(), Some("moved to b"));
    assert_eq!(standing.updated_at, at("2026-11-25T12:30:00Z"));
}

#[tokio::test]
async fn a_walk_that_broke_off_goes_on_at_its_page() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(350) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    fake.fail_after(2);
    here.add("one", &fake, false).await;

    let pulled = here.pull("one").await;
    assert_eq!((pulled.outcome, pulled.summary.added), ("failed", 200), "{}", pulled.detail);
    assert!(pulled.detail.contains("answered with status 500"), "{}", pulled.detail);
    let row = here.row("one").await;
    assert_eq!((row.failures, row.walk_full), (1, Some(true)));
    assert!(row.detail.is_some() && row.walk_cursor.is_some());

    fake.fail_after(usize::MAX);
    fake.forget();
    let pulled = here.pull("one").await;
    assert_eq!((pulled.outcome, pulled.summary.added, pulled.withdrawn), ("complete", 150, 0));
    assert_eq!(lists(&fake).len(), 2, "only the two pages that were missing");
    assert!(lists(&fake)[0].contains("cursor="));
    assert_eq!(here.row("one").await.failures, 0);
}

#[tokio::test]
async fn an_upstream_that_asks_for_hours_gets_them() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    here.add("one", &fake, false).await;
    for (asked_for, given) in [(6 * 3600, TimeDelta::hours(6)), (u32::MAX, TimeDelta::days(1))] {
        fake.ask_for_patience(asked_for);
        fake.forget();
        let pulled = here.pull("one").await;
        assert_eq!(pulled.outcome, "failed", "{}", pulled.detail);
        assert_eq!(here.row("one").await.due_at, here.clock.now() + given);
        assert_eq!(lists(&fake).len(), 1, "it is not asked again meanwhile");
    }
}

#[tokio::test]
async fn a_cursor_that_is_none_ends_a_pull_with_a_sentence() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    fake.put(entry("com.example/a", "1.0.0", "2026-11-01T00:00:00Z"));
    here.add("one", &fake, false).await;
    for cursor in ["a\0b".to_owned(), "x".repeat(5000)] {
        fake.go_in_circles(Some(&cursor));
        let pulled = here.pull("one").await;
        assert_eq!(pulled.outcome, "failed");
        assert!(pulled.detail.contains("gave a cursor that is none"), "{}", pulled.detail);
    }
    fake.go_in_circles(None);
    assert_eq!(here.pull("one").await.outcome, "complete");
}

#[tokio::test]
async fn whoever_lost_the_upstream_writes_nothing_more() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(200) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    here.add("one", &fake, false).await;
    let mut turn = fake.hold_page(2);
    let puller = here.puller();
    let slow = tokio::spawn(async move { puller.pull("one", Asked::default()).await });
    turn.reached().await;
    // Nobody has a hand on the held page any more: the other one walks to the end.
    let quick = here.pull("one").await;
    assert_eq!(quick.outcome, "complete", "{}", quick.detail);
    let ledger = here.ledger().await;
    turn.release();
    let slow = slow.await.expect("no panic").expect("the database works").expect("an upstream");
    assert_eq!(slow.outcome, "taken-over", "{}", slow.detail);
    assert_eq!(here.ledger().await, ledger);
    assert_eq!(here.row("one").await.outcome.as_deref(), Some("complete"));
}

#[tokio::test]
async fn a_bad_source_does_not_hold_up_a_good_one() {
    let here = Here::start().await;
    let (bad, good) = (Fake::start().await, Fake::start().await);
    bad.fail_after(0);
    good.put(entry("com.example/a", "1.0.0", "2026-11-01T00:00:00Z"));
    here.add("bad", &bad, false).await;
    here.add("good", &good, false).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let puller = here.puller();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { puller.run(stop).await }
    });
    let pulled = async {
        while here.row("good").await.pulled_at.is_none() || here.row("bad").await.pulled_at.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), pulled).await.expect("both come to an end");
    stop.cancel();
    running.await.expect("it ends");
    assert_eq!(here.row("good").await.outcome.as_deref(), Some("complete"));
    let bad = here.row("bad").await;
    assert_eq!((bad.outcome.as_deref(), bad.failures), (Some("failed"), 1));
    assert_eq!(bad.due_at, here.clock.now() + TimeDelta::hours(1));
    assert_eq!(here.listings("com.example/a").await.len(), 1);
}

#[tokio::test]
async fn what_was_published_here_stays_ours_and_the_first_upstream_has_the_word() {
    let here = Here::start().await;
    let (first, second) = (Fake::start().await, Fake::start().await);
    first.put(entry("com.example/a", "1.0.0", "2026-11-01T00:00:00Z"));
    first.put(entry("com.example/ours", "2.0.0", "2026-11-01T00:00:00Z"));
    second.put(entry("com.example/a", "1.0.0", "2026-11-20T00:00:00Z"));
    second.put(entry("com.example/a", "9.0.0", "2026-11-20T00:00:00Z"));
    second.put(entry("com.example/b", "1.0.0", "2026-11-20T00:00:00Z"));
    let mut tx = store::begin(&here.postgres.pool()).await.expect("a transaction");
    let ours = ["com.example/ours".parse().expect("a name")];
    let mut servers = store::servers::lock(&mut tx, &ours, Source::Published).await.expect("locked");
    servers[0].publish(&server("com.example/ours", "1.0.0"), here.clock.now()).expect("published");
    store::servers::save(&mut tx, &servers).await.expect("saved");
    let entries: Vec<_> = servers.iter().flat_map(store::ledger::entries).collect();
    store::ledger::append(&mut tx, "test", here.clock.now(), &entries).await.expect("appended");
    store::commit(tx).await.expect("committed");
    here.add("first", &first, false).await;
    here.add("second", &second, false).await;

    // The later one comes first and is outranked afterwards.
    let pulled = here.pull("second").await;
    assert_eq!(pulled.summary.added, 3, "{}", pulled.detail);
    let pulled = here.pull("first").await;
    assert_eq!(pulled.summary.kept, 1, "{}", pulled.detail);
    assert_eq!(
        here.one("com.example/ours").await.version,
        "1.0.0".parse::<ServerVersion>().expect("a version")
    );
    second.put(entry("com.example/a", "9.1.0", "2026-11-25T12:30:00Z"));
    here.clock.advance(TimeDelta::hours(1));
    let pulled = here.pull("second").await;
    assert!(pulled.summary.kept >= 1 && pulled.summary.added == 0, "{}", pulled.detail);
    assert!(here.listings("com.example/a").await.iter().all(|l| l.version.as_str() != "9.1.0"));
    let mut conn = here.postgres.pool().acquire().await.expect("a connection");
    let second = here.row("second").await;
    assert_eq!(upstreams::count(&mut conn, second.id).await.expect("counts"), (4, 3));
}

#[tokio::test]
async fn the_official_registry_has_the_word_whoever_was_added_first() {
    let here = Here::start().await;
    let (any, official) = (Fake::start().await, Fake::start().await);
    any.put(entry("com.example/a", "5.0.0", "2026-11-20T00:00:00Z"));
    any.put(entry("com.example/a", "1.2.0", "2026-11-20T00:00:00Z"));
    official.put(entry("com.example/a", "1.2.0", "2026-11-01T00:00:00Z"));
    here.add("any", &any, false).await;
    here.add("official", &official, true).await;
    here.pull("any").await;
    let pulled = here.pull("official").await;
    assert_eq!((pulled.summary.kept, pulled.summary.changed), (0, 1), "{}", pulled.detail);
    let latest = here.listings("com.example/a").await.into_iter().find(|l| l.standing.is_latest);
    let latest = latest.expect("a latest version");
    assert_eq!(latest.version.as_str(), "1.2.0");
    let evidence = member(&latest.extensions, EVIDENCE).expect("evidence");
    assert_eq!(evidence["level"], "registry");
    any.put(entry("com.example/a", "6.0.0", "2026-11-25T12:30:00Z"));
    here.clock.advance(TimeDelta::hours(1));
    let pulled = here.pull("any").await;
    assert_eq!((pulled.summary.added, pulled.summary.kept > 0), (0, true), "{}", pulled.detail);
}

#[tokio::test]
async fn keys_in_entries_of_others_are_not_handed_on() {
    const LEAK: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let here = Here::start().await;
    let fake = Fake::start().await;
    let mut leaking = entry("com.example/pypi-package-search-mcp-v2", "1.0.0", "2026-11-01T00:00:00Z");
    leaking["server"]["description"] = format!("Send {LEAK} along").into();
    leaking["server"]["remotes"] = serde_json::json!([{
        "type": "streamable-http", "url": "https://mcp.example.com/mcp",
        "headers": [{ "name": "Authorization", "value": format!("Bearer {LEAK}") }, { "name": "X-Units", "value": "metric" }],
    }]);
    leaking["_meta"]["io.modelcontextprotocol.registry/official"]["statusMessage"] = LEAK.into();
    fake.put(leaking);
    here.add("one", &fake, false).await;
    assert_eq!(here.pull("one").await.summary.added, 1);
    let listing = here.one("com.example/pypi-package-search-mcp-v2").await;
    assert!(
        !listing.document.contains("ghp_") && listing.document.contains("metric"),
        "{}",
        listing.document
    );
    assert!(listing.standing.status_message.is_none_or(|message| !message.contains("ghp_")));
}

#[tokio::test]
async fn what_a_complete_full_walk_does_not_meet_is_withdrawn_and_comes_back_with_its_entry() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(30) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    here.add("one", &fake, false).await;
    here.pull("one").await;
    fake.take("com.example/s0003");
    here.clock.advance(TimeDelta::hours(1));
    assert_eq!(here.pull("one").await.withdrawn, 0, "a walk by changes proves nothing missing");
    here.clock.advance(TimeDelta::days(8));
    let pulled = here.pull("one").await;
    assert_eq!((pulled.outcome, pulled.withdrawn), ("complete", 1), "{}", pulled.detail);
    let standing = here.one("com.example/s0003").await.standing;
    assert_eq!(standing.status, Status::Deleted);
    assert_eq!(standing.status_message.as_deref(), Some("no longer listed by one"));
    assert_eq!(standing.updated_at, here.clock.now());

    fake.put(entry("com.example/s0003", "1.0.0", "2026-11-01T00:00:00Z"));
    here.clock.advance(TimeDelta::hours(1));
    here.pull_as("one", Asked { full: true }).await;
    let standing = here.one("com.example/s0003").await.standing;
    assert_eq!((standing.status, standing.updated_at), (Status::Active, here.clock.now()));
    let before = here.ledger().await;
    here.pull_as("one", Asked { full: true }).await;
    assert_eq!(here.ledger().await, before, "the same again changes nothing");
}

#[tokio::test]
async fn a_walk_that_went_in_circles_begins_anew_and_withdraws_nothing() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(30) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    here.add("one", &fake, false).await;
    here.pull("one").await;
    // The cursor is a page's name that exists, far down the list.
    fake.go_in_circles(Some("com.example/s0007:1.0.0"));
    here.clock.advance(TimeDelta::hours(1));
    let pulled = here.pull_as("one", Asked { full: true }).await;
    assert_eq!(pulled.outcome, "failed");
    assert!(pulled.detail.contains("twice"), "{}", pulled.detail);
    fake.go_in_circles(None);
    here.clock.advance(TimeDelta::hours(1));
    let pulled = here.pull_as("one", Asked { full: true }).await;
    assert_eq!((pulled.outcome, pulled.withdrawn), ("complete", 0), "{}", pulled.detail);
    assert_eq!(pulled.summary.entries(), 30, "from the beginning");
}

#[tokio::test]
async fn a_registry_that_has_lost_most_of_its_entries_is_not_believed_unless_asked() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(30) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    here.add("one", &fake, false).await;
    here.pull("one").await;
    for name in names(20) {
        fake.take(&name);
    }
    here.clock.advance(TimeDelta::days(8));
    let pulled = here.pull("one").await;
    assert_eq!(pulled.withdrawn, 0);
    assert!(pulled.detail.contains("only 10 entries are left of 30"), "{}", pulled.detail);
    assert_eq!(here.pull_as("one", Asked { full: true }).await.withdrawn, 20);
}

#[tokio::test]
async fn an_upstream_that_knows_no_changes_is_walked_through_and_seldom() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    fake.without_changes();
    fake.put(entry("com.example/a", "1.0.0", "2026-11-01T00:00:00Z"));
    here.add("one", &fake, false).await;
    here.pull("one").await;
    here.clock.advance(TimeDelta::hours(1));
    fake.put(entry("com.example/b", "1.0.0", "2026-11-01T00:00:00Z"));
    let pulled = here.pull("one").await;
    assert_eq!((pulled.outcome, pulled.summary.added), ("complete", 1), "{}", pulled.detail);
    assert_eq!(here.row("one").await.due_at, here.clock.now() + TimeDelta::days(1));
}

#[tokio::test]
async fn sixty_thousand_entries_come_over_in_less_than_a_minute() {
    let here = Here::start().await;
    let fake = Fake::start().await;
    for name in names(60_000) {
        fake.put(entry(&name, "1.0.0", "2026-11-01T00:00:00Z"));
    }
    here.add("one", &fake, false).await;
    let clock: SharedClock = Arc::new(here.clock.clone());
    let puller = Puller::new(here.postgres.pool(), clock, Settings::default());
    let begun = std::time::Instant::now();
    let pulled =
        puller.pull("one", Asked::default()).await.expect("the database works").expect("an upstream");
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("60,000 entries in {seconds:.1} s");
    assert_eq!((pulled.outcome, pulled.summary.added), ("complete", 60_000), "{}", pulled.detail);
    assert!(seconds < 60.0, "{seconds:.1} s");
}
