//! Request and response bodies: serde only, shared by the API and the command line.

pub mod auth;
pub mod describe;
pub mod lint;
pub mod origins;
pub mod problem;
pub mod publish;
pub mod search;
pub mod servers;
pub mod validate;
