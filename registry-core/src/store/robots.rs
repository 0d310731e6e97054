//! robots.txt of other people's hosts, read once a day by all crawlers together (RFC 9309).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Robots {
    /// The answer's status; none where there was no answer.
    pub status: Option<u16>,
    /// The file.
    pub body: Vec<u8>,
    /// Why there was no answer.
    pub reason: Option<String>,
    /// Until when it counts.
    pub valid_until: DateTime<Utc>,
}

/// What still counts of an origin, as in `https://acme.com`.
pub async fn get(
    conn: &mut PgConnection,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Option<Robots>, StoreError> {
    let row = sqlx::query!(
        "SELECT status, body, reason, valid_until FROM robots WHERE origin = $1 AND valid_until > $2",
        origin,
        now,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Robots {
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        body: row.body,
        reason: row.reason,
        valid_until: row.valid_until,
    }))
}

/// Writes down what was read.
pub async fn save(conn: &mut PgConnection, origin: &str, robots: &Robots) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO robots (origin, status, body, reason, valid_until) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (origin) DO UPDATE
        SET status = EXCLUDED.status, body = EXCLUDED.body, reason = EXCLUDED.reason, valid_until = EXCLUDED.valid_until
        "#,
        origin,
        robots.status.map(i32::from),
        robots.body,
        robots.reason,
        robots.valid_until,
    )
    .execute(conn)
    .await?;
    Ok(())
}
