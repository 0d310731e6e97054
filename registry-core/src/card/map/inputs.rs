//! What a client must fill in: headers and variables as declared, and headers that an authentication block implies.
//!
//! Values that look like credentials never pass.

use serde_json::{Map, Value, json};

use crate::card::endpoint::Endpoint;
use crate::card::secret;
use crate::card::text::clean;
use crate::server_json::{Input, KeyValueInput};

/// How many headers, variables or choices are kept.
const MANY: usize = 32;

/// The headers declared beside an endpoint: a list in the registry's form, or a map of names to values.
pub(super) fn headers(endpoint: &Endpoint) -> Vec<KeyValueInput> {
    match endpoint.beside.as_ref().and_then(|b| b.get("headers")) {
        Some(Value::Array(list)) => list.iter().filter_map(key_value).take(MANY).collect(),
        Some(Value::Object(map)) => {
            map.keys().filter_map(|name| secret_header(name, true)).take(MANY).collect()
        }
        _ => Vec::new(),
    }
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
        let leak =
            secret::looks_like_credential(&text) || ((is_secret || secret_name) && secret::is_literal(&text));
        if leak { String::new() } else { text }
    };
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
        placeholder: Some(text("placeholder"))
            .filter(|p| !secret::looks_like_credential(p))
            .unwrap_or_default(),
        choices: choices.filter(|c| !c.is_empty() && !secret::looks_like_credential(c)).take(MANY).collect(),
        variables: Map::new(),
    }
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

fn is_token(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(letter) && !secret::looks_like_credential(name)
}

fn is_word(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

fn secret_header(name: &str, required: bool) -> Option<KeyValueInput> {
    let input = Input { is_required: required, is_secret: true, ..Input::default() };
    is_token(name).then(|| KeyValueInput { input, name: name.to_owned() })
}

/// What an authentication block says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Auth {
    /// The headers it implies.
    pub(super) headers: Vec<KeyValueInput>,
    /// The schemes it names, folded: `bearer`, `oauth2`, `api-key`, …
    pub(super) schemes: Vec<String>,
    /// Whether it is needed, where the block says so.
    pub(super) required: Option<bool>,
}

impl Auth {
    /// Reads the block of a card, wherever it stands; none where there is none.
    pub(super) fn of(card: &Value) -> Option<Self> {
        let block =
            ["authentication", "auth", "security", "authorization"].iter().find_map(|m| card.get(*m))?;
        let mut auth = Self { required: block.get("required").and_then(Value::as_bool), ..Self::default() };
        let mut schemes = Vec::new();
        collect_schemes(block, &mut schemes, 0);
        for (scheme, at) in schemes.into_iter().take(MANY) {
            auth.add(scheme, at);
        }
        auth.settle();
        Some(auth)
    }

    fn add(&mut self, scheme: &str, block: &Value) {
        let letters: String = scheme.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let (word, header) = match letters.to_ascii_lowercase().as_str() {
            "none" | "false" | "public" | "anonymous" => ("none", None),
            "oauth" | "oauth2" | "oauth21" | "oidc" | "openidconnect" => ("oauth2", None),
            "x402" | "payment" | "l402" | "mpp" => ("payment", None),
            "bearer" | "httpbearer" | "token" | "jwt" | "bearertoken" => {
                ("bearer", Some(authorization("Bearer", "token")))
            }
            "basic" | "httpbasic" => ("basic", Some(authorization("Basic", "credentials"))),
            "apikey" | "header" => ("api-key", key_header(block)),
            _ => return self.note(&clean(scheme, 40)),
        };
        self.note(word);
        self.headers.extend(
            header.filter(|new| !self.headers.iter().any(|h| h.name.eq_ignore_ascii_case(&new.name))),
        );
    }

    fn note(&mut self, scheme: &str) {
        if !scheme.is_empty() && !self.schemes.iter().any(|s| s == scheme) {
            self.schemes.push(scheme.to_owned());
        }
    }

    /// A header is required unless the block says no, or another way in stands beside it.
    fn settle(&mut self) {
        let another = self.headers.len() > 1 || self.schemes.iter().any(|s| s == "none" || s == "oauth2");
        let required = self.required.unwrap_or(true) && !another;
        for header in &mut self.headers {
            header.input.is_required = required;
        }
    }

    /// The summary kept among the facts.
    pub(super) fn summary(&self) -> Value {
        let mut summary = Map::new();
        if let Some(required) = self.required {
            summary.insert("required".into(), required.into());
        }
        summary.insert("schemes".into(), self.schemes.clone().into());
        Value::Object(summary)
    }
}

/// Every scheme named in the block, with the object that describes it.
fn collect_schemes<'a>(block: &'a Value, into: &mut Vec<(&'a str, &'a Value)>, depth: u8) {
    match block {
        Value::String(scheme) => into.push((scheme, &Value::Null)),
        Value::Array(list) if depth < 3 => {
            list.iter().take(MANY).for_each(|s| collect_schemes(s, into, depth + 1))
        }
        Value::Object(members) if depth < 3 => {
            let kind = ["type", "scheme", "method"].iter().find_map(|m| members.get(*m)?.as_str());
            // OpenAPI's `{type: http, scheme: bearer}` names its scheme one member further on.
            let kind =
                kind.filter(|k| *k != "http").or_else(|| members.get("scheme").and_then(Value::as_str));
            into.extend(kind.map(|kind| (kind, block)));
            let lists = ["schemes", "methods", "types", "payment"].iter().filter_map(|m| members.get(*m));
            lists.filter(|l| l.is_array()).for_each(|list| collect_schemes(list, into, depth + 1));
        }
        _ => {}
    }
}

fn authorization(scheme: &str, variable: &str) -> KeyValueInput {
    let secret = Input { is_required: true, is_secret: true, ..Input::default() };
    let variables = Map::from_iter([(variable.to_owned(), to_value(&secret))]);
    let input =
        Input { value: format!("{scheme} {{{variable}}}"), is_secret: true, variables, ..Input::default() };
    KeyValueInput { input, name: "Authorization".to_owned() }
}

/// The header an API key goes into; none where it goes into the query or nobody says where.
fn key_header(block: &Value) -> Option<KeyValueInput> {
    if block.get("in").and_then(Value::as_str).is_some_and(|place| place != "header") {
        return None;
    }
    let members = ["headerName", "header_name", "header", "name"];
    let name = members.iter().find_map(|m| block.get(*m)?.as_str())?;
    secret_header(name, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(block: Value) -> (Vec<(String, String, bool)>, Vec<String>) {
        let auth = Auth::of(&json!({ "authentication": block })).expect("a block");
        let header = |h: KeyValueInput| (h.name, h.input.value, h.input.is_required);
        (auth.headers.into_iter().map(header).collect(), auth.schemes)
    }

    #[test]
    fn schemes_become_headers() {
        let bearer = |required| vec![("Authorization".to_owned(), "Bearer {token}".to_owned(), required)];
        assert_eq!(names(json!("bearer")).0, bearer(true));
        assert_eq!(names(json!({ "type": "bearer", "required": false })).0, bearer(false));
        assert_eq!(names(json!({ "type": "http", "scheme": "bearer" })).0, bearer(true));
        let (headers, schemes) = names(json!({ "required": true, "schemes": ["bearer", "oauth2"] }));
        assert_eq!((headers, schemes), (bearer(false), vec!["bearer".into(), "oauth2".into()]));
        let (headers, _) = names(json!({ "type": "apiKey", "in": "header", "name": "x-acme-key" }));
        assert_eq!(headers, [("x-acme-key".to_owned(), String::new(), true)]);
    }

    #[test]
    fn what_needs_no_header_has_none() {
        for block in [
            json!("none"),
            json!(false),
            json!({ "required": false }),
            json!({}),
            json!("oauth2"),
            json!({ "type": "x402" }),
            json!({ "type": "apiKey", "in": "query", "name": "key" }),
            json!({ "type": "apiKey", "in": "header", "name": "bad\r\nname" }),
        ] {
            assert!(names(block.clone()).0.is_empty(), "{block}");
        }
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
