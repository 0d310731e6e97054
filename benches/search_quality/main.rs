//! How well searches answer: `make search-quality`. The program itself serves the real servers and answers queries that people
//! judged; both stand beside the repository. `ARGS=explain` says of the worst why they stand as they do.

#[path = "../../tests/harness/program.rs"]
#[expect(dead_code, unreachable_pub, reason = "the harness is the tests'; this takes what it needs of it")]
mod program;
#[path = "../../tests/harness/quality.rs"]
#[expect(unreachable_pub, reason = "the harness is the tests'")]
mod quality;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use program::{Serving, data_dir, run};
use quality::{Judged, Measures, means, read};
use serde_json::Value;

/// How many answers are looked at.
const LIMIT: usize = 30;
/// How many of the worst queries are shown, and how many answers of each.
const WORST: usize = 10;
const ANSWERS: usize = 5;
const SEARCH: &str = "/v0.1/x/org.cardinal-registry/search";

/// A query, how well it was answered, and by what.
struct Answered {
    judged: Judged,
    measures: Measures,
    hits: Vec<Value>,
}

fn main() -> ExitCode {
    let Some(corpus) = program::shared().map(|shared| shared.join("corpus")) else {
        return ExitCode::FAILURE;
    };
    let explain = std::env::args().any(|argument| argument == "explain");
    let data = data_dir();
    let entries = data.path().join("entries.ndjson");
    real_entries(&corpus, &entries);
    let (folder, file) = (data.path().to_str().expect("a path"), entries.to_str().expect("a path"));
    let report = data.path().join("report.ndjson");
    let said = run(&["import", file, "--data-dir", folder, "--report", report.to_str().expect("a path")]);
    assert!(said.code == Some(0) || said.out.contains("Imported"), "{}{}", said.out, said.err);
    let serving = Serving::start(data.path(), &["--role", "api"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let answered = runtime.block_on(async {
        until_indexed(&serving).await;
        let mut answered = Vec::new();
        for judged in read(&corpus.join("search_queries_dev.jsonl")) {
            answered.push(answer(&serving, judged, explain).await);
        }
        answered
    });
    print(answered, explain);
    assert!(serving.terminate().success(), "it ends well");
    ExitCode::SUCCESS
}

/// The real entries, completed as their own tool completes them.
fn real_entries(corpus: &Path, file: &Path) {
    let written = Command::new("python3")
        .arg(corpus.join("registry/scale.py"))
        .args(["--real-only", "--fill-core", "--out"])
        .arg(file)
        .stdout(Stdio::null())
        .status();
    assert!(written.is_ok_and(|status| status.success()), "`scale.py` could not write `{}`", file.display());
}

/// Waits until the number of servers that can be found has settled.
async fn until_indexed(serving: &Serving) {
    let begun = Instant::now();
    loop {
        let all: Value =
            serde_json::from_str(&serving.get(&format!("{SEARCH}?limit=1")).await).expect("JSON");
        if all["metadata"]["total"].as_u64().is_some_and(|total| total > 0) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "the index does not follow");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn answer(serving: &Serving, judged: Judged, explain: bool) -> Answered {
    let query: String = url::form_urlencoded::byte_serialize(judged.query.as_bytes()).collect();
    let path = format!("{SEARCH}?q={query}&limit={LIMIT}&explain={}", u8::from(explain));
    let mut answer: Value = serde_json::from_str(&serving.get(&path).await).expect("JSON");
    let hits = answer["servers"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let names: Vec<String> = hits.iter().map(|hit| name(hit).to_owned()).collect();
    Answered { measures: judged.measure(&names), judged, hits }
}

fn name(hit: &Value) -> &str {
    hit["server"]["name"].as_str().unwrap_or_default()
}

fn print(mut answered: Vec<Answered>, explain: bool) {
    let measured: Vec<_> = answered.iter().map(|a| (a.judged.kind.clone(), a.measures)).collect();
    println!(
        "{:<13} {:>7} {:>9} {:>9} {:>7} {:>9}",
        "type", "queries", "nDCG@10", "condensed", "MRR", "recall@30"
    );
    for (kind, (count, mean)) in means(&measured) {
        let Measures { ndcg, condensed, reciprocal_rank, recall } = mean;
        println!("{kind:<13} {count:>7} {ndcg:>9.3} {condensed:>9.3} {reciprocal_rank:>7.3} {recall:>9.3}");
    }
    answered.sort_by(|a, b| a.measures.condensed.total_cmp(&b.measures.condensed));
    println!("\nThe worst, with the grades of their first answers (?: nobody judged it):");
    for Answered { judged, measures, hits } in answered.iter().take(WORST) {
        println!("{:.3}  {} ({})", measures.condensed, judged.query, judged.kind);
        for hit in hits.iter().take(ANSWERS) {
            let grade = judged.grade(name(hit)).map_or_else(|| "?".to_owned(), |grade| grade.to_string());
            println!("       {grade} {} {}", hit["match"]["score"], name(hit));
            for reason in hit["match"]["why"].as_array().into_iter().flatten().filter(|_| explain) {
                println!(
                    "           {:>6} {}",
                    reason["points"],
                    reason["what"].as_str().unwrap_or_default()
                );
            }
        }
    }
}
