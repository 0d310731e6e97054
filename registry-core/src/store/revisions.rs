//! Revisions: what documents and listings were before they changed, with the difference.
//!
//! A bounded history: the last revisions of each, and no more bytes than one origin may take up. Hashes are always kept with
//! a revision, bytes only where they are short enough.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use super::servers::Change;
use crate::card::origin::Origin;
use crate::digest::Digest;
use crate::name::ServerName;
use crate::revision::diff;

/// How many changes of one document or listing are kept.
const MOST: i64 = 20;

/// How many bytes the kept revisions of one origin's documents take up at most.
const ORIGIN_BYTES: i64 = 16 * 1024 * 1024;

/// The largest earlier document that is kept.
const LARGEST: usize = 256 * 1024;

/// One change of a document or a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// What changed: a document's address, or a version.
    pub of: String,
    /// Its number; the first revision is 1 and has no change.
    pub number: i32,
    /// When it changed.
    pub at: DateTime<Utc>,
    /// SHA-256 of what it is since then.
    pub sha256: Digest,
    /// SHA-256 of what it was before.
    pub previous: Digest,
    /// What it was before, where that is text and short enough to be kept.
    pub body: Option<String>,
    /// The difference as an RFC 6902 patch, where both are JSON.
    pub diff: Option<String>,
}

/// Writes down that a document is about to change to these bytes; says which revision they are.
pub async fn add(
    conn: &mut PgConnection,
    document_id: i64,
    sha256: Digest,
    body: &[u8],
    at: DateTime<Utc>,
) -> Result<Option<i32>, StoreError> {
    let known = sqlx::query!("SELECT sha256, body FROM documents WHERE id = $1", document_id)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(known) = known.filter(|known| known.sha256 != sha256.as_bytes()) else { return Ok(None) };
    let patch = diff(&known.body, body);
    let number = sqlx::query_scalar!(
        r#"
        INSERT INTO document_revisions (document_id, number, at, sha256, previous_sha256, previous_body, diff)
        VALUES ($1, (SELECT COALESCE(max(number), 1) + 1 FROM document_revisions WHERE document_id = $1), $2, $3, $4, $5, $6)
        RETURNING number
        "#,
        document_id,
        at,
        sha256.as_bytes().as_slice(),
        known.sha256,
        (known.body.len() <= LARGEST).then_some(known.body),
        patch,
    )
    .fetch_one(conn)
    .await?;
    Ok(Some(number))
}

/// Drops what is too much of an origin's revisions: the oldest of each document, and the oldest of all beyond their bytes.
pub async fn prune(conn: &mut PgConnection, origin_id: i64) -> Result<u64, StoreError> {
    let pruned = sqlx::query!(
        r#"
        DELETE FROM document_revisions WHERE id IN (
            SELECT id FROM (
                SELECT r.id,
                       row_number() OVER (PARTITION BY r.document_id ORDER BY r.number DESC) AS place,
                       sum(octet_length(COALESCE(r.previous_body, '')) + octet_length(COALESCE(r.diff, '')))
                           OVER (ORDER BY r.at DESC, r.id DESC) AS bytes
                FROM document_revisions r JOIN documents d ON d.id = r.document_id WHERE d.origin_id = $1
            ) kept WHERE place > $2 OR bytes > $3
        )
        "#,
        origin_id,
        MOST,
        ORIGIN_BYTES,
    )
    .execute(conn)
    .await?;
    Ok(pruned.rows_affected())
}

/// The changes of an origin's documents, the newest first, at most `limit`.
pub async fn of_origin(
    conn: &mut PgConnection,
    origin: &Origin,
    limit: i64,
) -> Result<Vec<Revision>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT d.url AS "of!", r.number AS "number!", r.at AS "at!", r.sha256 AS "sha256!",
               r.previous_sha256 AS "previous!", r.previous_body AS body, r.diff
        FROM document_revisions r JOIN documents d ON d.id = r.document_id JOIN origins o ON o.id = d.origin_id
        WHERE o.host = $1 ORDER BY r.at DESC, r.id DESC LIMIT $2
        "#,
        origin.host(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| row.into_revision("document_revisions")).collect()
}

/// The changes of a server's listings, the newest first, at most `limit`.
pub async fn of_server(
    conn: &mut PgConnection,
    name: &ServerName,
    limit: i64,
) -> Result<Vec<Revision>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT v.version AS "of!", r.number AS "number!", r.at AS "at!", r.sha256 AS "sha256!",
               r.previous_sha256 AS "previous!", convert_to(r.previous_document, 'UTF8') AS body, r.diff
        FROM listing_revisions r JOIN versions v ON v.id = r.version_id JOIN servers s ON s.id = v.server_id
        WHERE s.name = $1 ORDER BY r.at DESC, r.id DESC LIMIT $2
        "#,
        name.as_str(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| row.into_revision("listing_revisions")).collect()
}

struct Row {
    of: String,
    number: i32,
    at: DateTime<Utc>,
    sha256: Vec<u8>,
    previous: Vec<u8>,
    body: Option<Vec<u8>>,
    diff: Option<String>,
}

impl Row {
    fn into_revision(self, table: &'static str) -> Result<Revision, StoreError> {
        let digest = |column, bytes: &[u8]| {
            Digest::try_from(bytes).map_err(|e| StoreError::corrupt(table, column, &self.of, e))
        };
        Ok(Revision {
            sha256: digest("sha256", &self.sha256)?,
            previous: digest("previous_sha256", &self.previous)?,
            of: self.of,
            number: self.number,
            at: self.at,
            body: self.body.and_then(|body| String::from_utf8(body).ok()),
            diff: self.diff,
        })
    }
}

/// Keeps the documents that these versions are about to lose.
pub(super) async fn supersede(conn: &mut PgConnection, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let new: Vec<_> =
        changes.iter().filter_map(|(id, held)| Some((*id, *held, held.document.as_deref()?))).collect();
    if new.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query!(
        r#"
        SELECT v.id, v.server_id, v.version, v.document
        FROM versions v JOIN UNNEST($1::bigint[], $2::text[]) AS u (server_id, version)
             ON v.server_id = u.server_id AND v.version = u.version
        "#,
        &new.iter().map(|(id, _, _)| *id).collect::<Vec<_>>(),
        &new.iter().map(|(_, held, _)| held.version.to_string()).collect::<Vec<_>>(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut lost = Lost::default();
    for row in rows {
        let change =
            new.iter().find(|(id, held, _)| *id == row.server_id && held.version.as_str() == row.version);
        let Some((_, held, document)) = change.filter(|(_, _, document)| *document != row.document) else {
            continue;
        };
        lost.version_id.push(row.id);
        lost.at.push(held.standing.updated_at);
        lost.sha256.push(held.document_hash.as_bytes().to_vec());
        lost.previous.push(Digest::of(row.document.as_bytes()).as_bytes().to_vec());
        lost.diff.push(diff(row.document.as_bytes(), document.as_bytes()));
        lost.document.push((row.document.len() <= LARGEST).then_some(row.document));
    }
    lost.insert(conn).await
}

/// The columns of many rows, as UNNEST takes them.
#[derive(Default)]
struct Lost {
    version_id: Vec<i64>,
    at: Vec<DateTime<Utc>>,
    sha256: Vec<Vec<u8>>,
    previous: Vec<Vec<u8>>,
    document: Vec<Option<String>>,
    diff: Vec<Option<String>>,
}

impl Lost {
    async fn insert(self, conn: &mut PgConnection) -> Result<(), StoreError> {
        if self.version_id.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            r#"
            INSERT INTO listing_revisions (version_id, number, at, sha256, previous_sha256, previous_document, diff)
            SELECT u.version_id, (SELECT COALESCE(max(number), 1) + 1 FROM listing_revisions r WHERE r.version_id = u.version_id),
                   u.at, u.sha256, u.previous, u.document, u.diff
            FROM UNNEST($1::bigint[], $2::timestamptz[], $3::bytea[], $4::bytea[], $5::text[], $6::text[])
                 AS u (version_id, at, sha256, previous, document, diff)
            "#,
            &self.version_id,
            &self.at,
            &self.sha256,
            &self.previous,
            &self.document as &[Option<String>],
            &self.diff as &[Option<String>],
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            r#"
            DELETE FROM listing_revisions r
            WHERE r.version_id = ANY($1)
              AND r.number <= (SELECT max(number) FROM listing_revisions n WHERE n.version_id = r.version_id) - $2::int
            "#,
            &self.version_id,
            i32::try_from(MOST).unwrap_or(i32::MAX),
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}
