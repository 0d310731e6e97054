//! The registry's own `_meta` members of a crawled listing: how far its name is proved, and what the crawl saw.
//!
//! They are public, so they change only when they say something new: what was proved keeps the date and the digest of the
//! visit that proved it, see [`settle`].

use registry_core::evidence::Evidence;
use registry_core::extensions::{self, CRAWL, EVIDENCE, MISSING, WITHDRAWN};
use registry_core::trust::Layer;
use serde_json::{Map, Value, json};

use registry_core::card::owner::Claim;
use registry_core::card::verdict::HeldName;

use crate::visit::{Card, Document};

/// The members of a listing.
pub(crate) fn write(card: &Card, document: &Document, claim: &Claim, held: Option<&HeldName>) -> Value {
    json!({ EVIDENCE: evidence(claim), CRAWL: crawl(card, document, claim, held) })
}

fn evidence(claim: &Claim) -> Value {
    json!({ "level": claim.level, "levelNumber": claim.level.number(), "items": claim.evidence })
}

fn crawl(card: &Card, document: &Document, claim: &Claim, held: Option<&HeldName>) -> Value {
    let mapped = &card.mapped;
    let mut crawl = Map::from_iter([
        ("source".to_owned(), document.at().as_str().into()),
        ("format".to_owned(), document.format.id().into()),
        ("sha256".to_owned(), document.sha256.to_string().into()),
        ("firstSeen".to_owned(), json!(card.first_seen)),
    ]);
    let is_signed = claim.evidence.iter().any(|item| item.what == "signature");
    let layer = if is_signed { card.trust.layer.max(Layer::Signed) } else { card.trust.layer };
    if layer > Layer::Transport {
        crawl.insert("trustLayer".to_owned(), layer.number().into());
    }
    if !card.pointer.is_empty() {
        crawl.insert("pointer".to_owned(), card.pointer.clone().into());
    }
    // Whoever lists a card may call it anything; what it is called beside itself is part of where it came from.
    let entry = card.entry.as_ref().filter(|entry| card.is_inline && !entry.identifier.is_empty());
    if let Some(entry) = entry {
        crawl.insert("identifier".to_owned(), entry.identifier.clone().into());
    }
    if !mapped.synthesised.is_empty() {
        crawl.insert("synthesised".to_owned(), json!(mapped.synthesised));
    }
    if let Some(held) = held {
        crawl.insert("claimedName".to_owned(), held.name.as_str().into());
    }
    for (word, fact) in &mapped.facts {
        match word.as_str() {
            "tools" | "resources" | "prompts" => primitives(&mut crawl, word, fact),
            "keywords" => {}
            _ => _ = crawl.insert(word.clone(), fact.clone()),
        }
    }
    let keywords = keywords(card);
    if !keywords.is_empty() {
        crawl.insert("keywords".to_owned(), keywords.into());
    }
    crawl.into()
}

/// A count, and of tools their names as a list of objects, which is how a live answer would have them.
fn primitives(crawl: &mut Map<String, Value>, word: &str, fact: &Value) {
    let one = word.trim_end_matches('s');
    if let Some(count) = fact.get("count") {
        crawl.insert(format!("{one}Count"), count.clone());
    }
    let names = fact.get("names").and_then(Value::as_array).filter(|names| !names.is_empty());
    if let Some(names) = names.filter(|_| word == "tools") {
        let tools: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
        crawl.insert(word.to_owned(), tools.into());
    }
    if fact.get("dynamic").is_some() {
        crawl.insert(format!("{one}ListIsDynamic"), true.into());
    }
}

/// The card's keywords and the catalog's, each once.
fn keywords(card: &Card) -> Vec<String> {
    let own = card.mapped.facts.get("keywords").and_then(Value::as_array).into_iter().flatten();
    let own = own.filter_map(Value::as_str).map(str::to_owned);
    let mut words: Vec<String> = Vec::new();
    for word in own.chain(card.words.iter().cloned()) {
        if !words.contains(&word) && words.len() < 50 {
            words.push(word);
        }
    }
    words
}

/// The members to store: the old ones where the new ones say nothing but another date or digest.
pub(crate) fn settle(new: Value, old: Option<&str>) -> Value {
    let own = |member| (member, old.and_then(|old| extensions::member(old, member)));
    let known = [own(EVIDENCE), own(CRAWL)].into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?)));
    let mut known: Value = known.collect::<Map<_, _>>().into();
    // It is here again, so the crawl's own notes of its absence go.
    if let Some(crawl) = known.get_mut(CRAWL).and_then(Value::as_object_mut) {
        crawl.retain(|word, _| word != MISSING && word != WITHDRAWN);
    }
    if undated(&known) == undated(&new) { known } else { new }
}

/// What is said, without when it was last seen.
fn undated(members: &Value) -> (Value, Vec<Evidence>) {
    let mut members = members.clone();
    if let Some(crawl) = members.get_mut(CRAWL).and_then(Value::as_object_mut) {
        for dated in ["sha256", "firstSeen"] {
            crawl.remove(dated);
        }
    }
    let items = members.get_mut(EVIDENCE).and_then(|evidence| evidence.get_mut("items")).map(Value::take);
    let mut items: Vec<Evidence> =
        items.and_then(|items| serde_json::from_value(items).ok()).unwrap_or_default();
    for item in &mut items {
        item.at = chrono::DateTime::UNIX_EPOCH;
        item.sha256 = None;
    }
    (members, items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(at: &str, sha256: &str, by: &str) -> Value {
        json!({
            EVIDENCE: { "level": "host-bound", "levelNumber": 2, "items": [
                { "what": "namespace", "how": "served", "by": by, "sha256": sha256, "at": at },
            ] },
            CRAWL: { "source": "https://acme.com/card", "sha256": sha256, "firstSeen": at },
        })
    }

    #[test]
    fn what_says_nothing_new_is_not_written_anew() {
        let old = members("2026-11-01T00:00:00Z", "aa", "acme.com");
        let stored =
            extensions::with(&old.to_string(), &[("org.cardinal-registry/liveness", Some(json!("alive")))]);
        let later = members("2026-11-02T00:00:00Z", "bb", "acme.com");
        assert_eq!(settle(later.clone(), Some(&stored)), old);
        let other = members("2026-11-02T00:00:00Z", "bb", "www.acme.com");
        assert_eq!(settle(other.clone(), Some(&stored)), other);
        for none in [None, Some(""), Some("{}"), Some("no json")] {
            assert_eq!(settle(later.clone(), none), later);
        }
    }

    #[test]
    fn tools_are_a_list_and_the_rest_is_counted() {
        let mut crawl = Map::new();
        primitives(&mut crawl, "tools", &json!({ "count": 2, "names": ["look", "find"] }));
        primitives(&mut crawl, "prompts", &json!({ "count": 3 }));
        primitives(&mut crawl, "resources", &json!({ "dynamic": true }));
        let expected = json!({
            "toolCount": 2, "tools": [{ "name": "look" }, { "name": "find" }], "promptCount": 3, "resourceListIsDynamic": true,
        });
        assert_eq!(Value::from(crawl), expected);
    }
}
