//! What a client must fill in: headers and variables as declared.
//!
//! Values that look like credentials never pass.

use serde_json::{Map, Value, json};

use crate::card::endpoint::Endpoint;
use crate::card::secret;
use crate::card::text::clean;
use crate::server_json::{Input, KeyValueInput};

/// How many headers, variables or choices are kept.
pub(super) const MANY: usize = 32;

/// Headers as declared: a list in the registry's form, a list of names, or a map of names to values.
pub(super) fn headers(declared: Option<&Value>) -> Vec<KeyValueInput> {
    let of_element = |element: &Value| match element {
        Value::String(name) => secret_header(name, true),
        element => key_value(element),
    };
    match declared {
        Some(Value::Array(list)) => list.iter().filter_map(of_element).take(MANY).collect(),
        Some(Value::Object(map)) => {
            map.iter().filter_map(|(name, value)| of_map(name, value)).take(MANY).collect()
        }
        _ => Vec::new(),
    }
}

/// A header of a map: whatever its value is, it is somebody's; only the scheme before it is kept.
fn of_map(name: &str, value: &Value) -> Option<KeyValueInput> {
    let value = value.as_str().unwrap_or_default().trim();
    if name.eq_ignore_ascii_case("authorization") {
        let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
        let known = [("Bearer", "token"), ("Basic", "credentials")];
        let known = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(scheme));
        if let Some((scheme, variable)) = known {
            return Some(authorization(scheme, variable));
        }
    }
    secret_header(name, true)
}

/// The variables declared beside an endpoint; those its address uses and nobody declared are added.
pub(super) fn variables(endpoint: &Endpoint) -> Map<String, Value> {
    let declared = endpoint.beside.as_ref().and_then(|b| b.get("variables")).and_then(Value::as_object);
    let mut kept: Map<String, Value> = declared.map(variable_map).unwrap_or_default();
    for name in &endpoint.variables {
        kept.entry(name.as_str()).or_insert_with(|| json!({ "isRequired": true }));
    }
    kept
}

fn variable_map(variables: &Map<String, Value>) -> Map<String, Value> {
    let inputs = variables.iter().filter(|(name, _)| is_word(name)).take(MANY);
    inputs
        .map(|(name, value)| (name.clone(), to_value(&input(value, secret::is_secret_name(name)))))
        .collect()
}

/// A header or environment variable, if its name is one.
pub(super) fn key_value(value: &Value) -> Option<KeyValueInput> {
    let name = value.get("name")?.as_str()?;
    if !is_token(name) {
        return None;
    }
    let mut input = input(value, secret::is_secret_name(name));
    if let Some(variables) = value.get("variables").and_then(Value::as_object) {
        input.variables = variable_map(variables);
    }
    Some(KeyValueInput { input, name: name.to_owned() })
}

/// An input without variables of its own.
pub(super) fn input(value: &Value, secret_name: bool) -> Input {
    let text = |member: &str| clean(value.get(member).and_then(Value::as_str).unwrap_or_default(), 500);
    let flag = |member: &str| value.get(member) == Some(&Value::Bool(true));
    let is_secret = flag("isSecret");
    // A secret's literal value is somebody's secret; a template such as `Bearer {token}` is not.
    let plain = |member: &str| {
        let text = value.get(member).map(scalar).unwrap_or_default();
        let leak = is_key(&text) || ((is_secret || secret_name) && secret::is_literal(&text));
        if leak { String::new() } else { text }
    };
    // Nobody chooses a secret from a list, and an example of one may be one.
    let is_ones_own = |text: &String| is_secret && is_mixed(text) && secret::is_literal(text);
    let is_example = |text: &String| !(is_key(text) || is_ones_own(text));
    let choices = value.get("choices").and_then(Value::as_array).into_iter().flatten().map(scalar);
    Input {
        description: text("description"),
        is_required: flag("isRequired"),
        format: Some(text("format"))
            .filter(|f| ["string", "number", "boolean", "filepath"].contains(&f.as_str()))
            .unwrap_or_default(),
        value: plain("value"),
        is_secret,
        default: plain("default"),
        placeholder: Some(text("placeholder")).filter(is_example).unwrap_or_default(),
        choices: choices.filter(|c| !is_secret && !c.is_empty() && !is_key(c)).take(MANY).collect(),
        variables: Map::new(),
    }
}

/// Whether a text is long, of letters and digits: a value rather than a word.
fn is_mixed(text: &str) -> bool {
    let (letters, digits) =
        (text.bytes().any(|b| b.is_ascii_alphabetic()), text.bytes().any(|b| b.is_ascii_digit()));
    text.len() >= 8 && letters && digits && !text.contains(' ')
}

fn is_key(text: &str) -> bool {
    secret::looks_like_credential(text) || secret::holds_key(text)
}

/// A text, number or flag as text; without what could end a header line.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().filter(|c| !c.is_control()).take(500).collect(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

fn to_value(input: &Input) -> Value {
    serde_json::to_value(input).unwrap_or_else(|_| json!({}))
}

pub(super) fn is_token(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(letter) && !is_key(name)
}

fn is_word(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(letter) && !secret::holds_key(name)
}

/// `Authorization` with a scheme and a secret variable.
pub(super) fn authorization(scheme: &str, variable: &str) -> KeyValueInput {
    let secret = Input { is_required: true, is_secret: true, ..Input::default() };
    let variables = Map::from_iter([(variable.to_owned(), to_value(&secret))]);
    let input = Input {
        value: format!("{scheme} {{{variable}}}"),
        is_required: true,
        is_secret: true,
        variables,
        ..Input::default()
    };
    KeyValueInput { input, name: "Authorization".to_owned() }
}

/// A header whose value only its user knows; none where the name cannot be one.
pub(super) fn secret_header(name: &str, required: bool) -> Option<KeyValueInput> {
    let input = Input { is_required: required, is_secret: true, ..Input::default() };
    is_token(name).then(|| KeyValueInput { input, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_headers_keeps_names_and_schemes() {
        let map = json!({ "X-API-Key": "abc", "authorization": "bearer hunter2", "Authorization": "hunter2", "bad name": "x" });
        let found: Vec<_> = headers(Some(&map))
            .into_iter()
            .map(|h| (h.name, h.input.value, h.input.is_secret && h.input.is_required))
            .collect();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned(), true);
        assert_eq!(
            found,
            [header("X-API-Key", ""), header("Authorization", "Bearer {token}"), header("Authorization", "")]
        );
        assert_eq!(headers(Some(&json!(["X-API-Key", 7]))).len(), 1);
    }

    #[test]
    fn credentials_are_dropped_and_templates_kept() {
        let leak = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let header =
            key_value(&json!({ "name": "X-Trace", "value": leak, "default": leak, "choices": [leak, "a"] }));
        let input = header.expect("a header").input;
        assert_eq!(
            (input.value.as_str(), input.default.as_str(), input.choices),
            ("", "", vec!["a".to_owned()])
        );
        let short = key_value(&json!({ "name": "Authorization", "value": "hunter2" })).expect("a header");
        assert_eq!(short.input.value, "");
        let template = key_value(
            &json!({ "name": "Authorization", "value": "Bearer {t}", "variables": { "t": { "isSecret": true, "default": "hunter2" } } }),
        );
        let template = template.expect("a header").input;
        assert_eq!(template.value, "Bearer {t}");
        assert_eq!(template.variables["t"], json!({ "isSecret": true }));
        let fixed = key_value(&json!({ "name": "X-Version", "value": "2026-01" })).expect("a header");
        assert_eq!(fixed.input.value, "2026-01");
    }
}
