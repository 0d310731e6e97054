//! A proof that a domain is somebody's (contract 4.5): the present time, signed by a key that the domain publishes.

mod domain;
mod key;
mod record;

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::clock::parse_rfc3339;
use registry_core::wire::auth::SignedTime;

pub use domain::Domain;
pub use key::{KeyError, ProofKey};
pub use record::{MOST_KEYS, Records};

use key::Mismatch;

/// How far the signed time may be from ours.
const WINDOW: TimeDelta = TimeDelta::seconds(15);

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No domain.
    #[error("invalid domain format")]
    Domain,
    /// No time.
    #[error("invalid timestamp format: `{0}` is no RFC 3339 time, as in 2026-01-31T12:00:00Z")]
    Timestamp(String),
    /// Another time than now.
    #[error("timestamp outside valid window (±15 seconds)")]
    Window,
    /// No hex.
    #[error("invalid signature format, must be hex: {0}")]
    Hex(String),
    /// The keys cannot be read.
    #[error("failed to fetch keys: {0}")]
    Fetch(String),
    /// There is no record.
    #[error("no MCP public key found in {0}")]
    NoRecord(&'static str),
    /// There is one, but where nobody looks for it.
    #[error(
        "no MCPv1 TXT record at \"{domain}\", but one was found at \"{found}\" — MCP DNS auth requires the record at the apex domain, not under a selector"
    )]
    Selector {
        /// The domain.
        domain: String,
        /// Where the record is.
        found: String,
    },
    /// The only record is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// None of several records is one.
    #[error("no valid MCP public key found")]
    NoKey,
    /// The signature cannot be one of these keys.
    #[error(transparent)]
    Signature(#[from] Mismatch),
    /// The one key did not sign.
    #[error(
        "signature verification failed (tried published key {0}); if this is not the key you are signing with, the published record may be stale"
    )]
    OtherKey(String),
    /// None of the keys did.
    #[error(
        "signature verification failed against all {count} published keys (tried: {tried}); if you recently rotated keys, remove any stale records from the apex domain"
    )]
    OtherKeys {
        /// How many there are.
        count: usize,
        /// Which.
        tried: String,
    },
}

/// A proof that is well formed and of this moment; what remains is the domain's key.
#[derive(Debug)]
pub struct Proof {
    /// The domain.
    pub domain: Domain,
    text: String,
    signature: Vec<u8>,
}

impl Proof {
    /// Checks all that can be checked without asking the domain.
    pub fn of(signed: SignedTime, now: DateTime<Utc>) -> Result<Self, ProofError> {
        let domain = Domain::parse(signed.domain).ok_or(ProofError::Domain)?;
        let at = parse_rfc3339(&signed.timestamp)
            .ok_or_else(|| ProofError::Timestamp(signed.timestamp.chars().take(64).collect()))?;
        if (now - at).abs() > WINDOW {
            return Err(ProofError::Window);
        }
        let signature =
            hex::decode(&signed.signed_timestamp).map_err(|error| ProofError::Hex(not_hex(error)))?;
        Ok(Self { domain, text: signed.timestamp, signature })
    }

    /// Whether one of these keys has signed the time, as it was sent.
    pub fn verify(&self, keys: &[ProofKey]) -> Result<(), ProofError> {
        let mut failures = Vec::new();
        for key in keys {
            match key.verify(self.text.as_bytes(), &self.signature) {
                Ok(()) => return Ok(()),
                Err(mismatch) => failures.push(mismatch),
            }
        }
        let of_form = failures.iter().any(|failure| *failure != Mismatch::Signature);
        match (failures.pop(), keys) {
            (None, _) => Err(ProofError::NoKey),
            (Some(last), _) if of_form => Err(last.into()),
            (_, [key]) => Err(ProofError::OtherKey(key.fingerprint())),
            (_, keys) => Err(ProofError::OtherKeys {
                count: keys.len(),
                tried: keys.iter().map(ProofKey::fingerprint).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

fn not_hex(error: hex::FromHexError) -> String {
    match error {
        hex::FromHexError::InvalidHexCharacter { c, .. } => format!("invalid byte: {c:?}"),
        _ => "odd length hex string".to_owned(),
    }
}

#[cfg(test)]
mod tests;
