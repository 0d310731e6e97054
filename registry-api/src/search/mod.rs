//! The search index: tantivy beside the catalog, thrown away without ceremony.
//!
//! - [`schema`]: what is indexed, and how text becomes words
//! - [`index`]: the folder, its writer, and keeping it at the catalog's place in the ledger
//! - [`query`]: from what people type to ranked names

pub mod index;
pub mod query;
pub mod schema;
