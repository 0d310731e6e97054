//! `cardinal crawl`: visits domains now and says what was found.

use std::process::ExitCode;
use std::sync::Arc;

use crawler::{Crawler, Report};
use futures_util::{StreamExt, TryStreamExt};
use registry_core::clock::SystemClock;
use registry_core::outbound::{Dns, Policy};

use crate::arguments::{CrawlArguments, CrawlerArguments};
use crate::database::{Database, Purpose};
use crate::log;

/// How many domains are visited at once.
const AT_ONCE: usize = 8;

/// Visits the domains, one report each; fails when none of them could be read.
pub async fn crawl(arguments: CrawlArguments) -> anyhow::Result<ExitCode> {
    log::start(&arguments.log)?;
    let database = Database::open(&arguments.storage, &Purpose::Command("crawl"), false).await?;
    let crawler = Crawler::new(config(&arguments.crawler), database.pool().clone(), Arc::new(SystemClock));
    let crawled = match crawler {
        Ok(crawler) => visit(&crawler, &arguments).await,
        Err(error) => Err(error.into()),
    };
    database.close().await?;
    crawled
}

/// Visits several domains at once; the reports come in the order of the arguments.
async fn visit(crawler: &Crawler, arguments: &CrawlArguments) -> anyhow::Result<ExitCode> {
    let visits = arguments.domains.iter().map(|origin| crawler.crawl(origin, arguments.dry_run));
    let mut visits = futures_util::stream::iter(visits).buffered(AT_ONCE);
    let mut reports = Vec::new();
    while let Some(report) = visits.try_next().await? {
        if !arguments.json {
            super::print(&report.to_string())?;
        }
        reports.push(report);
    }
    if arguments.json {
        super::print(&format!("{}\n", serde_json::to_string_pretty(&reports)?))?;
    }
    let reached = reports.iter().any(Report::was_reached);
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The crawler's settings.
pub fn config(arguments: &CrawlerArguments) -> crawler::Config {
    crawler::Config {
        policy: Policy {
            connect_to: arguments.connect_to.clone(),
            ca_file: arguments.ca_file.clone(),
            allow_networks: arguments.allow_networks.clone(),
            user_agent: user_agent(arguments.contact.url.as_deref()),
            dns: arguments.dns_resolvers.clone(),
            ..Policy::default()
        },
        own_hosts: arguments.own_hosts.clone(),
        txt: Some(Dns::new(&arguments.dns_resolvers)),
        ..crawler::Config::default()
    }
}

/// Product and version, and where one learns more.
pub fn user_agent(more: Option<&str>) -> String {
    let product = concat!("Cardinal/", env!("CARGO_PKG_VERSION"));
    more.map_or_else(|| product.to_owned(), |more| format!("{product} (+{more})"))
}
