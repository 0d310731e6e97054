//! Discovery formats: where a site may describe its servers, and what a document found there says. No I/O: one loop elsewhere fetches.
//!
//! A format is one file and a line in [`ALL`]. Documents are told apart by their shape, never by the path they lie at, so every
//! format reads whatever it is handed; what differs is where it looks and how far it is believed.

mod ai_catalog;
mod endpoint_card;
mod reading;
mod server_card;

use registry_core::card::map::Display;
use registry_core::card::origin::Origin;
use registry_core::card::raw::Unreadable;
use registry_core::card::sniff::Shape;
use registry_core::server_json::Remote;
use serde_json::Value;
use url::Url;

pub use ai_catalog::{MAX_CATALOG_DEPTH, MAX_ENTRIES, MAX_FETCHES};

/// Every format, in the order in which a site is asked.
pub static ALL: [&dyn Discovery; 4] = [
    &ai_catalog::AiCatalog,
    &server_card::WELL_KNOWN,
    &server_card::WELL_KNOWN_JSON,
    &endpoint_card::EndpointCard,
];

/// One way of describing servers.
pub trait Discovery: Sync {
    /// Short and stable; stored with every listing it finds and used in metrics: `ai-catalog`.
    fn id(&self) -> &'static str;

    /// The order of belief among documents about one endpoint; the lowest is believed first.
    fn precedence(&self) -> u8;

    /// What to ask for in `Accept`.
    fn accept(&self) -> &'static str {
        "application/mcp-server-card+json, application/json;q=0.9, */*;q=0.1"
    }

    /// Where a site may keep such documents.
    fn locations(&self, origin: &Origin) -> Vec<Url>;

    /// Where such documents may lie beside an endpoint that is known.
    fn beside(&self, endpoint: &Remote) -> Vec<Url> {
        let _ = endpoint;
        Vec::new()
    }

    /// What a document means.
    fn read(&self, document: &Document<'_>) -> Result<Vec<Found>, DiscoveryError> {
        reading::read(document)
    }
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
    /// Where in the document it is named.
    pub pointer: String,
    /// How the catalog presents it.
    pub entry: Entry,
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
            Self::Card => endpoint_card::EndpointCard.accept(),
            Self::Catalog => ai_catalog::AiCatalog.accept(),
        }
    }
}

/// What a catalog says of one of its entries; all of it claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier there.
    pub identifier: String,
    /// Its type there, in lower case and without parameters.
    pub media_type: String,
    /// How it is to be shown; used only for cards of the catalog's own site.
    pub display: Display,
    /// When it changed last, as written.
    pub updated_at: Option<String>,
    /// The digest of the bytes, as written.
    pub digest: Option<String>,
    /// Tags, capabilities and example queries: words to search by.
    pub words: Vec<String>,
}

/// Why a document says nothing at all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// Nothing is there: a page or an error, although the status says success.
    #[error("nothing is published here: {0}")]
    Absent(String),
    /// A document was meant and cannot be read.
    #[error(transparent)]
    Unreadable(Unreadable),
    /// The document says that there is no server yet.
    #[error("the document says that no server is there yet; replace it once there is one")]
    Placeholder,
    /// The document asks to be left out (`crawl: false`, as in draft-serra-mcp-discovery-uri).
    #[error("the document says `crawl: false`, so it is not read; say `true` or leave it out to be listed")]
    OptedOut,
    /// A catalog of a later major version.
    #[error("the catalog has `specVersion` `{0}`; this registry reads `1.x`")]
    Version(String),
}

impl DiscoveryError {
    /// Whether this is the same as no document: nobody need be told.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Absent(_) | Self::Placeholder)
    }
}

impl From<Unreadable> for DiscoveryError {
    fn from(unreadable: Unreadable) -> Self {
        if unreadable.was_intended() {
            Self::Unreadable(unreadable)
        } else {
            Self::Absent(unreadable.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_own_id_and_looks_on_the_origin_only() {
        let origin: Origin = "acme.com".parse().expect("an origin");
        let mut ids: Vec<_> = ALL.iter().map(|f| f.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        let locations: Vec<String> =
            ALL.iter().flat_map(|f| f.locations(&origin)).map(String::from).collect();
        assert_eq!(
            locations,
            [
                "https://acme.com/.well-known/ai-catalog.json",
                "https://acme.com/.well-known/mcp-server-card",
                "https://acme.com/.well-known/mcp/server-card.json",
            ]
        );
    }
}
