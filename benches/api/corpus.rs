//! What the measured registry holds: generated servers, and the real ones where they stand beside the repository.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::program;

/// How many servers are generated.
const SERVERS: usize = 20_000;
const WORDS: [&str; 12] = [
    "weather", "forecast", "mail", "calendar", "tickets", "payments", "maps", "photos", "music", "logs",
    "metrics", "notes",
];

/// The files to import.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let generated = folder.join("generated.ndjson");
    std::fs::write(&generated, entries()).expect("the folder is ours");
    let real = program::shared().map(|shared| shared.join("corpus/registry/servers.ndjson.gz"));
    std::iter::once(generated).chain(real.filter(|file| file.is_file())).collect()
}

/// One server in the middle of the list.
pub(crate) fn latest_path() -> String {
    "/v0.1/servers/com.example%2Fserver-10000/versions/latest".to_owned()
}

/// A document that anybody may publish, another one for each number.
pub(crate) fn publication(serial: usize) -> String {
    document(&format!("io.modelcontextprotocol.anonymous/bench-{serial}"), serial).to_string()
}

fn entries() -> String {
    let mut lines = String::new();
    for n in 0..SERVERS {
        let at = format!("2026-01-{:02}T{:02}:00:00Z", n % 28 + 1, n % 24);
        let official = json!({ "status": "active", "publishedAt": at, "updatedAt": at, "isLatest": true });
        let entry = json!({
            "server": document(&format!("com.example/server-{n:05}"), n),
            "_meta": { "io.modelcontextprotocol.registry/official": official },
        });
        writeln!(lines, "{entry}").expect("a String takes everything");
    }
    lines
}

/// A document of the usual size: a description, a package with a few settings, a remote.
fn document(name: &str, n: usize) -> serde_json::Value {
    let word = |step: usize| WORDS[(n / step) % WORDS.len()];
    let leaf = name.rsplit('/').next().unwrap_or_default();
    json!({
        "$schema": registry_core::server_json::CURRENT_SCHEMA,
        "name": name,
        "description": format!("Reads {} and {}, and writes {}", word(1), word(12), word(144)),
        "title": format!("The {} server", word(1)),
        "version": format!("1.{}.{}", n % 20, n % 7),
        "repository": { "url": format!("https://github.com/example/{leaf}"), "source": "github" },
        "packages": [{
            "registryType": "npm", "identifier": format!("@example/{leaf}"), "version": "1.0.0",
            "transport": { "type": "stdio" },
            "environmentVariables": [
                { "name": "API_KEY", "description": "The key of your account", "isRequired": true, "isSecret": true },
                { "name": "REGION", "description": "Where your data is kept", "default": "eu" },
            ],
        }],
        "remotes": [{ "type": "streamable-http", "url": format!("https://{leaf}.example.com/mcp") }],
    })
}
