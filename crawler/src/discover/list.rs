//! Ad-hoc lists of servers: cards, addresses or names, in an array or a map, under many member names or none.

use registry_core::card::name;
use registry_core::card::origin::Origin;
use registry_core::card::sniff::{Shape, sniff};
use serde_json::{Map, Value};
use url::Url;

use super::{Discovery, Expects, Follow, Found, How, MAX_ENTRIES, Tier, place, reading};

/// Members that hold lists.
const LISTS: [&str; 7] =
    ["servers", "serverCards", "server_cards", "mcp_servers", "mcpServers", "mcpServerCards", "cards"];

/// Members by which an element names its card.
const CARDS: [&str; 8] =
    ["card", "cardUrl", "card_url", "serverCard", "server_card", "serverCardUrl", "manifest", "href"];

/// How many names without an address are looked for.
const MOST_NAMES: usize = 20;

/// A list at one of its places.
pub(super) struct List;

impl Discovery for List {
    fn id(&self) -> &'static str {
        "server-list"
    }

    fn precedence(&self) -> u8 {
        4
    }

    fn tier(&self) -> Tier {
        Tier::LongTail
    }

    fn max_bytes(&self) -> usize {
        Expects::Catalog.max_bytes()
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        let paths = [
            "mcp/servers.json",
            "mcp/server-cards.json",
            "mcp/index.json",
            "mcp-servers",
            "mcp-servers.json",
        ];
        paths.iter().map(|path| origin.url(&format!("/.well-known/{path}"))).collect()
    }
}

/// Whether a document that is no card holds a list.
pub(super) fn is_list(document: &Value) -> bool {
    document.is_array() || LISTS.iter().any(|member| document.get(*member).is_some_and(Value::is_array))
}

/// What a list names.
pub(super) fn read(document: &Value, base: &Url) -> Vec<Found> {
    let mut reader = Reader { base, parent: document, found: Vec::new(), names: 0, seen: 0 };
    if let Value::Array(elements) = document {
        reader.array(elements, "");
    }
    for member in LISTS {
        let pointer = format!("/{member}");
        match document.get(member) {
            Some(Value::Array(elements)) => reader.array(elements, &pointer),
            Some(Value::Object(elements)) => {
                for (key, element) in elements {
                    reader.add(element, Some(key), format!("{pointer}/{}", place::step(key)));
                }
            }
            Some(Value::String(address)) => reader.found.extend(other_list(address, base, pointer)),
            _ => {}
        }
    }
    if reader.seen > MAX_ENTRIES {
        let reason =
            format!("the list has {} elements, of which the first {MAX_ENTRIES} are read", reader.seen);
        reader.found.push(Found::Skipped { pointer: String::new(), reason });
    }
    reader.found
}

/// Documents that a card names beside itself: its own fuller form, or the list it stands in.
pub(super) fn named_by(card: &Value, base: &Url) -> Vec<Found> {
    let named = [("serverCard", Expects::Card), ("serverCards", Expects::Catalog)];
    let follow = |(member, expects)| {
        let url = place::of(card.get(member)?.as_str()?, base).ok()?;
        Some(Found::Follow(Follow::new(url, expects, format!("/{member}"))))
    };
    named.into_iter().filter_map(follow).collect()
}

fn other_list(address: &str, base: &Url, pointer: String) -> Option<Found> {
    Some(Found::Follow(Follow::new(place::of(address, base).ok()?, Expects::Catalog, pointer)))
}

struct Reader<'a> {
    base: &'a Url,
    parent: &'a Value,
    found: Vec<Found>,
    names: usize,
    seen: usize,
}

impl Reader<'_> {
    fn array(&mut self, elements: &[Value], pointer: &str) {
        let is_one = elements.len() == 1;
        for (at, element) in elements.iter().enumerate() {
            let pointer = format!("{pointer}/{at}");
            match element {
                // A document about one server puts its name above the list of its endpoints.
                Value::Object(members) if is_one => self.add(&adopt(members, self.parent), None, pointer),
                element => self.add(element, None, pointer),
            }
        }
    }

    fn add(&mut self, element: &Value, key: Option<&str>, pointer: String) {
        self.seen += 1;
        if self.seen > MAX_ENTRIES {
            return;
        }
        match element {
            Value::String(text) => self.text(text, pointer),
            Value::Object(members) => self.object(members, key, pointer),
            _ => self.skip(pointer, "an element of a list is a card, an address or a name"),
        }
    }

    fn text(&mut self, text: &str, pointer: String) {
        let text = text.trim();
        if text.contains("://") || text.starts_with('/') {
            match place::of(text, self.base) {
                Ok(url) if place::is_document(&url) || pointer.contains("Card") => {
                    self.found.push(Found::Follow(Follow::new(url, Expects::Card, pointer)));
                }
                Ok(url) => self.found.push(Found::Endpoint { url, pointer, how: How::Named }),
                Err(reason) => self.found.push(Found::Skipped { pointer, reason }),
            }
        } else if name::declared(text).is_some() {
            self.name(text, &pointer);
        } else {
            self.skip(
                pointer,
                "the element is neither an address nor a server's name; list the card's address",
            );
        }
    }

    /// A name alone: where cards used to lie by their names.
    fn name(&mut self, name: &str, pointer: &str) {
        self.names += 1;
        if self.names > MOST_NAMES {
            return;
        }
        for folder in ["/.well-known/mcp-server-card", "/.well-known/mcp/server-card"] {
            if let Ok(url) = place::of(&format!("{folder}/{name}"), self.base) {
                let follow = Follow::new(url, Expects::Card, pointer);
                self.found.push(Found::Follow(Follow { is_guess: true, ..follow }));
            }
        }
    }

    fn object(&mut self, members: &Map<String, Value>, key: Option<&str>, pointer: String) {
        if let Some(url) = document_of(members, self.base) {
            self.found.push(Found::Follow(Follow::new(url, Expects::Card, pointer)));
            return;
        }
        let value = endpoint_first(members, key);
        let shape = sniff(&value);
        if shape.is_card() {
            self.found.extend(reading::card(value, shape, self.base, pointer, None));
            return;
        }
        let address = ["url", "endpoint"].iter().find_map(|m| members.get(*m)?.as_str());
        match address.map(|address| place::of(address, self.base)) {
            Some(Ok(url)) => self.found.push(Found::Endpoint { url, pointer, how: How::Named }),
            Some(Err(reason)) => self.found.push(Found::Skipped { pointer, reason }),
            None if members.contains_key("command") || members.contains_key("package") => {
                self.skip(
                    pointer,
                    "the element describes a program for one's own machine; publish its package",
                );
            }
            None => self.skip(pointer, "the element names neither a card nor an endpoint; add one"),
        }
    }

    fn skip(&mut self, pointer: String, reason: &str) {
        self.found.push(Found::Skipped { pointer, reason: reason.to_owned() });
    }
}

/// The card that an element points at instead of being one.
fn document_of(members: &Map<String, Value>, base: &Url) -> Option<Url> {
    let place = |member: &str| place::of(members.get(member)?.as_str()?, base).ok();
    CARDS.iter().find_map(|member| place(member)).or_else(|| place("url").filter(place::is_document))
}

/// The element as a card of its own: named by its key, and with `url` as what it is in a list of servers, the endpoint.
fn endpoint_first(members: &Map<String, Value>, key: Option<&str>) -> Value {
    let mut members = members.clone();
    if let Some(key) = key.filter(|_| !members.contains_key("name")) {
        members.insert("name".to_owned(), key.into());
    }
    let is_plain =
        matches!(sniff(&Value::Object(members.clone())), Shape::Flat | Shape::Unknown | Shape::Placeholder);
    if is_plain && !members.contains_key("endpoint") && members.get("url").is_some_and(Value::is_string) {
        let url = members.remove("url").unwrap_or_default();
        members.insert("endpoint".to_owned(), url);
    }
    members.into()
}

/// The one element of a document, with what the document says of it above.
pub(super) fn adopt(members: &Map<String, Value>, parent: &Value) -> Value {
    const IDENTITY: [&str; 12] = [
        "name",
        "title",
        "display_name",
        "displayName",
        "description",
        "version",
        "websiteUrl",
        "homepage",
        "repository",
        "icon",
        "icons",
        "auth",
    ];
    let mut members = members.clone();
    for member in IDENTITY {
        if let Some(value) = parent.get(member).filter(|_| !members.contains_key(member)) {
            members.insert(member.to_owned(), value.clone());
        }
    }
    members.into()
}

#[cfg(test)]
mod tests;
