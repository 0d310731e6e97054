//! The description as OpenAPI 3.0 has it, for generators that do not read 3.1: the document's frame. What stands in
//! schemas is [`super::down_schema`]'s.

use serde_json::{Map, Value};

use super::down_schema;

const VERSION: &str = "3.0.3";
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Turns a 3.1 document into a 3.0 one.
pub(super) fn convert(document: &Value) -> Value {
    let mut document = document.clone();
    let Some(members) = document.as_object_mut() else { return document };
    members.insert("openapi".into(), VERSION.into());
    members.shift_remove("jsonSchemaDialect");
    members.shift_remove("webhooks");
    members.entry("paths").or_insert_with(|| Map::new().into());
    if let Some(info) = object(members, "info") {
        info.shift_remove("summary");
        if let Some(license) = object(info, "license") {
            license.shift_remove("identifier");
        }
    }
    each(members, "paths", path_item);
    if let Some(components) = object(members, "components") {
        components.shift_remove("pathItems");
        each(components, "schemas", down_schema::convert);
        each(components, "parameters", with_schema);
        each(components, "headers", with_schema);
        each(components, "requestBodies", body);
        each(components, "responses", response);
        each(components, "callbacks", callback);
        each(components, "examples", bare_reference);
        each(components, "links", bare_reference);
        each(components, "securitySchemes", bare_reference);
    }
    document
}

fn path_item(item: &mut Value) {
    let Some(item) = item.as_object_mut() else { return };
    each(item, "parameters", with_schema);
    for method in METHODS {
        if let Some(operation) = object(item, method) {
            each(operation, "parameters", with_schema);
            if let Some(request) = operation.get_mut("requestBody") {
                body(request);
            }
            each(operation, "responses", response);
            each(operation, "callbacks", callback);
        }
    }
}

fn callback(callback: &mut Value) {
    bare_reference(callback);
    if let Some(paths) = callback.as_object_mut().filter(|members| !members.contains_key("$ref")) {
        paths.values_mut().for_each(path_item);
    }
}

fn response(response: &mut Value) {
    bare_reference(response);
    let Some(members) = response.as_object_mut() else { return };
    each(members, "headers", with_schema);
    each(members, "content", media);
    each(members, "links", bare_reference);
}

fn body(body: &mut Value) {
    bare_reference(body);
    if let Some(members) = body.as_object_mut() {
        each(members, "content", media);
    }
}

fn media(media: &mut Value) {
    let Some(members) = media.as_object_mut() else { return };
    if let Some(schema) = members.get_mut("schema") {
        down_schema::convert(schema);
    }
    each(members, "examples", bare_reference);
    if let Some(encodings) = object(members, "encoding") {
        encodings.values_mut().filter_map(Value::as_object_mut).for_each(|e| each(e, "headers", with_schema));
    }
}

/// A parameter or a header.
fn with_schema(value: &mut Value) {
    bare_reference(value);
    let Some(members) = value.as_object_mut() else { return };
    if let Some(schema) = members.get_mut("schema") {
        down_schema::convert(schema);
    }
    each(members, "content", media);
    each(members, "examples", bare_reference);
}

/// Outside schemas, nothing may stand beside a reference.
fn bare_reference(value: &mut Value) {
    if let Some(members) = value.as_object_mut().filter(|members| members.contains_key("$ref")) {
        members.retain(|name, _| name == "$ref");
    }
}

fn object<'a>(members: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    members.get_mut(name)?.as_object_mut()
}

/// Does something to each value of a map or list.
fn each(members: &mut Map<String, Value>, name: &str, convert: fn(&mut Value)) {
    match members.get_mut(name) {
        Some(Value::Object(inside)) => inside.values_mut().for_each(convert),
        Some(Value::Array(inside)) => inside.iter_mut().for_each(convert),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::document;
    use serde_json::json;

    /// Words of 3.1 that 3.0 has not, or has with another meaning.
    const UNKNOWN: [&str; 14] = [
        "const",
        "prefixItems",
        "contains",
        "patternProperties",
        "propertyNames",
        "unevaluatedProperties",
        "unevaluatedItems",
        "dependentSchemas",
        "dependentRequired",
        "if",
        "$defs",
        "$id",
        "$comment",
        "examples",
    ];

    #[test]
    fn the_whole_document_is_free_of_what_3_0_does_not_know() {
        let document: Value =
            serde_json::from_str(&document().to_json().expect("it serialises")).expect("JSON");
        let converted = convert(&document);
        assert_eq!(converted["openapi"], "3.0.3");
        assert_eq!(converted["info"]["license"], json!({ "name": "Apache-2.0" }));
        let mut schemas = 0;
        walk(&converted, "", &mut schemas);
        assert!(schemas > 50, "{schemas}");
        let paths = |document: &Value| document["paths"].as_object().map(Map::len);
        assert_eq!(paths(&converted), paths(&document));
        let schemas = |document: &Value| document["components"]["schemas"].as_object().map(Map::len);
        assert_eq!(schemas(&converted), schemas(&document));
    }

    fn walk(value: &Value, place: &str, schemas: &mut usize) {
        match value {
            Value::Object(members) => {
                let is_schema =
                    members.contains_key("$ref") || members.get("type").is_some_and(|t| !t.is_object());
                let of_names =
                    ["properties", "schemas"].iter().any(|name| place.ends_with(&format!("/{name}")));
                if is_schema && !of_names {
                    *schemas += 1;
                    check(members, place);
                }
                for (name, value) in members {
                    if !matches!(name.as_str(), "example" | "default" | "enum") || of_names {
                        walk(value, &format!("{place}/{name}"), schemas);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, place, schemas)),
            _ => {}
        }
    }

    fn check(schema: &Map<String, Value>, place: &str) {
        assert!(!schema.contains_key("$ref") || schema.len() == 1, "{place}: something beside a reference");
        assert!(
            schema.get("type").is_none_or(|kind| kind.is_string() && kind != "null"),
            "{place}: {schema:?}"
        );
        assert!(
            schema.get("type").is_none_or(|kind| kind != "array") || schema.contains_key("items"),
            "{place}"
        );
        for bound in ["exclusiveMinimum", "exclusiveMaximum"] {
            assert!(schema.get(bound).is_none_or(Value::is_boolean), "{place}/{bound}");
        }
        for word in UNKNOWN {
            assert!(!schema.contains_key(word), "{place}/{word}");
        }
    }

    #[test]
    fn references_outside_schemas_stand_alone() {
        let converted = convert(&json!({
            "openapi": "3.1.0", "webhooks": {}, "info": { "title": "x", "version": "1", "summary": "y" },
            "paths": { "/x": { "get": { "responses": {
                "200": { "$ref": "#/components/responses/X", "description": "beside" },
                "default": { "description": "d", "content": { "application/json": { "schema": { "type": ["string", "null"] } } } },
            } } } },
        }));
        assert_eq!(
            converted,
            json!({
                "openapi": "3.0.3", "info": { "title": "x", "version": "1" },
                "paths": { "/x": { "get": { "responses": {
                    "200": { "$ref": "#/components/responses/X" },
                    "default": { "description": "d", "content": { "application/json": { "schema": { "type": "string", "nullable": true } } } },
                } } } },
            })
        );
    }
}
