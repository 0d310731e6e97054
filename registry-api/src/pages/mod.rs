//! The website: view models and the pages made of them, through the templates in `web/templates`.
//!
//! Everything here is pure but [`assets`]: a page is a function of its view. Text out of documents is escaped by the
//! templates, becomes a link only through [`view::WebLink`], and never an icon. No page needs a script, and none has a
//! script or a style of its own inside, so `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';
//! connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'` is enough for all of them.
//!
//! - [`view`]: the registry a page belongs to; addresses, dates, links
//! - [`home`], [`search`], [`server`], [`docs`], [`crawler`], [`not_found`]: the pages
//! - [`hit`]: a server in a list
//! - [`extensions`]: what the registry knows beside the document
//! - [`package`], [`input`]: how to run a server, and what it asks for
//! - [`json`]: a document, laid out for reading
//! - [`assets`]: style sheet, script and pictures

pub mod assets;
pub mod crawler;
pub mod docs;
pub mod extensions;
pub mod hit;
pub mod home;
pub mod input;
pub mod json;
pub mod not_found;
pub mod package;
pub mod search;
pub mod server;
pub mod view;

#[cfg(test)]
mod samples;
