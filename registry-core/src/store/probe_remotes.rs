//! The remotes of listings and the endpoints they are: kept in step with the latest versions, and told when there is news.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{StoreError, probes};
use crate::mcp::judge::Live;
use crate::mcp::state::Standing;

/// The advisory lock under which one process keeps them in step: the letters "probe" as a number.
const LOCK: i64 = 0x70_726f_6265;

/// A remote that is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The row of its version.
    pub version_id: i64,
    /// Its place among the remotes.
    pub position: i32,
    /// Its transport.
    pub kind: String,
    /// Its address, as the listing has it.
    pub url: String,
    /// When its version was last changed.
    pub updated_at: DateTime<Utc>,
    /// The version's document.
    pub document: String,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is asked.
    Asked {
        /// Its canonical address.
        key: String,
        /// The address to ask.
        address: String,
    },
    /// It is not, for this reason.
    Obstacle(String),
}

/// A remote of a listing and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The name of the listing.
    pub server_name: String,
    /// Its latest version.
    pub version: String,
    /// Its place among the remotes.
    pub position: usize,
    /// Its address, as the listing has it.
    pub url: String,
    /// Why it is not asked.
    pub obstacle: Option<String>,
    /// The endpoint it is.
    pub probe_id: Option<i64>,
    /// How that stands; none where it was never visited.
    pub standing: Option<Standing>,
    /// What it last said of itself while it lived.
    pub live: Option<Live>,
}

/// Lets one process at a time go on, until the transaction ends; says whether it is this one.
pub async fn try_lock(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1) AS "locked!""#, LOCK);
    Ok(locked.fetch_one(conn).await?)
}

/// Up to `limit` remotes of latest versions that are not known as they are now.
pub async fn missing(conn: &mut PgConnection, limit: i64) -> Result<Vec<Missing>, StoreError> {
    let rows = sqlx::query_as!(
        Missing,
        r#"
        SELECT v.id AS version_id, r.position, r.kind, r.url, v.updated_at, v.document
        FROM versions v JOIN remotes r ON r.version_id = v.id
        WHERE v.is_latest AND v.status <> 'deleted' AND NOT EXISTS (
            SELECT FROM probe_remotes k
            WHERE k.version_id = v.id AND k.position = r.position AND k.url = r.url AND k.kind = r.kind
              AND k.version_updated_at = v.updated_at
        )
        ORDER BY v.id, r.position LIMIT $1
        "#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Takes remotes in, each with what becomes of it; endpoints that are new are due at once.
pub async fn add(
    conn: &mut PgConnection,
    remotes: &[(Missing, Reach)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut endpoints: Vec<(&str, &str)> = Vec::new();
    for (_, reach) in remotes {
        if let Reach::Asked { key, address } = reach {
            endpoints.push((key, address));
        }
    }
    endpoints.sort_unstable();
    endpoints.dedup_by_key(|(key, _)| *key);
    let (keys, addresses): (Vec<String>, Vec<String>) =
        endpoints.into_iter().map(|(key, address)| (key.to_owned(), address.to_owned())).unzip();
    sqlx::query!(
        r#"
        INSERT INTO probes (url, asked, since, added_at, changed_at, due_at)
        SELECT url, asked, $3::timestamptz, $3::timestamptz, $3::timestamptz, $3::timestamptz
        FROM UNNEST($1::text[], $2::text[]) AS u (url, asked) ORDER BY url
        ON CONFLICT (url) DO NOTHING
        "#,
        &keys,
        &addresses,
        now,
    )
    .execute(&mut *conn)
    .await?;
    let mut rows = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (remote, reach) in remotes {
        let (key, obstacle) = match reach {
            Reach::Asked { key, .. } => (Some(key.clone()), None),
            Reach::Obstacle(reason) => (None, Some(reason.clone())),
        };
        rows.0.push(remote.version_id);
        rows.1.push(remote.position);
        rows.2.push(remote.kind.clone());
        rows.3.push(remote.url.clone());
        rows.4.push(remote.updated_at);
        rows.5.push(key);
        rows.6.push(obstacle);
    }
    sqlx::query!(
        r#"
        INSERT INTO probe_remotes (version_id, position, kind, url, version_updated_at, probe_id, obstacle)
        SELECT u.version_id, u.position, u.kind, u.url, u.updated_at, p.id, u.obstacle
        FROM UNNEST($1::bigint[], $2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])
             AS u (version_id, position, kind, url, updated_at, key, obstacle)
        LEFT JOIN probes p ON p.url = u.key
        ON CONFLICT (version_id, position) DO UPDATE
        SET kind = EXCLUDED.kind, url = EXCLUDED.url, version_updated_at = EXCLUDED.version_updated_at,
            probe_id = EXCLUDED.probe_id, obstacle = EXCLUDED.obstacle, told = false
        "#,
        &rows.0,
        &rows.1,
        &rows.2,
        &rows.3,
        &rows.4,
        &rows.5 as &[Option<String>],
        &rows.6 as &[Option<String>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops up to `limit` remotes that no latest version has any more, and says which listings had them.
pub async fn vanish(conn: &mut PgConnection, limit: i64) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar!(
        r#"
        WITH gone AS (
            SELECT k.version_id, k.position
            FROM probe_remotes k JOIN versions v ON v.id = k.version_id
            WHERE NOT v.is_latest OR v.status = 'deleted' OR NOT EXISTS (
                SELECT FROM remotes r WHERE r.version_id = k.version_id AND r.position = k.position
            )
            ORDER BY k.version_id, k.position LIMIT $1
        ), dropped AS (
            DELETE FROM probe_remotes k USING gone g
            WHERE k.version_id = g.version_id AND k.position = g.position RETURNING k.version_id
        )
        SELECT DISTINCT s.name AS "name!"
        FROM dropped d JOIN versions v ON v.id = d.version_id JOIN servers s ON s.id = v.server_id ORDER BY 1
        "#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(names)
}

/// Up to `limit` listings that have something to be told, by name.
pub async fn untold(conn: &mut PgConnection, limit: i64) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT s.name
        FROM probe_remotes k JOIN versions v ON v.id = k.version_id JOIN servers s ON s.id = v.server_id
        LEFT JOIN probes p ON p.id = k.probe_id
        WHERE NOT k.told AND (k.obstacle IS NOT NULL OR p.checked_at IS NOT NULL)
        ORDER BY s.name LIMIT $1
        "#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(names)
}

/// The remotes of these listings with what is known of them, in the order of the listings; they are told from now on.
///
/// The rows are marked before they are read, so that whoever finds something new meanwhile marks them again.
pub async fn tell(conn: &mut PgConnection, server_names: &[String]) -> Result<Vec<Known>, StoreError> {
    sqlx::query!(
        r#"
        UPDATE probe_remotes k SET told = true
        FROM versions v JOIN servers s ON s.id = v.server_id
        WHERE k.version_id = v.id AND NOT k.told AND s.name = ANY($1)
          AND (k.obstacle IS NOT NULL OR EXISTS (SELECT FROM probes p WHERE p.id = k.probe_id AND p.checked_at IS NOT NULL))
        "#,
        server_names,
    )
    .execute(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"
        SELECT s.name, v.version, k.position, k.url, k.obstacle, k.probe_id, p.state AS "state?", p.reason AS "reason?",
               p.since AS "since?", p.failures AS "failures?", p.first_failure_at AS "first_failure_at?",
               p.last_ok_at AS "last_ok_at?", p.checked_at AS "checked_at?", p.live AS "live?"
        FROM probe_remotes k
        JOIN versions v ON v.id = k.version_id AND v.is_latest AND v.status <> 'deleted'
        JOIN servers s ON s.id = v.server_id
        LEFT JOIN probes p ON p.id = k.probe_id
        WHERE s.name = ANY($1) ORDER BY s.name, k.position
        "#,
        server_names,
    )
    .fetch_all(conn)
    .await?;
    let known = rows.into_iter().map(|row| {
        let standing = match (row.checked_at, row.state, row.since) {
            (Some(_), Some(state), Some(since)) => Some(Standing {
                state: state.parse().map_err(|e| StoreError::corrupt("probes", "state", &row.url, e))?,
                reason: row.reason,
                since,
                failures: row.failures.unwrap_or_default(),
                first_failure_at: row.first_failure_at,
                last_ok_at: row.last_ok_at,
            }),
            _ => None,
        };
        Ok(Known {
            server_name: row.name,
            version: row.version,
            position: usize::try_from(row.position).unwrap_or_default(),
            url: row.url,
            obstacle: row.obstacle,
            probe_id: row.probe_id,
            standing,
            live: probes::read(row.live.as_deref()),
        })
    });
    known.collect()
}
