//! `cardinal lint`: a Server Card or catalog, checked; needs no database.

use std::process::ExitCode;
use std::sync::Arc;

use crawler::lint::Linter;
use registry_core::clock::{SharedClock, SystemClock};

use super::crawl;
use crate::arguments::lint::LintArguments;

/// Checks and says what was found; the exit code is 1 where something is wrong.
pub async fn lint(arguments: LintArguments) -> anyhow::Result<ExitCode> {
    let linter = Linter::new(&crawl::config(&arguments.crawler), Arc::new(SystemClock))?;
    let (env, mut out) = (cli::Env::of_process(), cli::Out::of_process());
    Ok(cli::lint(arguments.lint, &linter, &env, &mut out).await.into())
}

/// The linter that everybody may use: it shows nobody what is inside the operator's networks, although those may be crawled.
pub fn for_strangers(crawling: &crawler::Config, clock: SharedClock) -> anyhow::Result<Linter> {
    let mut config = crawling.clone();
    config.policy.allow_networks.clear();
    Ok(Linter::new(&config, clock)?)
}
