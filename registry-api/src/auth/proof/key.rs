//! One public key of a domain, and the signatures it checks.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A key as a record publishes it.
#[derive(Debug)]
pub struct ProofKey {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Ed25519,
    EcdsaP384,
}

/// Why a record holds no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not base64.
    #[error("failed to decode public key: illegal base64 data")]
    Base64,
    /// Not 32 bytes.
    #[error("invalid Ed25519 public key size")]
    Ed25519Size,
    /// Not 49 bytes.
    #[error("invalid ECDSA P-384 public key size")]
    P384Size,
    /// Not a compressed point.
    #[error("invalid ECDSA P-384 public key format (must be compressed, with a leading 0x02 or 0x03 byte)")]
    P384Format,
    /// Not a point of the curve.
    #[error("failed to decompress ECDSA P-384 public key")]
    P384Point,
    /// Another algorithm.
    #[error("unsupported public key algorithm: {0}")]
    Algorithm(String),
}

/// Why a signature is not this key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Not 64 bytes.
    #[error("invalid signature size for Ed25519")]
    Ed25519Size,
    /// Not 96 bytes.
    #[error("invalid signature size for ECDSA P-384")]
    P384Size,
    /// Another key's, or of another text.
    #[error("signature verification failed")]
    Signature,
}

impl ProofKey {
    /// The key of a record with this algorithm and these base64 letters.
    pub fn parse(algorithm: &str, base64: &str) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(base64).map_err(|_| KeyError::Base64)?;
        let algorithm = match algorithm {
            "ed25519" if bytes.len() == 32 => Algorithm::Ed25519,
            "ed25519" => return Err(KeyError::Ed25519Size),
            "ecdsap384" => check_p384(&bytes).map(|()| Algorithm::EcdsaP384)?,
            other => return Err(KeyError::Algorithm(other.chars().take(64).collect())),
        };
        Ok(Self { algorithm, bytes })
    }

    /// Whether the key has signed this text.
    pub fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
        let verified = match self.algorithm {
            Algorithm::Ed25519 if signature.len() != 64 => return Err(Mismatch::Ed25519Size),
            Algorithm::EcdsaP384 if signature.len() != 96 => return Err(Mismatch::P384Size),
            Algorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, &self.bytes).verify(text, signature),
            Algorithm::EcdsaP384 => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &self.bytes).verify(text, signature)
            }
        };
        verified.map_err(|_| Mismatch::Signature)
    }

    /// The key in short: its algorithm and how it begins.
    pub fn fingerprint(&self) -> String {
        let algorithm = match self.algorithm {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::EcdsaP384 => "ecdsap384",
        };
        format!("{algorithm}:{}", &STANDARD.encode(&self.bytes)[..8])
    }
}

fn check_p384(bytes: &[u8]) -> Result<(), KeyError> {
    match bytes {
        [first, ..] if bytes.len() == 49 && !matches!(first, 2 | 3) => Err(KeyError::P384Format),
        _ if bytes.len() != 49 => Err(KeyError::P384Size),
        _ => {
            ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, bytes).map(|_| ()).map_err(|_| KeyError::P384Point)
        }
    }
}
