//! Where in a document an example stands.

use serde_json::{Value, json};

use crate::server_json::CURRENT_SCHEMA;

/// Where in a document an example stands; the rest of that document breaks no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the whole document.
    Whole,
    /// It is the body of a status change.
    Status,
    /// These members of the document.
    Document,
    /// The repository.
    Repository,
    /// An icon.
    Icon,
    /// These members of a package.
    Package,
    /// A package's transport.
    Transport,
    /// A package's argument.
    Argument,
    /// A package's environment variable.
    Variable,
    /// A remote.
    Remote,
}

impl Place {
    /// The body in which this stands there.
    pub fn fill(self, value: Value) -> Value {
        match self {
            Self::Whole | Self::Status => value,
            Self::Document => with(minimal(), value),
            Self::Repository => with(minimal(), json!({ "repository": value })),
            Self::Icon => with(minimal(), json!({ "icons": [value] })),
            Self::Package => with(minimal(), json!({ "packages": [with(package(), value)] })),
            Self::Transport => Self::Package.fill(json!({ "transport": value })),
            Self::Argument => Self::Package.fill(json!({ "packageArguments": [value] })),
            Self::Variable => Self::Package.fill(json!({ "environmentVariables": [value] })),
            Self::Remote => with(minimal(), json!({ "remotes": [value] })),
        }
    }

    /// What stands there, for documentation.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Whole => "the document",
            Self::Status => "the status change",
            Self::Document => "a document with",
            Self::Repository => "the repository",
            Self::Icon => "the icon",
            Self::Package => "a package with",
            Self::Transport => "the package's transport",
            Self::Argument => "the argument",
            Self::Variable => "the environment variable",
            Self::Remote => "the remote",
        }
    }
}

/// The smallest document that breaks no rule.
pub(super) fn minimal() -> Value {
    json!({
        "$schema": CURRENT_SCHEMA,
        "name": "com.example/weather",
        "description": "Tells the weather",
        "version": "1.0.0",
    })
}

fn package() -> Value {
    json!({ "registryType": "npm", "identifier": "weather", "transport": { "type": "stdio" } })
}

fn with(mut object: Value, members: Value) -> Value {
    if let (Value::Object(object), Value::Object(members)) = (&mut object, members) {
        object.extend(members);
    }
    object
}
