//! Asking the parties that the operator named: GitHub and identity providers. Small answers, soon, or none.

use std::time::Duration;

use registry_core::outbound::{PolicyError, reason, trusted};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

/// How long one of them may take.
const TIME: Duration = Duration::from_secs(10);
/// How much of an answer is taken.
const MAX_BODY: usize = 1 << 20;
/// How much of an answer that is an error is told.
const MAX_TOLD: usize = 200;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// Nobody answered, or not in time.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is too large.
    #[error("the answer is larger than {MAX_BODY} bytes")]
    TooLarge,
    /// Not the JSON that was asked for.
    #[error("failed to decode: {0}")]
    Json(String),
}

/// An answer, whatever its status.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    body: Vec<u8>,
}

/// The client for all of them.
pub fn client() -> Result<Client, PolicyError> {
    trusted(concat!("Cardinal/", env!("CARGO_PKG_VERSION")))
}

/// Sends a request and reads the answer within the limits.
pub async fn ask(request: RequestBuilder) -> Result<Answer, PeerError> {
    let unreachable = |error: reqwest::Error| PeerError::Unreachable(reason(&error));
    let mut response = request.timeout(TIME).send().await.map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(PeerError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status(), headers: response.headers().clone(), body })
}

impl Answer {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PeerError> {
        serde_json::from_slice(&self.body).map_err(|error| PeerError::Json(error.to_string()))
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The beginning of the body, on one line.
    pub fn told(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let told: String =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TOLD).collect();
        told.trim().to_owned()
    }
}
