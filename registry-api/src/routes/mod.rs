//! The API's endpoints, one file each.

pub mod auth;
pub mod description;
pub mod health;
pub mod lint;
pub mod metrics;
pub mod origins;
pub mod search;
pub mod servers;
pub mod validate;
