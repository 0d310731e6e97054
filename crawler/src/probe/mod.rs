//! Whether what is listed lives (discovery section 10): every remote of every latest version is asked now and then, and listings say what
//! came of it. Nothing is ever called.

mod confirm;
mod due;
mod listing;
mod report;
mod schedule;
mod talk;
mod visit;

use chrono::{DateTime, Utc};
use registry_core::card::origin::Origin;
use registry_core::mcp::judge::{Finding, Live, Verdict};
use registry_core::mcp::reach;
use registry_core::mcp::request::Opening;
use registry_core::name::ServerName;
use registry_core::server_json::Remote;
use registry_core::store::probes::{self, Finished, Leased};
use registry_core::store::{self, StoreError, origins, probe_remotes, tools};
use url::Url;

use crate::Crawler;
use crate::fetch::Turns;
pub(crate) use confirm::{Confirmed, confirm};
pub use report::Report;
use visit::{Memory, Target, Visited};

/// How long a list of tools is good for.
const TOOLS: chrono::TimeDelta = chrono::TimeDelta::hours(20);

/// How often a server of an older era is asked anew whether it has learned the modern one: once in so many visits.
const ASKED_ANEW: u64 = 8;

/// Why an address cannot be probed.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The database did not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is no address that is asked.
    #[error("`{0}` cannot be probed: {1}")]
    Address(String, reach::Obstacle),
    /// Nothing is listed by that name.
    #[error(
        "no server `{0}` with remotes is listed here; give the address of an endpoint, or `cardinal search` for the name"
    )]
    NotListed(ServerName),
}

impl Crawler {
    /// Asks an endpoint now and says what it is; nothing is written.
    pub async fn probe_address(&self, url: &str) -> Result<Report, ProbeError> {
        let remote = Remote { url: url.to_owned(), ..Remote::default() };
        let address = reach::address(&remote).map_err(|why| ProbeError::Address(url.to_owned(), why))?;
        let target = Target {
            opening: first(&remote_kind(&address.url), Memory::default(), 1),
            url: address.url,
            metadata: Memory::default().metadata,
            lists_tools: true,
        };
        let visited = visit::visit(&self.fetcher, &Turns::Own, &target).await?;
        Ok(Report::of(url, &visited))
    }

    /// Asks every remote of a listing now, whoever else is at it, and writes down what was found.
    pub async fn probe_server(&self, name: &ServerName) -> Result<Vec<Report>, ProbeError> {
        let now = self.clock.now();
        listing::sync(&self.pool, now).await?;
        let mut conn = self.pool.acquire().await.map_err(StoreError::from)?;
        let held = probes::take(&mut conn, name.as_str(), now + self.lease()).await?;
        let known = probe_remotes::of(&mut conn, name.as_str()).await?;
        drop(conn);
        if known.is_empty() {
            return Err(ProbeError::NotListed(name.clone()));
        }
        let skipped = known.into_iter().filter_map(|(url, obstacle)| Some(Report::skipped(&url, obstacle?)));
        let mut reports: Vec<Report> = skipped.collect();
        for held in &held {
            reports.push(self.probe_held(held, true).await?);
        }
        listing::tell_news(&self.pool, self.clock.now()).await?;
        self.write_fetches().await;
        Ok(reports)
    }

    /// One visit to an endpoint that is held, written down.
    async fn probe_held(&self, held: &Leased, is_asked_for: bool) -> Result<Report, StoreError> {
        let visited = self.look_at(held, is_asked_for).await?;
        let now = self.clock.now();
        let standing = held.standing.after(&visited.verdict, now);
        let live = live(held, &visited);
        let report = Report::of(held.asked.as_str(), &visited).stands(standing.state);

        let mut tx = store::begin(&self.pool).await?;
        if !probes::still_held(&mut tx, held).await? {
            return Ok(report);
        }
        let has_new_tools = match &visited.tools {
            Some(listed) => tools::replace(&mut tx, held.id, listed, now).await?,
            None => false,
        };
        let is_new = held.standing.differs(&standing) || live != held.live;
        let changed_at = if is_new { now } else { held.changed_at };
        let ended = due::Ended {
            finding: visited.verdict.finding,
            standing: &standing,
            added_at: held.added_at,
            changed_at,
            // Once: after that the ways take turns.
            has_untried: visited.verdict.untried.is_some() && standing.failures <= 1,
            not_before: visited.retry_after.as_deref().and_then(|text| crate::fetch::retry_after(text, now)),
        };
        let finished = Finished {
            standing: &standing,
            live: live.as_ref(),
            memory: &serde_json::to_string(&visited.memory).unwrap_or_default(),
            at: now,
            due_at: due::next_due(&ended, now, (self.config.random)()),
            is_news: is_new || has_new_tools,
            lists_tools: visited.tools.is_some(),
        };
        probes::finish(&mut tx, held, &finished).await?;
        store::commit(tx).await?;
        Ok(report)
    }

    async fn look_at(&self, held: &Leased, is_asked_for: bool) -> Result<Visited, StoreError> {
        let memory = memory(held);
        let url = held.asked.clone();
        if !self.may_visit(&url).await? {
            let verdict = Verdict::new(Finding::Unprobed, "its owner does not want it to be visited");
            return Ok(Visited::without_asking(verdict, &url, memory));
        }
        let is_listed_lately = held.tools_at.is_some_and(|at| at + TOOLS > self.clock.now());
        let target = Target {
            url,
            opening: first(&held.kind, memory, (self.config.random)()),
            metadata: memory.metadata,
            lists_tools: is_asked_for || !is_listed_lately,
        };
        visit::visit(&self.fetcher, &Turns::Shared { pool: self.pool.clone(), visits: None }, &target).await
    }

    /// Whether nobody has opted out for the host or a domain above it.
    async fn may_visit(&self, url: &Url) -> Result<bool, StoreError> {
        match url.host_str().and_then(|host| host.parse::<Origin>().ok()) {
            Some(origin) => {
                let hosts: Vec<String> = origin.and_above().into_iter().map(str::to_owned).collect();
                let mut conn = self.pool.acquire().await?;
                Ok(origins::removed(&mut conn, &hosts).await?.is_empty())
            }
            // An address in numbers belongs to a network that the operator allows, or is refused anyway.
            None => Ok(true),
        }
    }
}

fn memory(held: &Leased) -> Memory {
    serde_json::from_str(&held.memory).unwrap_or_default()
}

/// What to ask first: what it answered to before, else what its listing says it is.
fn first(kind: &str, memory: Memory, dice: u64) -> Opening {
    match memory.opening {
        Some(Opening::Initialize) if dice.is_multiple_of(ASKED_ANEW) => Opening::Discover,
        Some(opening) => opening,
        None if kind == "sse" => Opening::Listen,
        None => Opening::Discover,
    }
}

/// The transport that an address alone suggests (discovery 7.2).
fn remote_kind(url: &Url) -> String {
    let is_sse = url.path().trim_end_matches('/').ends_with("/sse");
    if is_sse { "sse" } else { "streamable-http" }.to_owned()
}

/// What the server says of itself now; what it could not be asked about this time stays as it was.
fn live(held: &Leased, visited: &Visited) -> Option<Live> {
    let verdict = &visited.verdict;
    if !verdict.finding.is_alive() {
        return held.live.clone();
    }
    let Some(mut live) = verdict.live.clone() else { return held.live.clone() };
    if let (true, Some(auth), Some(before)) =
        (visited.is_metadata_unsure, &mut live.auth, held.live.as_ref().and_then(|live| live.auth.as_ref()))
        && auth.schemes == before.schemes
    {
        *auth = before.clone();
    }
    Some(live)
}

/// Forgets what no listing has named for so long.
const FORGOTTEN: chrono::TimeDelta = chrono::TimeDelta::days(180);

impl Crawler {
    /// Forgets endpoints that no listing has named for half a year.
    pub(crate) async fn forget_probes(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut conn = self.pool.acquire().await?;
        probes::prune(&mut conn, now - FORGOTTEN).await?;
        Ok(())
    }
}
