//! How long a published server takes to be found.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::connection::Connection;
use super::program::{Serving, data_dir};
use super::queries::SEARCH;

/// How many are published.
const TIMES: usize = 10;

/// Another process on the same database.
pub(crate) struct Another {
    _serving: Serving,
    /// Where it answers.
    pub(crate) url: String,
    _data: tempfile::TempDir,
}

/// Starts it, and waits until its index is there.
pub(crate) fn another(of: &Path) -> Another {
    let data = data_dir();
    let socket: String =
        url::form_urlencoded::byte_serialize(of.join("pg").to_str().expect("a path").as_bytes()).collect();
    let database = format!("postgres://registry@{socket}/postgres");
    let serving = Serving::start(data.path(), &["--role", "api", "--database-url", &database]);
    super::until_found(&serving);
    Another { url: serving.url.clone(), _serving: serving, _data: data }
}

/// Publishes at one address and searches at another until it is there, from the answer on.
pub(crate) fn until_found(publish: &str, search: &str) -> Vec<Duration> {
    let (mut publisher, mut reader) = (Connection::open(publish), Connection::open(search));
    let token = publisher.token();
    (0..TIMES)
        .map(|n| {
            let word = format!("findable{n}x{}", search.rsplit(':').next().unwrap_or_default());
            let document = json!({
                "$schema": registry_core::server_json::CURRENT_SCHEMA,
                "name": format!("io.modelcontextprotocol.anonymous/{word}"),
                "description": "Is looked for as soon as it is published", "version": "1.0.0",
            });
            let answer = publisher.publish(Some(token.clone()), &document.to_string());
            assert_eq!(answer.status, 200, "{}", answer.body);
            let begun = Instant::now();
            while !reader.get(&format!("{SEARCH}?q={word}&limit=1"), "").body.contains(&word) {
                assert!(begun.elapsed() < Duration::from_secs(60), "it is not found");
                std::thread::sleep(Duration::from_millis(2));
            }
            begun.elapsed()
        })
        .collect()
}
