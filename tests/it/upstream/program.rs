//! `cardinal upstreams`, as an operator uses it: another Cardinal is followed, and a pull that is killed goes on where it was.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::registry::{Fake, entry};
use crate::harness::program::{Said, Serving, cardinal, data_dir, run};

/// `cardinal upstreams …` with a data directory.
fn upstreams(data: &Path, arguments: &[&str]) -> Said {
    let data = data.to_str().expect("a path");
    run(&[&["upstreams"], arguments, &["--data-dir", data]].concat())
}

/// The same where nothing may go wrong; what it prints.
fn done(data: &Path, arguments: &[&str]) -> String {
    let said = upstreams(data, arguments);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    said.out
}

fn write_entries(path: &Path, count: usize) {
    let lines = (0..count).map(|n| entry(&format!("com.example/s{n:04}"), "1.0.0", "2026-11-01T00:00:00Z"));
    let text: String = lines.map(|entry| format!("{entry}\n")).collect();
    std::fs::write(path, text).expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cardinal_is_followed() {
    let (theirs, ours) = (data_dir(), data_dir());
    let file = theirs.path().join("entries.ndjson");
    write_entries(&file, 120);
    let there = Serving::start(theirs.path(), &["--seed-from", file.to_str().expect("a path")]);
    let listed = there.listed().await;
    assert_eq!(listed.len(), 120);

    let ours = ours.path();
    done(ours, &["add", &there.url, "--name", "theirs"]);
    let again = upstreams(ours, &["add", &format!("{}/", there.url), "--name", "twice"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("followed already, as `theirs`"), "{}", again.err);
    assert!(done(ours, &["list"]).contains("not pulled yet"));
    let pulled = done(ours, &["pull", "theirs"]);
    assert_eq!(pulled, "theirs: complete: 120 added\n");
    assert!(done(ours, &["show", "theirs"]).contains("120 entries; 0 of them under names of upstreams"));
    let shown: Value = serde_json::from_str(&done(ours, &["show", "theirs", "--json"])).expect("JSON");
    assert_eq!((&shown["outcome"], &shown["entries"]), (&"complete".into(), &120.into()));

    let here = Serving::start(ours, &[]);
    assert_eq!(here.listed().await, listed);
    let version = |answer: String| -> Value { serde_json::from_str(&answer).expect("JSON") };
    let path = "/v0.1/servers/com.example%2Fs0007/versions/latest";
    let (copy, original) = (version(here.get(path).await), version(there.get(path).await));
    assert_eq!(copy["server"], original["server"]);
    let official = "io.modelcontextprotocol.registry/official";
    for member in ["status", "publishedAt", "updatedAt", "isLatest"] {
        assert_eq!(copy["_meta"][official][member], original["_meta"][official][member], "{member}");
    }
    assert!(here.terminate().success());

    let removed = done(ours, &["remove", "theirs"]);
    assert!(removed.contains("what came from it stays"), "{removed}");
    let unknown = upstreams(ours, &["pull", "theirs"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("`theirs` is no upstream"), "{}", unknown.err);
}

/// How many versions the database of a running command holds; none while it is not there.
async fn stored(data: &Path) -> Option<i64> {
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .socket(data.join("pg"))
        .username("registry")
        .database("postgres");
    let pool = sqlx::PgPool::connect_with(options).await.ok()?;
    sqlx::query_scalar("SELECT count(*) FROM versions").fetch_one(&pool).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_is_killed_goes_on_where_it_was() {
    let data = data_dir();
    let fake = Fake::start().await;
    for n in 0..1200 {
        fake.put(entry(&format!("com.example/s{n:04}"), "1.0.0", "2026-11-01T00:00:00Z"));
    }
    done(data.path(), &["add", &fake.url(), "--name", "one"]);
    let mut turn = fake.hold_page(9);
    let mut pull = cardinal();
    pull.args(["upstreams", "pull", "one", "--data-dir"]).arg(data.path());
    let mut running = pull.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    turn.reached().await;
    while stored(data.path()).await.unwrap_or_default() < 500 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.kill().expect("it can be killed");
    running.wait().expect("it ended");
    turn.release();

    fake.forget();
    assert_eq!(done(data.path(), &["pull", "one"]), "one: complete: 700 added\n");
    let asked = fake.asked();
    assert_eq!(asked.len(), 7, "{asked:?}");
    assert!(asked[0].contains("cursor="), "{asked:?}");
    let verified = run(&["verify", "--data-dir", data.path().to_str().expect("a path")]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    let serving = Serving::start(data.path(), &[]);
    let mut listed = serving.listed().await;
    listed.dedup();
    assert_eq!(listed.len(), 1200);
    assert!(serving.terminate().success());
}
