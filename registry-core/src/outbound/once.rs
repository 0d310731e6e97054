//! Asking once: one request with headers of one's own, no redirect followed, the body read up to a limit.
//!
//! Both clients can do it. Whoever follows the redirects decides at each which of the two may go there.

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, Response};
use url::Url;

use super::decode::{Limit, read_body};
use super::error::FetchError;
use super::fetch::{Client, redirection};
use super::policy::PolicyError;
use super::trusted;

/// One request.
#[derive(Debug, Clone)]
pub struct Once {
    /// `GET` or `HEAD`.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// The headers to send.
    pub headers: HeaderMap,
    /// The largest body taken, counted after decompression.
    pub max_bytes: usize,
}

/// Its answer, whatever the status; a redirect too.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; cut at 64 KiB where the status is not 2xx.
    pub body: Vec<u8>,
}

impl Answer {
    /// Where it sends on to, if it is a redirect; `url` is the address that gave it.
    pub fn redirection(&self, url: &Url) -> Result<Option<Url>, FetchError> {
        redirection(self.status, &self.headers, url)
    }

    /// The first value of a header that is text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    /// Asks once, by the rules of the guard. The time is limited up to the head of the answer; limit the whole from outside.
    pub async fn once(&self, request: &Once) -> Result<Answer, FetchError> {
        let response = self.open(&request.method, &request.url, request.headers.clone()).await?;
        read(response, request, self.limit(request.max_bytes)).await
    }
}

/// The client for addresses that the operator names, without redirects; cheap to clone.
#[derive(Debug, Clone)]
pub struct Trusted(reqwest::Client);

impl Trusted {
    /// A process-wide rustls provider must be installed.
    pub fn new(user_agent: &str) -> Result<Self, PolicyError> {
        trusted::without_redirects(user_agent).map(Self)
    }

    /// Asks once. Only connecting is limited in time; limit the whole from outside.
    pub async fn once(&self, request: &Once) -> Result<Answer, FetchError> {
        let asked = self.0.request(request.method.clone(), request.url.clone());
        let sent = asked.headers(request.headers.clone()).send().await;
        let connect_timeout = trusted::CONNECT_TIMEOUT;
        let response = sent.map_err(|error| FetchError::of(&error, &request.url, connect_timeout))?;
        read(response, request, Limit { max_bytes: request.max_bytes, is_cut: false, connect_timeout }).await
    }
}

async fn read(response: Response, request: &Once, limit: Limit) -> Result<Answer, FetchError> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    // A HEAD's answer has none, whatever its headers say.
    let body = if request.method == Method::HEAD {
        Vec::new()
    } else {
        read_body(response, &request.url, limit).await?
    };
    Ok(Answer { status, headers, body })
}
