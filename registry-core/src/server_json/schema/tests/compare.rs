//! Our schemas and the published ones agree on every document: in the verdict, and in each finding.
//!
//! Skipped where the published schemas and the corpus are not beside the repository.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::{CARRIED_SCHEMAS, SCHEMAS, Schema};
use crate::server_json::shape;

fn shared() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("CARDINAL_SHARED").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no published schemas at `{}`", folder.display());
    None
}

/// Ours and the published one of each edition.
fn pairs(shared: &std::path::Path) -> Vec<(&'static str, &'static Schema, Schema)> {
    let published = |id| {
        let path = shared.join(format!("reference/schemas/server-{id}.schema.json"));
        let text = std::fs::read(path).expect("the schema is there");
        Schema::new(serde_json::from_slice(&text).expect("JSON"))
    };
    SCHEMAS.iter().map(|(id, ours)| (*id, ours, published(id))).collect()
}

/// Compares both on one document; how many findings there are.
fn compare(id: &str, ours: &Schema, published: &Schema, document: &Value) -> usize {
    let verdicts = (ours.validator.is_valid(document), published.validator.is_valid(document));
    assert_eq!(verdicts.0, verdicts.1, "{id}: {document}");
    let sorted = |schema: &Schema| schema.findings(document).into_iter().collect::<BTreeSet<_>>();
    let (said, expected) = (sorted(ours), sorted(published));
    assert_eq!(said, expected, "{id}: {document}");
    said.len()
}

#[test]
fn the_addresses_are_the_published_ones() {
    let Some(shared) = shared() else { return };
    for (id, ours, published) in pairs(&shared) {
        assert_eq!(ours.document["$id"], published.document["$id"], "{id}");
        assert_eq!(ours.document["$schema"], published.document["$schema"], "{id}");
    }
}

#[test]
fn on_every_real_document_all_editions_agree() {
    let Some(shared) = shared() else { return };
    let pairs = pairs(&shared);
    let (mut files, mut findings) = (0, 0);
    for entry in std::fs::read_dir(shared.join("corpus/server-json/files")).expect("the corpus is there") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let Ok(document) = shape::parse_json(&bytes) else { continue };
        files += 1;
        let canonical = shape::read(&document).ok().and_then(|server| serde_json::to_value(server).ok());
        for (id, ours, published) in &pairs {
            findings += compare(id, ours, published, &document);
            findings += canonical.iter().map(|d| compare(id, ours, published, d)).sum::<usize>();
        }
    }
    assert!(files > 300 && findings > 1000, "{files} files, {findings} findings");
}

#[test]
fn on_every_mutation_of_a_full_document_all_editions_agree() {
    let Some(shared) = shared() else { return };
    let pairs = pairs(&shared);
    let (mut documents, mut findings) = (0, 0);
    for (full, editions) in [(full(), &pairs[..]), (snake_case(full()), &pairs[..1])] {
        for document in mutations(&full) {
            documents += 1;
            findings += editions.iter().map(|(id, a, b)| compare(id, a, b, &document)).sum::<usize>();
        }
    }
    assert_eq!(pairs.len(), CARRIED_SCHEMAS.len());
    assert!(documents > 2000 && findings > 10_000, "{documents} documents, {findings} findings");
}

/// Every member that any edition knows.
fn full() -> Value {
    let input = json!({
        "description": "d", "isRequired": true, "format": "filepath", "value": "v", "isSecret": false, "default": "d",
        "placeholder": "p", "choices": ["a"],
    });
    let with = |base: &Value, members: Value| {
        let mut object = base.clone();
        object.as_object_mut().expect("an object").extend(members.as_object().expect("members").clone());
        object
    };
    let input = with(&input, json!({ "variables": { "v": input } }));
    let header = with(&input, json!({ "name": "X" }));
    let named = with(&input, json!({ "type": "named", "name": "-p", "isRepeated": true }));
    let positional = with(&input, json!({ "type": "positional", "valueHint": "h", "isRepeated": true }));
    let remote = |kind: &str| json!({ "type": kind, "url": "https://a.example/{v}", "headers": [header], "variables": { "v": input } });
    json!({
        "$schema": "https://example.com", "name": "com.example/a", "description": "d", "title": "t", "status": "active",
        "repository": { "url": "https://github.com/a/b", "source": "github", "id": "1", "subfolder": "s" },
        "version": "1.0.0", "websiteUrl": "https://example.com",
        "icons": [{ "src": "https://example.com/i", "mimeType": "image/png", "sizes": ["any"], "theme": "dark" }],
        "packages": [{
            "registryType": "npm", "registryBaseUrl": "https://example.com", "identifier": "a", "version": "1",
            "fileSha256": "0a".repeat(32), "runtimeHint": "npx", "transport": remote("sse"),
            "runtimeArguments": [named], "packageArguments": [positional], "environmentVariables": [header],
        }],
        "remotes": [remote("streamable-http"), remote("sse")],
        "_meta": {
            "io.modelcontextprotocol.registry/publisher-provided": { "a": 1 },
            "io.modelcontextprotocol.registry/official": { "a": 1 },
        },
    })
}

fn snake_case(value: Value) -> Value {
    let snake = |name: String| {
        if name.contains('/') {
            return name;
        }
        let letters = name
            .chars()
            .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]));
        letters.collect()
    };
    match value {
        Value::Object(members) => members.into_iter().map(|(n, v)| (snake(n), snake_case(v))).collect(),
        Value::Array(items) => items.into_iter().map(snake_case).collect(),
        other => other,
    }
}

/// The document with each of its places replaced, taken out, or with a strange member put in.
fn mutations(full: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    collect(full, String::new(), &mut places);
    let others = [
        json!(null),
        json!(""),
        json!("latest"),
        json!("http://x"),
        json!("x".repeat(300)),
        json!(0),
        json!({}),
        json!([0]),
    ];
    let mut documents = vec![full.clone()];
    for place in &places {
        let replaced = others.iter().map(|other| {
            let mut document = full.clone();
            *document.pointer_mut(place).expect("it is there") = other.clone();
            document
        });
        documents.extend(replaced);
        documents.extend(without(full, place));
        if let Some(Value::Object(_)) = full.pointer(place) {
            let mut document = full.clone();
            document.pointer_mut(place).expect("it is there")["extra"] = json!(1);
            documents.push(document);
        }
    }
    documents
}

fn without(full: &Value, place: &str) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/')?;
    let mut document = full.clone();
    match document.pointer_mut(parent)? {
        Value::Object(members) => members.remove(&name.replace("~1", "/"))?,
        Value::Array(items) => items.remove(name.parse().ok()?),
        _ => return None,
    };
    Some(document)
}

fn collect(value: &Value, here: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            collect(value, format!("{here}/{}", name.replace('/', "~1")), places);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| collect(item, format!("{here}/{i}"), places));
        }
        _ => {}
    }
    places.push(here);
}
