//! Documents as the web serves them: bytes in, JSON out, with the tolerance of a careful browser and no more.

use serde_json::Value;

use crate::server_json::shape;

/// How deeply a document may nest.
pub const MAX_DEPTH: usize = 64;

/// Why bytes are no document.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A web page, a text, an empty body: nobody meant to serve a document here.
    #[error("this is no JSON object: it is empty, a web page, or something else")]
    NotJson,
    /// JSON behind a comment line.
    #[error("the document begins with a comment, which JSON does not have; remove the comment")]
    Comment,
    /// Begins like JSON, and is none.
    #[error("the document is meant as JSON but does not parse: {0}")]
    Broken(String),
    /// Not UTF-8.
    #[error("the document is not UTF-8; save it as UTF-8")]
    NotUtf8,
    /// Nested too deeply.
    #[error("the document nests more than {MAX_DEPTH} levels deep; flatten it")]
    Depth,
}

impl Unreadable {
    /// Whether somebody meant to serve JSON: worth telling them, where an absent document is not.
    pub fn was_intended(&self) -> bool {
        !matches!(self, Self::NotJson)
    }
}

/// Reads bytes as JSON. A byte order mark is skipped; of repeated members the last one counts.
pub fn parse(bytes: &[u8]) -> Result<Value, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii();
    match bytes {
        [b'/', b'/' | b'*', ..] if bytes.contains(&b'{') => return Err(Unreadable::Comment),
        [b'{' | b'[', ..] => {}
        _ => return Err(Unreadable::NotJson),
    }
    std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    if depth(bytes) > MAX_DEPTH {
        return Err(Unreadable::Depth);
    }
    // Not serde_json alone: it gives some member names a meaning, behind which more nesting could hide.
    shape::parse_json(bytes).map_err(|error| Unreadable::Broken(error.to_string()))
}

/// The deepest nesting, counted on the bytes so that the parser never sees a tower.
fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_byte_order_mark_and_blanks_are_skipped() {
        assert_eq!(parse(b"\xEF\xBB\xBF\n {\"a\":1} "), Ok(json!({ "a": 1 })));
    }

    #[test]
    fn a_page_is_absence_and_a_mistake_is_not() {
        assert!(!parse(b"<!doctype html>").expect_err("a page").was_intended());
        assert!(!parse(b"").expect_err("nothing").was_intended());
        assert_eq!(parse(b"// mcp.json\n{}"), Err(Unreadable::Comment));
        assert!(matches!(parse(b"{\"a\":}"), Err(Unreadable::Broken(_))));
        assert!(matches!(parse(b"{\"a\":NaN}"), Err(Unreadable::Broken(_))));
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(Unreadable::NotUtf8));
    }

    #[test]
    fn depth_is_limited_and_brackets_in_texts_do_not_count() {
        let tower = |n: usize| [b"[".repeat(n), b"]".repeat(n)].concat();
        assert!(parse(&tower(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&tower(MAX_DEPTH + 1)), Err(Unreadable::Depth));
        assert_eq!(parse(&tower(1_000_000)), Err(Unreadable::Depth));
        assert!(parse(format!("[\"\\\"{}\"]", "[".repeat(100)).as_bytes()).is_ok());
    }

    #[test]
    fn the_last_of_repeated_members_counts() {
        assert_eq!(parse(br#"{"a":1,"a":2}"#), Ok(json!({ "a": 2 })));
    }
}
