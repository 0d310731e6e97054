//! When each host may be asked next, so that several crawlers together are as polite as one.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// Reserves the host's next turn and says when it is; none when it would be later than `latest`.
pub async fn reserve(
    conn: &mut PgConnection,
    host: &str,
    now: DateTime<Utc>,
    interval: TimeDelta,
    latest: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let next = sqlx::query_scalar!(
        r#"
        INSERT INTO hosts AS h (host, next_at) VALUES ($1, $2::timestamptz + make_interval(secs => $3))
        ON CONFLICT (host) DO UPDATE SET next_at = GREATEST(h.next_at, $2::timestamptz) + make_interval(secs => $3)
        WHERE h.next_at <= $4
        RETURNING next_at
        "#,
        host,
        now,
        interval.as_seconds_f64(),
        latest,
    )
    .fetch_optional(conn)
    .await?;
    Ok(next.map(|next| next - interval))
}

/// Forgets the hosts that nobody waits for.
pub async fn forget(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Ok(sqlx::query!("DELETE FROM hosts WHERE next_at < $1", before).execute(conn).await?.rows_affected())
}
