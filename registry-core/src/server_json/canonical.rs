//! What the types alone do not settle about the canonical form (contract 1.5): free maps.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Input, PUBLISHER_PROVIDED};

/// Writes `_meta` with the keys of its members sorted, and without an empty publisher-provided block.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(super) fn meta<S: Serializer>(
    meta: &Option<Map<String, Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut meta = meta.clone();
    if let Some(members) = &mut meta {
        members.retain(|name, value| {
            name != PUBLISHER_PROVIDED || value.as_object().is_none_or(|m| !m.is_empty())
        });
        members.values_mut().for_each(Value::sort_all_objects);
    }
    meta.serialize(serializer)
}

/// Writes variables, each in the form of an [`Input`].
pub(super) fn variables<S: Serializer>(
    variables: &Map<String, Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let input = |value: &Value| {
        let input: Option<Input> = serde_json::from_value(value.clone()).ok();
        input.and_then(|input| serde_json::to_value(input).ok()).unwrap_or_else(|| value.clone())
    };
    serializer.collect_map(variables.iter().map(|(name, value)| (name, input(value))))
}

/// Whether a NUL stands anywhere in the texts and names of a value.
pub(super) fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Remote, ServerJson};
    use super::*;
    use serde_json::json;

    fn canonical(document: Value) -> String {
        let server: ServerJson = serde_json::from_value(document).expect("a document");
        server.to_canonical()
    }

    #[test]
    fn members_stand_in_the_contracts_order_and_empty_ones_go() {
        let document = json!({
            "_meta": {},
            "remotes": [{ "variables": {}, "headers": [], "url": "https://a.example", "type": "sse" }],
            "packages": [],
            "icons": [],
            "websiteUrl": "",
            "version": "1",
            "repository": { "url": "" },
            "title": "",
            "description": "d",
            "name": "com.example/a",
            "$schema": "s",
        });
        assert_eq!(
            canonical(document),
            r#"{"$schema":"s","name":"com.example/a","description":"d","repository":{},"version":"1","remotes":[{"type":"sse","url":"https://a.example"}],"_meta":{}}"#
        );
    }

    #[test]
    fn publisher_provided_keys_are_sorted_and_its_numbers_kept() {
        let provided: Value = serde_json::from_str(
            r#"{"b":[{"z":9007199254740993,"a":null}],"a":{"d":-9223372036854775808,"c":18446744073709551615},"e":0.1}"#,
        )
        .expect("JSON");
        let text = canonical(json!({ "_meta": { (PUBLISHER_PROVIDED): provided } }));
        assert!(
            text.ends_with(
                r#"{"a":{"c":18446744073709551615,"d":-9223372036854775808},"b":[{"a":null,"z":9007199254740993}],"e":0.1}}}"#
            ),
            "{text}"
        );
        assert!(canonical(json!({ "_meta": { (PUBLISHER_PROVIDED): {} } })).ends_with(r#""_meta":{}}"#));
    }

    #[test]
    fn variables_are_inputs() {
        let variables = json!({ "b": { "default": "x", "isRequired": false, "description": "d" }, "a": {} });
        let remote =
            Remote { variables: variables.as_object().cloned().expect("a map"), ..Remote::default() };
        let text = serde_json::to_string(&remote).expect("JSON");
        assert_eq!(text, r#"{"type":"","variables":{"b":{"description":"d","default":"x"},"a":{}}}"#);
    }
}
