//! Files: lines, arrays, lists, packed or not; what is carried over, and what is reported.

use std::io::Write;

use registry_core::listing::{Source, Status};
use registry_core::wire::servers::Timestamp;
use serde_json::{Value, json};

use super::{Here, counts, document, entry, lines, wrapped};

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[tokio::test]
async fn status_times_and_flag_of_a_dump_are_carried_over() {
    let here = Here::start().await;
    let old = wrapped(
        document("com.example/weather", "1.0.0"),
        json!({
            "status": "deprecated", "statusMessage": "use 2", "statusChangedAt": "2026-03-03T03:03:03.5Z",
            "publishedAt": "2026-01-01T01:01:01.000001Z", "updatedAt": "2026-04-04T04:04:04Z", "isLatest": true
        }),
    );
    let bare = json!({ "server": document("com.example/weather", "2.0.0") });
    let dump = here.file("dump.ndjson", lines(&[old, bare]));

    assert_eq!(counts(&here.import(&dump).await), (2, 0, 0, 0, 0));

    let listings = here.listings().await;
    let [old, bare] = listings.as_slice() else { panic!("two versions") };
    assert_eq!(old.standing.status, Status::Deprecated);
    assert_eq!(old.standing.status_message.as_deref(), Some("use 2"));
    let times = [old.standing.published_at, old.standing.updated_at, old.standing.status_changed_at];
    assert_eq!(
        times.map(|time| Timestamp(time).to_string()),
        ["2026-01-01T01:01:01.000001Z", "2026-04-04T04:04:04Z", "2026-03-03T03:03:03.5Z"]
    );
    assert!(old.standing.is_latest && !bare.standing.is_latest);
    assert_eq!((old.source, bare.standing.status), (Source::Synced, Status::Active));
    assert_eq!(Timestamp(bare.standing.published_at).to_string(), "2026-11-11T11:11:11.123456Z");
    assert!(!here.has_report());
    assert!(here.verdict().await.problems.is_empty());
}

#[tokio::test]
async fn importing_twice_changes_nothing_at_all() {
    let here = Here::start().await.in_batches_of(2);
    let timeless = json!({ "server": document("com.example/timeless", "1.0.0") });
    let dump = here.file(
        "dump.ndjson",
        lines(&[
            entry("com.example/b", "1.0.0", false),
            timeless,
            entry("com.example/b", "3.0.0", false),
            entry("com.example/a", "1.0.0", false),
            entry("com.example/b", "2.0.0", true),
            entry("com.example/a", "2.0.0", false),
            // The same version twice, and told differently: later, then at the same time.
            entry("com.example/c", "1.0.0", true),
            entry("com.example/c", "2.0.0", true),
            wrapped(
                document("com.example/c", "2.0.0"),
                json!({ "publishedAt": "2026-02-01T00:00:00Z", "updatedAt": "2026-02-02T00:00:00Z", "isLatest": true }),
            ),
            wrapped(
                document("com.example/a", "2.0.0"),
                json!({ "publishedAt": "2026-02-01T00:00:00Z", "status": "deprecated" }),
            ),
        ]),
    );
    assert_eq!(counts(&here.import(&dump).await), (8, 1, 1, 0, 0));
    assert_eq!(
        here.latest().await,
        ["com.example/a 2.0.0", "com.example/b 2.0.0", "com.example/c 2.0.0", "com.example/timeless 1.0.0"]
    );
    let before = here.state().await;
    here.clock.advance(chrono::TimeDelta::days(1));

    assert_eq!(counts(&here.import(&dump).await), (0, 0, 10, 0, 0));
    assert_eq!(here.state().await, before);
}

#[tokio::test]
async fn what_has_changed_upstream_changes_here() {
    let here = Here::start().await;
    let dump = here.file(
        "dump.ndjson",
        lines(&[entry("com.example/a", "1.0.0", false), entry("com.example/a", "2.0.0", true)]),
    );
    here.import(&dump).await;
    let withdrawn = wrapped(
        document("com.example/a", "2.0.0"),
        json!({ "status": "deleted", "publishedAt": "2026-02-01T00:00:00Z", "updatedAt": "2026-05-01T00:00:00Z" }),
    );
    let dump = here.file("dump.ndjson", lines(&[entry("com.example/a", "1.0.0", true), withdrawn]));
    assert_eq!(counts(&here.import(&dump).await), (0, 1, 1, 0, 0));
    assert_eq!(here.latest().await, ["com.example/a 1.0.0"]);
    assert_eq!(here.listings().await[1].standing.status, Status::Deleted);

    // An older dump does not bring back what has been withdrawn since.
    let dump = here.file("old.ndjson", lines(&[entry("com.example/a", "2.0.0", true)]));
    assert_eq!(counts(&here.import(&dump).await), (0, 0, 1, 0, 0));
    assert_eq!(here.listings().await[1].standing.status, Status::Deleted);
    assert_eq!(here.latest().await, ["com.example/a 1.0.0"]);
}

#[tokio::test]
async fn a_packed_file_is_known_by_its_content() {
    let here = Here::start().await;
    let entries = [entry("com.example/a", "1.0.0", true), entry("com.example/b", "1.0.0", true)];
    let dump = here.file("dump.json", packed(&lines(&entries)));
    assert_eq!(counts(&here.import(&dump).await), (2, 0, 0, 0, 0));
    let cut = here.file("cut.gz", &packed(&lines(&entries))[..40]);
    let error = here.try_import(cut.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("cut.gz` cannot be read"), "{error}");
}

#[tokio::test]
async fn a_registrys_list_may_be_a_file() {
    let here = Here::start().await;
    let list = json!({ "servers": [entry("com.example/a", "1.0.0", true)], "metadata": { "count": 1 } });
    let pretty = here.file("list.json", serde_json::to_string_pretty(&list).unwrap());
    assert_eq!(counts(&here.import(&pretty).await), (1, 0, 0, 0, 0));
    let compact = here.file("compact.json", list.to_string());
    assert_eq!(counts(&here.import(&compact).await), (0, 0, 1, 0, 0));
}

#[tokio::test]
async fn bad_entries_are_reported_with_place_and_reason_and_do_no_harm() {
    let here = Here::start().await.in_batches_of(3);
    let good = entry("com.example/a", "1.0.0", true);
    let texts = [
        good.to_string(),
        "no json".into(),
        String::new(),
        entry("weather", "1.0.0", true).to_string(),
        entry("com.example/a", "", true).to_string(),
        wrapped(document("com.example/a", "1.1.0"), json!({ "status": "paused" })).to_string(),
        "[]".into(),
        format!("{{\"server\":\"{}\"}}", "a".repeat(4 * 1024 * 1024)),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        entry("com.example/b", "1.0.0", true).to_string(),
    ];
    let dump = here.file("dump.ndjson", texts.join("\n"));

    let summary = here.import(&dump).await;

    assert_eq!(counts(&summary), (2, 0, 0, 0, 7));
    assert_eq!(summary.report.as_deref(), Some(here.options().report.as_path()));
    let report = here.report();
    let lines: Vec<_> = report.iter().map(|line| line["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8, 9]);
    let reason = |i: usize| report[i]["reason"].as_str().unwrap();
    assert!(reason(0).starts_with("the entry is no JSON: "), "{}", reason(0));
    assert_eq!((&report[1]["name"], &report[1]["version"]), (&json!("weather"), &json!("1.0.0")));
    assert!(reason(1).contains("a server name has a namespace"), "{}", reason(1));
    assert!(reason(2).contains("a version is not empty"), "{}", reason(2));
    assert_eq!(reason(3), "`paused` is no status; it is one of active, deprecated, deleted");
    assert_eq!(reason(4), "the entry is an array, not an object");
    assert_eq!(reason(5), "the entry is longer than 4 MiB");
    assert!(reason(6).contains("the entry is no JSON"), "{}", reason(6));
    assert_eq!(here.latest().await, ["com.example/a 1.0.0", "com.example/b 1.0.0"]);
}

#[tokio::test]
async fn plain_documents_are_published() {
    let here = Here::start().await.in_batches_of(2);
    let with_remote = |name: &str, version: &str| {
        let mut document = document(name, version);
        document["remotes"] = json!([{ "type": "streamable-http", "url": "https://mcp.example.com/mcp" }]);
        document
    };
    let mut shapeless = document("com.example/clock", "1.0.0");
    shapeless["description"] = Value::Null;
    let mut old_schema = document("com.example/dates", "1.0.0");
    old_schema["$schema"] =
        json!("https://static.modelcontextprotocol.io/schemas/1999-01-01/server.schema.json");
    let seed = json!([
        with_remote("com.example/weather", "snapshot-1"),
        with_remote("com.example/weather", "snapshot-2"),
        shapeless,
        old_schema,
        with_remote("com.example/other", "1.0.0"),
        entry("org.example/carried", "1.0.0", true),
    ]);
    let seed = here.file("seed.json", serde_json::to_string_pretty(&seed).unwrap());

    assert_eq!(counts(&here.import(&seed).await), (3, 0, 0, 0, 3));

    assert_eq!(here.latest().await, ["com.example/weather snapshot-2", "org.example/carried 1.0.0"]);
    let listings = here.listings().await;
    assert_eq!((listings[0].source, listings[2].source), (Source::Published, Source::Synced));
    let report = here.report();
    let names: Vec<_> = report.iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["com.example/clock", "com.example/dates", "com.example/other"]);
    assert_eq!(
        report[2]["reason"],
        "remote URL https://mcp.example.com/mcp is already used by server com.example/weather"
    );
    assert!(report[0]["line"].as_u64().unwrap() > 20, "{report:?}");

    let before = here.state().await;
    assert_eq!(counts(&here.import(&seed).await), (0, 0, 3, 0, 3));
    assert_eq!(here.state().await, before);
}

#[tokio::test]
async fn a_single_document_is_a_source_too() {
    let here = Here::start().await;
    let pretty = serde_json::to_string_pretty(&document("com.example/weather", "1.0.0")).unwrap();
    assert_eq!(counts(&here.import(&here.file("server.json", pretty)).await), (1, 0, 0, 0, 0));
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let here = Here::start().await;
    let missing = here.try_import("/nowhere/dump.ndjson").await.unwrap_err().to_string();
    assert!(missing.starts_with("`/nowhere/dump.ndjson` cannot be read: No such file"), "{missing}");
    let page = here.file("page.html", "<!doctype html>");
    let error = here.try_import(page.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("is no list of servers"), "{error}");
    let cut = here.file("cut.json", format!("[{},\n{{\"server\":", entry("com.example/a", "1.0.0", true)));
    let error = here.try_import(cut.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("it ends in the middle of what begins in line 2"), "{error}");
    assert_eq!(here.latest().await, ["com.example/a 1.0.0"], "what came before stays");
}
