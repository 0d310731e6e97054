//! The real entries of the official registry, where they are at hand.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::harness::program::shared;
use crate::import::Here;

#[tokio::test]
async fn the_official_registrys_entries_are_listed_but_for_two_without_a_version() {
    let Some(shared) = shared() else { return };
    let corpus = shared.join("corpus/registry/servers.ndjson.gz");
    let here = Here::start().await;

    let summary = here.import(&corpus).await;

    let refused = here.report();
    let refused: Vec<_> = refused.iter().map(|bad| [&bad["name"], &bad["reason"]]).collect();
    let no_version = "the document's version cannot be used: a version is not empty";
    assert_eq!(
        refused,
        [
            ["io.github.CDataSoftware/connectcloud-mcp-server", no_version],
            ["io.github.timheuer/sampledotnetmcpserver", no_version],
        ]
    );
    assert_eq!((summary.added, summary.refused), (19_983, 2));
    assert_eq!(here.listings().await.len(), 19_983);
    assert_eq!(here.latest().await, flagged(&corpus));
    let verdict = here.verdict().await;
    assert_eq!((verdict.rows, verdict.problems), (19_983, Vec::new()));

    let again = here.import(&corpus).await;
    assert_eq!((again.unchanged, again.refused), (19_983, 2));
    assert_eq!(here.verdict().await.head, verdict.head);
}

/// What the corpus flags as latest, one version of each server: `name version`.
fn flagged(corpus: &Path) -> Vec<String> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(corpus).expect("the corpus"))
        .read_to_string(&mut text)
        .expect("it is text");
    let mut flagged = BTreeMap::new();
    for line in text.lines() {
        let entry: Value = serde_json::from_str(line).expect("JSON");
        let text = |member: &str| entry["server"][member].as_str().expect("a text").to_owned();
        let official = &entry["_meta"]["io.modelcontextprotocol.registry/official"];
        if official["isLatest"] == true && !text("version").is_empty() {
            let before = flagged.insert(text("name"), text("version"));
            assert_eq!(before, None, "two versions are flagged");
        }
    }
    flagged.into_iter().map(|(name, version)| format!("{name} {version}")).collect()
}
