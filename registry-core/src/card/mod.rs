//! Descriptions of servers as the web really serves them, and their way to a `server.json`.
//!
//! - [`raw`], [`sniff`]: bytes to JSON; what kind of document it is
//! - [`endpoint`], [`address`]: where the server runs
//! - [`map`], [`name`]: the `server.json`, and what the server is called
//! - [`origin`], [`site`], [`owner`], [`verdict`]: whose server it is, and whether it is listed
//! - [`publish`]: the way back, from a listing to a Server Card
//! - [`text`], [`secret`]: strangers' words made fit to keep

pub mod address;
pub mod endpoint;
pub mod map;
pub mod name;
pub mod origin;
pub mod owner;
pub mod publish;
pub mod raw;
pub mod secret;
pub mod site;
pub mod sniff;
pub mod text;
pub mod verdict;
