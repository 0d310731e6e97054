//! Hearing of news: LISTEN on one connection, with a poll beside it for when the connection is lost.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;

use super::ledger::CHANNEL;

/// Waits for notices on one channel.
pub struct Notices {
    pool: PgPool,
    channel: &'static str,
    listener: Option<PgListener>,
    poll: Duration,
}

impl Notices {
    /// Notices of new ledger rows in `pool`'s database; [`Self::next`] comes back after `poll` at the latest.
    pub fn new(pool: PgPool, poll: Duration) -> Self {
        Self::on(pool, CHANNEL, poll)
    }

    /// Notices on another channel.
    pub fn on(pool: PgPool, channel: &'static str, poll: Duration) -> Self {
        Self { pool, channel, listener: None, poll }
    }

    /// Comes back when there may be news: at a notification, or when the poll is due.
    ///
    /// A lost connection is opened again at the next call; the poll makes up for what was missed.
    pub async fn next(&mut self) {
        let wait = tokio::time::sleep(self.poll);
        tokio::pin!(wait);
        tokio::select! {
            () = &mut wait => {}
            heard = Self::hear(&self.pool, self.channel, &mut self.listener) => if !heard {
                self.listener = None;
                wait.await;
            }
        }
    }

    async fn hear(pool: &PgPool, channel: &str, listener: &mut Option<PgListener>) -> bool {
        if listener.is_none() {
            let Ok(mut fresh) = PgListener::connect_with(pool).await else { return false };
            // A pool that closes must not wait for this connection, which is in use all the time.
            fresh.ignore_pool_close_event(true);
            if fresh.listen(channel).await.is_err() {
                return false;
            }
            *listener = Some(fresh);
        }
        match listener {
            Some(listener) => listener.try_recv().await.is_ok_and(|notice| notice.is_some()),
            None => false,
        }
    }
}
