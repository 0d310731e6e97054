//! Headers and variables of a remote (C19–C21), and the secrets that must not stand there (C27).

use serde_json::{Map, Value};

use super::Found;
use super::members::{Object, kind, shown};
use super::table::{C19, C20, C21, C27};
use crate::card::secret;

const FORMATS: [&str; 4] = ["string", "number", "boolean", "filepath"];

/// The headers of a remote.
pub(super) fn check_headers(remote: Object<'_>, found: &mut Found) {
    for (path, header) in remote.objects("headers", &C19, found) {
        let header = Object { members: header, path: &path };
        let name = header.required("name", &C19, found);
        if name.is_some_and(|name| name.trim().is_empty()) {
            found.add(&C19, header.at("name"), "`name` is empty");
        }
        check_input(header, name.unwrap_or_default(), found);
        if let Some(variables) = header.object("variables", &C21, found) {
            check_variables(variables, &header.at("variables"), found);
        }
    }
}

/// A map of inputs.
pub(super) fn check_variables(variables: &Map<String, Value>, path: &str, found: &mut Found) {
    for (name, input) in variables {
        let path = format!("{path}.{name}");
        match input {
            Value::Object(members) => check_input(Object { members, path: &path }, name, found),
            other => found.add(&C21, path, format!("`{}` is {}, not an input", shown(name), kind(other))),
        }
    }
}

fn check_input(input: Object<'_>, name: &str, found: &mut Found) {
    for member in ["description", "placeholder"] {
        input.text(member, &C20, found);
    }
    for member in ["isRequired", "isSecret"] {
        if let Some(value) = input.get(member).filter(|value| !value.is_boolean()) {
            let message = format!("`{member}` is {}, not true or false", kind(value));
            found.add(&C20, input.at(member), message);
        }
    }
    if let Some(format) = input.text("format", &C20, found).filter(|format| !FORMATS.contains(format)) {
        let message = format!("`format` is `{}`; it is one of {}", shown(format), FORMATS.join(", "));
        found.add(&C20, input.at("format"), message);
    }
    for member in ["value", "default"] {
        if let Some(text) = input.text(member, &C20, found)
            && is_secret(input, name, text)
        {
            let message = format!("the `{member}` of `{}` looks like a secret", shown(name));
            found.add(&C27, input.at(member), message);
        }
    }
    for (number, choice) in input.list("choices", &C20, found).iter().enumerate() {
        if !choice.is_string() {
            let path = format!("{}[{number}]", input.at("choices"));
            found.add(&C20, path, format!("a choice is {}, not a text", kind(choice)));
        }
    }
}

/// Whether a text is a key: by its looks, or because it stands for itself where a secret is asked for.
fn is_secret(input: Object<'_>, name: &str, text: &str) -> bool {
    let is_asked_for = input.get("isSecret") == Some(&Value::Bool(true)) || secret::is_secret_name(name);
    secret::looks_like_credential(text) || (is_asked_for && text.len() >= 8 && secret::is_literal(text))
}
