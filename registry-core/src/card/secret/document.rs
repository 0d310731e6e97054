//! Whole documents as they are kept: what looks like a credential is blotted out before anything is stored.
//!
//! A document is evidence, so it is kept byte for byte; but no registry may hand out a key that somebody pasted by mistake. A
//! document with a key is therefore kept as a copy without it, under the hash of what was served. The copy means the same: whatever
//! reads it drops `[redacted]` where it would have dropped the key.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::words::{public, redact};
use super::{
    REDACTED, is_capability, is_harmless, is_literal, is_secret_input, is_secret_name, looks_like_credential,
};
use crate::card::raw;

/// Members whose content is signatures and public keys, random by nature.
const PUBLIC: [&str; 12] = [
    "trustmanifest",
    "trustmanifests",
    "signature",
    "signatures",
    "additionalsignatures",
    "proof",
    "jws",
    "jwks",
    "publickeyjwk",
    "attestations",
    "provenance",
    "digest",
];

/// Maps of names to values in which a secret's value may be any word.
const MAPS: [&str; 6] = ["headers", "env", "environment", "environmentVariables", "query", "queryParams"];

/// A document fit to be stored: itself where it holds no credential, else a copy with `[redacted]` in their places.
///
/// What is not JSON is searched as a text.
pub fn redact_document(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Ok(mut document) = raw::parse(bytes) else {
        let text = String::from_utf8_lossy(bytes);
        let redacted = redact(&text);
        return if redacted == text { Cow::Borrowed(bytes) } else { Cow::Owned(redacted.into_bytes()) };
    };
    if !redact_value(&mut document) {
        return Cow::Borrowed(bytes);
    }
    // A value always has a text; were there none, nothing may be kept rather than the key.
    Cow::Owned(serde_json::to_vec(&document).unwrap_or_default())
}

/// Blots out what looks like a credential, by its form or by what it is called; says whether there was any.
pub fn redact_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) => set(text, redact(text)),
        Value::Array(elements) => array(elements),
        Value::Object(members) => object(members, false),
        _ => false,
    }
}

/// Whether any text of a document holds a key.
pub fn holds_keys(value: &Value) -> bool {
    match value {
        Value::String(text) => redact(text) != *text || is_address_of_one(text),
        Value::Array(elements) => elements.iter().any(holds_keys),
        Value::Object(members) => {
            members.iter().any(|(name, value)| redact(name) != *name || holds_keys(value))
        }
        _ => false,
    }
}

/// Blots out the keys in a document's texts, whatever its members are called.
pub fn redact_texts(value: &mut Value) {
    match value {
        Value::String(text) if is_address_of_one(text) => *text = redact(&without_capability(text)),
        Value::String(text) => *text = redact(text),
        Value::Array(elements) => elements.iter_mut().for_each(redact_texts),
        Value::Object(members) => {
            rename(members);
            members.values_mut().for_each(redact_texts);
        }
        _ => {}
    }
}

/// Whether a text is the address of an endpoint, and lets in whoever knows it.
fn is_address_of_one(text: &str) -> bool {
    let path = path_of(text).0.trim_end_matches('/');
    text.starts_with("https://") && (path.ends_with("/mcp") || path.ends_with("/sse")) && is_let_in(text)
}

fn set(text: &mut String, new: String) -> bool {
    let changed = *text != new;
    *text = new;
    changed
}

fn array(elements: &mut [Value]) -> bool {
    let (mut changed, mut expects_secret) = (false, false);
    for element in elements {
        let Value::String(text) = element else {
            expects_secret = false;
            changed |= redact_value(element);
            continue;
        };
        // `["--api-key", "…"]`: the option before says what this is.
        if expects_secret && is_value(text) {
            changed |= set(text, REDACTED.to_owned());
        } else {
            changed |= set(text, redact(text));
        }
        expects_secret =
            text.strip_prefix("--").is_some_and(|name| !name.contains('=') && is_secret_name(name));
    }
    changed
}

fn object(members: &mut Map<String, Value>, is_map: bool) -> bool {
    let mut changed = rename(members);
    let is_secret = members.get("isSecret") == Some(&Value::Bool(true));
    let asks_for_secret =
        is_secret || members.get("name").and_then(Value::as_str).is_some_and(is_secret_input);
    for (name, value) in members.iter_mut() {
        let folded: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(40)
            .collect::<String>()
            .to_ascii_lowercase();
        changed |= match value {
            _ if PUBLIC.contains(&folded.as_str()) => redact_public(value),
            Value::String(text) if asks_for_secret && ["value", "default"].contains(&name.as_str()) => {
                set(text, blot(text, is_literal(text) && (is_secret || !is_harmless(text))))
            }
            Value::String(text) if is_address_of_one(text) => set(text, redact(&without_capability(text))),
            Value::String(text) => {
                let leak = is_map && is_entry(name, text) || is_secret_member(name, text);
                set(text, blot(text, leak))
            }
            Value::Object(inner) => object(inner, MAPS.contains(&name.as_str())),
            value => redact_value(value),
        };
    }
    changed
}

/// The text, or what stands for it; the scheme before a key is no secret.
fn blot(text: &str, leak: bool) -> String {
    if !leak {
        return redact(text);
    }
    match text.trim().split_once(' ') {
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme} {REDACTED}"),
        _ => REDACTED.to_owned(),
    }
}

/// Whether knowing an address is all that one needs to be let in.
fn is_let_in(text: &str) -> bool {
    path_of(text).0.split('/').any(is_capability)
}

fn without_capability(text: &str) -> String {
    let (path, rest) = path_of(text);
    let parts = path.split('/').map(|part| if is_capability(part) { REDACTED } else { part });
    parts.collect::<Vec<_>>().join("/") + rest
}

/// An address up to its query, and the rest.
fn path_of(text: &str) -> (&str, &str) {
    text.split_at(text.find(['?', '#']).unwrap_or(text.len()))
}

/// Names of members can be keys as well.
fn rename(members: &mut Map<String, Value>) -> bool {
    if members.keys().all(|name| redact(name) == *name) {
        return false;
    }
    *members = std::mem::take(members).into_iter().map(|(name, value)| (redact(&name), value)).collect();
    true
}

fn redact_public(value: &mut Value) -> bool {
    match value {
        Value::String(text) => set(text, public(text)),
        Value::Array(elements) => elements.iter_mut().fold(false, |changed, e| redact_public(e) | changed),
        Value::Object(members) => members.values_mut().fold(false, |changed, v| redact_public(v) | changed),
        _ => false,
    }
}

/// Whether a member of this name holds a secret, and not something about one.
fn is_secret_member(name: &str, text: &str) -> bool {
    let folded = name.to_lowercase();
    if !is_secret_input(name) {
        return false;
    }
    match folded.as_str() {
        // How one is let in, or any key of any table: words, unless they look like nothing else.
        "auth" | "authorization" | "key" => looks_like_credential(text),
        _ => is_value(text),
    }
}

/// Whether an entry of a map of headers or of the environment is a secret; a sentence there is a hint for people.
fn is_entry(name: &str, text: &str) -> bool {
    let text = text.trim();
    let has_scheme = text.split_once(' ').is_some_and(|(scheme, _)| is_scheme(scheme));
    is_secret_name(name) && is_literal(text) && (has_scheme || !text.contains(char::is_whitespace))
}

fn is_scheme(word: &str) -> bool {
    ["bearer", "basic", "token"].contains(&word.to_lowercase().as_str())
}

/// Whether a text is a value that somebody chose or was given, and not a word of a language.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let plain = !text.contains(char::is_whitespace) && !text.contains("://") && !text.starts_with(['/', '.']);
    let mixed = text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
    looks_like_credential(text) || (plain && text.len() >= 8 && mixed && is_literal(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LEAK: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

    #[test]
    fn a_document_without_a_key_is_kept_byte_for_byte() {
        for body in [
            &br#"{ "name":"x",  "authentication": "bearer", "auth": { "type": "apiKey", "name": "X-API-Key" } }"#[..],
            br#"{"headers":[{"name":"Authorization","value":"Bearer {token}"}],"key":"weather"}"#,
            br#"{"trustManifest":{"identity":"https://acme.com","signature":"eyJhbGciOiJFUzI1NiJ9..c2lnbmF0dXJlLTEyMw"}}"#,
            br#"{"proof":"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLTEyMw","publicKey":"MCowBQYDK2VwAyEA1234567890"}"#,
            br#"{"tokenUrl":"https://acme.com/oauth/token","token":"required","sha256":"0123456789abcdef0123456789abcdef"}"#,
            br#"{"auth":"bearer_or_oauth2","env":{"API_KEY":"Get one at https://acme.com/keys"},"key":"weather_v2"}"#,
            b"// a comment\n{}",
            b"<!doctype html><p>Hello",
            b"\xff\xfe",
        ] {
            assert!(matches!(redact_document(body), Cow::Borrowed(_)), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn keys_go_wherever_they_stand() {
        let document = json!({
            "description": format!("Send {LEAK} along"),
            "url": "https://u:hunter2@acme.com/mcp?access_token=hunter2",
            "endpoint": "https://acme.com/s/NzE0MjU5ZjQtOGYxNy00ZWQyLTk3YjE/mcp",
            "apiKey": "abcd1234efgh",
            "mcpServers": { "x": {
                "headers": { "X-API-Key": "abc", "Authorization": "Bearer hunter2", "X-Region": "eu" },
                "env": { "ACME_TOKEN": "hunter2" },
                "args": ["--api-key", "abcd1234efgh", "--verbose"],
            } },
            "remotes": [{ "headers": [
                { "name": "X-API-Key", "value": "hunter2", "default": "hunter2" },
                { "isSecret": true, "name": "X-Word", "value": "hunter2" },
                { "name": "X-Units", "value": "metric" },
                { "name": "AUTH_ENABLED", "default": "true" },
                { "name": "TOKEN_TTL", "default": "3600000" },
                { "name": "JWT_ALGORITHM", "default": "HS256" },
            ] }],
            LEAK: 1,
            "list": [[LEAK]],
            "signature": { "jws": LEAK },
        });
        let bytes = document.to_string();
        let redacted = redact_document(bytes.as_bytes());
        let text = std::str::from_utf8(&redacted).expect("a text");
        for key in ["hunter2", "ghp_", "abcd1234", "\"abc\"", "NzE0"] {
            assert!(!text.contains(key), "{key} is in {text}");
        }
        for kept in ["metric", "\"eu\"", "Bearer [redacted]", "--verbose", "\"true\"", "3600000", "HS256"] {
            assert!(text.contains(kept), "{kept} is not in {text}");
        }
        assert!(matches!(redact_document(text.as_bytes()), Cow::Borrowed(_)), "once is enough");
    }

    #[test]
    fn texts_alone_are_enough_to_find_a_key() {
        let mut document = json!({
            "environmentVariables": [{ "name": "DB_PASSWORD", "default": "postgres", "description": format!("as {LEAK}") }],
            "remotes": [{ "url": "https://acme.com/s/NzE0MjU5ZjQtOGYxNy00ZWQyLTk3YjE/mcp" }, { "url": "https://acme.com/mcp" }],
        });
        assert!(holds_keys(&document));
        redact_texts(&mut document);
        let text = document.to_string();
        assert!(!text.contains("ghp_") && !text.contains("NzE0"), "{text}");
        assert!(text.contains("\"postgres\"") && text.contains("https://acme.com/mcp"), "{text}");
        assert!(!holds_keys(&json!({ "a": ["https://acme.com/mcp", { "token": "abc" }] })));
    }

    #[test]
    fn keys_in_broken_documents_and_pages_go_as_well() {
        for body in [
            format!("// {{\"token\": \"{LEAK}\"}}"),
            format!("<p>{LEAK}</p>"),
            format!("{{\"a\": \"{LEAK}\",}}"),
        ] {
            let redacted = redact_document(body.as_bytes());
            assert!(!redacted.windows(4).any(|w| w == b"ghp_"), "{body}");
        }
    }
}
