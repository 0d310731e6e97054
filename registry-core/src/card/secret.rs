//! Values that look like credentials. People do paste their keys into public documents; those are never kept.
//!
//! - [`redact`], [`holds_key`]: a text with its keys blotted out
//! - [`address_holds_key`]: the same of an address, by what its parameters are called as well
//! - [`redact_document`], [`redact_value`]: a whole document, by what its members are called as well
//! - [`holds_keys`], [`redact_texts`]: a whole document, by its texts alone

use std::borrow::Cow;

use url::Url;

mod document;
mod words;

pub use document::{holds_keys, redact_document, redact_texts, redact_value};
pub use words::{holds_key, redact};

/// What stands where a credential stood.
pub const REDACTED: &str = "[redacted]";

/// Beginnings of well-known kinds of keys.
const PREFIXES: [&str; 39] = [
    "sk-",
    "sk_",
    "pk_live_",
    "rk_live_",
    "rk_test_",
    "re_",
    "fc-",
    "ak_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "AKIA",
    "ASIA",
    "eyJ",
    "npm_",
    "hf_",
    "shpat_",
    "shpss_",
    "SG.",
    "gsk_",
    "r8_",
    "xai-",
    "pplx-",
    "tvly-",
    "nvapi-",
    "dop_v1_",
    "lin_api_",
    "ntn_",
    "figd_",
    "sbp_",
    "glsa_",
    "dckr_pat_",
    "PMAK-",
    "GOCSPX-",
    "whsec_",
    "sq0csp-",
    "ATATT3",
];

/// Those of kinds in which dashes and underscores are letters like any other.
const DASHED: [&str; 11] = [
    "AIza",
    "ya29.",
    "pypi-AgE",
    "sk-ant-",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxs-",
    "xapp-1-",
];

/// Words in the name of a header, variable or query member whose value is a secret.
const SECRET_NAMES: [&str; 17] = [
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
    "pat",
    "pwd",
    "passphrase",
    "jwt",
    "bearer",
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
    PREFIXES.iter().chain(&DASHED).any(|prefix| word.starts_with(prefix))
}

/// A long word of mixed letters and digits without the look of a path, a host or a sentence.
fn is_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let hex = value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    hex && digits > 3 && !is_uuid(value) || is_jumbled(value, digits, letters)
}

/// A name that a machine gave something.
fn is_uuid(value: &str) -> bool {
    value.len() == 36 && value.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// Letters of both cases and digits as only a machine writes them; unlike a UUID or a hash, it names nothing.
fn is_jumbled(value: &str, digits: usize, letters: usize) -> bool {
    let mixed_case =
        value.bytes().any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase());
    let separators = value.len() - digits - letters;
    value.len() >= 28 && mixed_case && digits >= 3 && letters >= 8 && separators * 8 <= value.len()
}

/// Whether a segment of an endpoint's path is a key: who knows such an address is let in. UUIDs and hashes are names there.
fn is_capability(segment: &str) -> bool {
    let segment = segment.trim_end_matches('=');
    let plain = segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let letters = segment.bytes().filter(u8::is_ascii_alphabetic).count();
    // People write a year or a version, not digits all over.
    let runs = segment.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count();
    plain && runs >= 3 && is_literal(segment) && is_jumbled(segment, digits, letters)
}

/// Whether the path of an address holds a key.
pub fn path_holds_key(url: &Url) -> bool {
    url.path_segments()
        .is_some_and(|mut segments| segments.any(|segment| holds_key(segment) || is_capability(segment)))
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
    let is_key = |(name, value): (Cow<'_, str>, Cow<'_, str>)| is_key_in_query(&name, &value);
    holds_key(url.as_str()) || url.query_pairs().any(is_key)
}

/// Whether a member of an address' query is a key, by what it is called, or by being of a known kind. Hashes and identifiers are as
/// random, and name a version or a document.
pub fn is_key_in_query(name: &str, value: &str) -> bool {
    is_literal(value) && (is_secret_input(name) && !is_harmless(value) || holds_key(value))
}

/// The same of an endpoint's address, where what is random lets somebody in, unless it is called an identifier.
pub fn is_key_of_endpoint(name: &str, value: &str) -> bool {
    const IDENTIFIERS: [&str; 15] = [
        "id",
        "v",
        "ver",
        "version",
        "hash",
        "sha",
        "sha256",
        "md5",
        "project",
        "org",
        "workspace",
        "tenant",
        "account",
        "team",
        "uuid",
    ];
    let name_of = name.to_lowercase();
    let is_identifier =
        name_of.ends_with("id") || name_of.split(['_', '-']).any(|word| IDENTIFIERS.contains(&word));
    is_key_in_query(name, value) || (!is_identifier && looks_like_credential(value))
}

/// Parts of a name that make it a word about a secret, not a secret: `tokenUrl`, `public_key`, `api_key_name`.
const ABOUT: [&str; 14] = [
    "public",
    "url",
    "uri",
    "endpoint",
    "type",
    "name",
    "envvar",
    "header",
    "hint",
    "description",
    "scheme",
    "method",
    "signup",
    "algorithm",
];

/// Whether an input of this name is a secret, and not something about one: `JWT_ALGORITHM`, `TOKEN_URL`.
fn is_secret_input(name: &str) -> bool {
    let folded = name.to_lowercase();
    is_secret_name(name) && !ABOUT.iter().any(|word| folded.contains(word))
}

/// A switch, a number, or a word for a way to sign in: nobody's secret.
fn is_harmless(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "auto",
        "default",
        "optional",
        "required",
        "oauth",
        "oauth2",
        "oidc",
        "bearer",
        "basic",
        "header",
        "public",
        "anonymous",
        "hs256",
        "rs256",
        "es256",
        "api_key",
    ];
    let text = text.trim().to_ascii_lowercase();
    let is_number = text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit());
    is_number || WORDS.contains(&text.as_str())
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
            "https://acme.com/sk-proj-4f8a9b2c1d7e6f5a4b3c/mcp",
            "https://acme.com/m?pat=ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        ] {
            assert!(holds(text), "{text}");
        }
        let letting_in = Url::parse("https://acme.com/api/mcp/s/NzE0MjU5ZjQtOGYxNy00ZWQyLTk3YjE/mcp");
        assert!(path_holds_key(&letting_in.expect("an address")));
        assert!(is_key_of_endpoint("x", "0123456789abcdef0123456789abcdef"));
        assert!(!is_key_of_endpoint("project_id", "0123456789abcdef0123456789abcdef"));
        for text in [
            "https://acme.com/m?token=",
            "https://acme.com/m?token={token}",
            "https://acme.com/tokens?page=2",
            "https://acme.com/catalog.json?v=0123456789abcdef0123456789abcdef",
            "https://docs.acme.com/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
            "https://acme.com/mcp?auth=oauth&cookie=false&jwt=true&token_type=bearer&key=default",
            "https://acme.com/mcp?id=0b1f6c52-8a3e-4f5d-9c1e-2d7a8b9c0d1e",
            "https://good.com/pypi-package-search-mcp-v2/mcp",
            "https://acme.com/t/0b1f6c52-8a3e-4f5d-9c1e-2d7a8b9c0d1e/mcp",
            "https://acme.com/api-v2/AcmeWeatherServerForEverybody2026/mcp",
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
