//! Everything that pulls: documents, catalogs, upstream registries.

pub mod discover;
pub mod import;
