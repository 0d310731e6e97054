//! Endpoints that are probed: what is known of each, when it is due, and who holds it meanwhile.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::mcp::judge::Live;
use crate::mcp::state::Standing;

/// An endpoint that somebody holds for a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Leased {
    /// The row's id.
    pub id: i64,
    /// Its canonical address.
    pub url: String,
    /// The address to ask.
    pub asked: String,
    /// The transport that a listing names for it.
    pub kind: String,
    /// Until when it is held.
    pub until: DateTime<Utc>,
    /// How it stands.
    pub standing: Standing,
    /// When it came to be known.
    pub added_at: DateTime<Utc>,
    /// When its state or its words last changed.
    pub changed_at: DateTime<Utc>,
    /// When its tools were last listed.
    pub tools_at: Option<DateTime<Utc>>,
    /// What it last said of itself while it lived.
    pub live: Option<Live>,
    /// What the prober remembers, as JSON.
    pub memory: String,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished<'a> {
    /// How the endpoint stands now.
    pub standing: &'a Standing,
    /// What it last said of itself while it lived.
    pub live: Option<&'a Live>,
    /// What the prober remembers, as JSON.
    pub memory: &'a str,
    /// When it was asked.
    pub at: DateTime<Utc>,
    /// When it is asked again.
    pub due_at: DateTime<Utc>,
    /// Whether state or words changed, so that listings have to be told.
    pub is_news: bool,
    /// Whether its tools were listed.
    pub lists_tools: bool,
}

struct Row {
    id: i64,
    url: String,
    asked: String,
    kind: Option<String>,
    state: String,
    reason: Option<String>,
    since: DateTime<Utc>,
    failures: i32,
    first_failure_at: Option<DateTime<Utc>>,
    last_ok_at: Option<DateTime<Utc>>,
    added_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    tools_at: Option<DateTime<Utc>>,
    live: Option<String>,
    memory: String,
}

impl Row {
    fn leased(self, until: DateTime<Utc>) -> Result<Leased, StoreError> {
        let state = self.state.parse().map_err(|e| StoreError::corrupt("probes", "state", self.id, e))?;
        Ok(Leased {
            id: self.id,
            url: self.url,
            asked: self.asked,
            kind: self.kind.unwrap_or_default(),
            until,
            standing: Standing {
                state,
                reason: self.reason,
                since: self.since,
                failures: self.failures,
                first_failure_at: self.first_failure_at,
                last_ok_at: self.last_ok_at,
            },
            added_at: self.added_at,
            changed_at: self.changed_at,
            tools_at: self.tools_at,
            live: read(self.live.as_deref()),
            memory: self.memory,
        })
    }
}

/// What an older program wrote may not be understood; then nothing is known.
pub(super) fn read(live: Option<&str>) -> Option<Live> {
    serde_json::from_str(live?).ok()
}

/// Takes up to `limit` endpoints that are due, that a listing names and that nobody holds, the longest due first, and holds them
/// `until` then.
pub async fn claim(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Leased>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        WITH due AS (
            SELECT p.id FROM probes p
            WHERE p.due_at <= $1 AND (p.leased_until IS NULL OR p.leased_until <= $1)
              AND EXISTS (SELECT FROM probe_remotes r WHERE r.probe_id = p.id)
            ORDER BY p.due_at, p.id LIMIT $3 FOR UPDATE SKIP LOCKED
        )
        UPDATE probes p SET leased_until = $2 FROM due WHERE p.id = due.id
        RETURNING p.id, p.url, p.asked, p.state, p.reason, p.since, p.failures, p.first_failure_at, p.last_ok_at, p.added_at,
                  p.changed_at, p.tools_at, p.live, p.memory,
                  (SELECT min(r.kind) FROM probe_remotes r WHERE r.probe_id = p.id) AS kind
        "#,
        now,
        until,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| row.leased(until)).collect()
}

/// Holds the endpoints of a listing whoever holds them now: somebody asked for this visit, and the other one can no longer write.
pub async fn take(
    conn: &mut PgConnection,
    server_name: &str,
    until: DateTime<Utc>,
) -> Result<Vec<Leased>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        WITH wanted AS (
            SELECT p.id FROM probes p
            WHERE p.id IN (
                SELECT r.probe_id FROM probe_remotes r
                JOIN versions v ON v.id = r.version_id JOIN servers s ON s.id = v.server_id WHERE s.name = $1
            )
            ORDER BY p.id FOR UPDATE
        )
        UPDATE probes p SET leased_until = $2 FROM wanted WHERE p.id = wanted.id
        RETURNING p.id, p.url, p.asked, p.state, p.reason, p.since, p.failures, p.first_failure_at, p.last_ok_at, p.added_at,
                  p.changed_at, p.tools_at, p.live, p.memory,
                  (SELECT min(r.kind) FROM probe_remotes r WHERE r.probe_id = p.id) AS kind
        "#,
        server_name,
        until,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| row.leased(until)).collect()
}

/// Whether the visit may still write; the endpoint stays locked until the transaction ends.
pub async fn still_held(conn: &mut PgConnection, held: &Leased) -> Result<bool, StoreError> {
    let row = sqlx::query_scalar!(
        "SELECT id FROM probes WHERE id = $1 AND leased_until = $2 FOR UPDATE",
        held.id,
        held.until
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Ends a visit to an endpoint that is still held: writes what was found, and makes its listings wait to be told where that is news.
pub async fn finish(
    conn: &mut PgConnection,
    held: &Leased,
    finished: &Finished<'_>,
) -> Result<(), StoreError> {
    let standing = finished.standing;
    sqlx::query!(
        r#"
        UPDATE probes
        SET state = $2, reason = $3, since = $4, failures = $5, first_failure_at = $6, last_ok_at = $7, live = $8, memory = $9,
            checked_at = $10::timestamptz, due_at = $11, leased_until = NULL,
            changed_at = CASE WHEN $12 THEN $10::timestamptz ELSE changed_at END,
            tools_at = CASE WHEN $13 THEN $10::timestamptz ELSE tools_at END
        WHERE id = $1
        "#,
        held.id,
        standing.state.as_str(),
        standing.reason,
        standing.since,
        standing.failures,
        standing.first_failure_at,
        standing.last_ok_at,
        finished.live.and_then(|live| serde_json::to_string(live).ok()),
        finished.memory,
        finished.at,
        finished.due_at,
        finished.is_news,
        finished.lists_tools,
    )
    .execute(&mut *conn)
    .await?;
    if finished.is_news {
        sqlx::query!("UPDATE probe_remotes SET told = false WHERE probe_id = $1", held.id)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Gives an endpoint back that was not visited to the end.
pub async fn release(conn: &mut PgConnection, held: &Leased) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE probes SET leased_until = NULL WHERE id = $1 AND leased_until = $2",
        held.id,
        held.until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the endpoints that no listing has named since then.
pub async fn prune(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        r#"
        DELETE FROM probes p
        WHERE p.due_at < $1 AND p.leased_until IS NULL
          AND NOT EXISTS (SELECT FROM probe_remotes r WHERE r.probe_id = p.id)
        "#,
        before,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
