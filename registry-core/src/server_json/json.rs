//! Bytes to JSON, as tolerant as contract 1.4 asks: broken characters are replaced, everything else is refused.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Bytes that are no JSON.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotJson(String);

/// Reads a body as JSON (contract 1.4).
///
/// A byte order mark is not JSON. Invalid UTF-8 and unpaired surrogate escapes become U+FFFD; of repeated members the
/// last counts. Whole numbers of 64 bits are kept exactly, other numbers as the nearest double. A document that nests
/// more than 127 levels deep is refused before it can exhaust the stack.
pub fn parse_json(bytes: &[u8]) -> Result<Value, NotJson> {
    let text = String::from_utf8_lossy(bytes);
    let read: Result<Json, _> = serde_json::from_str(&without_lone_surrogates(&text));
    read.map(|json| json.0).map_err(|error| NotJson(error.to_string()))
}

/// The text with each `\ud8xx` that is no half of a pair written as `\ufffd`.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(next) = text[at..].find('\\').map(|found| at + found) {
        let unit = escaped_unit(text, next);
        at = match unit {
            Some(0xD800..=0xDBFF) if matches!(escaped_unit(text, next + 6), Some(0xDC00..=0xDFFF)) => {
                next + 12
            }
            Some(0xD800..=0xDFFF) => {
                kept.push_str(&text[done..next]);
                kept.push_str("\\ufffd");
                done = next + 6;
                done
            }
            // The backslash and what it escapes; a character of several bytes is no escape, and fails later.
            _ => next + 1 + text[next + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(&text[done..]);
    Cow::Owned(kept)
}

/// The UTF-16 unit that an escape `\uXXXX` at this place stands for.
fn escaped_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let all_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    all_hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

/// Member names that `serde_json` gives a meaning of its own: with them a text inside the document would be parsed too.
const RESERVED: &str = "$serde_json::private::";

/// Whether a member name has such a meaning.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED)
}

/// A value read member by member, so that no member has a hidden meaning and the last of repeated ones counts.
struct Json(Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Self)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if is_reserved(&name) {
                return Err(A::Error::custom(format_args!("`{name}` cannot be the name of a member")));
            }
            let Json(value) = members.next_value()?;
            // Moves to the end: where two spellings of one member stand, the order tells which is the last.
            map.shift_remove(&name);
            map.insert(name, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn broken_characters_are_replaced() {
        assert_eq!(parse_json(b"\"a\xffb\""), Ok(json!("a\u{FFFD}b")));
        assert_eq!(parse_json(br#""\ud800""#), Ok(json!("\u{FFFD}")));
        assert_eq!(parse_json(br#""\uDC00x\ud83d""#), Ok(json!("\u{FFFD}x\u{FFFD}")));
        assert_eq!(parse_json(br#""\ud800\u0041""#), Ok(json!("\u{FFFD}A")));
        assert_eq!(parse_json(br#""\ud800\ud83d\ude00""#), Ok(json!("\u{FFFD}😀")));
    }

    #[test]
    fn whole_pairs_and_escaped_backslashes_stay() {
        assert_eq!(parse_json(br#""\ud83d\ude00""#), Ok(json!("😀")));
        assert_eq!(parse_json(br#""\\ud800""#), Ok(json!("\\ud800")));
        assert_eq!(parse_json(br#""\\\ud800""#), Ok(json!("\\\u{FFFD}")));
        assert_eq!(parse_json(br#""\u0000""#), Ok(json!("\0")));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let broken: [&[u8]; 10] = [
            b"",
            b" ",
            b"\xEF\xBB\xBF{}",
            b"{} {}",
            b"{\"a\":NaN}",
            b"{\"a\":1e999}",
            b"{a:1}",
            "\"\\é\"".as_bytes(),
            b"\"\\ud8\"",
            b"\"\\",
        ];
        for bytes in broken {
            assert!(parse_json(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_tower_is_an_error_and_no_crash() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let tower = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            let error = parse_json(tower.as_bytes()).expect_err("too deep");
            assert!(error.to_string().contains("recursion limit"), "{error}");
        }
    }

    #[test]
    fn the_last_of_repeated_members_counts_and_stands_last() {
        let value = parse_json(br#"{"a":1,"A":2,"a":3}"#).expect("JSON");
        assert_eq!(value.to_string(), r#"{"A":2,"a":3}"#);
    }

    #[test]
    fn a_member_name_never_makes_a_text_a_document() {
        let smuggled = br#"{"$serde_json::private::RawValue":"{\"name\":\"com.example/x\"}"}"#;
        assert!(parse_json(smuggled).is_err());
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in [
            "18446744073709551615",
            "-9223372036854775808",
            "9007199254740993",
            "0.1",
            "1.7976931348623157e+308",
        ] {
            let value = parse_json(text.as_bytes()).expect("JSON");
            assert_eq!(value.to_string(), text);
        }
        let huge = parse_json(b"123456789012345678901234567890").expect("JSON").to_string();
        assert_eq!(
            parse_json(huge.as_bytes()).expect("JSON").to_string(),
            huge,
            "the nearest double is stable"
        );
    }
}
