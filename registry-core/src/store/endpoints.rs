//! Endpoints: one row for each canonical address, and whose listing it belongs to.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::listing::Source;

/// The longest address that gets a row.
pub const LONGEST: usize = 2000;

/// A listing that has an endpoint already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incumbent {
    /// The endpoint, as it was asked for.
    pub url: String,
    /// The name of the listing.
    pub server_name: String,
    /// Who decides about that name.
    pub source: Source,
    /// The origin it was crawled from.
    pub origin_id: Option<i64>,
    /// How far that description is believed; the lower, the further.
    pub rank: Option<i32>,
}

/// An endpoint of a crawled listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// Its canonical address.
    pub url: String,
    /// Its host.
    pub host: String,
}

/// An endpoint and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its canonical address.
    pub url: String,
    /// The listing it belongs to.
    pub server_name: String,
    /// Whether it answers: `unprobed`, `alive`, ….
    pub state: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When a document last named it.
    pub seen_at: DateTime<Utc>,
}

/// The listings that have one of these canonical addresses: crawled ones by their endpoint, others by their latest version's remotes.
pub async fn incumbents(conn: &mut PgConnection, urls: &[String]) -> Result<Vec<Incumbent>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT e.url AS "url!", e.server_name AS "server_name!", s.source AS "source!", e.origin_id, e.rank
        FROM endpoints e JOIN servers s ON s.name = e.server_name
        WHERE e.url = ANY($1) AND e.origin_id IS NOT NULL
        UNION ALL
        SELECT u.url, s.name, s.source, NULL, NULL
        FROM UNNEST($1::text[]) AS u (url)
        -- A canonical address has no final slash; a published one may.
        JOIN remotes r ON (md5(r.url) = md5(u.url) AND r.url = u.url COLLATE "C")
                       OR (md5(r.url) = md5(u.url || '/') AND r.url = (u.url || '/') COLLATE "C")
        JOIN versions v ON v.id = r.version_id AND v.is_latest AND v.status <> 'deleted'
        JOIN servers s ON s.id = v.server_id AND s.source <> 'crawled'
        "#,
        urls,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let source =
                row.source.parse().map_err(|e| StoreError::corrupt("servers", "source", &row.server_name, e));
            Ok(Incumbent {
                url: row.url,
                server_name: row.server_name,
                source: source?,
                origin_id: row.origin_id,
                rank: row.rank,
            })
        })
        .collect()
}

/// A crawled listing and its endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding<'a> {
    /// Its name.
    pub server_name: &'a str,
    /// How far its description is believed; the lower, the further.
    pub rank: i32,
    /// Its endpoints; none belongs to two listings.
    pub endpoints: Vec<New>,
}

/// Makes these the endpoints of listings crawled from an origin. What is known of an endpoint stays; those a listing no longer has go.
pub async fn replace(
    conn: &mut PgConnection,
    origin_id: i64,
    holdings: &[Holding<'_>],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (mut urls, mut hosts, mut owners, mut ranks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for holding in holdings {
        for endpoint in &holding.endpoints {
            urls.push(endpoint.url.clone());
            hosts.push(endpoint.host.clone());
            owners.push(holding.server_name.to_owned());
            ranks.push(holding.rank);
        }
    }
    let names: Vec<String> = holdings.iter().map(|holding| holding.server_name.to_owned()).collect();
    sqlx::query!(
        r#"
        DELETE FROM endpoints e
        WHERE e.server_name = ANY($1) AND e.origin_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM UNNEST($2::text[], $3::text[]) AS u (url, owner)
            WHERE u.url = e.url COLLATE "C" AND u.owner = e.server_name COLLATE "C"
        )
        "#,
        &names,
        &urls,
        &owners,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO endpoints (url, host, server_name, origin_id, rank, since, seen_at)
        SELECT DISTINCT ON (url) url, host, owner, $5, rank, $6::timestamptz, $6::timestamptz
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::int[]) AS e (url, host, owner, rank) ORDER BY url
        ON CONFLICT (url) DO UPDATE
        SET server_name = EXCLUDED.server_name, origin_id = EXCLUDED.origin_id, rank = EXCLUDED.rank,
            seen_at = EXCLUDED.seen_at
        "#,
        &urls,
        &hosts,
        &owners,
        &ranks,
        origin_id,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets go of the endpoints of crawled listings that were withdrawn.
pub async fn release(conn: &mut PgConnection, server_names: &[String]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM endpoints WHERE server_name = ANY($1) AND origin_id IS NOT NULL", server_names)
        .execute(conn)
        .await?;
    Ok(())
}

/// The endpoints of a listing.
pub async fn of(conn: &mut PgConnection, server_name: &str) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT url, server_name, state, since, seen_at FROM endpoints WHERE server_name = $1 ORDER BY url",
        server_name,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
