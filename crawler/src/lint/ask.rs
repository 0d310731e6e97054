//! One request of a check: robots.txt obeyed, the host's turn awaited, the guard in between.

use std::sync::Arc;
use std::time::Duration;

use registry_core::lint::host::Failure;
use registry_core::outbound::{Answer, Client, FetchError, Once};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::fetch::{Asked, Fetcher, Turns};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who asks, and until when.
#[derive(Clone)]
pub(super) struct Asker {
    pub(super) fetcher: Arc<Fetcher>,
    pub(super) client: Client,
    pub(super) deadline: Instant,
    pub(super) random: fn() -> u64,
}

impl Asker {
    /// Asks once, without following redirects.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        max_bytes: usize,
    ) -> Result<Answer, Failure> {
        let left = self.deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
        let once = Once { method, url: url.clone(), headers, max_bytes };
        match timeout(left, self.ask_in_turn(once)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::Fetch(format!("`{url}` was not answered in time"))),
        }
    }

    async fn ask_in_turn(&self, once: Once) -> Result<Answer, Failure> {
        let admitted = self.fetcher.admit(&once.url, &Turns::Own).await;
        let _turn = match admitted.map_err(|error| Failure::Fetch(error.to_string()))? {
            Ok(turn) => turn,
            Err(Asked::Disallowed(reason)) => return Err(Failure::Robots(reason)),
            Err(Asked::NotNow(reason)) => return Err(Failure::Fetch(reason)),
            Err(Asked::Failed(error)) => return Err(Failure::of(&error)),
            Err(Asked::Answer(_)) => return Err(Failure::Fetch("robots.txt was not understood".to_owned())),
        };
        self.client.once(&once).await.map_err(|error: FetchError| Failure::of(&error))
    }
}

/// One header; what cannot be sent is left out.
pub(super) fn header(name: HeaderName, value: &str) -> HeaderMap {
    HeaderValue::from_str(value).map(|value| HeaderMap::from_iter([(name, value)])).unwrap_or_default()
}
