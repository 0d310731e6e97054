//! What one visit brings may be what other origins' descriptions wait for.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::store::{StoreError, origins};

/// What a visit brought that others may wait for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// Documents that a catalog lists now or no longer.
    pub documents: Vec<String>,
    /// Canonical endpoints that are described for the first time.
    pub endpoints: Vec<String>,
    /// Names that are no longer listed.
    pub names: Vec<String>,
}

/// Makes the other origins due whose documents may now fare better: they wait for these documents to be listed or for these
/// endpoints to speak, or they describe one of these names and were not needed. Says how many.
pub async fn decide_anew(
    conn: &mut PgConnection,
    except: i64,
    news: &News,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let woken = sqlx::query_scalar!(
        r#"
        WITH waiting AS (
            SELECT f.origin_id FROM UNNEST($2::text[]) AS u (url)
            JOIN findings f ON md5(f.url) = md5(u.url) AND f.url = u.url
            WHERE f.outcome IN ('listed', 'held', 'withdrawn')
            UNION
            SELECT origin_id FROM findings WHERE outcome = 'held' AND endpoints && $3::text[]
            UNION
            SELECT origin_id FROM findings WHERE outcome = 'skipped' AND server_name = ANY($4)
        ), woken AS (
            UPDATE origins o SET due_at = $5 FROM waiting w
            WHERE o.id = w.origin_id AND o.id <> $1 AND o.due_at > $5 RETURNING o.host
        )
        SELECT pg_notify($6, host)::text FROM woken
        "#,
        except,
        &news.documents,
        &news.endpoints,
        &news.names,
        now,
        origins::CHANNEL,
    )
    .fetch_all(conn)
    .await?;
    Ok(woken.len() as u64)
}
