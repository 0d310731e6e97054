//! Keys inside longer texts: known kinds by their beginning, others by what stands before them.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{DASHED, REDACTED, has_known_prefix, is_harmless, is_key_in_query, is_literal, is_secret_name};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)")
});
/// Header, payload and signature. A signature over something else has an empty payload, and is no secret.
static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}"));
/// What Telegram gives bots.
static BOT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"));
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9][A-Za-z0-9_.+=-]{15,}"));
static USER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"([A-Za-z][A-Za-z0-9+.-]{1,20}://)([^\s/@:"'<>]*):([^\s/@"'<>]+)@"#));
static QUERY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"([?&;])([A-Za-z0-9_.-]+)=([^\s&;#"'<>`)]+)"#));
static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b((?i:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{12,})"));
static ASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b([A-Za-z0-9_-]{2,64})(["']?\s?[=:]\s?["']?)([^\s"'`&,;<>(){}\[\]|]{6,})"#));
static OPTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(--[A-Za-z0-9-]{3,40}\s+)([^\s-][^\s]{7,})"));

/// A text with every key in it blotted out.
pub fn redact(text: &str) -> String {
    // Nothing shorter is taken for a key, and most texts of a document are short.
    if text.len() < 8 {
        return text.to_owned();
    }
    let text = public(text);
    let text = TOKEN.replace_all(&text, REDACTED);
    let text = USER.replace_all(&text, |part: &Captures<'_>| {
        let leak = is_literal(&part[3]) && !is_word_for_one(&part[3]) && part[2] != part[3];
        keep_or(part, leak, || format!("{}{}:{REDACTED}@", &part[1], &part[2]))
    });
    let text = QUERY.replace_all(&text, |part: &Captures<'_>| {
        let leak = is_key_in_query(&part[2], &part[3]) && part[3].len() >= 4;
        keep_or(part, leak, || format!("{}{}={REDACTED}", &part[1], &part[2]))
    });
    let text = SCHEME.replace_all(&text, |part: &Captures<'_>| {
        keep_or(part, is_literal(&part[2]) && is_mixed(&part[2]), || format!("{}{REDACTED}", &part[1]))
    });
    let text = ASSIGNED.replace_all(&text, |part: &Captures<'_>| {
        keep_or(part, is_assigned(&part[1], &part[2], &part[3]), || {
            format!("{}{}{REDACTED}", &part[1], &part[2])
        })
    });
    let option = |part: &Captures<'_>| {
        let name = part[1].trim().trim_start_matches('-');
        let leak = is_secret_name(name) && is_literal(&part[2]) && is_mixed(&part[2]);
        keep_or(part, leak, || format!("{}{REDACTED}", &part[1]))
    };
    OPTION.replace_all(&text, option).into_owned()
}

/// The same in the words of signatures and proofs, which are random by nature: only private keys and known kinds of keys go.
pub(super) fn public(text: &str) -> String {
    let text = PRIVATE_KEY.replace_all(text, REDACTED);
    let text = BOT.replace_all(&text, REDACTED);
    let word = |part: &Captures<'_>| {
        // What ends a sentence is no part of the word.
        let word = part[0].trim_end_matches(['.', '-', '=', '+']);
        match key_in(word) {
            Some(at) => format!("{}{REDACTED}{}", &word[..at], &part[0][word.len()..]),
            None => part[0].to_owned(),
        }
    };
    WORD.replace_all(&text, word).into_owned()
}

/// Whether a text holds a key, or did.
pub fn holds_key(text: &str) -> bool {
    text.contains(REDACTED) || redact(text) != text
}

/// What people write where a password goes.
fn is_word_for_one(text: &str) -> bool {
    ["pass", "password", "passwd", "pwd", "pw", "secret", "token"]
        .contains(&text.to_ascii_lowercase().as_str())
}

fn keep_or(part: &Captures<'_>, leak: bool, blotted: impl FnOnce() -> String) -> String {
    // What is blotted out already stays as it is.
    if leak && !part[0].contains(REDACTED) { blotted() } else { part[0].to_owned() }
}

/// Where in a word a known key begins: `GH=ghp_…`, `id.ghp_…`.
fn key_in(word: &str) -> Option<usize> {
    let behind = word.match_indices(|c: char| !c.is_ascii_alphanumeric()).map(|(at, mark)| at + mark.len());
    std::iter::once(0).chain(behind).find(|at| is_known_key(&word[*at..]))
}

/// Known beginning, and behind it what nobody writes by hand.
fn is_known_key(word: &str) -> bool {
    let dashed = DASHED.iter().any(|prefix| word.starts_with(prefix)) && word.len() >= 24 && is_mixed(word);
    let mut runs = word.split(|c: char| !c.is_ascii_alphanumeric());
    let mut random = || runs.any(|run| run.len() >= 16 && is_mixed(run));
    has_known_prefix(word) && !word.starts_with("eyJ") && is_literal(word) && (dashed || random())
}

fn is_mixed(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether `NAME=value` or `name: value` gives a secret away.
fn is_assigned(name: &str, sign: &str, value: &str) -> bool {
    if !is_secret_name(name) || !is_literal(value) || value.contains("://") || value.starts_with('/') {
        return false;
    }
    let long = value.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| run.len() >= 16);
    // Of a table's key and of a way to sign in people speak as well.
    let is_clear =
        sign.contains('=') && !["key", "auth", "sig", "signature"].contains(&name.to_lowercase().as_str());
    is_mixed(value) && !is_harmless(value) && (long || is_clear)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_sentences_are_blotted_out() {
        let text = "Use `sk-proj-4f8a9b2c1d7e6f5a4b3c`, or sk-learn, or a sk_live_... key.";
        assert_eq!(redact(text), "Use `[redacted]`, or sk-learn, or a sk_live_... key.");
        for (text, redacted) in [
            ("Send ghp_16C7e42F292c6912E7710c838347Ae178B4a.", "Send [redacted]."),
            ("postgres://me:hunter2@db.acme.com/x", "postgres://me:[redacted]@db.acme.com/x"),
            ("https://acme.com/mcp?api_key=hunter2&x=1", "https://acme.com/mcp?api_key=[redacted]&x=1"),
            ("Authorization: Bearer 9a8b7c6d5e4f", "Authorization: Bearer [redacted]"),
            ("export API_KEY=hunter22 first", "export API_KEY=[redacted] first"),
            ("{\"apiKey\": \"0123456789abcdef0\"}", "{\"apiKey\": \"[redacted]\"}"),
            ("run --api-key hunter2hunter", "run --api-key [redacted]"),
            ("a eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123 b", "a [redacted] b"),
            ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY----- x", "[redacted] x"),
            ("-----BEGIN EC PRIVATE KEY-----\nabc", "[redacted]"),
            ("Key GH=ghp_16C7e42F292c6912E7710c838347Ae178B4a!", "Key GH=[redacted]!"),
            ("id.ghp_16C7e42F292c6912E7710c838347Ae178B4a", "id.[redacted]"),
            ("123456789:AAE4f2L0q9ZxYwVuTsRqPoNmLkJiHgFeDc1", "[redacted]"),
            ("gsk_16C7e42F292c6912E7710c838347Ae178B4a", "[redacted]"),
            ("xoxb-2048-4096-abcdefghij12", "[redacted]"),
        ] {
            assert_eq!(redact(text), redacted);
            assert_eq!(redact(redacted), redacted, "what is blotted out stays so");
            assert!(holds_key(text) && holds_key(redacted));
        }
    }

    #[test]
    fn words_that_are_no_keys_stay() {
        for text in [
            "Authorization: Bearer {token}",
            "Bearer authentication is required",
            "https://acme.com/mcp?token={token}",
            "https://acme.com/mcp?api_key=YOUR_KEY",
            "ghcr.io/acme/tides@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "git@github.com:acme/tides.git",
            "postgres://user:pass@host:5432/db",
            "postgres://postgres:postgres@localhost/db",
            "hf_hub_download_of_models_v2",
            "npm_config_registry=https://registry.acme.com/npm",
            "task-sk-learn-2026-pipelines-for-everybody",
            "TOKEN_URL=https://acme.com/oauth/token",
            "token: required since 2026-07-28",
            "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ..c2lnbmF0dXJlLW9mLWEtbWFuaWZlc3Q",
            "key: weather_by_city",
            "Start it with --auth=oauth2; the primary key=user_id2",
            "com.good/pypi-package-search-mcp-v2",
            "",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
