//! Everything people and programs read from the registry, and the way in for publishers.
//!
//! - [`router`], [`routes`], [`extract`], [`paths`], [`problem`], [`answer`]: the API
//! - [`openapi`]: its description, made of the routes
//! - [`forwarded`], [`cors`], [`caching`], [`rate_limit`], [`middleware`]: what happens to every request on its way
//! - [`read_model`], [`search`]: what it answers from
//! - [`site`], [`pages`]: the website
//! - [`auth`], [`token`]: who somebody is, and the registry's own tokens
//! - [`config`], [`state`], [`telemetry`]: what they all need

pub mod answer;
pub mod auth;
pub mod caching;
pub mod config;
pub mod cors;
pub mod extract;
pub mod forwarded;
pub mod middleware;
pub mod openapi;
pub mod pages;
pub mod paths;
pub mod problem;
pub mod rate_limit;
pub mod read_model;
pub mod router;
pub mod routes;
pub mod search;
pub mod site;
pub mod state;
pub mod telemetry;
pub mod token;

pub use router::app;
