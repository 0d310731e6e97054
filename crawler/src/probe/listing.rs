//! Endpoints and listings kept in step: what listings name is known here, and what is found is told there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registry_core::extensions::{self, CRAWL, LIVENESS};
use registry_core::listing::Source;
use registry_core::mcp::drift::Described;
use registry_core::mcp::state::Standing;
use registry_core::mcp::{member, reach};
use registry_core::name::ServerName;
use registry_core::server::Server;
use registry_core::server_json::{Remote, ServerJson};
use registry_core::store::probe_remotes::{self, Known, Missing, Reach};
use registry_core::store::tools::Row as ToolRow;
use registry_core::store::{self, PgConnection, PgPool, StoreError, ledger, servers, tools};
use serde_json::Value;

/// Who speaks in the ledger.
const ACTOR: &str = "prober";

/// How many remotes are taken in at once.
const REMOTES: i64 = 500;

/// How many listings are told at once.
const LISTINGS: i64 = 50;

/// Takes in the remotes that latest versions have now, and drops those they no longer have. Where another process is at it, this one
/// leaves it to that.
pub(super) async fn sync(pool: &PgPool, now: DateTime<Utc>) -> Result<(), StoreError> {
    loop {
        let mut tx = store::begin(pool).await?;
        if !probe_remotes::try_lock(&mut tx).await? {
            return Ok(());
        }
        let missing = probe_remotes::missing(&mut tx, REMOTES).await?;
        let is_last = missing.is_empty();
        let remotes: Vec<(Missing, Reach)> = missing.into_iter().map(reached).collect();
        probe_remotes::add(&mut tx, &remotes, now).await?;
        store::commit(tx).await?;
        if is_last {
            break;
        }
    }
    loop {
        let mut tx = store::begin(pool).await?;
        if !probe_remotes::try_lock(&mut tx).await? {
            return Ok(());
        }
        let names = probe_remotes::vanish(&mut tx, LISTINGS).await?;
        if names.is_empty() {
            return Ok(());
        }
        tell(&mut tx, &names, now).await?;
        store::commit(tx).await?;
    }
}

/// Tells every listing what was found of its remotes and is not said there yet.
pub(super) async fn tell_news(pool: &PgPool, now: DateTime<Utc>) -> Result<(), StoreError> {
    loop {
        let mut tx = store::begin(pool).await?;
        let names = probe_remotes::untold(&mut tx, LISTINGS).await?;
        if names.is_empty() {
            return Ok(());
        }
        tell(&mut tx, &names, now).await?;
        store::commit(tx).await?;
    }
}

fn reached(missing: Missing) -> (Missing, Reach) {
    let server: Option<ServerJson> = serde_json::from_str(&missing.document).ok();
    let stated =
        server.and_then(|server| remote_at(server, usize::try_from(missing.position).ok()?, &missing.url));
    let bare = || Remote { kind: missing.kind.clone(), url: missing.url.clone(), ..Remote::default() };
    let reach = match reach::address(&stated.unwrap_or_else(bare)) {
        Ok(address) => Reach::Asked { key: address.key, address: address.url.into() },
        Err(obstacle) => Reach::Obstacle(obstacle.to_string()),
    };
    (missing, reach)
}

fn remote_at(mut server: ServerJson, position: usize, url: &str) -> Option<Remote> {
    (server.remotes.get(position)?.url == url).then(|| server.remotes.swap_remove(position))
}

/// Tells these listings, which come in the order of their names, and the ledger what that changes.
async fn tell(conn: &mut PgConnection, names: &[String], now: DateTime<Utc>) -> Result<(), StoreError> {
    let parsed: Vec<ServerName> = names.iter().filter_map(|name| name.parse().ok()).collect();
    // The listings first, so that what is read of them is what is changed.
    let mut servers = servers::lock(conn, &parsed, Source::Synced).await?;
    let known = probe_remotes::tell(conn, names).await?;
    let ids: Vec<i64> = known.iter().filter_map(|remote| remote.probe_id).collect();
    let mut tools: HashMap<i64, Vec<ToolRow>> = HashMap::new();
    for tool in tools::of(conn, &ids).await? {
        tools.entry(tool.probe_id).or_default().push(tool);
    }
    for server in &mut servers {
        let of_server: Vec<&Known> =
            known.iter().filter(|remote| remote.server_name == server.name.as_str()).collect();
        observe(server, &of_server, &tools, now);
    }
    servers::save(conn, &servers).await?;
    let entries: Vec<ledger::Entry> = servers.iter().flat_map(ledger::entries).collect();
    if !entries.is_empty() {
        ledger::append(conn, ACTOR, now, &entries).await?;
    }
    Ok(())
}

fn observe(server: &mut Server, known: &[&Known], tools: &HashMap<i64, Vec<ToolRow>>, now: DateTime<Utc>) {
    let Some(first) = known.first() else {
        // Its latest version runs nowhere any more.
        server.observe_liveness("", None, None);
        return;
    };
    let document: ServerJson = serde_json::from_str(&first.document).unwrap_or_default();
    let crawl = extensions::member(&first.extensions, CRAWL);
    let before = extensions::member(&first.extensions, LIVENESS);
    let nothing = Remote::default();
    let remotes: Vec<member::Remote<'_>> = known
        .iter()
        .map(|known| {
            let remote = document.remotes.get(known.position).unwrap_or(&nothing);
            member::Remote {
                url: &known.url,
                described: Described::of(&document, remote, crawl.as_ref()),
                standing: standing(known),
                live: known.live.clone(),
            }
        })
        .collect();
    let liveness = member::liveness(&remotes, before.as_ref(), now);
    server.observe_liveness(&first.version, liveness, tools_of(known, tools));
}

/// How a remote stands; one that is not asked, since its version says so.
fn standing(known: &Known) -> Standing {
    match (&known.obstacle, &known.standing) {
        (Some(obstacle), _) => Standing { reason: Some(obstacle.clone()), ..Standing::new(known.updated_at) },
        (None, Some(standing)) => standing.clone(),
        (None, None) => Standing::new(known.updated_at),
    }
}

/// The tools of the first remote that has some: several remotes of a server are the same server.
fn tools_of(known: &[&Known], tools: &HashMap<i64, Vec<ToolRow>>) -> Option<Value> {
    let of_remote =
        known.iter().filter_map(|remote| tools.get(&remote.probe_id?)).find(|rows| !rows.is_empty())?;
    let list: Vec<_> =
        of_remote.iter().map(|row| (row.name.clone(), row.description.clone(), row.hash)).collect();
    member::tools(&list)
}
