//! Everything people and programs read from the registry, and the way in for publishers.
//!
//! - [`router`], [`routes`], [`extract`], [`paths`], [`problem`], [`answer`]: the API
//! - [`openapi`]: its description, made of the routes
//! - [`read_model`], [`search`]: what it answers from
//! - [`site`], [`pages`]: the website
//! - [`auth`], [`token`]: who somebody is, and the registry's own tokens
//! - [`config`], [`state`], [`middleware`], [`telemetry`]: what they all need

pub mod answer;
pub mod auth;
pub mod config;
pub mod extract;
pub mod middleware;
pub mod openapi;
pub mod pages;
pub mod paths;
pub mod problem;
pub mod read_model;
pub mod router;
pub mod routes;
pub mod search;
pub mod site;
pub mod state;
pub mod telemetry;
pub mod token;

pub use router::app;
