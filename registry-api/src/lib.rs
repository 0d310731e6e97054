//! Everything people and programs read from the registry, and the way in for publishers.

pub mod config;
pub mod extract;
pub mod pages;
pub mod paths;
pub mod problem;
pub mod read_model;
pub mod search;
pub mod state;
pub mod token;
