//! Why a domain or an address is not looked at, one sentence each.

use axum::http::StatusCode;
use registry_core::card::origin::InvalidOrigin;
use registry_core::lint::{Busy, InvalidAddress};

/// Why a domain or an address is not looked at.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No domain that anybody could submit.
    #[error(transparent)]
    Origin(#[from] InvalidOrigin),
    /// A domain that nobody is to crawl.
    #[error(
        "`{0}` is not crawled: its owner or the operator has asked so; its owner may ask the operator to take it up again"
    )]
    Removed(String),
    /// A domain that is not crawled; where to submit it.
    #[error(
        "`{0}` is not crawled here; submit it with POST /v0.1/x/org.cardinal-registry/origins and the body {{\"origin\":\"{0}\"}}"
    )]
    Unknown(String),
    /// Enough was submitted for now; how many seconds to wait.
    #[error(
        "as many domains were submitted as are taken in a day; try again in {0} seconds, or ask the operator to add yours"
    )]
    Full(u64),
    /// The operator takes no submissions.
    #[error("domains are not submitted here; ask the operator to add yours with `cardinal origins add`")]
    Off,
    /// The database is out of reach.
    #[error("the registry cannot look at its domains at the moment; try again in a few seconds")]
    OutOfReach,
    /// No address to check.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// Too much is being checked.
    #[error(transparent)]
    Busy(#[from] Busy),
}

impl Refusal {
    /// Status and stable code: part of the API's contract.
    pub fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Origin(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-origin"),
            Self::Removed(_) => (StatusCode::FORBIDDEN, "origin-removed"),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, "origin-not-found"),
            Self::Full(_) => (StatusCode::TOO_MANY_REQUESTS, "too-many-submissions"),
            Self::Off => (StatusCode::FORBIDDEN, "submissions-off"),
            Self::OutOfReach => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Address(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-address"),
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        }
    }

    /// When to try again, in seconds.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Full(seconds) => Some(*seconds),
            Self::OutOfReach | Self::Busy(_) => Some(5),
            _ => None,
        }
    }
}
