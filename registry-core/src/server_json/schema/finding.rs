//! The engine's errors in the words of contract 1.8.

use std::fmt::Write;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

/// One place where a document differs from its schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaFinding {
    /// Where in the document: `packages[0].transport.url`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// Where in the schema, and how one gets there.
    pub reference: String,
}

/// Collects errors: each branch of a choice on its own, missing members together, none about the document as a whole.
pub(super) struct Findings<'s> {
    schema: &'s Value,
    most: usize,
    told: Vec<SchemaFinding>,
    /// The members that one object lacks, and where that was found: the engine tells of them one by one.
    missing: Option<(SchemaFinding, Vec<String>)>,
}

impl<'s> Findings<'s> {
    pub(super) fn new(schema: &'s Value, most: usize) -> Self {
        Self { schema, most, told: Vec::new(), missing: None }
    }

    pub(super) fn take(&mut self, error: &ValidationError<'_>) {
        if let Kind::AnyOf { context } = error.kind() {
            return context.iter().flatten().for_each(|error| self.take(error));
        }
        let is_root = error.instance_path().as_str().is_empty();
        if is_root || self.told.len() >= self.most {
            return;
        }
        let found = SchemaFinding {
            path: path(error.instance_path().as_str()),
            message: message(error),
            reference: self.reference(error),
        };
        match error.kind() {
            Kind::Required { property } => self.take_missing(found, property),
            _ => {
                self.finish();
                self.told.push(found);
            }
        }
    }

    fn take_missing(&mut self, found: SchemaFinding, member: &Value) {
        let name = quoted(member.as_str().unwrap_or_default());
        match &mut self.missing {
            Some((known, names)) if known.path == found.path && known.reference == found.reference => {
                names.push(name);
            }
            _ => {
                self.finish();
                self.missing = Some((found, vec![name]));
            }
        }
    }

    fn finish(&mut self) {
        if let Some((found, names)) = self.missing.take() {
            let message = format!("missing required fields: {}", names.join(", "));
            self.told.push(SchemaFinding { message, ..found });
        }
    }

    pub(super) fn told(mut self) -> Vec<SchemaFinding> {
        self.finish();
        self.told
    }

    /// The keyword's place in the schema, and the way to it with each reference replaced by its target.
    fn reference(&self, error: &ValidationError<'_>) -> String {
        let mut way = String::new();
        let mut here = Some(self.schema);
        for step in error.evaluation_path().as_str().split('/').skip(1) {
            if !way.is_empty() {
                way.push('/');
            }
            let at = here.and_then(|here| inside(here, step));
            match at.and_then(Value::as_str).filter(|_| step == "$ref") {
                Some(target) => {
                    way.push('[');
                    way.push_str(target);
                    way.push(']');
                    here = self.schema.pointer(target.trim_start_matches('#'));
                }
                None => {
                    way.push_str(step);
                    here = at;
                }
            }
        }
        format!("#{} from: {way}", error.schema_path().as_str())
    }
}

fn inside<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(unescaped(step)),
    }
}

fn message(error: &ValidationError<'_>) -> String {
    let length = || error.instance().as_str().unwrap_or_default().chars().count();
    match error.kind() {
        Kind::Format { format } => {
            let text = quoted(error.instance().as_str().unwrap_or_default());
            format!("{text} has invalid format {}", quoted(format))
        }
        Kind::MinLength { limit } => format!("length must be >= {limit}, but got {}", length()),
        Kind::MaxLength { limit } => format!("length must be <= {limit}, but got {}", length()),
        Kind::Pattern { pattern } => format!("does not match pattern {}", quoted(pattern)),
        Kind::Enum { options } => one_of(options),
        Kind::AdditionalProperties { unexpected } => {
            let names: Vec<_> = unexpected.iter().map(|name| quoted(name)).collect();
            format!("additionalProperties {} not allowed", names.join(", "))
        }
        Kind::Not { .. } => "not failed".to_owned(),
        _ => error.masked().to_string(),
    }
}

fn one_of(options: &Value) -> String {
    let words: Vec<_> = options.as_array().into_iter().flatten().map(Value::to_string).collect();
    match words.as_slice() {
        [word] => format!("value must be {word}"),
        _ => format!("value must be one of {}", words.join(", ")),
    }
}

/// A text in single quotes, what cannot be seen escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        // Writing to a String cannot fail.
        let _ = match c {
            '\'' | '\\' => write!(quoted, "\\{c}"),
            '\n' | '\r' | '\t' => write!(quoted, "{}", c.escape_default()),
            _ if c.is_ascii_control() => write!(quoted, "\\x{:02x}", u32::from(c)),
            _ if c.is_control() => write!(quoted, "\\u{:04x}", u32::from(c)),
            _ => write!(quoted, "{c}"),
        };
    }
    quoted.push('\'');
    quoted
}

/// A JSON pointer as people write it: `packages[0].transport`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        if !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()) {
            // Writing to a String cannot fail.
            let _ = write!(path, "[{step}]");
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(&unescaped(step));
    }
    path
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
