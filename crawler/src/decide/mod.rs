//! From what a visit saw to what becomes of each card: which are listed, under which names, and why the others are not.
//!
//! [`proposals()`] judges each card alone, [`fates()`] judges them together with what is listed already. One server is one canonical
//! endpoint (discovery section 8): documents about one endpoint compete, and the most believed one is listed. Pure.

mod fates;
mod proposals;

use registry_core::card::name;
use registry_core::card::owner::Claim;
use registry_core::card::verdict::HeldName;
use registry_core::name::ServerName;
use registry_core::store::endpoints;

pub(crate) use fates::{World, fates};
pub(crate) use proposals::proposals;

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
