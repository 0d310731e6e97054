//! Origins: which hosts are crawled, when each is due, who is at it, and how the last visit ended.
//!
//! What is due is decided here, with leases: a crawler that dies leaves a lease that runs out. A lease is known by its end, so
//! whoever lost it can no longer write. What is removed stays as a mark and is neither due nor held.

mod changes;
mod documents;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::card::origin::Origin;
pub use changes::{ANYONE, add_many, at_or_below, lock_submitting, remove, removed, submitted};
pub use documents::{DocumentRow, Everything, documents, everything};

/// The channel on which [`add`] and [`recrawl`] wake the crawlers.
pub const CHANNEL: &str = "origins";

/// The advisory lock under which visits are written: the letters "crawl" as a number.
const LOCK: i64 = 0x0063_7261_776c;

/// An origin that somebody holds for a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The row's id.
    pub id: i64,
    /// The host.
    pub origin: Origin,
    /// Until when it is held.
    pub until: DateTime<Utc>,
    /// How many visits in a row found nothing.
    pub misses: i32,
}

/// An origin as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The host.
    pub host: String,
    /// Since when it is crawled.
    pub added_at: DateTime<Utc>,
    /// Who asked for it.
    pub added_by: String,
    /// When it is visited next.
    pub due_at: DateTime<Utc>,
    /// Until when somebody holds it for a visit.
    pub leased_until: Option<DateTime<Utc>>,
    /// When it was visited last.
    pub crawled_at: Option<DateTime<Utc>>,
    /// How that ended, in a stable word.
    pub outcome: Option<String>,
    /// And in a sentence.
    pub detail: Option<String>,
    /// How many visits in a row found nothing.
    pub misses: i32,
    /// Since when it is no longer crawled, where somebody has opted out.
    pub removed_at: Option<DateTime<Utc>>,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// When the origin is visited next.
    pub due_at: DateTime<Utc>,
    /// A stable word.
    pub outcome: &'a str,
    /// A sentence.
    pub detail: &'a str,
    /// How many visits in a row found nothing, this one included.
    pub misses: i32,
}

/// Adds an origin, due at once, and wakes the crawlers; says whether it is new. One that is known keeps its place.
pub async fn add(
    conn: &mut PgConnection,
    origin: &Origin,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let added = sqlx::query!(
        r#"INSERT INTO origins (host, added_at, added_by, due_at) VALUES ($1, $2, $3, $2) ON CONFLICT (host) DO NOTHING"#,
        origin.host(),
        now,
        by,
    )
    .execute(&mut *conn)
    .await?;
    let is_new = added.rows_affected() == 1;
    if is_new {
        notify(conn, origin.host()).await?;
    }
    Ok(is_new)
}

/// Makes an origin due before all that is merely due, and wakes the crawlers; says whether it is known and not removed.
pub async fn recrawl(
    conn: &mut PgConnection,
    origin: &Origin,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = sqlx::query!(
        r#"UPDATE origins SET due_at = LEAST(due_at, $2::timestamptz - interval '1 year') WHERE host = $1 AND removed_at IS NULL"#,
        origin.host(),
        now
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, origin.host()).await?;
    Ok(changed.rows_affected() == 1)
}

async fn notify(conn: &mut PgConnection, host: &str) -> Result<(), StoreError> {
    sqlx::query_scalar!(r#"SELECT pg_notify($1, $2)::text"#, CHANNEL, host).fetch_one(conn).await?;
    Ok(())
}

/// The origins after `after`, by host, at most `limit`.
pub async fn list(conn: &mut PgConnection, after: Option<&str>, limit: i64) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT host, added_at, added_by, due_at, leased_until, crawled_at, outcome, detail, misses, removed_at
        FROM origins WHERE ($1::text IS NULL OR host > $1) ORDER BY host LIMIT $2
        "#,
        after,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One origin.
pub async fn get(conn: &mut PgConnection, origin: &Origin) -> Result<Option<Row>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        SELECT host, added_at, added_by, due_at, leased_until, crawled_at, outcome, detail, misses, removed_at
        FROM origins WHERE host = $1
        "#,
        origin.host(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// The id of an origin that is known.
pub async fn id(conn: &mut PgConnection, origin: &Origin) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!("SELECT id FROM origins WHERE host = $1", origin.host())
        .fetch_optional(conn)
        .await?)
}

/// Takes up to `limit` origins that are due and that nobody holds, the longest due first, and holds them `until` then.
pub async fn claim(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Leased>, StoreError> {
    let rows = sqlx::query!(
        r#"
        WITH due AS (
            SELECT id FROM origins
            WHERE due_at <= $1 AND removed_at IS NULL AND (leased_until IS NULL OR leased_until <= $1)
            ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
        )
        UPDATE origins o SET leased_until = $2 FROM due WHERE o.id = due.id
        RETURNING o.id, o.host, o.misses
        "#,
        now,
        until,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| leased(row.id, &row.host, until, row.misses)).collect()
}

/// Holds one origin whoever holds it now: somebody asked for this visit, and the other visitor can no longer write. None where
/// it is not known or was removed.
pub async fn take(
    conn: &mut PgConnection,
    origin: &Origin,
    until: DateTime<Utc>,
) -> Result<Option<Leased>, StoreError> {
    let row = sqlx::query!(
        r#"
        UPDATE origins
        SET leased_until = CASE WHEN leased_until >= $2 THEN leased_until + interval '1 millisecond' ELSE $2 END
        WHERE host = $1 AND removed_at IS NULL RETURNING id, host, misses, leased_until AS "until!"
        "#,
        origin.host(),
        until,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| leased(row.id, &row.host, row.until, row.misses)).transpose()
}

fn leased(id: i64, host: &str, until: DateTime<Utc>, misses: i32) -> Result<Leased, StoreError> {
    let origin = host.parse().map_err(|e| StoreError::corrupt("origins", "host", id, e))?;
    Ok(Leased { id, origin, until, misses })
}

/// Gives an origin back unvisited; it stays due.
pub async fn release(conn: &mut PgConnection, held: &Leased) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE origins SET leased_until = NULL WHERE id = $1 AND leased_until = $2",
        held.id,
        held.until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Waits until no other visit is being written, so that two of them cannot decide about one name or endpoint at once.
pub async fn lock_writing(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query_scalar!(r#"SELECT pg_advisory_xact_lock($1)::text"#, LOCK).fetch_one(conn).await?;
    Ok(())
}

/// Whether the lease is still the one that was given out; keeps it so until the transaction ends.
pub async fn still_held(conn: &mut PgConnection, held: &Leased) -> Result<bool, StoreError> {
    let row = sqlx::query_scalar!(
        "SELECT id FROM origins WHERE id = $1 AND leased_until = $2 FOR UPDATE",
        held.id,
        held.until
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Ends a visit: writes how it ended, and gives the origin back; says whether the lease was still the one that was given out.
pub async fn finish(
    conn: &mut PgConnection,
    held: &Leased,
    finished: &Finished<'_>,
) -> Result<bool, StoreError> {
    let ended = sqlx::query!(
        r#"
        UPDATE origins
        SET leased_until = NULL, crawled_at = $3, due_at = $4, outcome = $5, detail = $6, misses = $7
        WHERE id = $1 AND leased_until = $2
        "#,
        held.id,
        held.until,
        finished.at,
        finished.due_at,
        finished.outcome,
        finished.detail,
        finished.misses,
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}
