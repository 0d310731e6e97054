//! Killed at any moment: no version without a ledger row, nothing twice, and what is shown is what is stored.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::harness::host::{Document, Hosts};
use crate::harness::program::{Serving, cardinal, data_dir, run};

const ENTRIES: usize = 12_000;

/// A file of entries as a registry lists them, three versions a server.
fn write_entries(path: &Path) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    for n in 0..ENTRIES {
        let (server, version) = (n / 3, n % 3);
        let entry = json!({
            "server": { "name": format!("com.example/s{server:05}"), "description": format!("Server {server}"), "version": format!("1.{version}.0"),
                "remotes": [{ "type": "streamable-http", "url": format!("https://mcp.example.com/{server}/{version}") }] },
            "_meta": { "io.modelcontextprotocol.registry/official": { "status": "active", "publishedAt": "2026-01-01T00:00:00Z",
                "updatedAt": "2026-01-01T00:00:00Z", "isLatest": version == 2 } },
        });
        writeln!(file, "{entry}").expect("written");
    }
}

fn assert_sound(data: &Path) {
    let verified = run(&["verify", "--data-dir", data.to_str().expect("a path")]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    let data = data_dir();
    let file = data.path().join("entries.ndjson");
    write_entries(&file);
    let report = data.path().join("report.ndjson");
    let import = || {
        let mut command = cardinal();
        command.arg("import").arg(&file).arg("--data-dir").arg(data.path()).arg("--report").arg(&report);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    // The first start makes the cluster, so that the kills hit the import itself.
    assert_sound(data.path());
    let mut moments = Vec::new();
    for wait in [400, 900, 1500] {
        let mut running = import().spawn().expect("it starts");
        tokio::time::sleep(Duration::from_millis(wait)).await;
        running.kill().expect("it can be killed");
        running.wait().expect("it ended");
        assert_sound(data.path());
        let serving = Serving::start(data.path(), &[]);
        moments.push(serving.listed().await.len());
        assert!(serving.terminate().success());
    }
    println!("versions after each kill: {moments:?}");
    assert!(import().status().expect("it runs").success());
    assert_sound(data.path());

    let serving = Serving::start(data.path(), &[]);
    let listed = serving.listed().await;
    let mut distinct = listed.clone();
    distinct.dedup();
    assert_eq!((listed.len(), distinct.len()), (ENTRIES, ENTRIES));
    assert_eq!(stored(data.path()).await, listed, "the catalog is the database");
    assert!(serving.terminate().success());
    assert!(!report.exists(), "nothing was refused");
}

/// What the database of a serving process holds, in the list's order.
async fn stored(data: &Path) -> Vec<String> {
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .socket(data.join("pg"))
        .username("registry")
        .database("postgres");
    let pool = sqlx::PgPool::connect_with(options).await.expect("the socket is there");
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT s.name, v.version FROM versions v JOIN servers s ON s.id = v.server_id ORDER BY s.name, v.version",
    )
    .fetch_all(&pool)
    .await
    .expect("it answers");
    rows.into_iter().map(|(name, version)| format!("{name}:{version}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_that_is_killed_leaves_nothing_half_done() {
    let hosts = Hosts::start().await;
    let domains: Vec<String> = (0..12).map(|n| format!("site{n}-crash.com")).collect();
    for domain in &domains {
        let entries: Vec<_> = (0..20)
            .map(|n| json!({ "identifier": format!("urn:air:{domain}:s{n}"), "type": "application/mcp-server-card+json", "data": {
                "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
                "name": format!("com.{}/s{n:02}", domain.trim_end_matches(".com")), "version": "1.0.0", "description": "A server",
                "remotes": [{ "type": "streamable-http", "url": format!("https://{domain}/{n}/mcp") }] } }))
            .collect();
        hosts.serve(
            domain,
            "/.well-known/ai-catalog.json",
            Document::json(&json!({ "specVersion": "1.0", "entries": entries })),
        );
    }
    let data = data_dir();
    let crawl = || {
        let mut command = cardinal();
        command.arg("crawl").args(&domains).arg("--data-dir").arg(data.path());
        command
            .args([
                "--crawler-connect-to",
                &hosts.connect_to(),
                "--crawler-own-hosts",
                "*.com",
                "--crawler-ca-file",
            ])
            .arg(hosts.ca_file());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    assert_sound(data.path());
    for wait in [300, 600, 1000] {
        let mut running = crawl().spawn().expect("it starts");
        tokio::time::sleep(Duration::from_millis(wait)).await;
        running.kill().expect("it can be killed");
        running.wait().expect("it ended");
        assert_sound(data.path());
    }
    assert!(crawl().status().expect("it runs").success());
    assert_sound(data.path());
    let serving = Serving::start(data.path(), &["--role", "api"]);
    let listed = serving.listed().await;
    assert_eq!(listed.len(), domains.len() * 20);
    assert_eq!(stored(data.path()).await, listed, "the catalog is the database");
    assert!(serving.terminate().success());
}
