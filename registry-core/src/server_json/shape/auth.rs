//! The bodies of the token exchanges (contract section 4) and of submissions: closed objects of texts, read like a document.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::layout::{ANY_TEXT, Member, Object};
use super::super::rules::Rule;
use super::super::rules::table::S1;
use super::{ShapeIssue, unreadable, walk};
use crate::wire::auth::{GithubToken, OidcToken, SignedTime};
use crate::wire::origins::OriginRequest;

/// The walk wants a rule; these bodies are no part of the rules, and it is taken away again.
static RULE: &Rule = &S1;

static GITHUB_TOKEN: Object = texts(&[text("github_token")]);
static ORIGIN: Object = texts(&[text("origin")]);
static OIDC_TOKEN: Object = texts(&[text("oidc_token")]);
static SIGNED_TIME: Object = texts(&[text("domain"), text("timestamp"), text("signed_timestamp")]);

const fn texts(members: &'static [Member]) -> Object {
    Object { members, missing: RULE, unexpected: |_| RULE }
}

const fn text(name: &'static str) -> Member {
    Member::new(name, RULE, ANY_TEXT).required()
}

/// A GitHub access token, or everything that is wrong with the shape of the request.
pub fn read_github_token(value: &Value) -> Result<GithubToken, Vec<ShapeIssue>> {
    read(value, &GITHUB_TOKEN)
}

/// An OIDC token, or everything that is wrong with the shape of the request.
pub fn read_oidc_token(value: &Value) -> Result<OidcToken, Vec<ShapeIssue>> {
    read(value, &OIDC_TOKEN)
}

/// A signed time, or everything that is wrong with the shape of the request.
pub fn read_signed_time(value: &Value) -> Result<SignedTime, Vec<ShapeIssue>> {
    read(value, &SIGNED_TIME)
}

/// A domain to crawl, or everything that is wrong with the shape of the request.
pub fn read_origin(value: &Value) -> Result<OriginRequest, Vec<ShapeIssue>> {
    read(value, &ORIGIN)
}

fn read<T: DeserializeOwned>(value: &Value, object: &'static Object) -> Result<T, Vec<ShapeIssue>> {
    let read = walk(value, object);
    let read =
        read.and_then(|body| serde_json::from_value(body).map_err(|error| unreadable(value, RULE, &error)));
    read.map_err(|issues| issues.into_iter().map(|issue| ShapeIssue { rule: None, ..issue }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_that_is_wrong_is_told_together() {
        let body = json!({"domain": 1, "timestamp": "now", "extra": true});
        let issues = read_signed_time(&body).expect_err("it is shapeless");
        let told: Vec<_> = issues.iter().map(|i| (i.location.as_str(), i.message.as_str())).collect();
        assert_eq!(
            told,
            [
                ("body.domain", "expected string"),
                ("body", "expected required property signed_timestamp to be present"),
                ("body.extra", "unexpected property"),
            ]
        );
    }

    #[test]
    fn names_of_members_match_in_any_case() {
        let token = read_github_token(&json!({"GitHub_Token": "gho_x"})).expect("it has its shape");
        assert_eq!(token.github_token, "gho_x");
        assert!(read_oidc_token(&json!({"oidc_token": null})).is_err());
        assert!(read_oidc_token(&json!([])).is_err());
    }
}
