//! How requests come in: through which proxies, and how often.

use std::net::IpAddr;
use std::num::NonZeroU32;

use clap::Args;
use ipnet::IpNet;
use registry_api::config::{Http, Rate};

use super::parse;

/// What one client may read in a minute. With the usual burst, a client that walks a whole list one server a page may: ToolHive
/// asks for up to 10,000 pages within ten seconds, and a read costs microseconds. (The official registry's ingress has 180.)
const READS: u32 = 6_000;
/// What one may write.
const WRITES: u32 = 60;
/// How often one may submit a domain or have a document checked: each makes the registry ask somebody else.
const SUBMISSIONS: u32 = 10;

/// Proxies and rates.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "HTTP")]
pub struct HttpArguments {
    /// Networks of the proxies whose X-Forwarded-… or Forwarded headers are believed, as in 10.0.0.0/8, several with commas.
    #[arg(
        long,
        env = "MCP_REGISTRY_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ',',
        value_parser = parse::network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Reads a minute for each client, or `off`; by default 6000, and off when listening on loopback.
    #[arg(long, env = "MCP_REGISTRY_RATE_LIMIT_READS", value_name = "NUMBER", value_parser = parse::per_minute)]
    pub rate_limit_reads: Option<u32>,
    /// Writes a minute for each client, or `off`; by default 60, and off when listening on loopback.
    #[arg(long, env = "MCP_REGISTRY_RATE_LIMIT_WRITES", value_name = "NUMBER", value_parser = parse::per_minute)]
    pub rate_limit_writes: Option<u32>,
    /// Domains submitted and documents checked a minute for each client, or `off`; by default 10, and off when listening on loopback.
    #[arg(long, env = "MCP_REGISTRY_RATE_LIMIT_SUBMISSIONS", value_name = "NUMBER", value_parser = parse::per_minute)]
    pub rate_limit_submissions: Option<u32>,
    /// How many minutes' worth of requests may come at once.
    #[arg(long, env = "MCP_REGISTRY_RATE_LIMIT_BURST", value_name = "NUMBER", default_value = "3", value_parser = parse::above_zero)]
    pub rate_limit_burst: NonZeroU32,
}

impl HttpArguments {
    /// For a registry that listens on `address`: nobody is limited who can only be on this machine.
    pub fn settings(&self, address: IpAddr) -> Http {
        let rate = |given: Option<u32>, usual| {
            let unset = if address.to_canonical().is_loopback() { 0 } else { usual };
            Rate::new(given.unwrap_or(unset), self.rate_limit_burst)
        };
        Http {
            trusted_proxies: self.trusted_proxies.clone(),
            reads: rate(self.rate_limit_reads, READS),
            writes: rate(self.rate_limit_writes, WRITES),
            submissions: rate(self.rate_limit_submissions, SUBMISSIONS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn a_whole_list_may_be_walked_at_once_and_loopback_is_free() {
        let burst = NonZeroU32::new(3).expect("not zero");
        let mut arguments = HttpArguments {
            trusted_proxies: Vec::new(),
            rate_limit_reads: None,
            rate_limit_writes: None,
            rate_limit_submissions: None,
            rate_limit_burst: burst,
        };
        let open = arguments.settings(Ipv6Addr::UNSPECIFIED.into());
        assert_eq!((open.reads, open.writes), (Rate::new(6_000, burst), Rate::new(60, burst)));
        assert_eq!(open.submissions, Rate::new(10, burst));
        assert_eq!(open.reads.map(|rate| rate.burst.get()), Some(18_000));
        let home = arguments.settings(Ipv4Addr::LOCALHOST.into());
        assert_eq!((home.reads, home.writes), (None, None));
        arguments.rate_limit_reads = Some(5);
        arguments.rate_limit_writes = Some(0);
        let chosen = arguments.settings(Ipv4Addr::LOCALHOST.into());
        assert_eq!((chosen.reads, chosen.writes), (Rate::new(5, burst), None));
        assert_eq!(arguments.settings(Ipv6Addr::UNSPECIFIED.into()).writes, None);
    }
}
