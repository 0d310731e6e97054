//! What formats are handed, and what they find.

use registry_core::card::sniff::Shape;
use serde_json::Value;
use url::Url;

use super::Entry;

/// Of which sites a location is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Of every site.
    Usual,
    /// Of sites where something like MCP was found, and rarely: each miss costs the site a line in its log.
    LongTail,
}

/// A document as it was fetched.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Where it was at last fetched from; relative addresses start here.
    pub url: &'a Url,
    /// Its bytes.
    pub body: &'a [u8],
    /// What the server called them.
    pub content_type: Option<&'a str>,
    /// The `Link` headers that came with it.
    pub links: &'a [String],
}

/// One thing a document says.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It describes a server.
    Card(FoundCard),
    /// It names another document.
    Follow(Follow),
    /// It names an endpoint and describes nothing.
    Endpoint {
        /// The endpoint.
        url: Url,
        /// Where in the document.
        pointer: String,
        /// What makes it one.
        how: How,
    },
    /// It holds something that is not used.
    Skipped {
        /// Where in the document.
        pointer: String,
        /// Why, for its owner.
        reason: String,
    },
}

/// A card inside a document, or the whole of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundCard {
    /// The card.
    pub value: Value,
    /// Its shape.
    pub shape: Shape,
    /// Where in the document; empty for the whole.
    pub pointer: String,
    /// The catalog entry that holds it.
    pub entry: Option<Entry>,
}

/// Another document to fetch.
#[derive(Debug, Clone, PartialEq)]
pub struct Follow {
    /// Its address.
    pub url: Url,
    /// What it should be.
    pub expects: Expects,
    /// The id of the format it is believed as; that of the document that names it where none is given.
    pub believed_as: Option<&'static str>,
    /// Whether the address is made up from a name, so that nothing is missing where nothing is.
    pub is_guess: bool,
    /// Where in the document it is named.
    pub pointer: String,
    /// How the catalog presents it.
    pub entry: Entry,
}

impl Follow {
    /// A document that is named and not presented.
    pub fn new(url: Url, expects: Expects, pointer: impl Into<String>) -> Self {
        let pointer = pointer.into();
        Self { url, expects, believed_as: None, is_guess: false, pointer, entry: Entry::default() }
    }
}

/// What a document that is named should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// A card.
    Card,
    /// A catalog, one level further down.
    Catalog,
}

impl Expects {
    /// What to ask for in `Accept`.
    pub fn accept(self) -> &'static str {
        match self {
            Self::Card => "application/mcp-server-card+json, application/json;q=0.9, */*;q=0.1",
            Self::Catalog => "application/ai-catalog+json, application/json;q=0.9, */*;q=0.1",
        }
    }

    /// How many bytes are taken.
    pub fn max_bytes(self) -> usize {
        match self {
            Self::Card => 2 * 1024 * 1024,
            Self::Catalog => 5 * 1024 * 1024,
        }
    }
}

/// Why an address is thought to be an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// A document names it as one.
    Named,
    /// A card without an endpoint lies on its host.
    Implied,
    /// The host's OAuth metadata protects it.
    Protected,
    /// A TXT record names it.
    Txt,
    /// It answered as an endpoint does when a document was asked for.
    Answered,
}

impl How {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Implied => "implied",
            Self::Protected => "protected",
            Self::Txt => "txt",
            Self::Answered => "answered",
        }
    }
}
