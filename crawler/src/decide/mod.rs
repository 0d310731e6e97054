//! From what a visit saw to what becomes of each card: which are listed, under which names, and why the others are not.
//!
//! [`proposals()`] judges each card alone, [`fates()`] judges them together with what is listed already, [`live()`] says what becomes
//! of what was listed before. One server is one canonical
//! endpoint (discovery section 8): documents about one endpoint compete, and the most believed one is listed. Pure.

mod fates;
mod life;
mod proposals;

use std::collections::HashMap;

use registry_core::card::name;
use registry_core::card::owner::{Claim, Registered};
use registry_core::card::verdict::HeldName;
use registry_core::evidence::Evidence;
use registry_core::name::ServerName;
use registry_core::store::endpoints;
use url::Url;

pub(crate) use fates::{World, fates};
pub(crate) use life::{Life, Sights, live};
pub(crate) use proposals::proposals;

/// What others say of a visit's documents and names.
#[derive(Default)]
pub(crate) struct Testimony {
    /// By document: the catalogs of other origins that list it.
    pub(crate) listed_by: HashMap<String, Vec<Url>>,
    /// What upstream registries list.
    pub(crate) registered: Vec<Registered>,
    /// By card: signatures over the same bytes that earlier visits verified, and whose key is out of reach today.
    pub(crate) signed: HashMap<usize, Vec<Evidence>>,
}

/// What a card asks for.
pub(crate) struct Proposal {
    /// The card, by its place in the visit.
    pub(crate) card: usize,
    /// How far its document is believed; the lower, the further.
    pub(crate) rank: i32,
    /// The name it may have.
    pub(crate) name: ServerName,
    /// The proof for it.
    pub(crate) claim: Claim,
    /// The name it declares and may not have.
    pub(crate) held_name: Option<HeldName>,
    /// Why it is not listed whatever else is; none where it may be.
    pub(crate) obstacle: Option<Obstacle>,
    /// The endpoints it publishes.
    pub(crate) endpoints: Vec<endpoints::New>,
    /// The version it describes.
    pub(crate) version: String,
    /// The catalogs that list it, or hold it.
    pub(crate) catalogs: Vec<Url>,
    /// What they call it.
    pub(crate) identifier: Option<String>,
}

/// Why a card by itself is not listed.
pub(crate) enum Obstacle {
    /// Somebody has to prove something.
    Proof(String),
    /// It cannot be kept.
    Unusable(String),
}

impl Proposal {
    /// The name it gets where its own is another server's.
    pub(crate) fn other_name(&self) -> Option<ServerName> {
        name::distinguish(&self.name, &self.endpoints.first()?.url)
    }

    fn has(&self, endpoint: &str) -> bool {
        self.endpoints.iter().any(|own| own.url == endpoint)
    }

    /// Whether both are versions of one server: a catalog lists them side by side under one name, and with one endpoint or one
    /// identifier.
    fn is_version_beside(&self, other: &Self) -> bool {
        let is_called_alike = self.identifier.is_some() && self.identifier == other.identifier;
        let is_nowhere = self.endpoints.is_empty() && other.endpoints.is_empty();
        let is_one = || is_called_alike || is_nowhere || self.shares_endpoint(other);
        let shares_catalog = || self.catalogs.iter().any(|catalog| other.catalogs.contains(catalog));
        self.name == other.name && self.version != other.version && is_one() && shares_catalog()
    }

    fn shares_endpoint(&self, other: &Self) -> bool {
        self.endpoints.iter().any(|own| other.has(&own.url))
    }
}

/// What becomes of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is listed under this name.
    Listed(ServerName),
    /// It waits for a proof.
    Held(String),
    /// It cannot be used.
    Refused(String),
    /// Another one says the same.
    Skipped(String),
}

impl Fate {
    /// The name it is listed under.
    pub(crate) fn listed(&self) -> Option<&ServerName> {
        match self {
            Self::Listed(name) => Some(name),
            _ => None,
        }
    }
}
