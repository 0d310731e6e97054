//! Log lines: on standard error, for people or as JSON.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::arguments::{LogArguments, LogFormat};

/// Starts logging for the rest of the process.
pub fn start(arguments: &LogArguments) -> anyhow::Result<()> {
    let filter: EnvFilter = arguments.log.parse().with_context(|| {
        format!("`{}` is no log filter; write `info`, or `warn,crawler=debug`", arguments.log)
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start in one process, as in tests, keeps the first.
    let _ = match arguments.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    Ok(())
}
