//! `WWW-Authenticate`: several challenges in a header, schemes in any case, commas inside quotes (RFC 9110 11.6.1).

use http_auth::ChallengeRef;
use http_auth::parser::ChallengeParser;

use crate::card::secret;

/// How many challenges of one answer are read.
const MAX_CHALLENGES: usize = 20;

/// The longest header value that is read.
const MAX_HEADER: usize = 8 * 1024;

/// The longest scope, and how many of them are kept.
const MAX_SCOPE: usize = 200;
const MAX_SCOPES: usize = 100;

/// One way to sign in that a server asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme in lower case: `bearer`, `dpop`, `basic`.
    pub scheme: String,
    /// Where the metadata of the resource lies (RFC 9728).
    pub resource_metadata: Option<String>,
    /// The scopes that are needed.
    pub scopes: Vec<String>,
    /// `invalid_token`, `insufficient_scope`, ….
    pub error: Option<String>,
}

impl Challenge {
    /// Whether it asks for a token, as MCP does.
    pub fn is_token(&self) -> bool {
        matches!(self.scheme.as_str(), "bearer" | "dpop")
    }
}

/// Reads all values of the header. One that breaks off gives what stood before the break: its scheme at least.
pub fn read<'v>(values: impl Iterator<Item = &'v str>) -> Vec<Challenge> {
    let mut challenges = Vec::new();
    for value in values.filter(|value| value.len() <= MAX_HEADER) {
        let mut all_read = true;
        let before = challenges.len();
        for parsed in ChallengeParser::new(value).take(MAX_CHALLENGES) {
            match parsed {
                Ok(parsed) => challenges.push(challenge(&parsed)),
                Err(_) => all_read = false,
            }
        }
        if !all_read && challenges.len() == before {
            challenges.extend(bare(value));
        }
    }
    challenges.truncate(MAX_CHALLENGES);
    challenges
}

fn challenge(parsed: &ChallengeRef<'_>) -> Challenge {
    let value = |name: &str| {
        let found = parsed.params.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_unescaped())
    };
    Challenge {
        scheme: parsed.scheme.to_ascii_lowercase(),
        resource_metadata: value("resource_metadata"),
        scopes: value("scope")
            .map(|scopes| self::scopes(scopes.split_ascii_whitespace()))
            .unwrap_or_default(),
        error: value("error"),
    }
}

/// The scheme of a challenge that cannot be read further.
fn bare(value: &str) -> Option<Challenge> {
    let scheme = value.trim_start_matches([' ', '\t', ',']).split([' ', '\t', ',']).next()?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_scheme = !scheme.is_empty() && scheme.len() <= 40 && scheme.bytes().all(is_token);
    is_scheme.then(|| Challenge { scheme: scheme.to_ascii_lowercase(), ..Challenge::default() })
}

/// Scopes by RFC 6749 3.3, each once; what is none is left out.
pub(super) fn scopes<'s>(texts: impl Iterator<Item = &'s str>) -> Vec<String> {
    let is_scope = |scope: &&str| {
        let bytes = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        !scope.is_empty() && scope.len() <= MAX_SCOPE && scope.bytes().all(bytes) && !secret::holds_key(scope)
    };
    let mut scopes: Vec<String> = Vec::new();
    for scope in texts.filter(is_scope) {
        if scopes.len() < MAX_SCOPES && !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> Vec<Challenge> {
        read(std::iter::once(value))
    }

    #[test]
    fn several_challenges_share_a_header_and_commas_stand_in_quotes() {
        let read = one(r#"Basic realm="a, b", bEARER error="invalid_token", scope="read write read",
            resource_metadata="https://acme.com/.well-known/oauth-protected-resource?x=1,2""#
            .replace('\n', "")
            .as_str());
        assert_eq!(read.iter().map(|c| c.scheme.as_str()).collect::<Vec<_>>(), ["basic", "bearer"]);
        assert_eq!(read[1].scopes, ["read", "write"]);
        assert_eq!(read[1].error.as_deref(), Some("invalid_token"));
        let metadata = "https://acme.com/.well-known/oauth-protected-resource?x=1,2";
        assert_eq!(read[1].resource_metadata.as_deref(), Some(metadata));
        assert!(read[1].is_token() && !read[0].is_token());
    }

    #[test]
    fn names_are_read_in_any_case_and_escapes_undone() {
        let read = one(r#"DPoP Resource_Metadata="https://acme.com/\"x\"", algs="ES256""#);
        assert_eq!(read[0].resource_metadata.as_deref(), Some(r#"https://acme.com/"x""#));
        assert!(read[0].is_token());
    }

    #[test]
    fn what_cannot_be_read_still_has_a_scheme() {
        for broken in ["Bearer", r#"Bearer realm="open"#, r#"Bearer realm="a" scope="b""#, "Bearer abc=="] {
            assert_eq!(one(broken).first().map(|c| c.scheme.clone()).as_deref(), Some("bearer"), "{broken}");
        }
        for nothing in ["", " , ,", "<script>", "ü=ü"] {
            assert_eq!(one(nothing), [], "{nothing}");
        }
        assert!(one(&format!("Bearer realm=\"{}\"", "x".repeat(MAX_HEADER))).is_empty());
        assert!(one(&"Bearer, ".repeat(900)).len() <= MAX_CHALLENGES);
    }
}
