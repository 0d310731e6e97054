//! The document that an entry is about.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value;

use super::digest::{Hash, canonical, hash_of};
use super::verdict::{Reason, shown};

/// The bytes that were served for an entry's `url`, or nothing where it was not fetched; each digest is computed once.
#[derive(Debug, Default)]
pub struct Artifact<'a> {
    bytes: Option<Cow<'a, [u8]>>,
    digests: [OnceCell<String>; 3],
}

impl<'a> Artifact<'a> {
    /// These bytes, as they were served.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes: Some(Cow::Borrowed(bytes)), ..Self::default() }
    }

    /// The canonical bytes of a value that stands in the catalog.
    pub(super) fn inline(value: &Value) -> Self {
        Self { bytes: canonical(value).ok().map(Cow::Owned), ..Self::default() }
    }

    fn digest(&self, hash: Hash) -> Result<&str, Reason> {
        let bytes = self.bytes.as_deref().ok_or(Reason::NoBytes)?;
        Ok(self.digests[hash as usize].get_or_init(|| hash.digest_of(bytes)))
    }

    /// Whether the bytes have this digest.
    pub(super) fn check(&self, digest: &str) -> Result<(), Reason> {
        let found = self.digest(hash_of(digest)?)?;
        if found == digest {
            return Ok(());
        }
        Err(Reason::DigestDiffers { wanted: shown(digest), found: found.to_owned() })
    }
}
