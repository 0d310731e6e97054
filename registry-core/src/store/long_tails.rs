//! When the rare places of an origin were last asked.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// When they were; none where they never were.
pub async fn asked_at(conn: &mut PgConnection, origin_id: i64) -> Result<Option<DateTime<Utc>>, StoreError> {
    let asked = sqlx::query_scalar!("SELECT asked_at FROM long_tails WHERE origin_id = $1", origin_id);
    Ok(asked.fetch_optional(conn).await?)
}

/// Says that they were asked now.
pub async fn save(conn: &mut PgConnection, origin_id: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO long_tails (origin_id, asked_at) VALUES ($1, $2)
        ON CONFLICT (origin_id) DO UPDATE SET asked_at = EXCLUDED.asked_at
        "#,
        origin_id,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}
