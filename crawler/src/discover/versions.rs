//! Several versions of one artifact in one catalog (discovery 4.2): each is a finding, the latest comes first and gives the words.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registry_core::card::map::Display;
use registry_core::version::ServerVersion;

use super::{Entry, Found};

/// Puts the latest of each identifier before the others, and gives those its title and description.
pub(super) fn settle(found: &mut [Found]) {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, found) in found.iter().enumerate() {
        if let Some(entry) = entry(found).filter(|entry| entry.display.version.is_some()) {
            places.entry(entry.identifier.clone()).or_default().push(at);
        }
    }
    for places in places.into_values().filter(|places| places.len() > 1) {
        let Some(latest) = places.iter().copied().reduce(|a, b| later(found, a, b)) else { continue };
        let display = entry(&found[latest]).map(|entry| entry.display.clone()).unwrap_or_default();
        for at in &places {
            if let Some(entry) = entry_mut(&mut found[*at]).filter(|_| *at != latest) {
                supersede(entry, &display);
            }
        }
        found.swap(places[0], latest);
    }
}

fn supersede(entry: &mut Entry, latest: &Display) {
    entry.is_superseded = true;
    entry.display.title = latest.title.clone().or_else(|| entry.display.title.take());
    entry.display.description = latest.description.clone().or_else(|| entry.display.description.take());
}

/// Which of two is the later one: by version, or by date where the versions have no order.
fn later(found: &[Found], a: usize, b: usize) -> usize {
    let (Some(first), Some(second)) = (entry(&found[a]), entry(&found[b])) else { return a };
    match (version(first), version(second)) {
        (Some(held), Some(new)) if new.outranks(updated(second), &held, updated(first)) => b,
        _ => a,
    }
}

fn version(entry: &Entry) -> Option<ServerVersion> {
    entry.display.version.clone()?.parse().ok()
}

fn updated(entry: &Entry) -> DateTime<Utc> {
    let at = entry.updated_at.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    at.map_or(DateTime::UNIX_EPOCH, |at| at.to_utc())
}

fn entry(found: &Found) -> Option<&Entry> {
    match found {
        Found::Card(card) => card.entry.as_ref(),
        Found::Follow(follow) => Some(&follow.entry),
        _ => None,
    }
}

fn entry_mut(found: &mut Found) -> Option<&mut Entry> {
    match found {
        Found::Card(card) => card.entry.as_mut(),
        Found::Follow(follow) => Some(&mut follow.entry),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{Document, read};
    use serde_json::{Value, json};
    use url::Url;

    fn order(entries: Value) -> Vec<(String, bool, Option<String>)> {
        let url = Url::parse("https://acme.com/.well-known/ai-catalog.json").expect("an address");
        let body = json!({ "entries": entries }).to_string();
        let document = Document { url: &url, body: body.as_bytes(), content_type: None, links: &[] };
        let found = read(&document).expect("a catalog");
        let line = |found: &Found| {
            let entry = entry(found).expect("an entry");
            let version = entry.display.version.clone().unwrap_or_default();
            (version, entry.is_superseded, entry.display.title.clone())
        };
        found.iter().map(line).collect()
    }

    fn one(version: &str, title: &str, updated: &str) -> Value {
        json!({
            "identifier": "urn:air:acme.com:x:tides", "type": "application/mcp-server-card+json", "version": version,
            "displayName": title, "updatedAt": updated, "url": format!("/cards/{version}.json"),
        })
    }

    #[test]
    fn the_latest_by_version_comes_first_and_gives_the_words() {
        let entries = json!([
            one("1.9.0", "Tides", "2026-03-01T00:00:00Z"),
            one("1.10.0", "Tides and berths", "2026-01-01T00:00:00Z"),
            one("1.2.0", "Tide", "2026-02-01T00:00:00Z"),
        ]);
        let title = Some("Tides and berths".to_owned());
        assert_eq!(
            order(entries),
            [
                ("1.10.0".into(), false, title.clone()),
                ("1.9.0".into(), true, title.clone()),
                ("1.2.0".into(), true, title),
            ]
        );
    }

    #[test]
    fn versions_without_an_order_are_told_apart_by_their_dates() {
        let entries =
            json!([one("spring", "A", "2026-03-01T00:00:00Z"), one("autumn", "B", "2026-09-01T00:00:00Z")]);
        assert_eq!(order(entries)[0].0, "autumn");
        let undated = json!([one("spring", "A", "soon"), one("autumn", "B", "later")]);
        assert_eq!(order(undated)[0].0, "spring");
    }
}
