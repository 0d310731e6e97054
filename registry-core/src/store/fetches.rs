//! Every request made to other people's hosts: what, when, and what came of it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// The longest address that is written down; the rest of a longer one is cut off.
const LONGEST: usize = 2000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The host.
    pub host: String,
    /// The address.
    pub url: String,
    /// The answer's status; none where there was no answer.
    pub status: Option<u16>,
    /// How many bytes the answer has, after decoding.
    pub bytes: u64,
    /// How it ended, in a stable word: `answered`, or why there was no answer.
    pub outcome: String,
    /// How long it took.
    pub milliseconds: u32,
}

/// Writes requests down.
pub async fn insert(conn: &mut PgConnection, fetches: &[Fetch]) -> Result<(), StoreError> {
    let at: Vec<_> = fetches.iter().map(|fetch| fetch.at).collect();
    let host: Vec<_> = fetches.iter().map(|fetch| fetch.host.clone()).collect();
    let url: Vec<_> = fetches.iter().map(|fetch| cut(&fetch.url).to_owned()).collect();
    let status: Vec<Option<i32>> = fetches.iter().map(|fetch| fetch.status.map(i32::from)).collect();
    let bytes: Vec<_> = fetches.iter().map(|fetch| i64::try_from(fetch.bytes).unwrap_or(i64::MAX)).collect();
    let outcome: Vec<_> = fetches.iter().map(|fetch| fetch.outcome.clone()).collect();
    let took: Vec<_> =
        fetches.iter().map(|fetch| i32::try_from(fetch.milliseconds).unwrap_or(i32::MAX)).collect();
    sqlx::query!(
        r#"
        INSERT INTO fetches (at, host, url, status, bytes, outcome, milliseconds)
        SELECT * FROM UNNEST($1::timestamptz[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::integer[])
        "#,
        &at,
        &host,
        &url,
        &status as &[Option<i32>],
        &bytes,
        &outcome,
        &took,
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn cut(url: &str) -> &str {
    let mut end = url.len().min(LONGEST);
    while !url.is_char_boundary(end) {
        end -= 1;
    }
    &url[..end]
}

/// The last requests to a host, newest first, at most `limit`.
pub async fn of_host(conn: &mut PgConnection, host: &str, limit: i64) -> Result<Vec<Fetch>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT at, host, url, status, bytes, outcome, milliseconds FROM fetches
        WHERE host = $1 ORDER BY at DESC, id DESC LIMIT $2
        "#,
        host,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let fetches = rows.into_iter().map(|row| Fetch {
        at: row.at,
        host: row.host,
        url: row.url,
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        bytes: u64::try_from(row.bytes).unwrap_or_default(),
        outcome: row.outcome,
        milliseconds: u32::try_from(row.milliseconds).unwrap_or_default(),
    });
    Ok(fetches.collect())
}

/// Deletes the requests made before then, and the oldest beyond `most`; a bounded number at a time. Says how many.
pub async fn prune(conn: &mut PgConnection, before: DateTime<Utc>, most: i64) -> Result<u64, StoreError> {
    let pruned = sqlx::query!(
        r#"
        DELETE FROM fetches WHERE id IN (SELECT id FROM fetches ORDER BY id LIMIT 50000)
        AND (at < $1 OR id <= (SELECT max(id) FROM fetches) - $2)
        "#,
        before,
        most,
    )
    .execute(conn)
    .await?;
    Ok(pruned.rows_affected())
}
