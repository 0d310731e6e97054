//! The real entries of the official registry, where they are at hand.

use std::path::PathBuf;

use crate::import::Here;

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("CARDINAL_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let corpus = shared.join("corpus/registry/servers.ndjson.gz");
    if !corpus.exists() {
        println!("skipped: there is no {}; CARDINAL_SHARED names the folder it is in", corpus.display());
        return None;
    }
    Some(corpus)
}

#[tokio::test]
async fn the_official_registrys_entries_are_listed_but_for_a_few() {
    let Some(corpus) = corpus() else { return };
    let here = Here::start().await;

    let summary = here.import(&corpus).await;

    let reasons: Vec<String> = here
        .report()
        .iter()
        .map(|bad| {
            format!("{}: {}", bad["name"].as_str().unwrap_or_default(), bad["reason"].as_str().unwrap())
        })
        .collect();
    assert_eq!(reasons, ["?"]);
    assert_eq!((summary.added, summary.refused), (19_985 - reasons.len() as u64, reasons.len() as u64));
    assert_eq!(here.listings().await.len() as u64, summary.added);
    assert_eq!(here.latest().await.len(), 9_742);
    assert_eq!(here.verdict().await.problems, []);

    let head = here.verdict().await.head;
    let again = here.import(&corpus).await;
    assert_eq!((again.unchanged, again.refused), (summary.added, summary.refused));
    assert_eq!(here.verdict().await.head, head);
}
