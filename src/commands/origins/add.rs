//! `cardinal origins add`: domains to crawl, some or hundreds of thousands.

use std::collections::HashSet;
use std::process::ExitCode;

use registry_core::card::origin::Origin;
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::{self, PgPool, origins};
use serde::Serialize;

use super::input::List;
use super::{OPERATOR, print, print_json};

/// How many are written at once.
const CHUNK: usize = 10_000;

/// How many bad lines are told of in words.
const TOLD: usize = 20;

/// What came of it.
#[derive(Debug, Default, Serialize)]
struct Added {
    /// Those that are new, or back.
    added: Vec<String>,
    /// How many were crawled before.
    known: usize,
    /// Those that were removed and stay so.
    removed: Vec<String>,
    /// Lines that name no domain.
    bad: Vec<Bad>,
}

#[derive(Debug, Serialize)]
struct Bad {
    line: usize,
    reason: String,
}

/// Adds what is not known; fails where something could not be added.
pub(super) async fn add(pool: &PgPool, list: &List, is_forced: bool, json: bool) -> anyhow::Result<ExitCode> {
    let mut done = Added::default();
    done.bad.extend(list.bad.iter().map(|(line, reason)| Bad { line: *line, reason: reason.clone() }));
    let all: Vec<&Origin> = list.origins.iter().collect();
    for chunk in all.chunks(CHUNK) {
        add_chunk(pool, chunk, is_forced, &mut done).await?;
    }
    if json {
        print_json(&done)?;
    } else {
        tell(&done)?;
    }
    let is_whole = done.bad.is_empty() && done.removed.is_empty();
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn add_chunk(
    pool: &PgPool,
    chunk: &[&Origin],
    is_forced: bool,
    done: &mut Added,
) -> anyhow::Result<()> {
    let mut tx = store::begin(pool).await?;
    let above: HashSet<String> =
        chunk.iter().flat_map(|origin| origin.and_above()).map(str::to_owned).collect();
    let above: Vec<String> = above.into_iter().collect();
    let removed: HashSet<String> = match is_forced {
        true => HashSet::new(),
        false => origins::removed(&mut tx, &above).await?.into_iter().collect(),
    };
    let is_removed = |origin: &Origin| origin.and_above().into_iter().any(|host| removed.contains(host));
    let (refused, wanted): (Vec<&Origin>, Vec<&Origin>) = chunk.iter().partition(|origin| is_removed(origin));
    let hosts: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let added = origins::add_many(&mut tx, &hosts, OPERATOR, SystemClock.now(), is_forced).await?;
    store::commit(tx).await?;
    done.known += hosts.len() - added.len();
    done.added.extend(added);
    done.removed.extend(refused.iter().map(ToString::to_string));
    Ok(())
}

fn tell(done: &Added) -> anyhow::Result<()> {
    for Bad { line, reason } in done.bad.iter().take(TOLD) {
        eprintln!("line {line}: {reason}");
    }
    if let Some(more) = done.bad.len().checked_sub(TOLD).filter(|more| *more > 0) {
        eprintln!("and {more} more lines that name no domain; --json tells all");
    }
    for removed in done.removed.iter().take(TOLD) {
        eprintln!("{removed} was removed before, or a domain above it; add it all the same with --force");
    }
    let mut parts = vec![format!("{} added", done.added.len())];
    let others = [
        (done.known, "known already"),
        (done.removed.len(), "removed before"),
        (done.bad.len(), "not understood"),
    ];
    parts
        .extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    print(&format!("{}\n", parts.join(", ")))
}
