//! The client for addresses that the operator or the user names: their own registry, an upstream, an identity provider.
//!
//! Unlike the guarded client it may reach private networks and plain `http`, and honours the system's proxy settings;
//! it still keeps time limits and never steps down from `https`.

use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};

use super::error::innermost;
use super::policy::PolicyError;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// A client for trusted addresses: 10 seconds to connect, 60 in all, at most five redirects, none from https to http.
///
/// A process-wide rustls provider must be installed.
#[expect(clippy::disallowed_methods, reason = "its addresses are named by the operator, not by strangers")]
pub fn trusted(user_agent: &str) -> Result<reqwest::Client, PolicyError> {
    reqwest::Client::builder()
        .user_agent(user_agent)
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(60))
        .redirect(Policy::custom(follow))
        .referer(false)
        .build()
        .map_err(|error| PolicyError::Unusable(innermost(&error)))
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
