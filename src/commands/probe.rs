//! `cardinal probe`: asks endpoints now whether they live.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use crawler::Crawler;
use crawler::probe::Report;
use registry_core::clock::SystemClock;
use registry_core::name::ServerName;

use super::crawl;
use crate::arguments::probe::ProbeArguments;
use crate::database::{Database, Purpose};
use crate::log;

/// Probes an endpoint or every remote of a server; fails when none of them is alive.
pub async fn probe(arguments: ProbeArguments) -> anyhow::Result<ExitCode> {
    log::start(&arguments.log)?;
    let database = Database::open(&arguments.storage, &Purpose::Command("probe"), false).await?;
    let crawler =
        Crawler::new(crawl::config(&arguments.crawler), database.pool().clone(), Arc::new(SystemClock));
    let probed = match crawler {
        Ok(crawler) => ask(&crawler, &arguments.what).await,
        Err(error) => Err(error.into()),
    };
    database.close().await?;
    let reports = probed?;
    if arguments.json {
        super::print(&format!("{}\n", serde_json::to_string_pretty(&reports)?))?;
    } else {
        for report in &reports {
            super::print(&report.to_string())?;
        }
    }
    Ok(if reports.iter().any(Report::is_alive) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(crawler: &Crawler, what: &str) -> anyhow::Result<Vec<Report>> {
    if what.contains("://") {
        return Ok(vec![crawler.probe_address(what).await?]);
    }
    let name: ServerName = what.parse().with_context(|| {
        format!("`{what}` is neither the address of an endpoint (https://…) nor the name of a server (namespace/name)")
    })?;
    Ok(crawler.probe_server(&name).await?)
}
