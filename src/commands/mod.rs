//! What operators type beside `cardinal serve`.

pub mod crawl;
pub mod import;
pub mod migrate;
pub mod openapi;
pub mod verify;
