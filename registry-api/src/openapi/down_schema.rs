//! A schema of JSON Schema 2020-12 as OpenAPI 3.0 has it. What 3.0 cannot say is left out, so that the result accepts
//! at least what the original does.

use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

/// What 3.0 knows in a schema.
const KNOWN: [&str; 36] = [
    "$ref",
    "title",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "default",
    "nullable",
    "discriminator",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "example",
    "deprecated",
];

/// Turns a schema, and all inside it, into one of 3.0.
pub(super) fn convert(schema: &mut Value) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({ "not": {} }),
        Value::Object(members) => members_of(members),
        _ => {}
    }
}

fn members_of(schema: &mut Members) {
    inside(schema);
    constant(schema);
    example(schema);
    bound(schema, "exclusiveMinimum", "minimum");
    bound(schema, "exclusiveMaximum", "maximum");
    encoding(schema);
    tuple(schema);
    patterns(schema);
    types(schema);
    alternatives(schema, "oneOf");
    alternatives(schema, "anyOf");
    if schema.get("type").is_some_and(|kind| kind == "array") && !schema.contains_key("items") {
        schema.insert("items".into(), json!({}));
    }
    schema.retain(|name, _| KNOWN.contains(&name.as_str()) || name.starts_with("x-"));
    reference(schema);
}

fn inside(schema: &mut Members) {
    for name in ["items", "not"] {
        if let Some(schema) = schema.get_mut(name) {
            convert(schema);
        }
    }
    // Here 3.0 has true and false as well.
    if let Some(schema) = schema.get_mut("additionalProperties").filter(|schema| schema.is_object()) {
        convert(schema);
    }
    for name in ["properties", "patternProperties"] {
        if let Some(Value::Object(schemas)) = schema.get_mut(name) {
            schemas.values_mut().for_each(convert);
        }
    }
    for name in ["allOf", "oneOf", "anyOf", "prefixItems"] {
        if let Some(Value::Array(schemas)) = schema.get_mut(name) {
            schemas.iter_mut().for_each(convert);
        }
    }
}

fn constant(schema: &mut Members) {
    if let Some(value) = schema.shift_remove("const") {
        schema.insert("enum".into(), json!([value]));
    }
}

fn example(schema: &mut Members) {
    let Some(Value::Array(examples)) = schema.shift_remove("examples") else { return };
    if let Some(first) = examples.into_iter().next() {
        schema.entry("example").or_insert(first);
    }
}

/// A bound is a number of its own in 3.1, and a word beside the other bound in 3.0.
fn bound(schema: &mut Members, exclusive: &str, inclusive: &str) {
    let Some(bound) = schema.get(exclusive).and_then(Value::as_f64) else { return };
    let is_tighter = |other: f64| if inclusive == "minimum" { other > bound } else { other < bound };
    let exclusive_value = schema.shift_remove(exclusive);
    if schema.get(inclusive).and_then(Value::as_f64).is_some_and(is_tighter) {
        return;
    }
    if let Some(value) = exclusive_value {
        schema.insert(inclusive.into(), value);
        schema.insert(exclusive.into(), true.into());
    }
}

fn encoding(schema: &mut Members) {
    let format = match schema.get("contentEncoding").and_then(Value::as_str) {
        Some("base64") => "byte",
        Some(_) => return,
        None if schema.get("contentMediaType").is_some_and(|t| t == "application/octet-stream") => "binary",
        None => return,
    };
    schema.entry("format").or_insert(format.into());
}

/// The items of a tuple: any of its kinds, anywhere.
fn tuple(schema: &mut Members) {
    let Some(Value::Array(mut kinds)) = schema.shift_remove("prefixItems") else { return };
    match schema.shift_remove("items") {
        // Nothing may follow, or only this kind.
        Some(rest) if rest == json!({ "not": {} }) => {}
        Some(rest) => kinds.push(rest),
        None => kinds.push(json!({})),
    }
    schema.insert("items".into(), json!({ "anyOf": kinds }));
}

/// Members by pattern: any of the kinds, or what the rest may be.
fn patterns(schema: &mut Members) {
    let Some(Value::Object(patterns)) = schema.shift_remove("patternProperties") else { return };
    let mut kinds: Vec<Value> = patterns.into_iter().map(|(_, kind)| kind).collect();
    match schema.get("additionalProperties") {
        None | Some(Value::Bool(true)) => return,
        Some(Value::Bool(false)) => {}
        Some(rest) => kinds.push(rest.clone()),
    }
    let kinds = if kinds.len() == 1 { kinds.remove(0) } else { json!({ "anyOf": kinds }) };
    schema.insert("additionalProperties".into(), kinds);
}

/// Several types at once, `null` among them.
fn types(schema: &mut Members) {
    let mut types: Vec<Value> = match schema.get("type") {
        Some(Value::Array(types)) => types.clone(),
        Some(Value::String(only)) if only == "null" => vec![only.clone().into()],
        _ => return,
    };
    let all = types.len();
    types.retain(|kind| kind != "null");
    if types.len() < all {
        nullable(schema);
    }
    match types.as_slice() {
        // A value that is always null.
        [] => {
            schema.shift_remove("type");
            schema.insert("enum".into(), json!([null]));
        }
        [only] => {
            schema.insert("type".into(), only.clone());
        }
        several => {
            let kinds: Vec<Value> = several.iter().map(kind_alone).collect();
            schema.shift_remove("type");
            let mut both = json!({ "anyOf": kinds });
            if schema.contains_key("anyOf") {
                // Both lists must hold: one of them moves inside.
                both = json!({ "allOf": [both] });
            }
            schema.extend(both.as_object().cloned().unwrap_or_default());
        }
    }
}

fn kind_alone(kind: &Value) -> Value {
    if kind == "array" { json!({ "type": kind, "items": {} }) } else { json!({ "type": kind }) }
}

/// `null` as one of the alternatives; what is left of them, if only one is, stands in `allOf`.
fn alternatives(schema: &mut Members, name: &str) {
    let Some(Value::Array(kinds)) = schema.get_mut(name) else { return };
    let all = kinds.len();
    kinds.retain(|kind| *kind != json!({ "nullable": true, "enum": [null] }));
    let (left, only) = (kinds.len(), kinds.first().cloned());
    if left == all {
        return;
    }
    if left <= 1 {
        schema.shift_remove(name);
    }
    if let Some(only) = only.filter(|_| left == 1) {
        match schema.get_mut("allOf") {
            Some(Value::Array(all)) => all.push(only),
            _ => {
                schema.insert("allOf".into(), json!([only]));
            }
        }
    }
    nullable(schema);
}

fn nullable(schema: &mut Members) {
    schema.insert("nullable".into(), true.into());
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// In 3.0 what stands beside a reference is not seen, so the reference moves inside.
fn reference(schema: &mut Members) {
    if schema.len() < 2 {
        return;
    }
    let Some(target) = schema.shift_remove("$ref") else { return };
    match schema.get_mut("allOf") {
        Some(Value::Array(all)) => all.insert(0, json!({ "$ref": target })),
        _ => {
            schema.insert("allOf".into(), json!([{ "$ref": target }]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_its_older_form() {
        for (given, expected) in [
            (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true })),
            (json!({ "type": ["array", "null"] }), json!({ "type": "array", "nullable": true, "items": {} })),
            (
                json!({ "type": ["string", "integer"] }),
                json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/x" }] }),
                json!({ "allOf": [{ "$ref": "#/x" }], "nullable": true }),
            ),
            (
                json!({ "anyOf": [{ "type": "string" }, { "type": "null" }, { "$ref": "#/x" }] }),
                json!({ "anyOf": [{ "type": "string" }, { "$ref": "#/x" }], "nullable": true }),
            ),
            (json!({ "type": "null" }), json!({ "nullable": true, "enum": [null] })),
            (
                json!({ "type": ["string", "null"], "enum": ["a"] }),
                json!({ "type": "string", "nullable": true, "enum": ["a", null] }),
            ),
            (json!({ "const": "a" }), json!({ "enum": ["a"] })),
            (json!({ "exclusiveMinimum": 0 }), json!({ "minimum": 0, "exclusiveMinimum": true })),
            (json!({ "exclusiveMaximum": 9, "maximum": 5 }), json!({ "maximum": 5 })),
            (json!({ "examples": ["a", "b"] }), json!({ "example": "a" })),
            (
                json!({ "$ref": "#/x", "description": "why" }),
                json!({ "description": "why", "allOf": [{ "$ref": "#/x" }] }),
            ),
            (json!({ "$ref": "#/x" }), json!({ "$ref": "#/x" })),
            (json!({ "$ref": "#/x", "$comment": "gone" }), json!({ "$ref": "#/x" })),
            (
                json!({ "type": "string", "contentEncoding": "base64" }),
                json!({ "type": "string", "format": "byte" }),
            ),
            (
                json!({ "type": "array", "prefixItems": [{ "type": "string" }], "items": false }),
                json!({ "type": "array", "items": { "anyOf": [{ "type": "string" }] } }),
            ),
            (
                json!({ "patternProperties": { "^x": { "type": "string" } }, "additionalProperties": false }),
                json!({ "additionalProperties": { "type": "string" } }),
            ),
            (
                json!({ "properties": { "const": true, "type": { "type": ["null", "object"] } }, "if": {} }),
                json!({ "properties": { "const": {}, "type": { "type": "object", "nullable": true } } }),
            ),
        ] {
            let mut schema = given.clone();
            convert(&mut schema);
            assert_eq!(schema, expected, "{given}");
        }
    }
}
