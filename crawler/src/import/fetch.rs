//! Asking for what is imported: again after 429 and 5xx, with the patience that the answer asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::DateTime;
use registry_core::clock::SharedClock;
use registry_core::outbound::reason;
use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Client, Response};
use tokio::time::{sleep, timeout};
use url::Url;

/// The largest page of a registry's list.
const MAX_PAGE: usize = 10 * 1024 * 1024;

/// The longest wait that is sat out.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How often and how soon a failed request is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// How often one request is sent at most.
    pub attempts: u32,
    /// The first wait; each next one is twice as long. `Retry-After` counts instead where it is sent.
    pub wait: Duration,
    /// For one page, body included.
    pub page_timeout: Duration,
    /// How many requests are repeated in all.
    pub budget: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            wait: Duration::from_millis(500),
            page_timeout: Duration::from_secs(60),
            budget: 100,
        }
    }
}

/// Why an address gave nothing to import.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer.
    #[error("`{url}` cannot be read: {reason}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why, in a sentence.
        reason: String,
    },
    /// An answer that is none.
    #[error("`{url}` answered with status {status}")]
    Status {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
        /// How long it asks to be left alone.
        after: Option<Duration>,
    },
    /// Too large a page.
    #[error("`{url}` answered with a page of more than 10 MiB; ask for smaller pages with `limit`")]
    TooLarge {
        /// What was asked.
        url: String,
    },
}

/// The client with its patience.
#[derive(Clone)]
pub(super) struct Fetcher {
    pub(super) client: Client,
    pub(super) retry: Retry,
    pub(super) clock: SharedClock,
    budget: Arc<AtomicU32>,
}

impl Fetcher {
    pub(super) fn new(client: Client, retry: Retry, clock: SharedClock) -> Self {
        Self { client, retry, clock, budget: Arc::new(AtomicU32::new(retry.budget)) }
    }

    /// An answer whose status is a success, its body still to come.
    pub(super) async fn open(&self, url: &Url) -> Result<Response, FetchError> {
        self.repeat(|| self.send(url)).await
    }

    /// A page of a list.
    pub(super) async fn page(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let limit = self.retry.page_timeout;
        self.repeat(|| async {
            timeout(limit, self.read_page(url)).await.unwrap_or_else(|_| {
                let reason = format!("the page took longer than {} s", limit.as_secs());
                Err(again(FetchError::Unreachable { url: url.to_string(), reason }))
            })
        })
        .await
    }

    async fn repeat<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<T, FetchError> {
        let mut wait = self.retry.wait;
        let mut attempt = 1;
        loop {
            let failure = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let pause = failure.after.unwrap_or(wait);
            // Who asks for more patience than that is asked another day.
            let is_now = failure.again && pause <= LONGEST_WAIT;
            if !is_now || attempt >= self.retry.attempts || !self.spend() {
                return Err(failure.error);
            }
            tracing::info!(wait_ms = pause.as_millis(), "{}; it is asked again", failure.error);
            sleep(pause).await;
            wait = (wait * 2).min(LONGEST_WAIT);
            attempt += 1;
        }
    }

    /// Takes one repetition out of the budget, if it has any left.
    fn spend(&self) -> bool {
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    async fn send(&self, url: &Url) -> Result<Response, Failure> {
        let request = self.client.get(url.clone()).header(ACCEPT, "application/json, */*;q=0.5");
        let response = request.send().await.map_err(|error| unreachable(url, &error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let after = self.retry_after(&response);
        Err(Failure {
            again: status.as_u16() == 429 || status.is_server_error(),
            after,
            error: FetchError::Status { url: url.to_string(), status: status.as_u16(), after },
        })
    }

    async fn read_page(&self, url: &Url) -> Result<Vec<u8>, Failure> {
        let mut response = self.send(url).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(url, &error))? {
            if body.len() + chunk.len() > MAX_PAGE {
                return Err(Failure {
                    again: false,
                    after: None,
                    error: FetchError::TooLarge { url: url.to_string() },
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Seconds, or a date (RFC 9110 section 10.2.3).
    fn retry_after(&self, response: &Response) -> Option<Duration> {
        let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = DateTime::parse_from_rfc2822(text).ok()?;
        Some((date.to_utc() - self.clock.now()).to_std().unwrap_or_default())
    }
}

/// A failed attempt.
struct Failure {
    error: FetchError,
    again: bool,
    after: Option<Duration>,
}

fn again(error: FetchError) -> Failure {
    Failure { error, again: true, after: None }
}

fn unreachable(url: &Url, error: &reqwest::Error) -> Failure {
    let failure = FetchError::Unreachable { url: url.to_string(), reason: reason(error) };
    Failure { again: !error.is_redirect() && !error.is_builder(), after: None, error: failure }
}
