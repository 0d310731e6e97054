//! What tests start: other people's hosts, a Postgres, a registry.

pub mod host;
