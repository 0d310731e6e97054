//! A server as one line of a list.

use chrono::{DateTime, Utc};
use registry_core::evidence::Level;
use registry_core::listing::{Listing, Status};
use registry_core::name::ServerName;
use registry_core::server_json::ServerJson;

use super::extensions::{Endpoint, Extensions};
use super::view::{LevelView, Tile, When, search_path, server_path, status_label};

/// A server in a list.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Its name.
    pub name: ServerName,
    /// Its title; the last part of its name when it has none.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The version that is shown.
    pub version: String,
    /// When anything of it last changed.
    pub updated_at: DateTime<Utc>,
    /// How it can be had: `remote`, and the types of its packages.
    pub kinds: Vec<String>,
    /// How far its owner is proved.
    pub level: Option<Level>,
    /// Whether it is offered.
    pub status: Status,
    /// How its endpoints fare, where that is worth a word: those that answer have none.
    pub trouble: Option<Endpoint>,
    /// How many near-identical servers of its namespace a search leaves out.
    pub more: u32,
}

impl Hit {
    /// The line of a listing; fails when its document does not parse.
    pub fn from_listing(listing: &Listing) -> Result<Self, serde_json::Error> {
        let server = listing.server()?;
        let extensions = Extensions::read(&listing.extensions);
        Ok(Self {
            trouble: extensions.trouble().cloned(),
            title: title(&listing.name, &server).to_owned(),
            kinds: kinds(&server),
            description: server.description,
            version: listing.version.as_str().to_owned(),
            updated_at: listing.standing.updated_at,
            level: extensions.level,
            status: listing.standing.status,
            name: listing.name.clone(),
            more: 0,
        })
    }

    /// The line of a search's result.
    pub fn from_search(listing: &Listing, more: u32) -> Result<Self, serde_json::Error> {
        Self::from_listing(listing).map(|hit| Self { more, ..hit })
    }

    /// Where the servers are that a search leaves out.
    pub fn more_href(&self, query: &str) -> String {
        search_path(&format!("{query} namespace:{}", self.name.namespace().as_str()), None)
    }

    /// Where its page is.
    pub fn href(&self) -> String {
        server_path(&self.name)
    }

    /// Its tile.
    pub fn tile(&self) -> Tile {
        Tile::of(&self.name, &self.title)
    }

    /// Its level, in words.
    pub fn level_view(&self) -> Option<LevelView> {
        self.level.map(LevelView)
    }

    /// When it last changed.
    pub fn updated(&self) -> When {
        When(self.updated_at)
    }

    /// How it can be had, in words.
    pub fn kind_labels(&self) -> Vec<&str> {
        self.kinds.iter().map(|kind| kind_label(kind)).collect()
    }

    /// The word for a status that is worth a word.
    pub fn status_label(&self) -> Option<&'static str> {
        status_label(self.status)
    }
}

/// A server's title; the last part of its name when it has none.
pub fn title<'a>(name: &'a ServerName, server: &'a ServerJson) -> &'a str {
    match server.title.trim() {
        "" => name.leaf(),
        title => title,
    }
}

/// How a server can be had: `remote`, then the types of its packages, each once.
pub fn kinds(server: &ServerJson) -> Vec<String> {
    let mut kinds = Vec::new();
    if !server.remotes.is_empty() {
        kinds.push("remote".to_owned());
    }
    for package in &server.packages {
        if !package.registry_type.is_empty() && !kinds.contains(&package.registry_type) {
            kinds.push(package.registry_type.clone());
        }
    }
    kinds
}

/// How people write a way to have a server; the word itself where there is no better one.
pub fn kind_label(kind: &str) -> &str {
    match kind {
        "remote" => "Remote",
        "pypi" => "PyPI",
        "oci" => "Container",
        "nuget" => "NuGet",
        "mcpb" => "Bundle",
        "cargo" => "Cargo",
        "go" => "Go",
        "maven" => "Maven",
        other => other,
    }
}

/// A piece of text, and whether it is what was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether to mark it.
    pub hit: bool,
}

/// Takes `text` apart at the places where a word of `query` starts a word of it; letters count without their case.
pub fn marked<'a>(text: &'a str, query: &str) -> Vec<Piece<'a>> {
    let words: Vec<Vec<char>> = query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .map(|word| word.chars().flat_map(char::to_lowercase).collect())
        .collect();
    let mut pieces = Vec::new();
    let (mut done, mut at, mut inside) = (0, 0, false);
    while let Some(next) = text[at..].chars().next() {
        let length = if inside { None } else { words.iter().filter_map(|w| prefix(&text[at..], w)).max() };
        if let Some(length) = length {
            if done < at {
                pieces.push(Piece { text: &text[done..at], hit: false });
            }
            pieces.push(Piece { text: &text[at..at + length], hit: true });
            at += length;
            done = at;
            inside = true;
        } else {
            inside = next.is_alphanumeric();
            at += next.len_utf8();
        }
    }
    if done < text.len() {
        pieces.push(Piece { text: &text[done..], hit: false });
    }
    pieces
}

/// Takes a sentence of ours apart at the backticks that stand around values.
pub fn quoted(text: &str) -> Vec<Piece<'_>> {
    let pieces = text.split('`').enumerate().map(|(at, text)| Piece { text, hit: at % 2 == 1 });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

/// How many bytes of `text` spell `word`, which is in lower case.
fn prefix(text: &str, word: &[char]) -> Option<usize> {
    let mut left = word;
    for (at, c) in text.char_indices() {
        if left.is_empty() {
            return Some(at);
        }
        for lower in c.to_lowercase() {
            left = left.strip_prefix(&[lower])?;
        }
    }
    left.is_empty().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    fn show(text: &str, query: &str) -> String {
        let piece = |p: Piece<'_>| if p.hit { format!("[{}]", p.text) } else { p.text.to_owned() };
        marked(text, query).into_iter().map(piece).collect()
    }

    #[test]
    fn marks_words_that_begin_as_the_query_says() {
        assert_eq!(show("Weather and whether", "wea"), "[Wea]ther and whether");
        assert_eq!(show("com.example/weather-api", "api weather"), "com.example/[weather]-[api]");
        assert_eq!(show("GitHub hub", "hub"), "GitHub [hub]");
    }

    #[test]
    fn marks_without_regard_to_case_and_keeps_every_letter() {
        assert_eq!(show("ÉCLAIR İstanbul", "éclair"), "[ÉCLAIR] İstanbul");
        assert_eq!(show("naïve", ""), "naïve");
        assert_eq!(show("", "x"), "");
        assert_eq!(show("<b>bold</b>", "<b> bold"), "<b>[bold]</b>");
    }

    #[test]
    fn values_stand_between_backticks() {
        let show = |text| quoted(text).iter().map(|p| (p.text.to_owned(), p.hit)).collect::<Vec<_>>();
        assert_eq!(show("`a.b` may"), [("a.b".to_owned(), true), (" may".to_owned(), false)]);
        assert_eq!(show("none"), [("none".to_owned(), false)]);
    }

    #[test]
    fn a_listing_becomes_a_line() {
        let hit = Hit::from_listing(&samples::rich()).expect("a document");
        assert_eq!(hit.kind_labels(), ["Remote", "npm", "PyPI", "Container", "Bundle"]);
        assert_eq!(hit.level, Some(Level::EndpointBound));
        assert_eq!(hit.href(), "/servers/com.example/weather");
    }

    #[test]
    fn a_server_without_a_title_goes_by_its_name() {
        let hit = Hit::from_listing(&samples::minimal()).expect("a document");
        assert_eq!(hit.title, "plain");
        assert_eq!((hit.level, hit.kinds.len()), (None, 0));
    }
}
