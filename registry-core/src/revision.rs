//! What changed between two revisions of a document, as an RFC 6902 patch. Pure.

use serde_json::Value;

/// The longest patch that is kept.
const LONGEST: usize = 64 * 1024;

/// The longest documents that are compared.
const LARGEST: usize = 2 * 1024 * 1024;

/// The patch that leads from one document to the other, as JSON text; none where one of them is no JSON, or is too long to compare,
/// or where the patch says more than a reader wants to see.
pub fn diff(old: &[u8], new: &[u8]) -> Option<String> {
    if old.len().max(new.len()) > LARGEST {
        return None;
    }
    let (old, new) = (read(old)?, read(new)?);
    let patch = serde_json::to_string(&json_patch::diff(&old, &new)).ok()?;
    (patch.len() <= LONGEST).then_some(patch)
}

fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_says_what_changed() {
        let patch =
            diff(b"\xEF\xBB\xBF{\"a\":1,\"b\":2}", b"{\"a\":1,\"b\":3,\"c\":[]}").expect("both are JSON");
        assert_eq!(patch, r#"[{"op":"replace","path":"/b","value":3},{"op":"add","path":"/c","value":[]}]"#);
        assert_eq!(
            diff(b"{}", b"{ }").as_deref(),
            Some("[]"),
            "other blanks are other bytes and nothing more"
        );
    }

    #[test]
    fn what_cannot_be_compared_has_no_patch() {
        assert_eq!(diff(b"<html>", b"{}"), None);
        assert_eq!(diff(b"{}", b""), None);
        let long = format!("{:?}", "x".repeat(LONGEST));
        assert_eq!(diff(b"{}", long.as_bytes()), None);
        let deep = "[".repeat(100_000);
        assert_eq!(diff(deep.as_bytes(), b"[]"), None);
    }
}
