//! `cardinal upstreams`: the registries that this one follows.

use std::process::ExitCode;
use std::sync::Arc;

use crawler::upstream::{Address, Asked, Puller, Settings};
use futures_util::future::join_all;
use registry_core::clock::{Clock, SharedClock, SystemClock};
use registry_core::store::upstreams::{self, Row};
use registry_core::store::{PgConnection, PgPool};
use serde_json::{Value, json};

use super::crawl;
use crate::arguments::ContactArguments;
use crate::arguments::upstreams::{Action, UpstreamsArguments};
use crate::database::{Database, Purpose};
use crate::log;

/// Does what is asked; fails when the upstream is unknown or was not pulled to its end.
pub async fn upstreams(arguments: UpstreamsArguments) -> anyhow::Result<ExitCode> {
    log::start(&arguments.log)?;
    let database = Database::open(&arguments.storage, &Purpose::Command("upstreams"), false).await?;
    let done = act(&arguments, database.pool()).await;
    database.close().await?;
    done
}

/// What follows upstreams, naming itself as the crawler does.
pub fn puller(contact: &ContactArguments, pool: PgPool, clock: SharedClock) -> Puller {
    let user_agent = crawl::user_agent(contact.url.as_deref());
    Puller::new(pool, clock, Settings { user_agent, ..Settings::default() })
}

async fn act(arguments: &UpstreamsArguments, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let mut conn = pool.acquire().await?;
    match &arguments.action {
        Action::Add { url, name, official } => add(&mut conn, url, name.as_deref(), *official).await,
        Action::List { json } => list(&mut conn, *json).await,
        Action::Show { name, json } => show(&mut conn, name, *json).await,
        Action::Remove { name } => {
            if !upstreams::remove(&mut conn, name).await? {
                return Err(unknown(name));
            }
            println!("`{name}` is no longer followed; what came from it stays as it is");
            Ok(ExitCode::SUCCESS)
        }
        Action::Pull { name, full, contact } => {
            let names = match name {
                Some(name) => vec![name.clone()],
                None => upstreams::list(&mut conn).await?.into_iter().map(|row| row.name).collect(),
            };
            drop(conn);
            let puller = puller(contact, pool.clone(), Arc::new(SystemClock));
            pull(&puller, &names, Asked { full: *full }).await
        }
    }
}

fn unknown(name: &str) -> anyhow::Error {
    anyhow::anyhow!("`{name}` is no upstream; `cardinal upstreams list` names those there are")
}

async fn add(
    conn: &mut PgConnection,
    url: &Address,
    name: Option<&str>,
    official: bool,
) -> anyhow::Result<ExitCode> {
    let name = name.map_or_else(|| url.default_name(), str::to_owned);
    let url = url.to_string();
    if !upstreams::add(conn, &name, &url, official, SystemClock.now()).await? {
        let known = upstreams::list(conn).await?;
        anyhow::bail!(match known.iter().find(|row| row.url == url) {
            Some(row) => format!("`{url}` is followed already, as `{}`", row.name),
            None => format!("`{name}` is the name of another upstream; choose another with --name"),
        });
    }
    println!("`{name}` is followed from now on; `cardinal upstreams pull {name}` pulls it here and now");
    Ok(ExitCode::SUCCESS)
}

async fn list(conn: &mut PgConnection, as_json: bool) -> anyhow::Result<ExitCode> {
    let rows = upstreams::list(conn).await?;
    if as_json {
        let all: Vec<Value> = rows.iter().map(described).collect();
        super::print(&format!("{}\n", serde_json::to_string_pretty(&all)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    for row in &rows {
        let official = if row.official { " (official)" } else { "" };
        super::print(&format!("{}{official}  {}\n  {}\n", row.name, row.url, state(row)))?;
    }
    if rows.is_empty() {
        eprintln!("No registry is followed; `cardinal upstreams add URL` adds one");
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(conn: &mut PgConnection, name: &str, as_json: bool) -> anyhow::Result<ExitCode> {
    let row = upstreams::get(conn, name).await?.ok_or_else(|| unknown(name))?;
    let (entries, others) = upstreams::count(conn, row.id).await?;
    if as_json {
        let mut described = described(&row);
        described["entries"] = entries.into();
        described["entriesOfEarlierUpstreams"] = others.into();
        super::print(&format!("{}\n", serde_json::to_string_pretty(&described)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = vec![
        format!("{}  {}", row.name, row.url),
        format!("followed since {}", row.added_at),
        format!("{entries} entries; {others} of them under names of upstreams that were added earlier"),
        format!("next pull {}", row.due_at),
    ];
    if let (Some(full), Some(began)) = (row.walk_full, row.walk_began_at) {
        let what = if full { "everything" } else { "what changed" };
        lines.push(format!("under way since {began}: a walk through {what}"));
    }
    if let Some(at) = row.full_at {
        lines.push(format!("last walk through everything {at}"));
    }
    lines.push(state(&row));
    super::print(&format!("{}\n", lines.join("\n")))?;
    Ok(ExitCode::SUCCESS)
}

fn state(row: &Row) -> String {
    match (&row.outcome, &row.detail, row.pulled_at) {
        (Some(outcome), Some(detail), Some(at)) => format!("{outcome} {at}: {detail}"),
        _ => "not pulled yet".to_owned(),
    }
}

fn described(row: &Row) -> Value {
    json!({
        "name": row.name, "url": row.url, "official": row.official, "addedAt": row.added_at, "dueAt": row.due_at,
        "pulledAt": row.pulled_at, "outcome": row.outcome, "detail": row.detail, "failures": row.failures,
        "completeAt": row.complete_at, "fullAt": row.full_at, "newestAt": row.newest_at,
        "walk": row.walk_full.map(|full| json!({ "full": full, "since": row.walk_since, "beganAt": row.walk_began_at })),
    })
}

/// Pulls all of them side by side; each has its own line.
async fn pull(puller: &Puller, names: &[String], asked: Asked) -> anyhow::Result<ExitCode> {
    let mut all_complete = true;
    for (name, pulled) in
        join_all(names.iter().map(|name| async move { (name, puller.pull(name, asked).await) })).await
    {
        let pulled = pulled?.ok_or_else(|| unknown(name))?;
        all_complete &= pulled.outcome == "complete";
        super::print(&format!("{name}: {}: {}\n", pulled.outcome, pulled.detail))?;
    }
    Ok(if all_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
