//! One message to an endpoint and its answer: asked politely, along redirects that keep the message.

use std::time::{Duration, Instant};

use registry_core::mcp::answer::{Answer, Wanted};
use registry_core::mcp::request::{Question, Request};
use registry_core::outbound::{Exchange, Exchanged, FailureClass, FetchError};
use registry_core::store::StoreError;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::fetch::{Asked, Fetcher, Turns};

/// How many redirects of one message are followed.
const MAX_REDIRECTS: usize = 3;

/// Limits for one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long its answer may take.
    pub(super) time: Duration,
    /// How much of it is read.
    pub(super) bytes: usize,
}

impl Limits {
    /// For a question (discovery 10.2, 10.3).
    pub(super) fn of(question: &Question) -> Self {
        match question {
            Question::Listen => Self { time: Duration::from_secs(5), bytes: 64 * 1024 },
            Question::Discover(_) | Question::Initialize(_) => {
                Self { time: Duration::from_secs(10), bytes: 256 * 1024 }
            }
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Heard {
    /// The address that gave it.
    pub(super) url: Url,
    /// What it is.
    pub(super) answer: Answer,
    /// How long it asks to be left alone, as it says it.
    pub(super) retry_after: Option<String>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum Silence {
    /// Nobody answered.
    Failed(FetchError),
    /// It answered with a redirect that leads nowhere one may go.
    Astray(FetchError),
    /// The host's robots.txt says no.
    Disallowed(String),
    /// Not now.
    NotNow(String),
}

/// How one talks.
pub(super) struct Talk<'a> {
    pub(super) fetcher: &'a Fetcher,
    pub(super) turns: &'a Turns,
}

impl Talk<'_> {
    /// Says it, when the host's turn has come.
    pub(super) async fn say(
        &self,
        request: &Request,
        url: &Url,
        limits: Limits,
    ) -> Result<Result<Heard, Silence>, StoreError> {
        let mut exchange = exchange(request, url, limits);
        for hop in 0..=MAX_REDIRECTS {
            let exchanged = match self.once(&exchange).await? {
                Ok(exchanged) => exchanged,
                Err(Silence::Failed(error)) if hop > 0 && error.class() == FailureClass::Refused => {
                    return Ok(Err(Silence::Astray(error)));
                }
                Err(silence) => return Ok(Err(silence)),
            };
            let next = match keeps_message(&exchange.method, exchanged.status) {
                true => exchanged.redirection(&exchange.url),
                false => Ok(None),
            };
            match next {
                Ok(Some(next)) => exchange.url = next,
                Ok(None) => return Ok(Ok(heard(exchange.url, &exchanged, request))),
                Err(error) => return Ok(Err(Silence::Astray(error))),
            }
            exchange.url.set_fragment(None);
        }
        let error = FetchError::TooManyRedirects { url: url.clone(), limit: MAX_REDIRECTS };
        Ok(Err(Silence::Astray(error)))
    }

    async fn once(&self, exchange: &Exchange) -> Result<Result<Exchanged, Silence>, StoreError> {
        let turn = match self.fetcher.admit(&exchange.url, self.turns).await? {
            Ok(turn) => turn,
            Err(Asked::Disallowed(reason)) => return Ok(Err(Silence::Disallowed(reason))),
            Err(Asked::NotNow(reason)) => return Ok(Err(Silence::NotNow(reason))),
            Err(Asked::Failed(error)) => return Ok(Err(Silence::Failed(error))),
            Err(Asked::Answer(_)) => {
                return Ok(Err(Silence::NotNow("its host has no turn to give".to_owned())));
            }
        };
        let begun = Instant::now();
        let exchanged = self.fetcher.client().exchange(exchange).await;
        drop(turn);
        let said = match &exchanged {
            Ok(exchanged) => {
                let bytes =
                    exchanged.body.len() + exchanged.event.as_ref().map_or(0, |event| event.data.len());
                Ok((exchanged.status, bytes, retry_after(exchanged)))
            }
            Err(error) => Err(error.class()),
        };
        self.fetcher.made(&exchange.url, begun, said, self.turns).await?;
        Ok(exchanged.map_err(Silence::Failed))
    }
}

/// Whether a redirect repeats the request as it is: of a message only those that say so.
fn keeps_message(method: &Method, status: u16) -> bool {
    match status {
        307 | 308 => true,
        301..=303 => method == Method::GET,
        _ => false,
    }
}

fn retry_after(exchanged: &Exchanged) -> Option<&str> {
    exchanged.headers.get("retry-after")?.to_str().ok()
}

fn heard(url: Url, exchanged: &Exchanged, request: &Request) -> Heard {
    let event = exchanged.event.as_ref();
    let Exchanged { status, headers, body, .. } = exchanged;
    let answer = Answer::read(*status, headers, body, event, request.id.as_ref());
    Heard { url, answer, retry_after: retry_after(exchanged).map(str::to_owned) }
}

fn exchange(request: &Request, url: &Url, limits: Limits) -> Exchange {
    let headers = request.headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
    });
    let wanted = match (&request.id, request.method) {
        (Some(id), _) => Some(Wanted::ReplyTo(id.clone())),
        (None, "GET") => Some(Wanted::First),
        (None, _) => None,
    };
    Exchange {
        method: match request.method {
            "GET" => Method::GET,
            "DELETE" => Method::DELETE,
            _ => Method::POST,
        },
        url: url.clone(),
        headers: HeaderMap::from_iter(headers),
        body: request.body.clone(),
        max_bytes: limits.bytes,
        limit: limits.time,
        wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_core::mcp::request::Opening;

    #[test]
    fn a_message_follows_only_redirects_that_keep_it() {
        for (method, status, follows) in [
            (Method::POST, 307, true),
            (Method::POST, 308, true),
            (Method::POST, 301, false),
            (Method::POST, 303, false),
            (Method::GET, 302, true),
            (Method::GET, 304, false),
        ] {
            assert_eq!(keeps_message(&method, status), follows, "{method} {status}");
        }
    }

    #[test]
    fn what_is_waited_for_depends_on_what_is_asked() {
        let url = Url::parse("https://acme.com/mcp").expect("an address");
        let wanted = |opening: Opening| {
            let question = opening.question();
            exchange(&question.request(), &url, Limits::of(&question)).wanted
        };
        assert_eq!(wanted(Opening::Listen), Some(Wanted::First));
        assert_eq!(wanted(Opening::Discover), Some(Wanted::ReplyTo("discover-1".into())));
    }
}
