//! `cardinal lint`.

use clap::Args;

use super::CrawlerArguments;

/// `cardinal lint`.
#[derive(Debug, Clone, Args)]
pub struct LintArguments {
    /// What to check.
    #[command(flatten)]
    pub lint: cli::Lint,
    /// How hosts are reached.
    #[command(flatten)]
    pub crawler: CrawlerArguments,
}
