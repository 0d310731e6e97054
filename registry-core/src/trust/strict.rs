//! JSON that can be read in one way only: no member stands twice, nothing is repaired (RFC 7493).
//!
//! Elsewhere documents are read as browsers do. Here that would let a signature cover other words than those that are used.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Why bytes are no such document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no signature in it can be checked, since it can be read in more ways than one: {0}")]
pub struct Ambiguous(String);

/// Reads bytes as JSON, or says why they are not only one document.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Ambiguous> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let read: Result<Strict, _> = serde_json::from_slice(bytes);
    read.map(|strict| strict.0).map_err(|error| Ambiguous(super::verdict::shown(&error.to_string())))
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
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
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member `{name}` stands twice")));
            }
            let Strict(value) = members.next_value()?;
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
    fn a_member_stands_once() {
        assert_eq!(parse(b"\xEF\xBB\xBF{\"a\":{\"b\":1}}"), Ok(json!({ "a": { "b": 1 } })));
        for twice in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"b":2,"a":3}}]"#, r#"{"a":1,"\u0061":2}"#] {
            let error = parse(twice.as_bytes()).expect_err("ambiguous").to_string();
            assert!(error.contains("the member `a` stands twice"), "{error}");
        }
    }

    #[test]
    fn nothing_is_repaired() {
        for broken in
            [&b"{\"a\":\"\xff\"}"[..], br#"{"a":"\ud800"}"#, b"{\"a\":NaN}", b"{} {}", b"{\"a\":1e999}"]
        {
            assert!(parse(broken).is_err(), "{}", String::from_utf8_lossy(broken));
        }
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
