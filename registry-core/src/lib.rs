//! The registry's words and rules, the only SQL, and the only HTTP client for addresses that strangers choose.
//!
//! Outside [`store`], [`outbound`] and [`package`] everything here is pure: no clock, no network, no disk.
//!
//! - [`name`], [`version`]: what a server and its versions are called, and how versions are ordered
//! - [`server_json`]: the `server.json` document: its shape, its rules, its canonical form
//! - [`card`]: descriptions of servers as the web really serves them, and their way to a `server.json`
//! - [`lint`]: what a Server Card, a catalog and their host should be
//! - [`mcp`]: the protocol, as far as one asks whether a server lives
//! - [`listing`], [`server`]: a version's life, status, times and latest flag; a server with all its versions
//! - [`revision`]: what changed between two revisions of a document
//! - [`evidence`], [`publisher`]: who proved what, and who may publish what
//! - [`extensions`]: the registry's own members of `_meta`
//! - [`package`]: the types of packages, and the proof that a publisher owns them
//! - [`run_command`]: what to type to run a package
//! - [`verify`]: whether the ledger and what it speaks of hang together
//! - [`digest`], [`clock`]: SHA-256 values; time as a parameter
//! - [`trust`]: signatures of catalogs and of what they list
//! - [`wire`]: request and response bodies, shared by the API and the command line
//! - [`outbound`]: the guarded HTTP client
//! - [`store`]: Postgres, one file per table family

pub mod card;
pub mod clock;
pub mod digest;
pub mod evidence;
pub mod extensions;
pub mod lint;
pub mod listing;
pub mod mcp;
pub mod name;
pub mod outbound;
pub mod package;
pub mod publisher;
pub mod revision;
pub mod run_command;
pub mod server;
pub mod server_json;
pub mod store;
pub mod trust;
pub mod verify;
pub mod version;
pub mod wire;
