//! Where a package registry is reached, and paths below it.

use std::fmt;
use std::str::FromStr;

use url::{Origin, Url};

/// The http(s) address of a package registry, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Text that is no base URL.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` must be an http or https address without query, fragment and user, as in https://mirror.example.com/npm"
)]
pub struct InvalidBaseUrl(String);

impl BaseUrl {
    /// A base that is known to be one.
    pub(super) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address below it of these parts, each escaped; none where one of them cannot stand in a path.
    pub(super) fn at(&self, parts: &[&str]) -> Option<Url> {
        let mut text = self.0.clone();
        for part in parts {
            text.push('/');
            text.push_str(&segment(part)?);
        }
        Url::parse(&text).ok()
    }

    /// Whether an address is of the same scheme, host and port.
    pub(super) fn has(&self, url: &Url) -> bool {
        self.origin().is_some_and(|own| own == url.origin())
    }

    fn origin(&self) -> Option<Origin> {
        Some(Url::parse(&self.0).ok()?.origin())
    }
}

/// The text as one part of a path; none where it would be taken for a step (`.`, `..`) or for nothing.
pub(super) fn segment(text: &str) -> Option<String> {
    if matches!(text, "" | "." | "..") {
        return None;
    }
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => escaped.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'~' | b'$' | b'&' | b'+' | b'=' | b':' | b'@' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(escaped)
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let trimmed = text.trim().trim_end_matches('/');
        let invalid = || InvalidBaseUrl(text.to_owned());
        let url = Url::parse(trimmed).map_err(|_| invalid())?;
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
            return Err(invalid());
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(parts: &[&str]) -> Option<String> {
        BaseUrl::known("https://a.example/npm").at(parts).map(Into::into)
    }

    #[test]
    fn parts_are_escaped_and_stay_one_part() {
        for (part, path) in [
            ("@acme/weather", "@acme%2Fweather"),
            ("1.0.0+build", "1.0.0+build"),
            ("a b?c#d", "a%20b%3Fc%23d"),
            ("../../x", "..%2F..%2Fx"),
            ("%2e%2e", "%252e%252e"),
            ("a\\b;é", "a%5Cb%3B%C3%A9"),
            ("...", "..."),
        ] {
            assert_eq!(at(&[part, "1"]), Some(format!("https://a.example/npm/{path}/1")), "{part}");
        }
    }

    #[test]
    fn steps_and_nothing_are_no_parts() {
        for part in ["", ".", ".."] {
            assert_eq!(at(&[part]), None, "{part}");
        }
    }

    #[test]
    fn a_base_has_no_slash_at_its_end_and_nothing_but_a_path() {
        let base: BaseUrl = " https://a.example/npm/ ".parse().expect("a base");
        assert_eq!(base.as_str(), "https://a.example/npm");
        for text in
            ["", "a.example", "ftp://a.example", "https://a.example/?x", "https://u:p@a.example", "https://"]
        {
            assert_eq!(text.parse::<BaseUrl>(), Err(InvalidBaseUrl(text.to_owned())), "{text}");
        }
    }
}
