//! Values that look like credentials. People do paste their keys into public documents; those are never kept.
//!
//! - [`redact`], [`holds_key`]: a text with its keys blotted out
//! - [`address_holds_key`]: the same of an address, by what its parameters are called as well
//! - [`redact_document`], [`redact_value`]: a whole document, by what its members are called as well

use std::borrow::Cow;

use url::Url;

mod document;
mod words;

pub use document::{redact_document, redact_value};
pub use words::{holds_key, redact};

/// What stands where a credential stood.
pub const REDACTED: &str = "[redacted]";

/// Beginnings of well-known kinds of keys.
const PREFIXES: [&str; 27] = [
    "sk-",
    "sk_",
    "pk_live_",
    "rk_live_",
    "ak_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxs-",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "eyJ",
    "npm_",
    "pypi-",
    "hf_",
    "shpat_",
    "SG.",
];

/// Words in the name of a header, variable or query member whose value is a secret.
const SECRET_NAMES: [&str; 12] = [
    "authorization",
    "auth",
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "key",
    "cookie",
    "credential",
    "signature",
    "sig",
];

/// Whether a single word is shaped like a key: a known beginning, or long and random.
///
/// What was blotted out counts as one, so that a redacted document means what the original did.
pub fn looks_like_credential(value: &str) -> bool {
    let value = value.trim();
    if value.contains(REDACTED) {
        return true;
    }
    let scheme = value
        .split_once(' ')
        .filter(|(s, _)| ["bearer", "basic", "token"].contains(&s.to_lowercase().as_str()));
    if let Some((_, rest)) = scheme {
        return is_literal(rest);
    }
    let word = |c: char| c.is_ascii_alphanumeric() || "_-+/=.".contains(c);
    if !value.chars().all(word) || !is_literal(value) {
        return false;
    }
    let known = has_known_prefix(value) && value.len() >= 16;
    known || is_random(value)
}

fn has_known_prefix(word: &str) -> bool {
    PREFIXES.iter().any(|prefix| word.starts_with(prefix))
}

/// A long word of mixed letters and digits without the look of a path, a host or a sentence.
fn is_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let hex = value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let mixed_case =
        value.bytes().any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase());
    let separators = value.len() - digits - letters;
    hex && digits > 3
        || value.len() >= 28 && mixed_case && digits >= 3 && letters >= 8 && separators * 8 <= value.len()
}

/// Whether a value stands for itself: no `{variable}`, no `<hint>`, no `YOUR_KEY`, no row of dots.
pub fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let upper = value.to_ascii_uppercase();
    if value.contains(REDACTED) {
        return true;
    }
    let hint = value.contains(['{', '}', '<', '>', '$', '…', '*'])
        || value.contains("...")
        || ["YOUR", "XXX", "EXAMPLE", "PLACEHOLDER", "INSERT", "REPLACE"].iter().any(|w| upper.contains(w));
    !value.is_empty() && !hint
}

/// Whether an address holds what looks like a key, in its path or its query.
pub fn address_holds_key(url: &Url) -> bool {
    let is_key = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        is_literal(&value) && (is_secret_name(&name) || looks_like_credential(&value))
    };
    holds_key(url.as_str()) || url.query_pairs().any(is_key)
}

/// Whether something of this name holds a secret: `X-API-Key`, `access_token`.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let joined: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    words.any(|w| SECRET_NAMES.contains(&w))
        || ["apikey", "token", "secret", "password"].iter().any(|w| joined.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_words() {
        for key in [
            "sk-proj-4f8a9b2c1d7e6f5a4b3c",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123",
            "Bearer 9a8b7c6d5e4f",
            "0123456789abcdef0123456789abcdef",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzz12345",
        ] {
            assert!(looks_like_credential(key), "{key}");
        }
        for word in [
            "Bearer {token}",
            "sk-YOUR-KEY-HERE-PLEASE",
            "application/json",
            "2025-11-25",
            "eu-west-1",
            "ak_live_...",
            "text",
        ] {
            assert!(!looks_like_credential(word), "{word}");
        }
    }

    #[test]
    fn keys_are_found_in_addresses() {
        let holds = |text: &str| address_holds_key(&Url::parse(text).expect("an address"));
        for text in [
            "https://acme.com/m?token=abc1",
            "https://acme.com/m?x=0123456789abcdef0123456789abcdef",
            "https://acme.com/sk-proj-4f8a9b2c1d7e6f5a4b3c/mcp",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "https://acme.com/m?token=",
            "https://acme.com/m?token={token}",
            "https://acme.com/tokens?page=2",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn names_tell_what_is_secret() {
        for name in ["Authorization", "X-API-Key", "access_token", "apiKey", "DB_PASSWORD", "Cookie"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["X-Region", "monkey", "Accept", "keyboard-layout"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
