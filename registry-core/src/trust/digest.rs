//! Digests as catalogs write them (`sha256:…`), and the canonical bytes of JSON values (RFC 8785).

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use serde_json::Value;

use super::verdict::{Reason, shown};

/// The largest integer that every reader of JSON agrees about.
const MAX_SAFE: u64 = 1 << 53;

/// A hash function that is strong enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(name: &str) -> Option<Self> {
        match name {
            "sha256" => Some(Self::Sha256),
            "sha384" => Some(Self::Sha384),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }

    /// The digest of the bytes, as catalogs write it.
    pub(super) fn digest_of(self, bytes: &[u8]) -> String {
        format!("{}:{}", self.name(), hex::encode(digest(self.algorithm(), bytes)))
    }
}

/// The hash function of a digest that can be relied on; weaker ones are refused as much as misspelt ones.
pub(super) fn hash_of(text: &str) -> Result<Hash, Reason> {
    let refused = || Reason::Digest(shown(text));
    let (name, hex) = text.split_once(':').ok_or_else(refused)?;
    let hash = Hash::of(name).ok_or_else(refused)?;
    let is_lower = hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_whole = hex.len() == hash.algorithm().output_len() * 2;
    if is_lower && is_whole { Ok(hash) } else { Err(refused()) }
}

/// The bytes that are hashed and signed for a value.
pub(super) fn canonical(value: &Value) -> Result<Vec<u8>, Reason> {
    if let Some(number) = unsafe_integer(value) {
        return Err(Reason::Canonical(format!(
            "`{number}` is too large for a JSON number; write it as a string"
        )));
    }
    serde_json_canonicalizer::to_vec(value).map_err(|error| Reason::Canonical(shown(&error.to_string())))
}

/// An integer that another reader may round: two documents would have the same canonical form.
fn unsafe_integer(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            size.filter(|size| *size > MAX_SAFE).map(|_| number.to_string())
        }
        Value::Array(items) => items.iter().find_map(unsafe_integer),
        Value::Object(members) => members.values().find_map(unsafe_integer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_strong_digests_in_one_spelling_count() {
        let empty = Hash::Sha256.digest_of(b"");
        assert_eq!(empty, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (digest, hash) in [
            (empty, Hash::Sha256),
            (Hash::Sha384.digest_of(b"x"), Hash::Sha384),
            (Hash::Sha512.digest_of(b"x"), Hash::Sha512),
        ] {
            assert_eq!(hash_of(&digest), Ok(hash));
            assert!(hash_of(&digest.to_uppercase()).is_err());
            assert!(hash_of(&digest[..digest.len() - 1]).is_err());
        }
        for weak in [
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha-256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:",
            "",
        ] {
            assert_eq!(hash_of(weak), Err(Reason::Digest(weak.to_owned())), "{weak}");
        }
    }

    #[test]
    fn the_canonical_form_has_sorted_members_and_no_blanks() {
        let value = json!({ "b": [1, 2.5, "é\n"], "a": { "\u{20ac}": null, "\r": true } });
        let text = canonical(&value).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_eq!(text.as_deref(), Ok("{\"a\":{\"\\r\":true,\"€\":null},\"b\":[1,2.5,\"é\\n\"]}"));
    }

    #[test]
    fn integers_that_readers_disagree_about_have_no_canonical_form() {
        assert!(canonical(&json!([9_007_199_254_740_992_u64])).is_ok());
        assert!(matches!(canonical(&json!([9_007_199_254_740_993_u64])), Err(Reason::Canonical(_))));
        assert!(matches!(canonical(&json!({ "a": -9_007_199_254_740_993_i64 })), Err(Reason::Canonical(_))));
    }
}
