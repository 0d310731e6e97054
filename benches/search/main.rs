//! How fast searches answer: `make bench-search`. The program itself serves 60,000 and then a million generated versions, which stand
//! beside the repository as a script; `ARGS=60000` or `ARGS=1000000` measures one of them. Every figure stands beside its limit.

#[path = "../api/connection.rs"]
#[expect(dead_code, reason = "it is another measurement's; this takes what it needs of it")]
mod connection;
mod load;
#[path = "../../tests/harness/program.rs"]
#[expect(dead_code, unreachable_pub, reason = "the harness is the tests'; this takes what it needs of it")]
mod program;
mod publish;
mod queries;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use connection::Connection;
use program::{Serving, data_dir, run};
use queries::Queries;
use table::{Limit, Table};

const SIZES: [usize; 2] = [60_000, 1_000_000];

fn main() -> ExitCode {
    let Some(script) = program::shared().map(|shared| shared.join("corpus/registry/scale.py")) else {
        return ExitCode::FAILURE;
    };
    let chosen: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let mut held = true;
    for versions in SIZES.into_iter().filter(|size| chosen.is_empty() || chosen.contains(size)) {
        held &= measure(&script, versions);
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures a registry of so many versions; whether every limit holds.
fn measure(script: &Path, versions: usize) -> bool {
    let is_large = versions > SIZES[0];
    let data = data_dir();
    let entries = generated(script, data.path(), versions);
    let queries = Queries::of(&entries);
    import(data.path(), &entries);
    let flags = ["--role", "api", "--enable-anonymous-auth=true", "--enable-registry-validation=false"];
    let begun = Instant::now();
    let serving = Serving::start(data.path(), &flags);
    let mut table = Table::new(versions);
    until_found(&serving);
    table.seconds("start until searches answer", begun.elapsed(), Limit::None);
    let built = table::logged(&data.path().join("serve.log"), "index.milliseconds=");
    table.seconds(
        "build of the index",
        Duration::from_millis(built),
        if is_large { Limit::Seconds(120.0) } else { Limit::None },
    );
    table.megabytes("index folder", table::folder(&data.path().join("index")), Limit::None);

    let latency = |kind: &str| match (is_large, kind) {
        (_, "hostile") => Limit::Milliseconds(50.0),
        (false, "suggest") => Limit::Milliseconds(2.0),
        (false, _) => Limit::Milliseconds(5.0),
        (true, "facets" | "all with facets") => Limit::Milliseconds(100.0),
        (true, _) => Limit::Milliseconds(25.0),
    };
    for (kind, paths) in queries.kinds() {
        let times = load::one_by_one(&serving.url, paths);
        table.latency(kind, &times, latency(kind));
    }
    let again = load::one_by_one(&serving.url, &vec![queries.mixed()[0].clone(); 500]);
    table.latency("the same again", &again, Limit::None);
    let limit = if is_large { Limit::None } else { Limit::PerSecond(2_000.0) };
    let (rate, times) = load::together(&serving.url, queries.mixed(), 16);
    table.rate("16 clients, all kinds", rate, &times, limit);
    let here = publish::until_found(&serving.url, &serving.url);
    table.latency("published until found", &here, Limit::Milliseconds(500.0));
    let other = publish::another(data.path());
    let there = publish::until_found(&serving.url, &other.url);
    table.latency("published until found elsewhere", &there, Limit::Milliseconds(2_000.0));
    drop(other);
    let (now, peak) = table::memory(serving.id());
    table.megabytes("memory", now, Limit::None);
    table.megabytes(
        "memory at its peak",
        peak,
        if is_large { Limit::Megabytes(3_000.0) } else { Limit::None },
    );
    assert!(serving.terminate().success(), "it ends well");
    table.print()
}

/// The entries as the script makes them, a document a line.
fn generated(script: &Path, folder: &Path, versions: usize) -> PathBuf {
    let file = folder.join("entries.ndjson");
    let written = Command::new("python3")
        .arg(script)
        .args(["--n", &versions.to_string(), "--seed", "1", "--out"])
        .arg(&file)
        .stdout(Stdio::null())
        .status();
    assert!(written.is_ok_and(|status| status.success()), "`{}` failed", script.display());
    file
}

fn import(folder: &Path, entries: &Path) {
    let begun = Instant::now();
    let report = folder.join("report.ndjson");
    let path = |path: &Path| path.to_str().expect("a path").to_owned();
    let said = run(&["import", &path(entries), "--data-dir", &path(folder), "--report", &path(&report)]);
    assert!(said.code == Some(0) || said.out.contains("Imported"), "{}{}", said.out, said.err);
    eprintln!("imported in {:.0} s", begun.elapsed().as_secs_f64());
}

/// Waits until everything is indexed.
fn until_found(serving: &Serving) {
    let mut connection = Connection::open(&serving.url);
    let begun = Instant::now();
    let path = format!("{}?limit=1", queries::SEARCH);
    while !connection.get(&path, "").body.contains(r#""name""#) {
        assert!(begun.elapsed() < Duration::from_secs(900), "the index does not follow");
        std::thread::sleep(Duration::from_millis(50));
    }
}
