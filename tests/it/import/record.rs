//! The record: precedence, side by side with others, and whether it can be verified.

use registry_core::digest::Digest;
use registry_core::listing::Source;
use registry_core::verify::Problem;
use serde_json::Value;

use super::{Here, counts, entry, import, lines, server};

#[tokio::test]
async fn what_is_published_or_crawled_here_is_kept() {
    let here = Here::start().await;
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    here.change("com.example/crawled", Source::Crawled, |listed| {
        listed.crawl(&server("com.example/crawled", "1.0.0"), &serde_json::json!({}), at);
    })
    .await;
    here.change("com.example/published", Source::Published, |listed| {
        listed.publish(&server("com.example/published", "1.0.0"), at).unwrap();
    })
    .await;
    let before = here.state().await;
    let dump = here.file(
        "dump.ndjson",
        lines(&[
            entry("com.example/crawled", "1.0.0", true),
            entry("com.example/crawled", "2.0.0", true),
            entry("com.example/published", "2.0.0", true),
        ]),
    );

    assert_eq!(counts(&here.import(&dump).await), (0, 0, 0, 3, 0));
    assert_eq!(here.state().await, before);
}

#[tokio::test]
async fn the_flag_is_right_however_the_entries_are_spread() {
    let versions = [("1.0.0", false), ("2.0.0", true), ("3.0.0", false)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let here = Here::start().await.in_batches_of(1);
        let entries: Vec<Value> =
            order.iter().map(|i| entry("com.example/a", versions[*i].0, versions[*i].1)).collect();
        let dump = here.file("dump.ndjson", lines(&entries));
        here.import(&dump).await;
        assert_eq!(here.latest().await, ["com.example/a 2.0.0"], "{order:?}");
        let before = here.state().await;
        assert_eq!(counts(&here.import(&dump).await), (0, 0, 3, 0, 0));
        assert_eq!(here.state().await, before, "{order:?}");
    }
}

#[tokio::test]
async fn a_flag_moves_at_the_end_when_its_holder_is_not_in_the_source() {
    let here = Here::start().await.in_batches_of(1);
    let first = [entry("com.example/a", "1.0.0", false), entry("com.example/a", "2.0.0", true)];
    here.import(&here.file("first.ndjson", lines(&first))).await;
    let second = [entry("com.example/a", "1.0.0", true), entry("com.example/b", "1.0.0", true)];
    assert_eq!(counts(&here.import(&here.file("second.ndjson", lines(&second))).await), (1, 1, 0, 0, 0));
    assert_eq!(here.latest().await, ["com.example/a 1.0.0", "com.example/b 1.0.0"]);
    assert!(here.verdict().await.problems.is_empty());
}

#[tokio::test]
async fn imports_side_by_side_do_not_block_each_other_and_leave_a_whole_record() {
    let here = Here::start().await.in_batches_of(7);
    let mut entries: Vec<Value> = (0..200)
        .map(|i| entry(&format!("com.example/s{}", i % 40), &format!("1.{}.0", i / 40), i / 40 == 4))
        .collect();
    let forwards = here.file("forwards.ndjson", lines(&entries));
    entries.reverse();
    let backwards = here.file("backwards.ndjson", lines(&entries));

    let (one, other) = tokio::join!(here.import(&forwards), here.import(&backwards));

    assert_eq!(one.added + other.added, 200, "{one:?} {other:?}");
    assert_eq!(one.refused + other.refused, 0);
    let latest = here.latest().await;
    assert_eq!(latest.len(), 40);
    assert!(latest.iter().all(|latest| latest.ends_with(" 1.4.0")), "{latest:?}");
    let verdict = here.verdict().await;
    assert_eq!(verdict.problems, []);
}

#[tokio::test]
async fn an_import_that_is_broken_off_leaves_whole_batches_and_can_be_repeated() {
    let here = Here::start().await.in_batches_of(10);
    let entries: Vec<Value> =
        (0..300).map(|i| entry(&format!("com.example/s{i:03}"), "1.0.0", true)).collect();
    let dump = here.file("dump.ndjson", lines(&entries));
    let (pool, clock, options) = (here.pool(), here.clock(), here.options());
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let input = dump.to_str().unwrap().parse().unwrap();
    let running = tokio::spawn(async move {
        let progress = |progress: import::Progress| told.send(progress).unwrap();
        import::run(&pool, &clock, &input, &options, &progress).await
    });
    let progress = heard.recv().await.unwrap();
    running.abort();
    let _ = running.await;

    assert_eq!((progress.entries, progress.bad), (10, 0));
    assert_eq!(progress.total, Some(std::fs::metadata(&dump).unwrap().len()));
    // The transaction under way is undone when its connection comes back to the pool; until then locks hold this up.
    let summary = here.import(&dump).await;
    assert_eq!(summary.added + summary.unchanged, 300);
    assert!(summary.unchanged >= 10 && summary.unchanged % 10 == 0, "{summary:?}");
    let verdict = here.verdict().await;
    assert_eq!((verdict.problems.len(), verdict.rows), (0, 300));
}

#[tokio::test]
async fn verify_finds_what_was_changed_past_the_program() {
    let here = Here::start().await;
    let mut with_remote = entry("com.example/a", "1.0.0", false);
    with_remote["server"]["remotes"] = serde_json::json!([{ "type": "sse", "url": "https://a.example/sse" }]);
    let entries = [with_remote, entry("com.example/a", "2.0.0", true), entry("com.example/b", "1.0.0", true)];
    here.import(&here.file("dump.ndjson", lines(&entries))).await;
    let whole = here.verdict().await;
    assert_eq!((whole.rows, whole.head.seq, whole.problems.len()), (3, 3, 0));

    here.tamper(
        "UPDATE versions SET document = replace(document, 'weather', 'time') WHERE version = '2.0.0'",
    )
    .await;
    here.tamper("UPDATE versions SET is_latest = false WHERE version = '2.0.0'").await;
    here.tamper("UPDATE remotes SET url = 'https://b.example/sse'").await;
    let text = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    let (name, version) = text("com.example/a", "2.0.0");
    let (other, first) = text("com.example/a", "1.0.0");
    assert_eq!(
        here.verdict().await.problems,
        [
            Problem::Document { name: name.clone(), version },
            Problem::Latest { name, latest: 0, versions: 2 },
            Problem::Remotes { name: other, version: first },
        ]
    );
}

#[tokio::test]
async fn verify_says_where_the_ledger_breaks_and_what_it_no_longer_fits() {
    let here = Here::start().await;
    let entries: Vec<Value> = ["a", "b", "c", "d"]
        .iter()
        .map(|leaf| entry(&format!("com.example/{leaf}"), "1.0.0", true))
        .collect();
    here.import(&here.file("dump.ndjson", lines(&entries))).await;
    here.tamper(
        "ALTER TABLE ledger DISABLE TRIGGER ledger_append_only;
         UPDATE ledger SET actor = 'somebody' WHERE seq = 2;
         DELETE FROM ledger WHERE seq = 4;
         ALTER TABLE ledger ENABLE TRIGGER ledger_append_only;
         DELETE FROM versions v USING servers s WHERE s.id = v.server_id AND s.name = 'com.example/c';",
    )
    .await;

    let verdict = here.verdict().await;

    assert_eq!((verdict.rows, verdict.head.seq), (3, 1));
    assert_ne!(verdict.head.hash, Digest::ZERO);
    let [Problem::Altered { seq: 2, .. }, rest @ ..] = verdict.problems.as_slice() else {
        panic!("{:?}", verdict.problems)
    };
    let sentences: Vec<_> = rest.iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "`com.example/d` version `1.0.0` has no ledger row",
            "the ledger speaks of `com.example/c` version `1.0.0` since row 3, which does not exist",
        ]
    );
}
