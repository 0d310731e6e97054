//! What was fetched, byte for byte: evidence, and the state for conditional requests.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::digest::Digest;

/// How many documents of one origin are kept; those not seen for longest go first.
const MOST: i64 = 500;

/// A document that was fetched before, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The row's id.
    pub id: i64,
    /// Where it was at last fetched from.
    pub final_url: String,
    /// The format that led there.
    pub format: String,
    /// Whether something is listed from it.
    pub is_listed: bool,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When there was a document at this address for the first time.
    pub first_seen_at: DateTime<Utc>,
    /// Where the address says that it has moved for good.
    pub moved_to: Option<String>,
    /// How many visits in a row have seen it say so.
    pub moved_sightings: i32,
    /// Until when it need not be asked for again.
    pub fresh_until: Option<DateTime<Utc>>,
}

/// How many visits in a row have to see a permanent redirect before its target is asked instead (discovery section 9).
const SIGHTINGS: i32 = 3;

impl Known {
    /// The address to ask instead of this one, once it has said often enough that it has moved for good.
    pub fn instead(&self) -> Option<&str> {
        self.moved_to.as_deref().filter(|_| self.moved_sightings >= SIGHTINGS)
    }

    /// Whether a visit saw nothing that is not known.
    pub fn is_as(&self, seen: &Seen<'_>) -> bool {
        self.sha256 == seen.sha256
            && self.final_url == seen.final_url
            && self.etag.as_deref() == seen.etag
            && self.last_modified.as_deref() == seen.last_modified
            && self.moved_to.as_deref() == seen.moved_to
            && (seen.moved_to.is_none() || self.moved_sightings >= SIGHTINGS)
    }
}

/// A document as this visit has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The address that was asked.
    pub url: &'a str,
    /// The address that answered.
    pub final_url: &'a str,
    /// The format that led there.
    pub format: &'a str,
    /// What it is.
    pub shape: &'a str,
    /// Its `ETag`.
    pub etag: Option<&'a str>,
    /// Its `Last-Modified`.
    pub last_modified: Option<&'a str>,
    /// SHA-256 of its bytes as they were fetched.
    pub sha256: Digest,
    /// Its bytes as they are kept.
    pub body: &'a [u8],
    /// Where the address says that it has moved for good.
    pub moved_to: Option<&'a str>,
}

/// The documents of an origin, by the address that was asked.
pub async fn known(conn: &mut PgConnection, origin_id: i64) -> Result<HashMap<String, Known>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT id, url, final_url, format, etag, last_modified, sha256, first_seen_at, moved_to, moved_sightings, fresh_until,
               url IN (SELECT f.url FROM findings f WHERE f.origin_id = $1 AND f.outcome IN ('listed', 'stale'))
                   AS "is_listed!"
        FROM documents WHERE origin_id = $1
        "#,
        origin_id
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let known = Known {
                id: row.id,
                final_url: row.final_url,
                format: row.format,
                is_listed: row.is_listed,
                etag: row.etag,
                last_modified: row.last_modified,
                sha256: Digest::try_from(row.sha256.as_slice())
                    .map_err(|e| StoreError::corrupt("documents", "sha256", row.id, e))?,
                first_seen_at: row.first_seen_at,
                moved_to: row.moved_to,
                moved_sightings: row.moved_sightings,
                fresh_until: row.fresh_until,
            };
            Ok((row.url, known))
        })
        .collect()
}

/// The bytes of a document.
pub async fn body(conn: &mut PgConnection, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sqlx::query_scalar!("SELECT body FROM documents WHERE id = $1", id).fetch_optional(conn).await?)
}

/// Writes a document down; only different bytes move the time of its last change.
pub async fn save(
    conn: &mut PgConnection,
    origin_id: i64,
    seen: &Seen<'_>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO documents AS d (origin_id, url, final_url, format, shape, etag, last_modified, sha256, body,
                                    first_seen_at, changed_at, fetched_at, moved_to, moved_sightings)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $11, CASE WHEN $11::text IS NULL THEN 0 ELSE 1 END)
        ON CONFLICT (origin_id, url) DO UPDATE
        SET final_url = EXCLUDED.final_url, format = EXCLUDED.format, shape = EXCLUDED.shape, etag = EXCLUDED.etag,
            last_modified = EXCLUDED.last_modified, sha256 = EXCLUDED.sha256,
            body = CASE WHEN d.sha256 = EXCLUDED.sha256 THEN d.body ELSE EXCLUDED.body END,
            changed_at = CASE WHEN d.sha256 = EXCLUDED.sha256 THEN d.changed_at ELSE EXCLUDED.changed_at END,
            fetched_at = EXCLUDED.fetched_at, moved_to = EXCLUDED.moved_to,
            moved_sightings = CASE WHEN d.moved_to = EXCLUDED.moved_to THEN LEAST(d.moved_sightings + 1, 1000)
                                   ELSE EXCLUDED.moved_sightings END
        "#,
        origin_id,
        seen.url,
        seen.final_url,
        seen.format,
        seen.shape,
        seen.etag,
        seen.last_modified,
        seen.sha256.as_bytes().as_slice(),
        seen.body,
        at,
        seen.moved_to,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that documents were fetched again and are what they were.
pub async fn touch(conn: &mut PgConnection, ids: &[i64], at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("UPDATE documents SET fetched_at = $2 WHERE id = ANY($1)", ids, at).execute(conn).await?;
    Ok(())
}

/// Says until when documents of an origin need not be asked for again.
pub async fn keep_fresh(
    conn: &mut PgConnection,
    origin_id: i64,
    fresh: &[(&str, DateTime<Utc>)],
) -> Result<(), StoreError> {
    let (urls, until): (Vec<_>, Vec<_>) =
        fresh.iter().map(|(url, until)| ((*url).to_owned(), *until)).unzip();
    sqlx::query!(
        r#"
        UPDATE documents d SET fresh_until = f.until
        FROM UNNEST($2::text[], $3::timestamptz[]) AS f (url, until)
        WHERE d.origin_id = $1 AND d.url = f.url
        "#,
        origin_id,
        &urls,
        &until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops the documents of an origin that are too many, so that a site that names new addresses each time cannot fill the disk.
pub async fn prune(conn: &mut PgConnection, origin_id: i64) -> Result<u64, StoreError> {
    let pruned = sqlx::query!(
        r#"
        DELETE FROM documents WHERE id IN (
            SELECT id FROM documents WHERE origin_id = $1 ORDER BY fetched_at DESC, id OFFSET $2
        )
        "#,
        origin_id,
        MOST,
    )
    .execute(conn)
    .await?;
    Ok(pruned.rows_affected())
}
