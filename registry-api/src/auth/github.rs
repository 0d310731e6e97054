//! `github-at` (contract 4.2): a GitHub access token speaks for its account and for the organisations it owns.

use std::time::Duration;

use registry_core::publisher::{GITHUB_TOKEN, Publisher};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, StatusCode};
use serde::Deserialize;

use super::peer::{self, Answer, PeerError};
use super::{is_account, publish};

/// How many memberships come at once: as many as GitHub gives.
const PER_PAGE: usize = 100;
/// How many pages of them are read.
const MAX_PAGES: usize = 100;
/// How long all of it may take.
const TIME: Duration = Duration::from_secs(30);

/// GitHub's API.
pub struct Github {
    api: String,
    client: Client,
}

/// Why nobody is known by a token. For the log: the answer does not say it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GithubError {
    /// The account.
    #[error("failed to get GitHub user: {0}")]
    User(CallError),
    /// Its organisations.
    #[error("failed to get GitHub organizations: {0}")]
    Organizations(CallError),
    /// More organisations than are read.
    #[error("failed to get GitHub organizations: more than {MAX_PAGES} pages of memberships")]
    TooMany,
    /// All of it took too long.
    #[error("GitHub did not answer within {TIME:?}")]
    Slow,
}

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The token cannot be sent.
    #[error("the token has characters that no token has")]
    Token,
    /// GitHub refuses.
    #[error("GitHub API error (status {0}): {1}")]
    Status(u16, String),
    /// GitHub is out of reach or answers nonsense.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// Who a token speaks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    login: String,
    /// The organisations it owns; none when GitHub does not tell them to this token.
    owned: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Membership {
    #[serde(default)]
    state: String,
    #[serde(default)]
    role: String,
    organization: Option<User>,
}

impl Account {
    /// What the account may publish. A login that is none gives nothing; an organisation that is none is left out.
    pub fn publisher(&self) -> Publisher {
        let owned = self.owned.iter().flatten().filter(|name| is_account(name));
        let names = is_account(&self.login).then(|| std::iter::once(&self.login).chain(owned));
        let permissions = names.into_iter().flatten().map(|name| publish(format!("io.github.{name}/*")));
        Publisher {
            method: GITHUB_TOKEN.to_owned(),
            subject: self.login.clone(),
            permissions: permissions.collect(),
        }
    }

    /// What its owner should know: why namespaces are missing.
    pub fn notice(&self) -> Option<String> {
        if !is_account(&self.login) {
            return Some(format!(
                "`{}` has other characters than letters, digits and hyphens, so no namespace stands for it, and this token permits \
                 nothing; publish from the GitHub Actions of an organisation, or for a domain",
                self.login
            ));
        }
        if self.owned.is_some() {
            return None;
        }
        Some(format!(
            "GitHub does not tell the organisations of `{0}` to this token, so it permits `io.github.{0}/*` only; to publish for \
             an organisation that you own, sign in with a token that has the `read:org` scope, or publish from that \
             organisation's GitHub Actions",
            self.login
        ))
    }
}

impl Github {
    /// The API at this base URL.
    pub fn new(api: &str, client: Client) -> Self {
        Self { api: api.trim_end_matches('/').to_owned(), client }
    }

    /// Whose token this is.
    pub async fn account(&self, token: &str) -> Result<Account, GithubError> {
        let asked = tokio::time::timeout(TIME, self.ask_account(token)).await;
        asked.unwrap_or(Err(GithubError::Slow))
    }

    async fn ask_account(&self, token: &str) -> Result<Account, GithubError> {
        let answer = self.get("/user", token).await.map_err(GithubError::User)?;
        let User { login } = accepted(&answer).map_err(GithubError::User)?;
        // A login that is none gives nothing, whatever it belongs to.
        let owned = if is_account(&login) { self.owned(token).await? } else { Some(Vec::new()) };
        Ok(Account { login, owned })
    }

    /// The organisations that the account owns; none when this token may not know them.
    async fn owned(&self, token: &str) -> Result<Option<Vec<String>>, GithubError> {
        let mut owned = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = format!("/user/memberships/orgs?state=active&per_page={PER_PAGE}&page={page}");
            let answer = self.get(&path, token).await.map_err(GithubError::Organizations)?;
            if answer.status == StatusCode::FORBIDDEN && !is_passing(&answer) {
                return Ok(None);
            }
            let memberships: Vec<Membership> = accepted(&answer).map_err(GithubError::Organizations)?;
            let is_last = memberships.len() < PER_PAGE;
            let owners = memberships.into_iter().filter(|m| m.state == "active" && m.role == "admin");
            owned.extend(owners.filter_map(|m| m.organization).map(|organization| organization.login));
            if is_last {
                return Ok(Some(owned));
            }
        }
        Err(GithubError::TooMany)
    }

    async fn get(&self, path: &str, token: &str) -> Result<Answer, CallError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| CallError::Token)?;
        bearer.set_sensitive(true);
        let request = self
            .client
            .get(format!("{}{path}", self.api))
            .header(AUTHORIZATION, bearer)
            .header("accept", "application/vnd.github.v3+json")
            .header("x-github-api-version", "2022-11-28");
        Ok(peer::ask(request).await?)
    }
}

/// Whether a 403 says "not now" or "sign in to the organisation first" rather than "not with this token".
fn is_passing(answer: &Answer) -> bool {
    answer.header("x-ratelimit-remaining") == Some("0")
        || answer.headers.contains_key("retry-after")
        || answer.headers.contains_key("x-github-sso")
}

fn accepted<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    if answer.status != StatusCode::OK {
        return Err(CallError::Status(answer.status.as_u16(), answer.told()));
    }
    Ok(answer.json()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(login: &str, owned: Option<&[&str]>) -> Vec<String> {
        let owned = owned.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        let publisher = Account { login: login.to_owned(), owned }.publisher();
        publisher.permissions.into_iter().map(|p| p.resource).collect()
    }

    #[test]
    fn an_account_speaks_for_itself_and_for_what_it_owns() {
        assert_eq!(patterns("Alice", Some(&["Acme"])), ["io.github.Alice/*", "io.github.Acme/*"]);
        assert_eq!(patterns("alice", None), ["io.github.alice/*"]);
    }

    #[test]
    fn names_that_are_none_give_nothing() {
        assert_eq!(patterns("alice", Some(&["a/*", "", "acme"])), ["io.github.alice/*", "io.github.acme/*"]);
        assert!(patterns("alice*", Some(&["acme"])).is_empty());
        assert!(patterns("", None).is_empty());
    }
}
