//! The program as an operator meets it: starts, ends, refusals in one sentence each.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use crate::harness::program::{Said, Serving, data_dir, run};

/// One line on standard error, exit code not 0, and what it must say.
#[track_caller]
fn assert_refused(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, Some(code), "{}{}", said.out, said.err);
    let line = said.err.trim_end();
    for part in parts {
        assert!(line.contains(part), "{line}");
    }
    let last = line.lines().last().unwrap_or_default();
    assert!(!last.contains("panicked") && !line.contains("RUST_BACKTRACE"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_registry_shows_the_demo_it_has_crawled() {
    let data = data_dir();
    let begun = Instant::now();
    let serving = Serving::start(data.path(), &["--demo", "--crawler-probe"]);
    let names = loop {
        let listed = serving.listed().await;
        if listed.len() >= 10 {
            break listed;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{listed:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(names.contains(&"example.harbour/tides:1.6.0".to_owned()), "{names:?}");
    assert!(!names.contains(&"example.harbour/tides:9.9.9".to_owned()), "a name belongs to its host");
    assert!(names.contains(&"example.copycat/tides:9.9.9".to_owned()), "{names:?}");
    let found = async || serving.get("/v0.1/x/org.cardinal-registry/search?q=frost%20warnings").await;
    while !found().await.contains("example.orchard/weather") {
        assert!(begun.elapsed() < Duration::from_secs(60), "the index follows");
    }
    assert!(serving.get("/").await.contains("Vessel Movements"));
    let state = async |name: &str| {
        let listing = serving.get(&format!("/v0.1/servers/{name}/versions/latest")).await;
        let listing: serde_json::Value = serde_json::from_str(&listing).expect("JSON");
        listing["_meta"]["org.cardinal-registry/liveness"]["state"].as_str().unwrap_or_default().to_owned()
    };
    for (name, expected) in [
        ("example.harbour%2Ftides", "alive"),
        ("example.harbour%2Fvessels", "alive"),
        ("example.harbour%2Fberths", "alive-auth"),
        ("example.orchard%2Fweather", "alive"),
        ("example.parcelwise%2Fcustoms", "not-mcp"),
        ("example.copycat%2Ftides", "not-mcp"),
    ] {
        while state(name).await != expected {
            assert!(begun.elapsed() < Duration::from_secs(60), "{name}: {}", state(name).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let page = serving.get("/servers/example.copycat/tides").await;
    assert!(page.contains("example.copycat/tides"), "{page}");
    assert!(serving.terminate().success());

    let again = Serving::start(data.path(), &[]);
    assert_eq!(again.listed().await, names, "what was crawled stays, without the demo");
    assert!(again.terminate().success());
    let verified = run(&["verify", "--data-dir", data.path().to_str().expect("a path")]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serve_on_the_same_directory_is_told_who_holds_it() {
    let data = data_dir();
    let path = data.path().to_str().expect("a path").to_owned();
    let serving = Serving::start(data.path(), &[]);
    let port = serving.url.rsplit(':').next().expect("a port");
    let refused = run(&["serve", "--address", "127.0.0.1:0", "--data-dir", &path]);
    assert_refused(&refused, 1, &["serve", port]);
    let verified = run(&["verify", "--data-dir", &path]);
    assert_eq!(verified.code, Some(0), "other commands join: {}", verified.err);
    assert!(serving.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_registry_starts_again_with_everything_it_had() {
    let data = data_dir();
    let serving = Serving::start(data.path(), &["--demo"]);
    while serving.listed().await.len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let listed = serving.listed().await;
    serving.kill();
    let again = Serving::start(data.path(), &[]);
    let still = again.listed().await;
    assert!(listed.iter().all(|name| still.contains(name)), "{listed:?} {still:?}");
}

#[test]
fn a_busy_port_is_refused_before_anything_starts() {
    let data = data_dir();
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = busy.local_addr().expect("an address").to_string();
    let refused = run(&["serve", "--address", &address, "--data-dir", data.path().to_str().expect("a path")]);
    assert_refused(&refused, 1, &[&address, "in use by another program", "--address"]);
    assert!(!data.path().join("pg").exists());
}

#[test]
fn wrong_flags_and_settings_are_refused_in_one_sentence() {
    assert_refused(&run(&["serve", "--adress", "x"]), 2, &["unexpected argument '--adress'", "--address"]);
    assert_refused(&run(&["serve", "--address", "nowhere"]), 2, &["`nowhere` is no address to listen on"]);
    assert_refused(&run(&["serve", "--crawler-connect-to", "x"]), 2, &["`x` is no connect-to override"]);
    let key = run(&["serve", "--jwt-private-key", "abcabcabc"]);
    assert_refused(&key, 2, &["64 hex digits"]);
    assert!(!key.err.contains("abcabcabc"), "a secret is not repeated");
    assert_refused(&run(&["crawl", "http://example.com/x"]), 2, &["example.com"]);
    let unknown = crate::harness::program::cardinal()
        .args(["verify"])
        .env("MCP_REGISTRY_DATABSE_URL", "x")
        .output()
        .expect("it starts");
    assert_refused(
        &unknown.into(),
        2,
        &["`MCP_REGISTRY_DATABSE_URL` is no setting", "`MCP_REGISTRY_DATABASE_URL`"],
    );
}

#[test]
fn a_database_that_cannot_be_used_is_told_without_its_password() {
    let data = data_dir();
    let path = data.path().to_str().expect("a path");
    for (url, part) in [
        ("no address", "MCP_REGISTRY_DATABASE_URL"),
        ("mysql://a:geheim@127.0.0.1/x", "postgres://"),
        ("postgres://a:geheim@127.0.0.1:1/x", "127.0.0.1"),
    ] {
        let refused = run(&["verify", "--data-dir", path, "--database-url", url]);
        assert_refused(&refused, 1, &[part]);
        assert!(!refused.err.contains("geheim"), "{}", refused.err);
    }
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let data = data_dir();
    let file = data.path().join("file");
    std::fs::write(&file, "x").expect("written");
    let inside = file.join("data");
    let refused = run(&["verify", "--data-dir", inside.to_str().expect("a path")]);
    assert_refused(&refused, 1, &[inside.to_str().expect("a path"), "--data-dir"]);
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).expect("ours");
}

#[test]
fn a_source_that_cannot_be_imported_is_told_once_and_fails() {
    let data = data_dir();
    let path = data.path().to_str().expect("a path");
    let report = data.path().join("report.ndjson");
    let import = |source: &str| {
        run(&[
            "import",
            source,
            "--data-dir",
            path,
            "--log",
            "warn",
            "--report",
            report.to_str().expect("a path"),
        ])
    };
    let missing = import("missing.json");
    assert_refused(&missing, 1, &["`missing.json` cannot be read"]);
    assert_eq!(missing.err.matches("os error 2").count(), 1, "{}", missing.err);
    let empty = data.path().join("empty.json");
    std::fs::write(&empty, "").expect("written");
    let nothing = import(empty.to_str().expect("a path"));
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(1), "Nothing was there to import\n"));
    let nowhere = run(&[
        "import",
        "x.json",
        "--data-dir",
        path,
        "--log",
        "warn",
        "--report",
        "/proc/none/report.ndjson",
    ]);
    assert_refused(&nowhere, 1, &["`/proc/none/report.ndjson` cannot be written", "--report"]);
    let lines = data.path().join("lines.ndjson");
    std::fs::write(&lines, "{\"server\":{\"name\":\"a.b/c1\",\"version\":\"1\"},\"_meta\":{}}\nno json\n")
        .expect("written");
    let partly = import(lines.to_str().expect("a path"));
    assert_eq!(partly.code, Some(0), "{}", partly.err);
    assert!(partly.out.contains("1 added, 1 refused"), "{}", partly.out);
    assert!(std::fs::read_to_string(&report).expect("a report").contains("the entry is no JSON"));
}

#[tokio::test]
async fn empty_variables_are_no_settings_and_the_version_is_named_in_the_metrics() {
    let data = data_dir();
    let variables = [
        ("MCP_REGISTRY_PUBLIC_URL", ""),
        ("MCP_REGISTRY_JWT_PRIVATE_KEY", ""),
        ("MCP_REGISTRY_VERSION", "2.4"),
    ];
    let serving = Serving::start_with(data.path(), &["--role", "api"], &variables);
    let metrics = serving.get("/metrics").await;
    assert!(
        metrics.contains(r#"target_info{service_name="mcp-registry",service_version="2.4"} 1"#),
        "{metrics}"
    );
    assert!(serving.terminate().success());
}
