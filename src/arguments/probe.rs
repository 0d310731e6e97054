//! Whether endpoints are probed, and `cardinal probe`.

use clap::Args;
use clap::builder::BoolishValueParser;

use super::{CrawlerArguments, LogArguments, StorageArguments};

/// Probing, for `cardinal serve`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Crawler")]
pub struct ProbingArguments {
    /// Whether the endpoints of everything listed are asked now and then whether they live.
    #[arg(long = "crawler-probe", env = "MCP_REGISTRY_CRAWLER_PROBE", value_name = "BOOL", value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value = "true", action = clap::ArgAction::Set)]
    pub probe: bool,
    /// How many endpoints are probed at once.
    #[arg(long = "crawler-probe-concurrency", env = "MCP_REGISTRY_CRAWLER_PROBE_CONCURRENCY", default_value_t = crawler::config::PROBES as u64, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub probe_concurrency: u64,
}

impl ProbingArguments {
    /// How many endpoints are probed at once; none where nobody is to probe.
    pub fn probes(&self) -> usize {
        if self.probe {
            usize::try_from(self.probe_concurrency).unwrap_or(crawler::config::PROBES)
        } else {
            0
        }
    }
}

/// `cardinal probe`.
#[derive(Debug, Clone, Args)]
pub struct ProbeArguments {
    /// The address of an endpoint, which is only looked at; or the name of a server, of which the result is kept.
    #[arg(value_name = "URL|NAME")]
    pub what: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
    /// How hosts are reached.
    #[command(flatten)]
    pub crawler: CrawlerArguments,
    /// What is logged.
    #[command(flatten)]
    pub log: LogArguments,
}
