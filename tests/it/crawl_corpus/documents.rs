//! The documents of the corpus, each with the host that serves it here.

use std::collections::BTreeSet;
use std::path::Path;

use registry_core::card::map::{Context, to_server_json};
use registry_core::card::secret::redact_document;
use registry_core::card::{raw, sniff};
use serde::Deserialize;
use url::Url;

use crate::harness::program;

/// One document.
pub struct Real {
    /// Its file, below the corpus' folder.
    pub file: String,
    /// The domain that serves it; made up from the file's name where nobody knows it, or where it serves another one there.
    pub host: String,
    /// The path it is served at.
    pub path: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// What it is by its members.
    pub shape: String,
}

impl Real {
    /// Its address.
    pub fn url(&self) -> Url {
        Url::parse(&format!("https://{}{}", self.host, self.path)).expect("an address")
    }
}

/// A line of the corpus' index.
#[derive(Deserialize)]
struct Line {
    file: String,
    served_at: String,
    domain: Option<String>,
}

/// All of them, in the order of their files.
pub fn all(folder: &Path) -> Vec<Real> {
    let index = std::fs::read_to_string(folder.join("index.jsonl")).expect("the corpus has an index");
    let mut lines: Vec<Line> =
        index.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    lines.sort_by(|a, b| a.file.cmp(&b.file));
    let mut taken = BTreeSet::new();
    let read = |line: Line| {
        let host = line.domain.filter(|host| taken.insert((host.clone(), line.served_at.clone())));
        let host = host.unwrap_or_else(|| made_up(&line.file));
        let body = std::fs::read(folder.join(&line.file)).expect("the corpus is whole");
        let shape = raw::parse(&body).map_or("unreadable", |value| sniff::sniff(&value).as_str());
        Real { file: line.file, host, path: line.served_at, body, shape: shape.to_owned() }
    };
    lines.into_iter().map(read).collect()
}

fn made_up(file: &str) -> String {
    let stem = file.rsplit('/').next().unwrap_or_default().trim_end_matches(".json").to_lowercase();
    let label: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}.corpus-host.com", label.replace("--", "-"))
}

/// What is kept of a document means the same as the document, with or without a key in it.
#[test]
fn real_documents_mean_the_same_without_their_keys() {
    let Some(shared) = program::shared() else { return };
    let mut redacted = Vec::new();
    for document in all(&shared.join("corpus/well-known")) {
        let kept = redact_document(&document.body);
        if *kept == *document.body {
            continue;
        }
        redacted.push(document.file.clone());
        assert_eq!(*redact_document(&kept), *kept, "{}", document.file);
        let read = |bytes: &[u8]| {
            let value = raw::parse(bytes).expect("JSON");
            let url = document.url();
            let first_seen = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
            to_server_json(
                &value,
                sniff::sniff(&value),
                &Context { document_url: &url, first_seen, display: None },
            )
        };
        assert_eq!(read(&kept), read(&document.body), "{}", document.file);
    }
    assert_eq!(redacted, Vec::<String>::new(), "nobody of the corpus has pasted a key");
}
