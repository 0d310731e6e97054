//! Members that an object names twice: a parsed document no longer shows them.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How many are told.
const MANY: usize = 20;

/// The places of repeated members, in the order of the text. For JSON that was read already, and so is not too deep.
pub(super) fn repeated(json: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    // It ends early when enough is found; that it can be read was seen before.
    let _ = Walk { path: String::new(), found: &mut found }.deserialize(&mut reader);
    found
}

struct Walk<'a> {
    path: String,
    found: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut number = 0;
        loop {
            let path = format!("{}[{number}]", self.path);
            if items.next_element_seed(Walk { path, found: self.found })?.is_none() {
                return Ok(());
            }
            number += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = if self.path.is_empty() { name.clone() } else { format!("{}.{name}", self.path) };
            if self.found.len() >= MANY {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            if seen.contains(&name) {
                self.found.push(path.clone());
            }
            seen.insert(name);
            members.next_value_seed(Walk { path, found: self.found })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repetition_is_told_with_its_place() {
        let json = r#"{"a":1,"b":{"c":[{"d":1,"d":2}]},"a":null,"e":true,"f":1.5,"g":-1}"#;
        assert_eq!(repeated(json), ["b.c[0].d", "a"]);
        assert!(repeated(r#"{"a":{"b":1},"b":1}"#).is_empty());
    }

    #[test]
    fn a_hostile_document_is_told_of_briefly() {
        let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(100_000));
        assert_eq!(repeated(&many).len(), MANY);
    }
}
