//! What a visit found → one transaction: listings, documents, findings, endpoints, and last the ledger.
//!
//! Visits are written one after the other, under one lock, since they decide about names and endpoints that others may want too. One
//! that found nothing where nothing was takes no lock.

mod documents;
mod ended;
mod listings;
mod removal;
mod said;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use registry_core::server::Observed;
use registry_core::store::documents::Known;
use registry_core::store::findings::{Finding, News};
use registry_core::store::origins::Leased;
use registry_core::store::{self, PgConnection, PgPool, StoreError, findings, ledger, origins};

use crate::report::Report;
use crate::visit::Visited;
pub use removal::withdraw_origin;

/// Whether a visit is only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Nothing is written; the report says what would be.
    Yes,
    /// What is found is written.
    No,
}

impl From<bool> for DryRun {
    fn from(is_dry: bool) -> Self {
        if is_dry { Self::Yes } else { Self::No }
    }
}

/// Writes a visit down and says what that changed; none when somebody else has taken the origin over meanwhile.
pub(crate) async fn ingest(
    pool: &PgPool,
    held: &Leased,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
) -> Result<Option<Report>, StoreError> {
    let is_bare = visited.documents.is_empty() && visited.notes.is_empty();
    if is_bare && !findings::any(&mut *pool.acquire().await?, held.id).await? {
        return write_bare(pool, held, visited, at, dice).await;
    }
    let mut tx = store::begin(pool).await?;
    // Before the origin's row, so that no two visits wait for each other.
    origins::lock_writing(&mut tx).await?;
    if !origins::still_held(&mut tx, held).await? {
        return Ok(None);
    }
    let Some((report, entries)) = write(&mut tx, held, visited, at, dice, DryRun::No).await? else {
        return Ok(None);
    };
    if !entries.is_empty() {
        let actor = format!("crawler:{}", held.origin);
        ledger::append(&mut tx, &actor, at, &entries).await?;
    }
    store::commit(tx).await?;
    Ok(Some(report))
}

/// Writes down a visit that found nothing where nothing was.
async fn write_bare(
    pool: &PgPool,
    held: &Leased,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
) -> Result<Option<Report>, StoreError> {
    let mut tx = pool.begin().await?;
    let ingest = Ingest::new(held, visited, at);
    let report = ingest.finish(&mut tx, dice, 0, DryRun::No).await?;
    if report.is_some() {
        ingest.asked_again(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(report)
}

/// Says what writing a visit down would change: it goes the same way, and is rolled back. None when it cannot be told now.
pub(crate) async fn try_out(
    pool: &PgPool,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
) -> Result<Option<Report>, StoreError> {
    let mut tx = pool.begin().await?;
    origins::lock_writing(&mut tx).await?;
    origins::add(&mut tx, &visited.origin, "dry run", at).await?;
    let Some(held) = origins::take(&mut tx, &visited.origin, at).await? else { return Ok(None) };
    let written = write(&mut tx, &held, visited, at, dice, DryRun::Yes).await?;
    tx.rollback().await?;
    Ok(written.map(|(report, _)| report))
}

async fn write(
    conn: &mut PgConnection,
    held: &Leased,
    visited: &Visited,
    at: DateTime<Utc>,
    dice: u64,
    dry_run: DryRun,
) -> Result<Option<(Report, Vec<ledger::Entry>)>, StoreError> {
    let mut ingest = Ingest::new(held, visited, at);
    ingest.before = findings::of_origin(conn, held.id).await?;
    ingest.known = store::documents::known(conn, held.id).await?;
    let entries = ingest.listings(conn).await?;
    ingest.documents(conn).await?;
    ingest.asked_again(conn).await?;
    if visited.has_looked_further {
        store::long_tails::save(conn, held.id, at).await?;
    }
    ingest.replace_catalog_listings(conn).await?;
    ingest.replace_findings(conn).await?;
    if ingest.news != News::default() {
        findings::decide_anew(conn, held.id, &ingest.news, at).await?;
    }
    let report = ingest.finish(conn, dice, entries.len(), dry_run).await?;
    Ok(report.map(|report| (report, entries)))
}

struct Ingest<'a> {
    visited: &'a Visited,
    held: &'a Leased,
    at: DateTime<Utc>,
    /// What earlier visits said.
    before: Vec<Finding>,
    /// The documents of earlier visits, by the address that was asked.
    known: HashMap<String, Known>,
    findings: Vec<Finding>,
    /// Beside each finding: what it changed.
    observed: Vec<Option<Observed>>,
    /// What others may wait for.
    news: News,
}

impl<'a> Ingest<'a> {
    fn new(held: &'a Leased, visited: &'a Visited, at: DateTime<Utc>) -> Self {
        Self {
            visited,
            held,
            at,
            before: Vec::new(),
            known: HashMap::new(),
            findings: Vec::new(),
            observed: Vec::new(),
            news: News::default(),
        }
    }

    fn add(&mut self, finding: Finding, observed: Option<Observed>) {
        self.findings.push(finding);
        self.observed.push(observed);
    }
}
