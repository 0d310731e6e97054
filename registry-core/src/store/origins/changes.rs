//! What operators and strangers change about origins: many at once, what nobody wants, and how much was submitted.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::notify;
use crate::card::origin::Origin;
use crate::store::StoreError;

/// The advisory lock under which submissions are taken: the letters "submit" as a number.
const SUBMITTING: i64 = 0x7375_626d_6974;

/// Who added what strangers submit.
pub const ANYONE: &str = "anyone";

/// Adds many origins, due at once, and wakes the crawlers; says which are new. One that is known keeps its place, but with
/// `is_forced` one that was removed comes back. Each may be named once.
pub async fn add_many(
    conn: &mut PgConnection,
    hosts: &[String],
    by: &str,
    now: DateTime<Utc>,
    is_forced: bool,
) -> Result<Vec<String>, StoreError> {
    let added = sqlx::query_scalar!(
        r#"
        INSERT INTO origins AS o (host, added_at, added_by, due_at)
        SELECT t.host, $2, $3, $2 FROM UNNEST($1::text[]) AS t (host)
        ON CONFLICT (host) DO UPDATE
        SET removed_at = NULL, added_at = EXCLUDED.added_at, added_by = EXCLUDED.added_by, due_at = EXCLUDED.due_at, misses = 0
        WHERE $4 AND o.removed_at IS NOT NULL
        RETURNING host
        "#,
        hosts,
        now,
        by,
        is_forced,
    )
    .fetch_all(&mut *conn)
    .await?;
    if let Some(first) = added.first() {
        notify(conn, first).await?;
    }
    Ok(added)
}

/// Those of these hosts that were removed.
pub async fn removed(conn: &mut PgConnection, hosts: &[String]) -> Result<Vec<String>, StoreError> {
    let removed = sqlx::query_scalar!(
        r#"SELECT host FROM origins WHERE host = ANY($1) AND removed_at IS NOT NULL"#,
        hosts
    )
    .fetch_all(conn)
    .await?;
    Ok(removed)
}

/// The origins on a host and below it, and whether each is crawled: those that were removed are not.
pub async fn at_or_below(
    conn: &mut PgConnection,
    origin: &Origin,
) -> Result<Vec<(Origin, bool)>, StoreError> {
    let hosts = sqlx::query!(
        r#"
        SELECT id, host, removed_at IS NULL AS "is_crawled!" FROM origins
        WHERE host = $1 OR right(host, length($1) + 1) = '.' || $1 ORDER BY host
        "#,
        origin.host()
    )
    .fetch_all(conn)
    .await?;
    hosts
        .into_iter()
        .map(|row| {
            let origin = row.host.parse().map_err(|e| StoreError::corrupt("origins", "host", row.id, e))?;
            Ok((origin, row.is_crawled))
        })
        .collect()
}

/// Ends the crawling of an origin, whoever is at it, and remembers that nobody wants it; says whether it was crawled until now.
pub async fn remove(
    conn: &mut PgConnection,
    origin: &Origin,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let was_crawled = sqlx::query_scalar!(
        r#"SELECT id FROM origins WHERE host = $1 AND removed_at IS NULL FOR UPDATE"#,
        origin.host()
    )
    .fetch_optional(&mut *conn)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO origins AS o (host, added_at, added_by, due_at, removed_at) VALUES ($1, $2, $3, $2, $2)
        ON CONFLICT (host) DO UPDATE SET removed_at = COALESCE(o.removed_at, $2), leased_until = NULL
        "#,
        origin.host(),
        now,
        by,
    )
    .execute(conn)
    .await?;
    Ok(was_crawled.is_some())
}

/// What strangers have submitted: how many of their origins came after `since` or wait for their first visit, and when the
/// oldest of these came.
pub async fn submitted(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<(i64, Option<DateTime<Utc>>), StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT count(*) AS "count!", min(added_at) AS oldest
        FROM origins WHERE added_by = 'anyone' AND (added_at > $1 OR (crawled_at IS NULL AND removed_at IS NULL))
        "#,
        since
    )
    .fetch_one(conn)
    .await?;
    Ok((row.count, row.oldest))
}

/// Waits until no other submission is decided about, so that all of them together keep to their limit.
pub async fn lock_submitting(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query_scalar!(r#"SELECT pg_advisory_xact_lock($1)::text"#, SUBMITTING).fetch_one(conn).await?;
    Ok(())
}
