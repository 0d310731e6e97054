//! The tools of living servers, and how they changed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::digest::Digest;
use crate::mcp::tools::Tools;

/// A tool that an endpoint has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The endpoint.
    pub probe_id: i64,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The hash of all that a client acts on.
    pub hash: Digest,
}

/// A change of an endpoint's tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The tool.
    pub name: String,
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// `added`, `changed` or `removed`.
    pub change: String,
    /// Its hash before.
    pub old_hash: Option<Digest>,
    /// Its hash after.
    pub new_hash: Option<Digest>,
}

/// Takes in the tools that an endpoint lists now, and writes down what changed; says whether anything did. The first list of an
/// endpoint is no change. From a list that is not whole nothing is concluded about tools it does not name.
pub async fn replace(
    conn: &mut PgConnection,
    probe_id: i64,
    tools: &Tools,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let names: Vec<String> = tools.list.iter().map(|tool| tool.name.clone()).collect();
    let descriptions: Vec<String> = tools.list.iter().map(|tool| tool.description.clone()).collect();
    let hashes: Vec<Vec<u8>> = tools.list.iter().map(|tool| tool.hash.as_bytes().to_vec()).collect();
    let is_first = sqlx::query_scalar!(
        r#"SELECT NOT EXISTS (SELECT FROM tools WHERE probe_id = $1) AS "first!""#,
        probe_id
    )
    .fetch_one(&mut *conn)
    .await?;
    let changes = sqlx::query_scalar!(
        r#"
        WITH now AS (SELECT * FROM UNNEST($2::text[], $3::bytea[]) AS u (name, hash)),
             before AS (SELECT name, hash FROM tools WHERE probe_id = $1 AND gone_at IS NULL),
             changed AS (
                SELECT COALESCE(n.name, b.name) AS name, b.hash AS old_hash, n.hash AS new_hash
                FROM now n FULL JOIN before b ON b.name = n.name COLLATE "C"
                WHERE n.hash IS DISTINCT FROM b.hash AND (n.hash IS NOT NULL OR $4)
             ), written AS (
                INSERT INTO tool_changes (probe_id, name, at, change, old_hash, new_hash)
                SELECT $1, name, $5, CASE WHEN old_hash IS NULL THEN 'added' WHEN new_hash IS NULL THEN 'removed' ELSE 'changed' END,
                       old_hash, new_hash
                FROM changed WHERE NOT $6 ORDER BY name
             )
        SELECT count(*) AS "count!" FROM changed
        "#,
        probe_id,
        &names,
        &hashes,
        tools.is_whole,
        at,
        is_first,
    )
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO tools AS t (probe_id, name, description, hash, first_seen_at, last_seen_at)
        SELECT $1, name, description, hash, $5::timestamptz, $5::timestamptz
        FROM UNNEST($2::text[], $3::text[], $4::bytea[]) AS u (name, description, hash) ORDER BY name
        ON CONFLICT (probe_id, name) DO UPDATE
        SET description = EXCLUDED.description, hash = EXCLUDED.hash, last_seen_at = EXCLUDED.last_seen_at, gone_at = NULL
        "#,
        probe_id,
        &names,
        &descriptions,
        &hashes,
        at,
    )
    .execute(&mut *conn)
    .await?;
    if tools.is_whole {
        sqlx::query!(
            r#"
            UPDATE tools SET gone_at = $3
            WHERE probe_id = $1 AND gone_at IS NULL AND name <> ALL($2::text[])
            "#,
            probe_id,
            &names,
            at,
        )
        .execute(conn)
        .await?;
    }
    Ok(changes > 0)
}

/// The tools of these endpoints as they are now, by endpoint and name.
pub async fn of(conn: &mut PgConnection, probe_ids: &[i64]) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT probe_id, name, description, hash FROM tools
        WHERE probe_id = ANY($1) AND gone_at IS NULL ORDER BY probe_id, name
        "#,
        probe_ids,
    )
    .fetch_all(conn)
    .await?;
    let read = rows.into_iter().map(|row| {
        let hash = digest(row.hash.as_slice(), "tools", &row.name)?;
        Ok(Row { probe_id: row.probe_id, name: row.name, description: row.description, hash })
    });
    read.collect()
}

/// How the tools of a canonical address changed, oldest first.
pub async fn changes(conn: &mut PgConnection, url: &str) -> Result<Vec<Change>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT c.name, c.at, c.change, c.old_hash, c.new_hash
        FROM tool_changes c JOIN probes p ON p.id = c.probe_id WHERE p.url = $1 ORDER BY c.id
        "#,
        url,
    )
    .fetch_all(conn)
    .await?;
    let read = rows.into_iter().map(|row| {
        let hash = |bytes: Option<Vec<u8>>| {
            bytes.map(|bytes| digest(bytes.as_slice(), "tool_changes", &row.name)).transpose()
        };
        let (old_hash, new_hash) = (hash(row.old_hash)?, hash(row.new_hash)?);
        Ok(Change { name: row.name.clone(), at: row.at, change: row.change, old_hash, new_hash })
    });
    read.collect()
}

fn digest(bytes: &[u8], table: &'static str, name: &str) -> Result<Digest, StoreError> {
    Digest::try_from(bytes).map_err(|e| StoreError::corrupt(table, "hash", name, e))
}
