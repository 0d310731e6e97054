//! What tests start: other people's hosts, a Postgres, a registry.

pub mod browser;
pub mod dns;
pub mod host;
pub mod issuer;
pub mod mcp;
pub mod postgres;
pub mod program;
pub mod quality;
pub mod registry;
