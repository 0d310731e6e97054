//! One look-up: along its redirects, within its time, by the client that may go there.
//!
//! What the operator named is reached as it is; every other address only by the guarded client. A redirect that leaves
//! the place it began at counts as another address.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::base::BaseUrl;
use super::settings::Settings;
use crate::outbound::{Answer, Client, FailureClass, FetchError, Once, Policy, PolicyError, Trusted};

/// The largest document taken.
pub(super) const MAX_BYTES: usize = 5 * 1024 * 1024;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 10;

/// Both clients.
#[derive(Debug, Clone)]
pub(super) struct Web {
    guarded: Client,
    trusted: Trusted,
}

/// What to ask, and where its redirects may lead.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) accept: &'static str,
    /// The place that the operator named, if it is one; there the guard does not stand.
    pub(super) named: Option<&'a BaseUrl>,
    pub(super) follow: Follow<'a>,
    pub(super) bearer: Option<&'a str>,
    pub(super) user_agent: Option<&'a str>,
    pub(super) limit: Duration,
}

/// Where redirects may lead.
#[derive(Clone, Copy)]
pub(super) enum Follow<'a> {
    /// To the same scheme, host and port.
    SameOrigin,
    /// To what this function admits.
    Where(&'a (dyn Fn(&Url) -> bool + Sync)),
    /// To any place that the guarded client admits.
    Anywhere,
}

/// A final answer.
#[derive(Debug)]
pub(super) struct Page {
    /// The address that gave it.
    pub(super) url: Url,
    pub(super) answer: Answer,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LookupError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("`{from}` redirects to `{to}`, which is not followed")]
    Strayed { from: Url, to: Url },
}

impl LookupError {
    /// Whether asking later may give an answer.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Fetch(error) if matches!(
            error.class(),
            FailureClass::Unreachable | FailureClass::TimedOut | FailureClass::Protocol
        ))
    }
}

impl<'a> Ask<'a> {
    /// GET, with the usual limits and no redirect away from its place.
    pub(super) fn get(url: Url, accept: &'static str, settings: &'a Settings) -> Self {
        Self {
            method: Method::GET,
            url,
            accept,
            named: None,
            follow: Follow::SameOrigin,
            bearer: None,
            user_agent: None,
            limit: settings.limits.request,
        }
    }

    /// HEAD.
    pub(super) fn head(url: Url, limit: Duration, settings: &'a Settings) -> Self {
        Self { method: Method::HEAD, limit, ..Self::get(url, "*/*", settings) }
    }

    /// At a place that the operator named.
    pub(super) fn of(self, base: &'a BaseUrl) -> Self {
        Self { named: Some(base), ..self }
    }

    fn headers(&self, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut insert = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        insert(header::ACCEPT, self.accept);
        if let Some(user_agent) = self.user_agent {
            insert(header::USER_AGENT, user_agent);
        }
        // A token is for the place it was given for; redirects to a store of blobs are signed in their own way.
        if let Some(bearer) = self.bearer.filter(|_| url.origin() == self.url.origin()) {
            insert(header::AUTHORIZATION, &format!("Bearer {bearer}"));
        }
        headers
    }

    fn admits(&self, from: &Url, to: &Url) -> bool {
        match self.follow {
            Follow::SameOrigin => from.origin() == to.origin(),
            Follow::Where(admitted) => admitted(to),
            Follow::Anywhere => true,
        }
    }
}

impl Web {
    /// A process-wide rustls provider must be installed.
    pub(super) fn new(settings: &Settings) -> Result<Self, PolicyError> {
        // Each look-up has a limit of its own, whose sentence is to be the one that is said.
        let longest = 2 * settings.limits.request.max(settings.limits.image);
        let policy = Policy {
            user_agent: settings.user_agent.clone(),
            connect_timeout: longest,
            first_byte_timeout: longest,
            ..settings.policy.clone()
        };
        Ok(Self { guarded: Client::new(policy)?, trusted: Trusted::new(&settings.user_agent)? })
    }

    /// Asks, and follows redirects. Any status is an answer.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Page, LookupError> {
        let limit = ask.limit;
        match timeout(limit, self.follow(&ask)).await {
            Ok(result) => result,
            Err(_) => Err(FetchError::TotalTimeout { url: ask.url, limit }.into()),
        }
    }

    async fn follow(&self, ask: &Ask<'_>) -> Result<Page, LookupError> {
        let mut url = ask.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.once(ask, &url).await?;
            let Some(next) = answer.redirection(&url)? else { return Ok(Page { url, answer }) };
            if !ask.admits(&url, &next) {
                return Err(LookupError::Strayed { from: url, to: next });
            }
            url = next;
        }
        Err(FetchError::TooManyRedirects { url: ask.url.clone(), limit: MAX_REDIRECTS }.into())
    }

    async fn once(&self, ask: &Ask<'_>, url: &Url) -> Result<Answer, FetchError> {
        let request = Once {
            method: ask.method.clone(),
            url: url.clone(),
            headers: ask.headers(url),
            max_bytes: MAX_BYTES,
        };
        match ask.named {
            Some(base) if base.has(url) => self.trusted.once(&request).await,
            _ => self.guarded.once(&request).await,
        }
    }
}

impl Page {
    pub(super) fn status(&self) -> u16 {
        self.answer.status
    }

    /// The body as text; what is no UTF-8 in it is replaced.
    pub(super) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.answer.body)
    }

    /// The body as JSON; else what is wrong with it.
    pub(super) fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.answer.body).map_err(|error| error.to_string())
    }
}

/// Statuses that speak of the moment and not of the package.
pub(super) fn is_passing(status: u16) -> bool {
    status == 429 || (500..600).contains(&status)
}
