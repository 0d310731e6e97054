//! Packages: their types, and the proof that a publisher owns the packages a document names (contract 3).
//!
//! Each type has a file: what its identifier must look like, where it is looked up, and what must be found there.
//!
//! - [`Prover`]: looks up all packages of a document, once or until they appear
//! - [`Settings`]: where the package registries are reached
//! - [`Unproved`]: the refusal: what was read, what was found, what to change

mod base;
pub mod cargo;
mod claim;
mod kind;
mod lookup;
mod mcpb;
pub mod npm;
pub mod nuget;
mod oci;
mod prover;
pub mod pypi;
mod refusal;
mod settings;
mod status;
mod token;
mod wait;

pub use base::{BaseUrl, InvalidBaseUrl};
pub use kind::{PackageKind, UnsupportedKind};
pub use oci::{InvalidOciRegistry, OciRegistry};
pub use prover::Prover;
pub use refusal::{Refusal, Unproved};
pub use settings::{Limits, Settings};
