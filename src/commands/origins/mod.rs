//! `cardinal origins`: which domains are crawled, and what was found there. Each action is one file.

mod add;
mod input;
mod list;
mod remove;
mod show;

use std::process::ExitCode;

use registry_core::card::origin::Origin;
use registry_core::card::text::clean;
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::{PgPool, origins};
use serde::Serialize;

use super::print;
use crate::arguments::origins::{OriginsAction, OriginsArguments};
use crate::database::{Database, Purpose};
use crate::log;

/// Who adds and removes what operators add and remove.
const OPERATOR: &str = "operator";

/// Does what was asked; fails where a domain is not known, or nothing could be added.
pub async fn origins(arguments: OriginsArguments) -> anyhow::Result<ExitCode> {
    let common = arguments.action.common();
    log::start(&common.log)?;
    // A list that cannot be read is said before a database is started for it.
    let added = match &arguments.action {
        OriginsAction::Add(add) => Some(input::read(add)?),
        _ => None,
    };
    let database = Database::open(&common.storage, &Purpose::Command("origins"), false).await?;
    let (pool, json) = (database.pool(), common.json);
    let done = match (&arguments.action, added) {
        (OriginsAction::Add(add), Some(list)) => add::add(pool, &list, add.force, json).await,
        (OriginsAction::Add(_), None) => Ok(ExitCode::FAILURE),
        (OriginsAction::List(_), _) => list::list(pool, json).await,
        (OriginsAction::Show(of), _) => show::show(pool, &of.domain, json).await,
        (OriginsAction::Remove(of), _) => remove::remove(pool, &of.domain, json).await,
        (OriginsAction::Recrawl(of), _) => recrawl(pool, &of.domain, json).await,
    };
    database.close().await?;
    done
}

/// Makes a domain due.
async fn recrawl(pool: &PgPool, domain: &Origin, json: bool) -> anyhow::Result<ExitCode> {
    let mut conn = pool.acquire().await?;
    let is_known = origins::recrawl(&mut conn, domain, SystemClock.now()).await?;
    if !is_known {
        return unknown(&mut conn, domain).await;
    }
    if json {
        print_json(&serde_json::json!({ "origin": domain, "due": true }))?;
    } else {
        print(&format!(
            "{domain} is visited as soon as a crawler is free; see `cardinal origins show {domain}`\n"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that a domain is not crawled, and why.
async fn unknown(conn: &mut registry_core::store::PgConnection, domain: &Origin) -> anyhow::Result<ExitCode> {
    let row = origins::get(conn, domain).await?;
    let why = match row.and_then(|row| row.removed_at) {
        Some(at) => format!("`{domain}` was removed at {}; add it again with --force", time(at)),
        None => format!("`{domain}` is not crawled; add it with `cardinal origins add {domain}`"),
    };
    eprintln!("cardinal: {why}");
    Ok(ExitCode::FAILURE)
}

fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A stranger's text on one line, without what could steer a terminal.
fn shown(text: &str) -> String {
    clean(text, 600)
}
