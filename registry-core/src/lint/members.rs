//! Looking into objects: what stands at a member, and how it is shown to its author.

use serde_json::{Map, Value};
use url::Url;

use super::{Found, Rule};
use crate::card::text::clean;

/// An object inside a document, and where it is.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    pub(super) members: &'a Map<String, Value>,
    pub(super) path: &'a str,
}

impl<'a> Object<'a> {
    /// Where a member is.
    pub(super) fn at(&self, member: &str) -> String {
        if self.path.is_empty() { member.to_owned() } else { format!("{}.{member}", self.path) }
    }

    /// What stands at a member; `null` is something.
    pub(super) fn get(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member)
    }

    /// A member that must be there and be a text.
    pub(super) fn required(&self, member: &str, rule: &'static Rule, found: &mut Found) -> Option<&'a str> {
        if self.get(member).is_none() {
            found.add(rule, self.at(member), format!("`{member}` is missing"));
        }
        self.text(member, rule, found)
    }

    /// A member that is a text where it is there.
    pub(super) fn text(&self, member: &str, rule: &'static Rule, found: &mut Found) -> Option<&'a str> {
        let value = self.get(member)?;
        if let Value::String(text) = value {
            return Some(text);
        }
        found.add(rule, self.at(member), format!("`{member}` is {}, not a text", kind(value)));
        None
    }

    /// The items of a member that is a list where it is there.
    pub(super) fn list(&self, member: &str, rule: &'static Rule, found: &mut Found) -> &'a [Value] {
        match self.get(member) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(other) => {
                found.add(rule, self.at(member), format!("`{member}` is {}, not a list", kind(other)));
                &[]
            }
        }
    }

    /// The members of a member that is an object where it is there.
    pub(super) fn object(
        &self,
        member: &str,
        rule: &'static Rule,
        found: &mut Found,
    ) -> Option<&'a Map<String, Value>> {
        match self.get(member)? {
            Value::Object(members) => Some(members),
            other => {
                found.add(rule, self.at(member), format!("`{member}` is {}, not an object", kind(other)));
                None
            }
        }
    }

    /// Each item of a list of objects, with its place.
    pub(super) fn objects(
        &self,
        member: &str,
        rule: &'static Rule,
        found: &mut Found,
    ) -> Vec<(String, &'a Map<String, Value>)> {
        let mut objects = Vec::new();
        for (number, item) in self.list(member, rule, found).iter().enumerate() {
            let path = format!("{}[{number}]", self.at(member));
            match item {
                Value::Object(members) => objects.push((path, members)),
                other => {
                    found.add(rule, path, format!("an item of `{member}` is {}, not an object", kind(other)));
                }
            }
        }
        objects
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A foreign text, short and without keys, to be shown between backticks.
pub(super) fn shown(text: &str) -> String {
    clean(text, 80).replace('`', "'")
}

/// Says that a text is not between one and so many characters long.
pub(super) fn check_length(
    text: &str,
    most: usize,
    rule: &'static Rule,
    path: String,
    what: &str,
    found: &mut Found,
) -> bool {
    let length = text.chars().count();
    if (1..=most).contains(&length) {
        return true;
    }
    let message = match length {
        0 => format!("`{what}` is empty"),
        _ => format!("`{what}` has {length} characters; at most {most} are allowed"),
    };
    found.add(rule, path, message);
    false
}

/// An absolute address.
pub(super) fn address(text: &str) -> Option<Url> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    Url::parse(text).ok()
}
