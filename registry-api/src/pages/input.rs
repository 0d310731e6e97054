//! What a server asks its user for: environment variables, headers, arguments, parts of an address.

use registry_core::server_json::{Argument, Input, KeyValueInput};
use serde::Deserialize;
use serde_json::{Map, Value};

/// One thing to fill in, as a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRow {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether the server needs it.
    pub required: bool,
    /// Whether it must be kept secret.
    pub secret: bool,
    /// What else is known of it: its fixed or usual value, its choices, an example.
    pub hints: Vec<Hint>,
}

/// A value, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// `Fixed`, `Default`, `One of`, `Example`.
    pub label: &'static str,
    /// The value.
    pub value: String,
}

impl InputRow {
    fn new(name: &str, input: &Input) -> Self {
        let mut hints = Vec::new();
        let mut hint = |label, value: &str| {
            if !value.is_empty() {
                hints.push(Hint { label, value: value.to_owned() });
            }
        };
        hint("Fixed", &input.value);
        hint("Default", &input.default);
        hint("One of", &input.choices.join(", "));
        hint("Example", &input.placeholder);
        Self {
            name: name.to_owned(),
            description: input.description.clone(),
            required: input.is_required,
            secret: input.is_secret,
            hints,
        }
    }
}

/// The rows of headers or environment variables, the required ones first, each followed by the variables of its value.
pub fn keyed(inputs: &[KeyValueInput]) -> Vec<InputRow> {
    let mut sorted: Vec<_> = inputs.iter().collect();
    sorted.sort_by_key(|keyed| !keyed.input.is_required);
    sorted
        .into_iter()
        .flat_map(|keyed| {
            std::iter::once(InputRow::new(&keyed.name, &keyed.input)).chain(variables(&keyed.input.variables))
        })
        .collect()
}

/// The rows of the arguments that leave something to choose or have something to say.
pub fn arguments(arguments: &[Argument]) -> Vec<InputRow> {
    arguments
        .iter()
        .filter(|argument| argument.input.value.is_empty() || !argument.input.description.is_empty())
        .flat_map(|argument| {
            let name = [argument.name.as_str(), argument.value_hint.as_str(), "argument"];
            let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
            std::iter::once(InputRow::new(name, &argument.input)).chain(variables(&argument.input.variables))
        })
        .collect()
}

/// The rows of the variables of a value or an address.
pub fn variables(variables: &Map<String, Value>) -> Vec<InputRow> {
    variables
        .iter()
        .map(|(name, value)| {
            InputRow::new(&format!("{{{name}}}"), &Input::deserialize(value).unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn required_inputs_come_first_with_their_variables() {
        let inputs: Vec<KeyValueInput> = serde_json::from_value(json!([
            {"name": "LOG", "default": "info", "choices": ["info", "debug"]},
            {"name": "Authorization", "isRequired": true, "value": "Bearer {token}",
             "variables": {"token": {"isSecret": true, "description": "from the account page"}}}
        ]))
        .expect("inputs");
        let rows = keyed(&inputs);
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["Authorization", "{token}", "LOG"]);
        assert!(rows[1].secret);
        assert_eq!(rows[2].hints[1], Hint { label: "One of", value: "info, debug".into() });
    }

    #[test]
    fn fixed_arguments_without_words_are_left_out() {
        let list: Vec<Argument> = serde_json::from_value(json!([
            {"type": "positional", "value": "serve"},
            {"type": "named", "name": "--units", "default": "metric"},
            {"type": "positional", "valueHint": "folder"}
        ]))
        .expect("arguments");
        let names: Vec<_> = arguments(&list).into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["--units", "folder"]);
    }
}
