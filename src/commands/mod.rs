//! What operators type beside `cardinal serve`.

pub mod crawl;
pub mod import;
pub mod lint;
pub mod migrate;
pub mod openapi;
pub mod origins;
pub mod probe;
pub mod upstreams;
pub mod verify;

use std::io::{ErrorKind, Write};

/// Writes data to standard output. A reader that has seen enough, as `head` has, is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
