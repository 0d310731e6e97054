//! A server's version text, and the order that decides which one is latest (contract 2.3).

use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A version, as its publisher wrote it: any text that is neither empty nor over 255 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerVersion(String);

/// Why a text is no version.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServerVersion {
    /// Empty or blank.
    #[error("a version is not empty")]
    Empty,
    /// Over 255 bytes.
    #[error("a version has at most 255 bytes, not {0}")]
    Long(usize),
    /// A control character.
    #[error("{0:?} is not allowed in a version")]
    Character(char),
}

impl ServerVersion {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The three numbers and the rest, where the text (with or without a leading `v`) is a complete semantic version.
    pub fn semantic(&self) -> Option<semver::Version> {
        semver::Version::parse(self.0.strip_prefix('v').unwrap_or(&self.0)).ok()
    }

    /// Whether this version, published at `at`, takes the latest flag from `held` (contract 2.3).
    ///
    /// Semantic versions compare by precedence and stand above all others; others compare by publication time.
    pub fn outranks(&self, at: DateTime<Utc>, held: &Self, held_at: DateTime<Utc>) -> bool {
        match (self.semantic(), held.semantic()) {
            (Some(new), Some(old)) => new.cmp_precedence(&old) == Ordering::Greater,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => at > held_at,
        }
    }
}

impl TryFrom<String> for ServerVersion {
    type Error = InvalidServerVersion;

    fn try_from(text: String) -> Result<Self, InvalidServerVersion> {
        if text.trim().is_empty() {
            return Err(InvalidServerVersion::Empty);
        }
        if text.len() > 255 {
            return Err(InvalidServerVersion::Long(text.len()));
        }
        if let Some(bad) = text.chars().find(|c| c.is_control()) {
            return Err(InvalidServerVersion::Character(bad));
        }
        Ok(Self(text))
    }
}

impl std::str::FromStr for ServerVersion {
    type Err = InvalidServerVersion;

    fn from_str(text: &str) -> Result<Self, InvalidServerVersion> {
        Self::try_from(text.to_owned())
    }
}

impl From<ServerVersion> for String {
    fn from(version: ServerVersion) -> Self {
        version.0
    }
}

impl AsRef<str> for ServerVersion {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn outranks(new: &str, old: &str) -> bool {
        let at = |s| Utc.timestamp_opt(s, 0).single().expect("a time");
        let parse = |text: &str| text.parse::<ServerVersion>().expect("a version");
        parse(new).outranks(at(2), &parse(old), at(1))
    }

    #[test]
    fn semantic_versions_compare_by_precedence() {
        assert!(outranks("1.10.0", "1.9.0"));
        assert!(outranks("2.0.0-alpha", "1.9.0"));
        assert!(outranks("1.0.0", "1.0.0-rc.1"));
        assert!(!outranks("1.0.0+b", "1.0.0+a"), "build metadata does not count");
        assert!(!outranks("v1.0.0", "1.0.0"), "equal keeps the flag where it is");
    }

    #[test]
    fn a_semantic_version_stands_above_any_other() {
        assert!(outranks("0.0.1", "2026.03.15"));
        assert!(!outranks("snapshot", "0.0.1"));
        assert!(!outranks("1.0", "0.0.1"), "two numbers are not a semantic version");
    }

    #[test]
    fn others_compare_by_time() {
        assert!(outranks("alpha", "beta"));
    }
}
