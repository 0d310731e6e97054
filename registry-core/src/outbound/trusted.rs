//! The client for addresses that the operator or the user names: their own registry, an upstream, an identity provider.
//!
//! Unlike the guarded client it may reach private networks and plain `http`, and honours the system's proxy settings;
//! it still keeps time limits and never steps down from `https`.

use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::redirect::{Attempt, Policy};

use super::error::innermost;
use super::policy::PolicyError;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// How long connecting may take.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client for trusted addresses: 10 seconds to connect, 60 in all, at most five redirects, none from https to http.
///
/// A process-wide rustls provider must be installed.
pub fn trusted(user_agent: &str) -> Result<reqwest::Client, PolicyError> {
    made(builder(user_agent).timeout(Duration::from_secs(60)))
}

/// The same client for large files: 30 seconds from one piece of an answer to the next, none in all.
pub fn trusted_for_files(user_agent: &str) -> Result<reqwest::Client, PolicyError> {
    made(builder(user_agent).read_timeout(Duration::from_secs(30)))
}

/// The same client without redirects and without a limit in all: whoever asks sets both.
pub(super) fn without_redirects(user_agent: &str) -> Result<reqwest::Client, PolicyError> {
    made(builder(user_agent).redirect(Policy::none()))
}

/// Why a request to a trusted address failed: what lies at the bottom, in words that name the address only once.
pub fn reason(error: &reqwest::Error) -> String {
    innermost(error)
}

#[expect(clippy::disallowed_methods, reason = "its addresses are named by the operator, not by strangers")]
fn builder(user_agent: &str) -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(user_agent)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::custom(follow))
        .referer(false)
}

fn made(builder: ClientBuilder) -> Result<reqwest::Client, PolicyError> {
    builder.build().map_err(|error| PolicyError::Unusable(innermost(&error)))
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let was_secure = attempt.previous().last().is_some_and(|from| from.scheme() == "https");
    if was_secure && attempt.url().scheme() != "https" {
        return attempt.error("it redirects from https to http");
    }
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(format!("it redirects more than {MAX_REDIRECTS} times"));
    }
    attempt.follow()
}
