//! The documents of an origin, and with them everything that is known of it, for its owner and for operators.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Row;
use crate::card::origin::Origin;
use crate::digest::Digest;
use crate::store::fetches::Fetch;
use crate::store::findings::Finding;
use crate::store::revisions::Revision;
use crate::store::{StoreError, fetches, findings, revisions};

/// How many changes of its documents are told.
const REVISIONS: i64 = 100;
/// How many of the last requests to its host are told.
const FETCHES: i64 = 50;

/// Everything that is known of an origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Everything {
    /// When it was and will be visited.
    pub row: Row,
    /// What became of its descriptions.
    pub findings: Vec<Finding>,
    /// Its documents.
    pub documents: Vec<DocumentRow>,
    /// The last changes of these, the newest first.
    pub revisions: Vec<Revision>,
    /// The last requests to its host, the newest first.
    pub fetches: Vec<Fetch>,
}

/// Everything that is known of an origin, with at most so many documents; best read in one snapshot.
pub async fn everything(
    conn: &mut PgConnection,
    origin: &Origin,
    most_documents: i64,
) -> Result<Option<Everything>, StoreError> {
    let Some(row) = super::get(conn, origin).await? else { return Ok(None) };
    Ok(Some(Everything {
        row,
        findings: findings::of(conn, origin).await?,
        documents: documents(conn, origin, most_documents).await?,
        revisions: revisions::of_origin(conn, origin, REVISIONS).await?,
        fetches: fetches::of_host(conn, origin.host(), FETCHES).await?,
    }))
}

/// A document of an origin, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// The address that was asked.
    pub url: String,
    /// The address that answered.
    pub final_url: String,
    /// The format that led there.
    pub format: String,
    /// What it is.
    pub shape: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When it was there for the first time.
    pub first_seen_at: DateTime<Utc>,
    /// When its bytes changed last.
    pub changed_at: DateTime<Utc>,
    /// When it was fetched last.
    pub fetched_at: DateTime<Utc>,
}

/// The documents of an origin by address, at most `limit`.
pub async fn documents(
    conn: &mut PgConnection,
    origin: &Origin,
    limit: i64,
) -> Result<Vec<DocumentRow>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT d.id, d.url, d.final_url, d.format, d.shape, d.sha256, d.first_seen_at, d.changed_at, d.fetched_at
        FROM documents d JOIN origins o ON o.id = d.origin_id WHERE o.host = $1 ORDER BY d.url LIMIT $2
        "#,
        origin.host(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let sha256 = Digest::try_from(row.sha256.as_slice())
                .map_err(|e| StoreError::corrupt("documents", "sha256", row.id, e))?;
            Ok(DocumentRow {
                url: row.url,
                final_url: row.final_url,
                format: row.format,
                shape: row.shape,
                sha256,
                first_seen_at: row.first_seen_at,
                changed_at: row.changed_at,
                fetched_at: row.fetched_at,
            })
        })
        .collect()
}
