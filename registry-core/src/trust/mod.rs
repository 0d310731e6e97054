//! Trust manifests of AI Catalogs (discovery 4.5): which signatures of a catalog and its entries hold, and which do not and why.
//!
//! Pure: documents in, verdicts out. [`plan`] says which documents with keys are wanted, somebody fetches them, [`verify`] decides.
//! Verification is all or nothing: what leaves this module is a [`Verdict`], and words of a manifest that is not verified never do
//! but as part of the reason why.
//!
//! - Dialect C (`trustManifests`, a catalog's `signature`): the profile `did-web-v1` and no other, see `did_web`.
//! - Dialects A and B (`trustManifest`): where the key is in a JWK Set behind an `https` address, see `identity`.
//! - Attestations and provenance are references to more evidence, which is not fetched: they stay claims.

mod artifact;
mod catalog;
mod did;
mod did_web;
mod digest;
mod documents;
mod entry;
mod identity;
mod jwk;
mod jws;
mod strict;
mod subject;
mod verdict;

pub use artifact::Artifact;
pub use catalog::{Catalog, needed, plan, plan_snapshot, verify, verify_snapshot};
pub use documents::{Documents, Needed, What};
pub use strict::Ambiguous;
pub use verdict::{Binding, Layer, Manifest, Outcome, Reason, Verdict, Verified};

#[cfg(test)]
mod tests;
