//! `cardinal origins list`: all domains, page by page.

use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::{PgPool, origins};
use registry_core::wire::origins::OriginStatus;

use super::{print, print_json, shown, time};

/// How many are read at once.
const PAGE: i64 = 5_000;

/// How many lines one table has, so that a long list begins to show at once.
const LINES: usize = 500;

/// Prints them all, by name.
pub(super) async fn list(pool: &PgPool, json: bool) -> anyhow::Result<ExitCode> {
    let mut conn = pool.acquire().await?;
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = origins::list(&mut conn, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.host.clone());
        let now = SystemClock.now();
        all.extend(page.iter().map(|row| OriginStatus::of(row, now)));
    }
    if json {
        print_json(&all)?;
    } else if all.is_empty() {
        print("No domain is crawled; add one with `cardinal origins add example.com`\n")?;
    } else {
        for (number, lines) in all.chunks(LINES).enumerate() {
            print(&format!("{}\n", table(lines, number == 0)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(origins: &[OriginStatus], with_head: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if with_head {
        table.set_header(["DOMAIN", "STATUS", "VISITED", "NEXT", "WHAT"]);
    }
    for origin in origins {
        let at = |at: Option<_>| at.map(time).unwrap_or_else(|| "-".to_owned());
        table.add_row([
            origin.origin.clone(),
            origin.status.as_str().to_owned(),
            at(origin.visited_at),
            at(origin.next_visit_at),
            shown(&origin.message),
        ]);
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
