//! The requests made, kept until a visit ends and then written together.

use std::sync::Mutex;
use std::time::Instant;

use chrono::{DateTime, Utc};
use registry_core::outbound::FailureClass;
use registry_core::store::fetches::{self, Fetch};
use registry_core::store::{PgPool, StoreError};
use url::Url;

use super::{Turns, lock};

/// How many are kept while the database is away; of more, the newest are lost.
const MOST: usize = 50_000;

/// How many are written by one statement.
const AT_ONCE: usize = 1_000;

/// Requests that are not in the database yet.
#[derive(Debug, Default)]
pub(super) struct Records(Mutex<Vec<Fetch>>);

impl Records {
    /// Keeps one; a dry run writes nothing.
    pub(super) fn add(
        &self,
        at: DateTime<Utc>,
        url: &Url,
        begun: Instant,
        answer: Result<(u16, usize), FailureClass>,
        turns: &Turns,
    ) {
        if matches!(turns, Turns::Own) {
            return;
        }
        let (status, bytes, outcome) = match answer {
            Ok((status, bytes)) => (Some(status), bytes as u64, "answered"),
            Err(class) => (None, 0, class.as_str()),
        };
        let fetch = Fetch {
            at,
            host: url.host_str().unwrap_or_default().to_owned(),
            url: url.to_string(),
            status,
            bytes,
            outcome: outcome.to_owned(),
            milliseconds: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
        };
        let mut kept = lock(&self.0);
        if kept.len() < MOST {
            kept.push(fetch);
        }
    }

    /// Writes all of them; where that fails, they are kept.
    pub(super) async fn flush(&self, pool: &PgPool) -> Result<(), StoreError> {
        loop {
            let some: Vec<Fetch> = {
                let mut kept = lock(&self.0);
                let count = kept.len().min(AT_ONCE);
                kept.drain(..count).collect()
            };
            if some.is_empty() {
                return Ok(());
            }
            let written = match pool.acquire().await {
                Ok(mut conn) => fetches::insert(&mut conn, &some).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = written {
                let mut kept = lock(&self.0);
                let room = MOST.saturating_sub(kept.len());
                kept.extend(some.into_iter().take(room));
                return Err(error);
            }
        }
    }
}
