//! What a publisher's JSON must look like (S1–S18); the only way from a request to a [`ServerJson`].

mod auth;

use std::fmt::Write;

use serde_json::{Map, Value};

pub use self::auth::{read_github_token, read_oidc_token, read_origin, read_signed_time};
pub use super::json::{NotJson, parse_json};
use super::layout::{Kind, Object, SERVER, STATUS};
use super::rules::Rule;
use super::rules::table::{S1, S18};
use super::{ServerJson, canonical};
use crate::listing::StatusChange;

/// How many problems of one document are reported; more than these nobody reads, and each echoes what stands there.
const MOST_ISSUES: usize = 1000;

/// One thing that is wrong with the shape of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeIssue {
    /// The rule; none where a header or a parameter is wrong.
    pub rule: Option<&'static Rule>,
    /// Where: `body.packages[0].transport`.
    pub location: String,
    /// What is wrong, in the contract's words.
    pub message: String,
    /// What stands there.
    pub value: Option<Value>,
}

/// The document, or everything that is wrong with its shape, in the order of the declared members.
pub fn read(value: &Value) -> Result<ServerJson, Vec<ShapeIssue>> {
    let document = walk(value, &SERVER)?;
    serde_json::from_value(document).map_err(|error| unreadable(value, &S1, &error))
}

/// The status somebody asks for, or everything that is wrong with the shape of the request (S18).
pub fn read_status(value: &Value) -> Result<StatusChange, Vec<ShapeIssue>> {
    let body = walk(value, &STATUS)?;
    let status: Result<crate::wire::publish::StatusRequest, _> = serde_json::from_value(body);
    let status = status.map_err(|error| unreadable(value, &S18, &error))?;
    Ok(StatusChange { status: status.status, message: status.status_message })
}

/// Whether a text or a name in the document holds a NUL, which JSON can carry and the database cannot.
pub fn holds_nul(server: &ServerJson) -> bool {
    serde_json::to_value(server).is_ok_and(|value| canonical::holds_nul(&value))
}

fn walk(value: &Value, object: &'static Object) -> Result<Value, Vec<ShapeIssue>> {
    let mut reader = Reader { at: "body".to_owned(), issues: Vec::new() };
    let read = reader.read(value, &Kind::Object(object), object.missing);
    if reader.issues.is_empty() { Ok(read) } else { Err(reader.issues) }
}

/// The description and the typed document disagree: never silent, should it ever happen.
fn unreadable(value: &Value, rule: &'static Rule, error: &serde_json::Error) -> Vec<ShapeIssue> {
    let message = error.to_string();
    vec![ShapeIssue { rule: Some(rule), location: "body".into(), message, value: Some(value.clone()) }]
}

/// Walks a value along its description, collecting problems, and gives the value back under its canonical names.
struct Reader {
    at: String,
    issues: Vec<ShapeIssue>,
}

impl Reader {
    fn read(&mut self, value: &Value, kind: &Kind, rule: &'static Rule) -> Value {
        match (kind, value) {
            (Kind::Text(checks), Value::String(text)) => {
                for (rule, check) in *checks {
                    if let Some(message) = check.problem(text) {
                        self.report(rule, message, value);
                    }
                }
                value.clone()
            }
            (Kind::Flag, Value::Bool(_)) => value.clone(),
            (Kind::Free, Value::Object(_)) => value.clone(),
            (Kind::List(kind), Value::Array(items)) => self.items(items, kind, rule),
            (Kind::Object(object), Value::Object(members)) => self.members(value, members, object),
            (Kind::Map(object), Value::Object(entries)) => self.entries(entries, object, rule),
            _ => {
                self.report(rule, kind.expected().to_owned(), value);
                Value::Null
            }
        }
    }

    fn members(&mut self, whole: &Value, members: &Map<String, Value>, object: &Object) -> Value {
        let mut read = Map::new();
        for member in object.members {
            match member.of(members) {
                None if member.required => {
                    let message = format!("expected required property {} to be present", member.name);
                    self.report(object.missing, message, whole);
                }
                None => {}
                Some((_, Value::Null)) if !member.required => {}
                Some((_, value)) => {
                    let value = self.inside(format_args!(".{}", member.name), |r| {
                        r.read(value, &member.kind, member.rule)
                    });
                    read.insert(member.name.to_owned(), value);
                }
            }
        }
        for (name, value) in members.iter().filter(|(name, _)| !object.knows(name)) {
            self.inside(format_args!(".{}", clip(name)), |r| {
                r.report((object.unexpected)(name), "unexpected property".to_owned(), value)
            });
        }
        Value::Object(read)
    }

    fn items(&mut self, items: &[Value], kind: &Kind, rule: &'static Rule) -> Value {
        let read = |(i, item)| self.inside(format_args!("[{i}]"), |r| r.read(item, kind, rule));
        items.iter().enumerate().map(read).collect()
    }

    fn entries(
        &mut self,
        entries: &Map<String, Value>,
        object: &'static Object,
        rule: &'static Rule,
    ) -> Value {
        let kind = Kind::Object(object);
        let mut read = Map::new();
        for (name, entry) in entries {
            let input = self.inside(format_args!(".{}", clip(name)), |r| r.read(entry, &kind, rule));
            read.insert(name.clone(), input);
        }
        Value::Object(read)
    }

    /// Goes one step down for the length of a call.
    fn inside<T>(&mut self, step: std::fmt::Arguments<'_>, read: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.at.len();
        // Writing to a String cannot fail.
        let _ = self.at.write_fmt(step);
        let read = read(self);
        self.at.truncate(here);
        read
    }

    fn report(&mut self, rule: &'static Rule, message: String, value: &Value) {
        if self.issues.len() < MOST_ISSUES {
            let value = Some(value.clone());
            self.issues.push(ShapeIssue { rule: Some(rule), location: self.at.clone(), message, value });
        }
    }
}

/// As much of a stranger's member name as a location shows: it stands in every problem below it.
fn clip(name: &str) -> &str {
    name.char_indices().nth(200).map_or(name, |(end, _)| &name[..end])
}

#[cfg(test)]
mod tests;
