//! One request of a check: robots.txt obeyed, the host's turn awaited, the guard in between.

use std::time::Duration;

use registry_core::lint::host::Failure;
use registry_core::outbound::{Answer, Once};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::timeout;
use url::Url;

use super::Linter;
use crate::fetch::{Asked, Turns};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

impl Linter {
    /// Asks once, without following redirects.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        max_bytes: usize,
    ) -> Result<Answer, Failure> {
        let turn = match self.fetcher.admit(url, &Turns::Own).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(Asked::Disallowed(reason))) => return Err(Failure::Robots(reason)),
            Ok(Err(Asked::NotNow(reason))) => return Err(Failure::Fetch(reason)),
            Ok(Err(Asked::Failed(error))) => return Err(Failure::of(&error)),
            Ok(Err(Asked::Answer(_))) => {
                return Err(Failure::Fetch("robots.txt was not understood".to_owned()));
            }
            Err(error) => return Err(Failure::Fetch(error.to_string())),
        };
        let once = Once { method, url: url.clone(), headers, max_bytes };
        let answer = timeout(PATIENCE, self.client.once(&once)).await;
        drop(turn);
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Failure::of(&error)),
            Err(_) => Err(Failure::Fetch(format!("`{url}` was not answered completely within {PATIENCE:?}"))),
        }
    }
}

/// One header; what cannot be sent is left out.
pub(super) fn header(name: HeaderName, value: &str) -> HeaderMap {
    HeaderValue::from_str(value).map(|value| HeaderMap::from_iter([(name, value)])).unwrap_or_default()
}
