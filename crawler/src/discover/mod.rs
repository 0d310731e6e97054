//! Discovery formats: where a site may describe its servers, and what a document found there says. No I/O: one loop elsewhere fetches.
//!
//! A format is one file and a line in [`ALL`]. Documents are told apart by their shape, never by the path they lie at, so every
//! format reads whatever it is handed ([`read`]); what differs is where it looks and how far it is believed.

mod a2a;
pub mod agentmap;
pub mod agents;
mod ai_catalog;
mod ard;
mod client_config;
mod endpoint_card;
mod entry;
pub mod home_page;
pub mod linkset;
mod list;
mod mcp_catalog;
mod place;
mod protected_resource;
mod reading;
mod server_card;
pub mod txt;
mod types;
mod versions;

use registry_core::card::origin::Origin;
use registry_core::card::raw::Unreadable;
use registry_core::server_json::Remote;
use url::Url;

pub use ai_catalog::{MAX_CATALOG_DEPTH, MAX_ENTRIES, MAX_FETCHES};
pub use entry::{CatalogFacts, Entry, MAX_RAW};
pub use reading::read;
pub use types::{Document, Expects, Follow, Found, FoundCard, How, Tier};

/// Every format, in the order in which a site is asked (discovery section 2).
pub static ALL: [&dyn Discovery; 28] = [
    &agentmap::Agentmap,
    &home_page::HomePage,
    &ai_catalog::AiCatalog,
    &ard::Ard,
    &mcp_catalog::MCP_CATALOG,
    &mcp_catalog::WITHOUT_EXTENSION,
    &server_card::LINKED,
    &server_card::LINKED_DATA,
    &server_card::WELL_KNOWN,
    &server_card::WELL_KNOWN_EXTENSION,
    &server_card::WELL_KNOWN_JSON,
    &server_card::WELL_KNOWN_FOLDER,
    &server_card::MCP_JSON,
    &server_card::REGISTRY,
    &txt::Txt,
    &agents::Agents,
    &server_card::MCP,
    &server_card::MCP_SERVER,
    &server_card::MCP_SERVER_JSON,
    &server_card::MCP_MANIFEST,
    &server_card::MANIFEST,
    &server_card::SERVER_JSON,
    &list::List,
    &linkset::ApiCatalog,
    &protected_resource::ProtectedResource,
    &a2a::AgentCard,
    &client_config::ClientConfig,
    &endpoint_card::EndpointCard,
];

/// The format of this id.
pub fn format(id: &str) -> Option<&'static dyn Discovery> {
    ALL.iter().copied().find(|format| format.id() == id)
}

/// One way of describing servers.
pub trait Discovery: Sync {
    /// Short and stable; stored with every listing it finds and used in metrics: `ai-catalog`.
    fn id(&self) -> &'static str;

    /// The order of belief among documents about one endpoint; the lowest is believed first.
    fn precedence(&self) -> u8;

    /// Of which sites its locations are asked.
    fn tier(&self) -> Tier {
        Tier::Usual
    }

    /// What to ask for in `Accept`.
    fn accept(&self) -> &'static str {
        Expects::Card.accept()
    }

    /// How many bytes of a document are taken.
    fn max_bytes(&self) -> usize {
        Expects::Card.max_bytes()
    }

    /// Whether only the beginning of a document counts, so that a longer one is cut and not refused.
    fn is_cut(&self) -> bool {
        false
    }

    /// Where a site may keep such documents.
    fn locations(&self, origin: &Origin) -> Vec<Url>;

    /// Where such a document may lie beside an endpoint that is known; the first that is there counts.
    fn beside(&self, endpoint: &Remote) -> Vec<Url> {
        let _ = endpoint;
        Vec::new()
    }

    /// Where a document may tell whether an endpoint exists that is only guessed.
    fn about(&self, guess: &Url) -> Vec<Url> {
        let _ = guess;
        Vec::new()
    }

    /// What a document means.
    fn read(&self, document: &Document<'_>) -> Result<Vec<Found>, DiscoveryError> {
        reading::read(document)
    }
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
mod tests;
