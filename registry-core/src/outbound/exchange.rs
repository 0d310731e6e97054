//! Saying something and hearing the answer: a message by POST, a stream of server-sent events read until the event one waits for.
//!
//! No redirect is followed here: whoever asks looks at each step first.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use sse_stream::SseByteStream;
use tokio::time::{Instant, timeout_at};
use tokio_util::io::ReaderStream;
use url::Url;

use super::decode::{self, Limit, read_body};
use super::error::FetchError;
use super::fetch::{Client, redirection};
use crate::mcp::answer::{Event, Wanted, is_stream};

/// One message to an address.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// `POST`, `GET` or `DELETE`.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// The headers to send.
    pub headers: HeaderMap,
    /// What is said.
    pub body: Option<Vec<u8>>,
    /// How much of the answer is read, counted after decompression; the rest is cut off.
    pub max_bytes: usize,
    /// How long the whole may take.
    pub limit: Duration,
    /// The event one waits for where the answer is a stream of them; without one, a stream is not read.
    pub wanted: Option<Wanted>,
}

/// Its answer, whatever the status; a redirect too.
#[derive(Debug, Clone)]
pub struct Exchanged {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty of a stream.
    pub body: Vec<u8>,
    /// The event that was waited for, if it came in time.
    pub event: Option<Event>,
}

impl Exchanged {
    /// Where it sends on to, if it is a redirect; `url` is the address that gave it.
    pub fn redirection(&self, url: &Url) -> Result<Option<Url>, FetchError> {
        redirection(self.status, &self.headers, url)
    }
}

impl Client {
    /// Says it once, by the rules of the guard. A stream ends when the event has come, the limit is reached or the time is up, and
    /// none of that is an error.
    pub async fn exchange(&self, exchange: &Exchange) -> Result<Exchanged, FetchError> {
        let until = Instant::now() + exchange.limit;
        let opening =
            self.open_with(&exchange.method, &exchange.url, exchange.headers.clone(), exchange.body.clone());
        let late = || FetchError::TotalTimeout { url: exchange.url.clone(), limit: exchange.limit };
        let response = timeout_at(until, opening).await.map_err(|_| late())??;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if is_stream(status, &headers) {
            let event = match &exchange.wanted {
                // What has come by then is all there is.
                Some(wanted) => {
                    let waiting = wait(response, &exchange.url, exchange.max_bytes, wanted);
                    timeout_at(until, waiting).await.unwrap_or(Ok(None))?
                }
                None => None,
            };
            return Ok(Exchanged { status, headers, body: Vec::new(), event });
        }
        let limit = Limit { is_cut: true, ..self.limit(exchange.max_bytes) };
        let reading = read_body(response, &exchange.url, limit);
        let body = timeout_at(until, reading).await.map_err(|_| late())??;
        Ok(Exchanged { status, headers, body, event: None })
    }
}

/// The event one waits for; none where the stream ends or breaks off before it.
async fn wait(
    response: Response,
    url: &Url,
    max_bytes: usize,
    wanted: &Wanted,
) -> Result<Option<Event>, FetchError> {
    let bytes = ReaderStream::new(decode::stream(response, url, max_bytes).await?);
    let mut events = SseByteStream::new(bytes);
    while let Some(Ok(block)) = events.next().await {
        // Comments, ids and delays alone are no event.
        let Some(data) = block.data else { continue };
        let name = block.event.filter(|name| !name.is_empty()).unwrap_or_else(|| "message".to_owned());
        let event = Event { name, data };
        if wanted.is(&event) {
            return Ok(Some(event));
        }
    }
    Ok(None)
}
