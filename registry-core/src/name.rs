//! What a server is called: [`ServerName`], and the [`Namespace`] that somebody must own to use it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_security::skeleton;

/// A server's name: a reverse-DNS namespace, a slash, a short name — `com.example/weather`.
///
/// Holds every name this registry may carry, including the odd ones an upstream registry let in (a second slash). What a
/// *publisher* may choose is narrower: rules S3, S4, N1 and N2 of [`crate::server_json`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerName(String);

/// Why a text is no server name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServerName {
    /// No slash.
    #[error("a server name has a namespace, a slash and a short name, as in `com.example/weather`")]
    Slash,
    /// Nothing before the slash or nothing after it.
    #[error("neither the namespace nor the name of a server may be empty, as in `com.example/weather`")]
    Empty,
    /// Blank or control character.
    #[error("{0:?} is not allowed in a server name")]
    Character(char),
    /// Over 255 bytes.
    #[error("a server name has at most 255 bytes, not {0}")]
    Long(usize),
}

impl ServerName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first slash.
    pub fn namespace(&self) -> Namespace {
        Namespace(self.0[..self.slash()].to_owned())
    }

    /// What stands after the first slash.
    pub fn leaf(&self) -> &str {
        &self.0[self.slash() + 1..]
    }

    /// What the name looks like: names that share one of these forms pass for one another (UTS #39 skeletons).
    ///
    /// Two forms, since case and look-alikes do not commute: `I` is the capital of `i` and passes for `l`.
    pub fn folds(&self) -> [String; 2] {
        let seen = |text: &str| skeleton(text).collect::<String>();
        [seen(&self.0.to_lowercase()), seen(&seen(&self.0).to_lowercase())]
    }

    fn slash(&self) -> usize {
        self.0.find('/').unwrap_or(self.0.len())
    }
}

impl TryFrom<String> for ServerName {
    type Error = InvalidServerName;

    fn try_from(text: String) -> Result<Self, InvalidServerName> {
        let (namespace, leaf) = text.split_once('/').ok_or(InvalidServerName::Slash)?;
        if namespace.is_empty() || leaf.is_empty() {
            return Err(InvalidServerName::Empty);
        }
        if let Some(bad) = text.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidServerName::Character(bad));
        }
        if text.len() > 255 {
            return Err(InvalidServerName::Long(text.len()));
        }
        Ok(Self(text))
    }
}

impl FromStr for ServerName {
    type Err = InvalidServerName;

    fn from_str(text: &str) -> Result<Self, InvalidServerName> {
        Self::try_from(text.to_owned())
    }
}

impl From<ServerName> for String {
    fn from(name: ServerName) -> Self {
        name.0
    }
}

impl AsRef<str> for ServerName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for ServerName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The part of a server name that belongs to somebody: `com.example` in `com.example/weather`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(String);

impl Namespace {
    /// The namespace of a host: its labels in reverse order, lower-case.
    pub fn of_host(host: &str) -> Self {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        Self(host.rsplit('.').collect::<Vec<_>>().join("."))
    }

    /// The host whose labels, reversed, are this namespace; lower-case.
    pub fn host(&self) -> String {
        self.0.to_ascii_lowercase().rsplit('.').collect::<Vec<_>>().join(".")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_slash() {
        let name: ServerName = "io.github.a/b/c".parse().expect("an upstream may hold it");
        assert_eq!((name.namespace().as_str(), name.leaf()), ("io.github.a", "b/c"));
    }

    #[test]
    fn refuses_what_is_no_name() {
        assert_eq!("weather".parse::<ServerName>(), Err(InvalidServerName::Slash));
        assert_eq!("/weather".parse::<ServerName>(), Err(InvalidServerName::Empty));
        assert_eq!("com.example/".parse::<ServerName>(), Err(InvalidServerName::Empty));
        assert_eq!("com.example/a b".parse::<ServerName>(), Err(InvalidServerName::Character(' ')));
        assert_eq!("com.example/a\0".parse::<ServerName>(), Err(InvalidServerName::Character('\0')));
    }

    #[test]
    fn names_that_pass_for_one_another_share_a_form() {
        let alike = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|text| text.parse::<ServerName>().expect("a name").folds());
            a.iter().any(|form| b.contains(form))
        };
        for (a, b) in [
            ("com.example/Weather", "com.example/weather"),
            ("com.example/paypaI", "com.example/paypal"),
            ("com.example/IBM", "com.example/ibm"),
            ("com.example/t0ols", "com.example/tools"),
            ("com.example/t0ols", "com.example/TOOLS"),
            ("com.example/1ist", "com.example/list"),
            ("corn.example/a1", "com.example/a1"),
            ("com.ex\u{430}mple/a1", "com.example/a1"),
        ] {
            assert!(alike(a, b) && alike(b, a), "{a} {b}");
        }
        for (a, b) in [("com.example/ai", "com.example/al"), ("com.example/a-b", "com.example/a_b")] {
            assert!(!alike(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_namespace_is_a_host_reversed() {
        assert_eq!(Namespace::of_host("API.example.com").as_str(), "com.example.api");
        assert_eq!(Namespace::of_host("api.example.com").host(), "api.example.com");
    }
}
