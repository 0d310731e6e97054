//! How fast the crawler asks: `make bench`. The program itself crawls hosts of this process over TLS, as its own, so that no
//! pauses count; both share the machine with its Postgres. Most answers are 404, as on the web.

#[path = "../../tests/harness/host.rs"]
#[expect(dead_code, unreachable_pub, reason = "the harness is the tests'; this takes what it needs of it")]
mod host;
#[path = "../../tests/harness/program.rs"]
#[expect(dead_code, unreachable_pub, reason = "the harness is the tests'; this takes what it needs of it")]
mod program;

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use host::{Document, Hosts};
use program::{cardinal, data_dir, run};
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

/// How many origins there are, of which one in ten has a card.
const ORIGINS: usize = 500;

/// What the crawler must do at least, and with how much memory.
const FETCHES_PER_SECOND: f64 = 500.0;
const MEGABYTES: u64 = 300;

const CARD: &str = "/.well-known/mcp-server-card";

#[tokio::main]
async fn main() {
    let hosts = Hosts::start().await;
    hosts.respond("*", "*", |request| {
        let number = request.domain.strip_prefix("own").and_then(|rest| rest.strip_suffix(".com"));
        match number.and_then(|number| number.parse::<usize>().ok()) {
            Some(number) if number % 10 == 0 && request.path == CARD => card(&request.domain, number),
            _ => Document::text("not found").with_status(404),
        }
    });
    let data = data_dir();
    let list = data.path().join("domains.txt");
    let domains: Vec<String> = (0..ORIGINS).map(|number| format!("own{number}.com")).collect();
    std::fs::write(&list, domains.join("\n")).expect("the temporary directory is writable");
    let (folder, list) = (data.path().to_str().expect("a path"), list.to_str().expect("a path"));
    let added = run(&["origins", "add", "--file", list, "--data-dir", folder]);
    assert_eq!(added.code, Some(0), "{}{}", added.out, added.err);

    let mut crawler = crawler(&hosts, data.path());
    let pool = connect(data.path()).await;
    let begun = Instant::now();
    while left(&pool).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(300), "the crawl does not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let peak = peak_megabytes(crawler.id());
    program::signal("-TERM", crawler.id());
    // The built-in Postgres ends with it; what was measured is read before.
    let (fetches, seconds) = measured(&pool).await;
    pool.close().await;
    crawler.wait().expect("it ends");
    let rate = fetches as f64 / seconds;
    println!(
        "crawl: {fetches} recorded fetches of {ORIGINS} origins in {seconds:.1} s, {rate:.0} a second (at least {FETCHES_PER_SECOND}), \
         peak memory {peak} MB (at most {MEGABYTES})"
    );
    assert!(rate >= FETCHES_PER_SECOND, "too slow");
    assert!(peak <= MEGABYTES, "too much memory");
}

fn card(domain: &str, number: usize) -> Document {
    Document::json(&json!({
        "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": format!("com.own{number}/tides"), "version": "1.0.0", "description": "Tells the tides",
        "remotes": [{ "type": "streamable-http", "url": format!("https://{domain}/mcp") }],
    }))
}

fn crawler(hosts: &Hosts, data: &Path) -> Child {
    let log = std::fs::File::create(data.join("crawler.log")).expect("a log");
    let mut command = cardinal();
    command.args(["serve", "--role", "crawler", "--data-dir"]).arg(data);
    command.args(["--crawler-connect-to", &hosts.connect_to(), "--crawler-own-hosts", "*.com"]);
    command.arg("--crawler-ca-file").arg(hosts.ca_file()).arg("--crawler-probe=false");
    command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts")
}

/// The built-in Postgres, once it is there.
async fn connect(data: &Path) -> PgPool {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(data.join("pg"))
        .username("registry")
        .database("postgres");
    loop {
        match PgPool::connect_with(options.clone()).await {
            Ok(pool) => return pool,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn left(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM origins WHERE crawled_at IS NULL")
        .fetch_one(pool)
        .await
        .expect("a count")
}

/// How many requests were written down, and the time from the first to the last.
async fn measured(pool: &PgPool) -> (i64, f64) {
    let row: (i64, f64) =
        sqlx::query_as("SELECT count(*), extract(epoch FROM max(at) - min(at))::float8 FROM fetches")
            .fetch_one(pool)
            .await
            .expect("fetches");
    row
}

/// The most memory the process has had.
fn peak_megabytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() / 1024
}
