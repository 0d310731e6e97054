//! Where an origin has no document, and when it is asked there again (discovery section 11).

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// How long an address whose document is gone for good is left alone.
const GONE: TimeDelta = TimeDelta::days(90);

/// One address, and whether it is gone for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The address.
    pub url: String,
    /// Whether the host said so.
    pub is_gone: bool,
}

/// The addresses of an origin that need not be asked yet.
pub async fn of(
    conn: &mut PgConnection,
    origin_id: i64,
    now: DateTime<Utc>,
) -> Result<HashMap<String, DateTime<Utc>>, StoreError> {
    let rows = sqlx::query!(
        "SELECT url, ask_again_at FROM absences WHERE origin_id = $1 AND ask_again_at > $2",
        origin_id,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.url, row.ask_again_at)).collect())
}

/// Writes down what a visit did not find; at the same addresses again after a day, a week, a month.
pub async fn missed(
    conn: &mut PgConnection,
    origin_id: i64,
    absent: &[Absent],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let urls: Vec<_> = absent.iter().map(|absent| absent.url.clone()).collect();
    let gone: Vec<_> = absent.iter().map(|absent| absent.is_gone).collect();
    // A little early, so that a visit of the same hour of another day is not a few seconds too soon.
    sqlx::query!(
        r#"
        INSERT INTO absences AS a (origin_id, url, misses, ask_again_at)
        SELECT $1, m.url, 1, $4::timestamptz + CASE WHEN m.gone THEN make_interval(days => $5) ELSE interval '23 hours' END
        FROM UNNEST($2::text[], $3::boolean[]) AS m (url, gone)
        ON CONFLICT (origin_id, url) DO UPDATE
        SET misses = a.misses + 1,
            ask_again_at = GREATEST(EXCLUDED.ask_again_at, CASE
                WHEN a.misses >= 2 THEN $4::timestamptz + interval '30 days'
                WHEN a.misses = 1 THEN $4::timestamptz + interval '7 days'
                ELSE EXCLUDED.ask_again_at END)
        "#,
        origin_id,
        &urls,
        &gone,
        now,
        i32::try_from(GONE.num_days()).unwrap_or(90),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what was missed at these addresses: there is something now.
pub async fn found(conn: &mut PgConnection, origin_id: i64, urls: &[String]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM absences WHERE origin_id = $1 AND url = ANY($2)", origin_id, urls)
        .execute(conn)
        .await?;
    Ok(())
}
