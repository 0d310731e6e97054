//! The documents with keys that verification wants, and what was fetched of them.

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use super::strict;
use super::verdict::Reason;

/// A document with keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// What it is.
    pub what: What,
    /// Where it is.
    pub url: Url,
}

/// A kind of document with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A DID document.
    DidDocument,
    /// A JWK Set.
    JwkSet,
}

/// Documents with keys that were fetched, or could not be.
#[derive(Debug, Default)]
pub struct Documents(HashMap<Url, Result<Value, String>>);

impl Documents {
    /// Takes a document's bytes, or the reason why there are none.
    pub fn insert(&mut self, url: Url, fetched: Result<&[u8], String>) {
        let read = fetched.and_then(|bytes| strict::parse(bytes).map_err(|error| error.to_string()));
        self.0.insert(url, read);
    }

    /// Whether this document was asked for.
    pub fn has(&self, url: &Url) -> bool {
        self.0.contains_key(url)
    }

    pub(super) fn get(&self, needed: Needed) -> Result<&Value, Reason> {
        match self.0.get(&needed.url) {
            Some(Ok(document)) => Ok(document),
            Some(Err(why)) => Err(Reason::NoKeys { url: needed.url, why: why.clone() }),
            None => Err(Reason::NotFetched(needed)),
        }
    }
}
