//! A floor under how well searches answer, over the real servers and queries that people judged, where they stand beside the
//! repository.

use std::io::Read;
use std::path::Path;

use registry_api::read_model::catalog::Catalog;
use registry_api::read_model::entry::Entry;
use registry_api::search::find::{Request, shown};
use registry_api::search::index::Indexer;
use registry_core::digest::Digest;
use registry_core::listing::{Listing, Source, Standing};
use registry_core::store::ledger::Head;
use serde_json::Value;

use crate::harness::program::shared;
use crate::harness::quality::{Judged, Measures, means, read};

/// What the mean of all queries must be at least, names that nobody judged left out.
const FLOOR: f64 = 0.93;

/// The latest versions of a list of entries.
fn latest(file: &Path) -> Catalog {
    let mut text = String::new();
    let zipped = std::fs::File::open(file).expect("the entries are there");
    flate2::read::MultiGzDecoder::new(zipped).read_to_string(&mut text).expect("text");
    let mut entries: Vec<Entry> = text.lines().filter_map(entry).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Catalog::of(entries, Head { seq: 1, hash: Digest::ZERO })
}

fn entry(line: &str) -> Option<Entry> {
    let entry: Value = serde_json::from_str(line).expect("an entry");
    let official = &entry["_meta"]["io.modelcontextprotocol.registry/official"];
    let server = &entry["server"];
    let at = official["publishedAt"].as_str().unwrap_or("2026-01-01T00:00:00Z").parse().ok()?;
    let listing = Listing {
        name: server["name"].as_str()?.parse().ok()?,
        version: server["version"].as_str()?.parse().ok()?,
        document: server.to_string().into(),
        standing: Standing { is_latest: true, ..Standing::published(at) },
        source: Source::Synced,
        extensions: "".into(),
    };
    (official["isLatest"] == true).then(|| Entry::new(listing).ok()).flatten()
}

#[test]
fn searches_answer_no_worse_than_they_did() {
    let Some(corpus) = shared().map(|shared| shared.join("corpus")) else { return };
    let catalog = latest(&corpus.join("registry/servers.ndjson.gz"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut indexer = Indexer::open(folder.path()).expect("it opens");
    indexer.rebuild(&catalog);
    let search = indexer.search();
    let measured: Vec<_> = read(&corpus.join("search_queries_dev.jsonl"))
        .iter()
        .map(|judged| {
            let order = search
                .find(&catalog, &Request { text: judged.query.clone(), folds: true, ..Request::default() });
            let names: Vec<String> = order
                .hits
                .iter()
                .filter_map(|hit| Some(shown(&catalog, hit.id)?.0.name.to_string()))
                .collect();
            (judged.kind.clone(), judged.measure(&names))
        })
        .collect();
    let means = means(&measured);
    for (kind, (count, mean)) in &means {
        println!("{kind:<13} {count:>3} {:.3} {:.3}", mean.ndcg, mean.condensed);
    }
    assert!(
        means["all"].1.condensed >= FLOOR,
        "{:.3} is below {FLOOR}; `make search-quality` tells more",
        means["all"].1.condensed
    );
}

fn judged() -> Judged {
    let text =
        r#"{"query":"q","type":"intent","relevant":{"a":3,"b":1},"judged_nonrelevant":["x"],"broad":false}"#;
    serde_json::from_str(text).expect("a query")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_best_order_is_one_and_an_empty_one_nothing() {
    let best = judged().measure(&names(&["a", "b"]));
    assert_eq!(best, Measures { ndcg: 1.0, condensed: 1.0, reciprocal_rank: 1.0, recall: 1.0 });
    assert_eq!(judged().measure(&[]), Measures::default());
}

#[test]
fn names_that_nobody_judged_count_against_one_measure_alone() {
    let measured = judged().measure(&names(&["?", "a", "b"]));
    assert!((measured.condensed - 1.0).abs() < 1e-9 && measured.ndcg < 0.7, "{measured:?}");
    assert!((measured.reciprocal_rank - 0.5).abs() < 1e-9);
    let worse = judged().measure(&names(&["x", "a", "b"]));
    assert!((worse.condensed - worse.ndcg).abs() < 1e-9, "{worse:?}");
}

#[test]
fn means_are_by_kind_and_of_all() {
    let one = Measures { ndcg: 1.0, ..Measures::default() };
    let means = means(&[("a".into(), one), ("b".into(), Measures::default())]);
    assert_eq!(means["a"], (1, one));
    assert_eq!((means["all"].0, means["all"].1.ndcg), (2, 0.5));
}
