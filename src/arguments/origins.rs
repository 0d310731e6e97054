//! `cardinal origins`, and what strangers may submit.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use registry_core::card::origin::Origin;

use super::{LogArguments, StorageArguments};

/// How many domains strangers may submit in a day when nobody says.
const PER_DAY: &str = "1000";

/// Submissions.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Crawler")]
pub struct SubmissionArguments {
    /// How many domains strangers may submit in a day, and have waiting for a first visit; `off` for none.
    #[arg(
        id = "submissions_per_day",
        long = "submissions-per-day",
        env = "MCP_REGISTRY_SUBMISSIONS_PER_DAY",
        value_name = "NUMBER",
        default_value = PER_DAY,
        value_parser = per_day
    )]
    pub per_day: u32,
}

fn per_day(text: &str) -> Result<u32, String> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        format!("`{text}` is no number of domains a day; write one as in {PER_DAY}, or `off` for none")
    })
}

/// `cardinal origins`.
#[derive(Debug, Clone, Args)]
pub struct OriginsArguments {
    /// What to do.
    #[command(subcommand)]
    pub action: OriginsAction,
}

/// What is done with origins.
#[derive(Debug, Clone, Subcommand)]
pub enum OriginsAction {
    /// Crawl domains from now on.
    Add(AddArguments),
    /// List all domains, when each was and will be visited, and how that ended.
    List(CommonArguments),
    /// Show everything that was found on a domain, and what became of it.
    Show(DomainArguments),
    /// Crawl a domain no longer, and remember that nobody wants it.
    Remove(DomainArguments),
    /// Visit a domain as soon as a crawler is free, however lately it was visited.
    Recrawl(DomainArguments),
}

impl OriginsAction {
    /// What all of them have.
    pub fn common(&self) -> &CommonArguments {
        match self {
            Self::Add(arguments) => &arguments.common,
            Self::List(common) => common,
            Self::Show(arguments) | Self::Remove(arguments) | Self::Recrawl(arguments) => &arguments.common,
        }
    }
}

/// What every action has.
#[derive(Debug, Clone, Args)]
pub struct CommonArguments {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
    /// What is logged.
    #[command(flatten)]
    pub log: LogArguments,
}

/// One domain.
#[derive(Debug, Clone, Args)]
pub struct DomainArguments {
    /// The domain, as in example.com.
    #[arg(value_name = "DOMAIN")]
    pub domain: Origin,
    /// What every action has.
    #[command(flatten)]
    pub common: CommonArguments,
}

/// `cardinal origins add`.
#[derive(Debug, Clone, Args)]
pub struct AddArguments {
    /// The domains, as in example.com.
    #[arg(value_name = "DOMAIN", required_unless_present = "file")]
    pub domains: Vec<Origin>,
    /// A list of them: one domain or address a line, or a CSV with the domain in the first or second column; `-` reads it from stdin.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Add also what was removed.
    #[arg(long)]
    pub force: bool,
    /// What every action has.
    #[command(flatten)]
    pub common: CommonArguments,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submissions_are_a_number_or_off() {
        assert_eq!((per_day("off"), per_day("0"), per_day("25")), (Ok(0), Ok(0), Ok(25)));
        assert!(per_day("many").is_err_and(|why| why.contains("`off`")) && per_day("-1").is_err());
    }
}
