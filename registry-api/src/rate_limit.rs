//! How often one client may ask: a budget for reads, one for writes and one for what sends us elsewhere, by who it is where a token says so, else by
//! where it comes from. Answers say what is left of the budget, refusals how long to wait.

mod budget;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::{Ipv4Net, Ipv6Net};
use registry_core::publisher::Publisher;

use self::budget::{Budget, Standing};
use crate::config::Http;
use crate::forwarded::Client;
use crate::problem::ApiError;
use crate::state::AppState;

/// Probes ask as often as they are told to.
const FREE: [&str; 5] = ["/v0/health", "/v0.1/health", "/v0/ping", "/v0.1/ping", "/metrics"];

/// What makes us look at strangers' hosts.
const SUBMISSIONS: [&str; 2] =
    ["/v0.1/x/org.cardinal-registry/origins", "/v0.1/x/org.cardinal-registry/lint"];

/// The budgets of one process.
#[derive(Clone)]
pub struct RateLimits {
    app: AppState,
    reads: Option<Arc<Budget>>,
    writes: Option<Arc<Budget>>,
    submissions: Option<Arc<Budget>>,
}

impl RateLimits {
    /// As the settings say; with no rate set, nothing is counted.
    pub fn new(app: &AppState) -> Self {
        let Http { reads, writes, submissions, .. } = app.config.http;
        let budget = |rate: Option<_>, name| rate.map(|rate| Arc::new(Budget::new(name, rate)));
        Self {
            app: app.clone(),
            reads: budget(reads, "reads"),
            writes: budget(writes, "writes"),
            submissions: budget(submissions, "submissions"),
        }
    }

    fn budget(&self, method: &Method, uri: &Uri) -> Option<&Budget> {
        let is_read = method == Method::GET || method == Method::HEAD;
        let budget = match uri.path() {
            _ if is_read => &self.reads,
            path if SUBMISSIONS.contains(&path) => &self.submissions,
            _ => &self.writes,
        };
        budget.as_deref()
    }

    fn key(&self, request: &Request) -> Key {
        match self.identity(request.headers()) {
            Some(publisher) => Key::Identity(format!("{} {}", publisher.method, publisher.subject)),
            None => Key::of(request.extensions().get::<Client>().and_then(|client| client.0)),
        }
    }

    /// Who the token says it is; anybody may have an anonymous one, so those say nothing.
    fn identity(&self, headers: &HeaderMap) -> Option<Publisher> {
        let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let publisher = self.app.tokens.check(token, self.app.clock.now()).ok()?;
        (publisher.method != "none").then_some(publisher)
    }
}

/// Whose budget it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// How somebody signed in, and who it is.
    Identity(String),
    /// An address; of IPv6 the first 64 bits, which one client can fill as it likes.
    Network(IpAddr),
    /// Who asks is not known.
    Unknown,
}

impl Key {
    fn of(address: Option<IpAddr>) -> Self {
        match address {
            Some(IpAddr::V4(address)) => Self::Network(address.into()),
            Some(IpAddr::V6(address)) => Self::Network(cut_v6(address, 64)),
            None => Self::Unknown,
        }
    }

    /// Of the larger network around it, for times when too many ask from everywhere.
    fn wide(self) -> Self {
        match self {
            Self::Network(IpAddr::V4(address)) => {
                Self::Network(Ipv4Net::new(address, 16).map_or(address, |net| net.network()).into())
            }
            Self::Network(IpAddr::V6(address)) => Self::Network(cut_v6(address, 32)),
            other => other,
        }
    }
}

fn cut_v6(address: std::net::Ipv6Addr, length: u8) -> IpAddr {
    Ipv6Net::new(address, length).map_or(address, |net| net.network()).into()
}

/// Lets a request pass, or tells it when to come again.
pub async fn limit(State(limits): State<RateLimits>, request: Request, next: Next) -> Response {
    let Some(budget) = limits.budget(request.method(), request.uri()) else { return next.run(request).await };
    if FREE.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let standing = budget.spend(limits.key(&request));
    let mut response = match standing.wait {
        None => next.run(request).await,
        Some(seconds) => ApiError::RateLimited(seconds).into_response(),
    };
    tell(response.headers_mut(), budget, &standing);
    response
}

/// The three names that clients read today, and the two of the IETF's draft.
fn tell(headers: &mut HeaderMap, budget: &Budget, standing: &Standing) {
    let Standing { limit, remaining, reset, .. } = standing;
    let name = budget.name();
    let lines = [
        ("ratelimit-limit", limit.to_string()),
        ("ratelimit-remaining", remaining.to_string()),
        ("ratelimit-reset", reset.to_string()),
        ("ratelimit-policy", format!("\"{name}\";q={limit};w={}", budget.window())),
        ("ratelimit", format!("\"{name}\";r={remaining};t={reset}")),
    ];
    for (name, value) in lines {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Key {
        Key::of(Some(address.parse().expect("an address")))
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn in_a_crowd_neighbours_share() {
        assert_eq!(key("2001:db8:1:2::1").wide(), key("2001:db8:9:9::1").wide());
        assert_eq!(key("192.0.2.1").wide(), key("192.0.9.1").wide());
        assert_ne!(key("192.0.2.1").wide(), key("198.51.100.1").wide());
        assert_eq!(Key::Identity("dns a".into()).wide(), Key::Identity("dns a".into()));
    }
}
