//! Whether a signed `subject` is the release that an entry offers: without it a signature could be moved to any other entry.

use serde_json::Value;

use super::digest::canonical;
use super::entry::Entry;
use super::verdict::{Binding, Reason};

/// Whose rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A and B: the entry need not repeat the digest.
    Single,
    /// C: what one of the two says the other says too.
    Independent,
}

/// What the subject is bound to, or why it is not this entry's. Texts are compared as they stand.
pub(super) fn bind(subject: &Value, entry: &Entry<'_>, dialect: Dialect) -> Result<Binding, Reason> {
    let kind = match dialect {
        Dialect::Single => entry.value.get("type").or_else(|| entry.value.get("mediaType")),
        Dialect::Independent => entry.value.get("type"),
    };
    same("identifier", subject.get("identifier"), entry.value.get("identifier"), Presence::Required)?;
    same("type", subject.get("type"), kind, Presence::Required)?;
    same("version", subject.get("version"), entry.value.get("version"), Presence::Both)?;
    let (digest, url) = (subject.get("digest"), subject.get("url"));
    if digest.is_some() || dialect == Dialect::Independent {
        let own = entry.value.get("digest").or_else(|| digest.filter(|_| dialect == Dialect::Single));
        same("digest", digest, own, Presence::Both)?;
    }
    if url.is_some() {
        same("url", url, entry.value.get("url"), Presence::Required)?;
        if !url.and_then(Value::as_str).is_some_and(|url| url.starts_with("https://")) {
            return Err(Reason::Subject("url"));
        }
    }
    match digest.and_then(Value::as_str) {
        Some(digest) => entry.artifact.check(digest).map(|()| Binding::Bytes),
        None if url.is_some() => Ok(Binding::Address),
        None => Err(Reason::Unbound),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Presence {
    Required,
    Both,
}

fn same(
    member: &'static str,
    signed: Option<&Value>,
    own: Option<&Value>,
    presence: Presence,
) -> Result<(), Reason> {
    let fits = match (signed, own) {
        (Some(Value::String(signed)), Some(Value::String(own))) => signed == own,
        (None, None) => presence == Presence::Both,
        _ => false,
    };
    if fits { Ok(()) } else { Err(Reason::Subject(member)) }
}

/// The entry's extensions that the subject covers: those whose digest it has.
pub(super) fn extensions(subject: &Value, entry: &Entry<'_>) -> Vec<String> {
    let Some(digests) = subject.get("extensionDigests").and_then(Value::as_object) else { return Vec::new() };
    let own = entry.value.get("extensions");
    let is_covered = |name: &str, digest: &Value| {
        let (Some(value), Some(digest)) = (own.and_then(|own| own.get(name)), digest.as_str()) else {
            return false;
        };
        let Ok(hash) = super::digest::hash_of(digest) else { return false };
        canonical(value).is_ok_and(|bytes| hash.digest_of(&bytes) == digest)
    };
    digests.iter().filter(|(name, digest)| is_covered(name, digest)).map(|(name, _)| name.clone()).collect()
}
