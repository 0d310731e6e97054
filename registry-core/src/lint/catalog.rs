//! An AI Catalog in any of its dialects (A1–A21). A broken entry says nothing about the others.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};
use url::Url;

use super::Found;
use super::document::check_value;
use super::members::{Object, kind, shown};
use super::table::{
    A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17, A18, A19, A20, A21,
};
use crate::card::raw;
use crate::card::sniff::{Shape, sniff};
use crate::clock;

/// How many entries are read.
pub(super) const MOST_ENTRIES: usize = 5_000;

/// How many catalogs may stand inside each other.
const DEPTH: usize = 4;

static VERSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[0-9]{1,4}\.[0-9]{1,4}$").expect("a pattern"));

static AIR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^urn:air:[A-Za-z0-9.-]+(:[A-Za-z0-9._-]+)+$").expect("a pattern"));

static DIGEST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$").expect("a pattern")
});

/// Where relative references start, when only their form is looked at.
static SOMEWHERE: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://catalog.example/.well-known/ai-catalog.json").expect("an address"));

/// What an entry is about, by its type.
#[derive(Clone, Copy, PartialEq)]
enum Family {
    Card,
    Catalog,
    Other,
}

/// Checks a catalog that stands at `path`, `depth` catalogs down.
pub(super) fn check(catalog: &Map<String, Value>, path: &str, depth: usize, found: &mut Found) {
    let catalog = Object { members: catalog, path };
    check_version(catalog, found);
    check_host(catalog, found);
    older(catalog, &["metadata"], found);
    let entries = catalog.list("entries", &A4, found);
    if entries.len() > MOST_ENTRIES {
        let message = format!("there are {} entries; the first {MOST_ENTRIES} are read", entries.len());
        found.add(&A3, catalog.at("entries"), message);
    }
    let mut seen = HashSet::new();
    for (number, entry) in entries.iter().take(MOST_ENTRIES).enumerate() {
        let path = format!("{}[{number}]", catalog.at("entries"));
        match entry {
            Value::Object(members) => {
                let entry = Object { members, path: &path };
                check_entry(entry, depth, found);
                check_unique(entry, &mut seen, found);
            }
            other => found.add(&A4, path, format!("an entry is {}, not an object", kind(other))),
        }
    }
}

fn check_version(catalog: Object<'_>, found: &mut Found) {
    if catalog.get("specVersion").is_none() {
        found.add(&A21, catalog.at("specVersion"), "`specVersion` is missing");
    }
    let Some(version) = catalog.text("specVersion", &A1, found) else { return };
    if !VERSION.is_match(version) {
        let message = format!("`specVersion` is `{}`", shown(version));
        found.add(&A1, catalog.at("specVersion"), message);
    } else if version.split('.').next() != Some("1") {
        found.add(&A2, catalog.at("specVersion"), format!("`specVersion` is `{version}`"));
    }
}

fn check_host(catalog: Object<'_>, found: &mut Found) {
    let Some(host) = catalog.object("host", &A13, found) else { return };
    let path = catalog.at("host");
    let host = Object { members: host, path: &path };
    if host.required("displayName", &A13, found).is_some_and(|name| name.trim().is_empty()) {
        found.add(&A13, host.at("displayName"), "`displayName` is empty");
    }
    older(host, &["trustManifest"], found);
}

/// Members that the form of October 2026 has renamed.
fn older(object: Object<'_>, members: &[&str], found: &mut Found) {
    for member in members.iter().filter(|member| object.get(member).is_some()) {
        found.add(&A20, object.at(member), format!("`{member}` is the older name"));
    }
}

fn check_entry(entry: Object<'_>, depth: usize, found: &mut Found) {
    check_identifier(entry, found);
    let family = check_type(entry, found);
    check_words(entry, found);
    older(entry, &["metadata", "trustManifest"], found);
    match (present(entry, "url"), present(entry, "data")) {
        (Some(_), Some(_)) => found.add(&A8, entry.path, "the entry has both `url` and `data`"),
        (None, None) => found.add(&A8, entry.path, "the entry has neither `url` nor `data`"),
        (Some(url), None) => check_url(entry, url, found),
        (None, Some(data)) if family != Family::Other => check_data(entry, data, family, depth, found),
        (None, Some(_)) => {}
    }
}

fn present<'a>(entry: Object<'a>, member: &str) -> Option<&'a Value> {
    entry.get(member).filter(|value| !value.is_null())
}

fn check_identifier(entry: Object<'_>, found: &mut Found) {
    let Some(identifier) = entry.required("identifier", &A4, found) else { return };
    if identifier.trim().is_empty() {
        found.add(&A4, entry.at("identifier"), "`identifier` is empty");
    } else if !AIR.is_match(identifier) {
        found.add(&A16, entry.at("identifier"), format!("`{}` is of another form", shown(identifier)));
    }
}

fn check_type(entry: Object<'_>, found: &mut Found) -> Family {
    let member =
        if entry.get("type").is_some() || entry.get("mediaType").is_none() { "type" } else { "mediaType" };
    if member == "mediaType" {
        found.add(&A6, entry.at("mediaType"), "`mediaType` is the older name");
    }
    let Some(media) = entry.required(member, &A5, found) else { return Family::Other };
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "" => {
            found.add(&A5, entry.at(member), format!("`{member}` is empty"));
            Family::Other
        }
        // Plain JSON is how documents of a registry are listed.
        "application/mcp-server-card+json" | "application/json" => Family::Card,
        "application/ai-catalog+json" => Family::Catalog,
        older
            if older == "application/mcp-server+json"
                || older == "application/mcp+json"
                || older.starts_with("application/vnd.mcp") =>
        {
            found.add(&A7, entry.at(member), format!("`{}` is an older type", shown(media)));
            Family::Card
        }
        _ => {
            let message = format!("`{}` is no type for MCP servers", shown(media));
            found.add(&A12, entry.at(member), message);
            Family::Other
        }
    }
}

fn check_words(entry: Object<'_>, found: &mut Found) {
    for member in ["displayName", "description", "version"] {
        entry.text(member, &A17, found);
    }
    for (number, tag) in entry.list("tags", &A17, found).iter().enumerate() {
        if !tag.is_string() {
            let path = format!("{}[{number}]", entry.at("tags"));
            found.add(&A17, path, format!("a tag is {}, not a text", kind(tag)));
        }
    }
    if let Some(time) = entry.text("updatedAt", &A14, found)
        && clock::parse_rfc3339(time).is_none()
    {
        found.add(&A14, entry.at("updatedAt"), format!("`{}` is no time", shown(time)));
    }
    if let Some(digest) = entry.text("digest", &A15, found)
        && !DIGEST.is_match(&digest.to_ascii_lowercase())
    {
        found.add(&A15, entry.at("digest"), format!("`{}` is no digest that is believed", shown(digest)));
    }
    if let Some(publisher) = entry.object("publisher", &A18, found) {
        let path = entry.at("publisher");
        let publisher = Object { members: publisher, path: &path };
        publisher.required("identifier", &A18, found);
        publisher.required("displayName", &A18, found);
    }
}

fn check_url(entry: Object<'_>, url: &Value, found: &mut Found) {
    let Some(text) = url.as_str() else {
        return found.add(&A9, entry.at("url"), format!("`url` is {}, not a text", kind(url)));
    };
    // Relative references occur and are read: they start at the catalog, which is https.
    let read = SOMEWHERE.join(text.trim()).ok().filter(|url| {
        let is_name = url.domain().is_some_and(|host| host.contains('.'));
        url.scheme() == "https" && is_name && url.username().is_empty() && url.password().is_none()
    });
    if text.trim().is_empty() || text.len() > 2000 || read.is_none() {
        found.add(&A9, entry.at("url"), format!("`{}` leads to no document", shown(text)));
    }
}

fn check_data(entry: Object<'_>, data: &Value, family: Family, depth: usize, found: &mut Found) {
    let path = entry.at("data");
    let parsed;
    let data = match data {
        Value::String(text) => {
            found.add(&A10, path.clone(), "`data` is a text");
            match raw::parse(text.as_bytes()) {
                Ok(value) => {
                    parsed = value;
                    &parsed
                }
                Err(unreadable) => return found.add(&A10, path, unreadable.to_string()),
            }
        }
        other => other,
    };
    if family == Family::Catalog && depth >= DEPTH {
        return found.add(&A19, path, format!("this catalog is the {}th inside another", depth + 1));
    }
    let shape = if family == Family::Catalog { Shape::Catalog } else { sniff(data) };
    // A catalog under the type of a card would lead deeper without being counted.
    if shape == Shape::Catalog && depth >= DEPTH {
        return found.add(&A19, path, "this catalog stands too deep");
    }
    check_value(data, shape, &path, depth + 1, found);
}

fn check_unique(entry: Object<'_>, seen: &mut HashSet<(String, Option<String>)>, found: &mut Found) {
    let text = |member| entry.get(member).and_then(Value::as_str).map(str::to_owned);
    let Some(identifier) = text("identifier") else { return };
    let message = format!("`{}` stands there before, with the same version or none", shown(&identifier));
    if !seen.insert((identifier, text("version"))) {
        found.add(&A11, entry.at("identifier"), message);
    }
}
