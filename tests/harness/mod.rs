//! What tests start: other people's hosts, a Postgres, a registry.

pub mod browser;
pub mod host;
pub mod postgres;
pub mod program;
pub mod registry;
