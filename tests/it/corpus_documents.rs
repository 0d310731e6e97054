//! Real documents of the official registry, read as this registry reads an upstream's. Skipped where there is no corpus.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use registry_core::server_json::{CURRENT_SCHEMA, ServerJson, lenient, rules, shape};
use serde_json::Value;

/// The folder of specifications and samples that may lie beside the repository; none, and a line that says so.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let named = std::env::var_os("CARDINAL_SHARED").map(PathBuf::from);
    let found =
        [Some(beside), named].into_iter().flatten().map(|folder| folder.join(path)).find(|p| p.exists());
    if found.is_none() {
        eprintln!("skipped: {path} is neither in ../shared nor in CARDINAL_SHARED");
    }
    found
}

fn documents() -> Option<impl Iterator<Item = Value>> {
    let file = std::fs::File::open(shared("corpus/registry/servers.ndjson.gz")?).expect("the corpus opens");
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    Some(lines.map(|line| {
        let mut entry: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        entry["server"].take()
    }))
}

fn json(server: &ServerJson) -> Value {
    serde_json::to_value(server).expect("JSON")
}

#[test]
fn nearly_every_document_of_the_official_registry_is_read() {
    let Some(documents) = documents() else { return };
    let (mut read, mut refused) = (0, BTreeMap::<String, usize>::new());
    for document in documents {
        let server = match lenient::read(&document) {
            Ok(server) => server,
            Err(why) => {
                *refused.entry(why.to_string()).or_default() += 1;
                continue;
            }
        };
        read += 1;
        let canonical = server.to_canonical();
        let stored: Value = serde_json::from_str(&canonical).expect("JSON");
        let again = lenient::read(&stored).expect("what was read is a server");
        assert_eq!(again.to_canonical(), canonical, "reading changes nothing the second time");
        assert_eq!(serde_json::from_str::<ServerJson>(&canonical).expect("a document"), server);
        assert!(!server.description.trim().is_empty(), "{canonical}");
        if document.get("repository").and_then(Value::as_object).is_some_and(|members| members.is_empty()) {
            assert!(canonical.contains(r#""repository":{}"#), "{canonical}");
        }
    }
    let reasons =
        BTreeMap::from([("the document's version cannot be used: a version is not empty".to_owned(), 2)]);
    assert_eq!((read, refused), (19_983, reasons));
}

#[test]
fn what_is_read_keeps_to_the_rules_of_publishers() {
    let Some(documents) = documents() else { return };
    let mut broken = BTreeMap::<&'static str, usize>::new();
    for server in documents.filter_map(|document| lenient::read(&document).ok()) {
        let schema = Some(server.schema.clone()).filter(|s| !s.is_empty()).unwrap_or(CURRENT_SCHEMA.into());
        let strict = shape::read(&json(&ServerJson { schema, ..server }));
        let server = match strict {
            Ok(server) => server,
            Err(issues) => {
                let rules = issues.iter().filter_map(|issue| issue.rule);
                rules.for_each(|rule| *broken.entry(rule.id).or_default() += 1);
                continue;
            }
        };
        let errors = rules::check(&server).into_iter().filter(rules::Finding::is_error);
        errors.for_each(|finding| *broken.entry(finding.rule.id).or_default() += 1);
    }
    // Ten packages whose version was `latest` before that was refused, and a name with a second slash.
    assert_eq!(broken, BTreeMap::from([("R1", 10), ("S4", 1)]));
}
