//! The JSON Schema (draft 7) of each edition of `server.json`: one description, and what the dates change in it.
//!
//! The names of the definitions, and which of them refers to which, are part of the facts: `reference` of a finding
//! speaks of them (contract 1.8).

use serde_json::{Map, Value, json};

use crate::server_json::PUBLISHER_PROVIDED;

/// An edition, by its date: what is earlier is smaller.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Edition<'a>(&'a str);

/// Since when members are written in camelCase.
const CAMEL_CASE: Edition<'static> = Edition("2025-09-16");
/// Since when neither the status nor what the registry adds is part of the document.
const NO_STATUS: Edition<'static> = Edition("2025-09-29");
/// Since when there are titles and icons, and packages are open and need no version.
const ICONS: Edition<'static> = Edition("2025-10-11");
/// Since when the addresses of packages and remotes are templates.
const TEMPLATES: Edition<'static> = Edition("2025-12-11");

/// The document of the edition of this date.
pub(super) fn of(id: &str) -> Value {
    let edition = Edition(id);
    let mut document = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": format!("https://static.modelcontextprotocol.io/schemas/{id}/server.schema.json"),
        "$ref": "#/definitions/ServerDetail",
        "definitions": definitions(edition),
    });
    if edition < CAMEL_CASE {
        rename_members(&mut document);
    }
    document
}

fn definitions(edition: Edition<'_>) -> Value {
    let mut definitions = json!({
        "Repository": object(json!({ "url": uri(), "source": text(), "id": text(), "subfolder": text() }), &["url", "source"]),
        "Package": package(edition),
        "StdioTransport": transport("stdio", None),
        "StreamableHttpTransport": transport("streamable-http", Some(if edition < TEMPLATES { text() } else { template() })),
        "SseTransport": transport("sse", Some(if edition < TEMPLATES { uri() } else { template() })),
        "Argument": any_of(&["PositionalArgument", "NamedArgument"]),
        "PositionalArgument": all_of("InputWithVariables", positional()),
        "NamedArgument": all_of("InputWithVariables", named()),
        "KeyValueInput": all_of("InputWithVariables", object(json!({ "name": text() }), &["name"])),
        "InputWithVariables": all_of("Input", variables()),
        "Input": input(edition),
    });
    let mut define = |name: &str, definition| definitions[name] = definition;
    if edition < ICONS {
        define("Server", object(Value::Object(about(edition)), &["name", "description", "version"]));
        define("ServerDetail", all_of("Server", object(Value::Object(places(edition)), &[])));
    } else {
        let members = about(edition).into_iter().chain(places(edition)).collect();
        define("ServerDetail", object(Value::Object(members), &["name", "description", "version"]));
        define("Icon", icon());
    }
    if edition >= TEMPLATES {
        define("LocalTransport", any_of(&LOCAL));
        define("RemoteTransport", json!({ "allOf": [any_of(&REMOTE), variables()] }));
    }
    definitions
}

const LOCAL: [&str; 3] = ["StdioTransport", "StreamableHttpTransport", "SseTransport"];
const REMOTE: [&str; 2] = ["StreamableHttpTransport", "SseTransport"];

/// What is said of the server itself.
fn about(edition: Edition<'_>) -> Map<String, Value> {
    let mut members = members(json!({
        "name": { "type": "string", "minLength": 3, "maxLength": 200, "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$" },
        "description": { "type": "string", "minLength": 1, "maxLength": 100 },
    }));
    if edition >= ICONS {
        members.insert("title".into(), json!({ "type": "string", "minLength": 1, "maxLength": 100 }));
    }
    if edition < NO_STATUS {
        members.insert("status".into(), one_of(&["active", "deprecated", "deleted"]));
    }
    members.insert("repository".into(), defined("Repository"));
    members.insert("version".into(), json!({ "type": "string", "maxLength": 255 }));
    members.insert("websiteUrl".into(), uri());
    if edition >= ICONS {
        members.insert("icons".into(), list(defined("Icon")));
    }
    members
}

/// Where to get and reach it, and what is added.
fn places(edition: Edition<'_>) -> Map<String, Value> {
    let remote = if edition < TEMPLATES { any_of(&REMOTE) } else { defined("RemoteTransport") };
    let mut meta = json!({ (PUBLISHER_PROVIDED): { "type": "object" } });
    if edition < NO_STATUS {
        meta["io.modelcontextprotocol.registry/official"] = json!({ "type": "object" });
    }
    members(json!({
        "$schema": uri(), "packages": list(defined("Package")), "remotes": list(remote), "_meta": object(meta, &[]),
    }))
}

fn package(edition: Edition<'_>) -> Value {
    let members = json!({
        "registryType": text(),
        "registryBaseUrl": uri(),
        "identifier": text(),
        "version": { "type": "string", "minLength": 1, "not": { "const": "latest" } },
        "fileSha256": { "type": "string", "pattern": "^[a-f0-9]{64}$" },
        "runtimeHint": text(),
        "transport": if edition < TEMPLATES { any_of(&LOCAL) } else { defined("LocalTransport") },
        "runtimeArguments": list(defined("Argument")),
        "packageArguments": list(defined("Argument")),
        "environmentVariables": list(defined("KeyValueInput")),
    });
    if edition < ICONS {
        let mut closed = object(members, &["registryType", "identifier", "version", "transport"]);
        closed["additionalProperties"] = false.into();
        closed
    } else {
        object(members, &["registryType", "identifier", "transport"])
    }
}

fn transport(kind: &str, url: Option<Value>) -> Value {
    let kind = one_of(&[kind]);
    match url {
        None => object(json!({ "type": kind }), &["type"]),
        Some(url) => {
            let headers = list(defined("KeyValueInput"));
            object(json!({ "type": kind, "url": url, "headers": headers }), &["type", "url"])
        }
    }
}

fn icon() -> Value {
    let pictures = one_of(&["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"]);
    let members = json!({
        "src": { "type": "string", "format": "uri", "maxLength": 255 },
        "mimeType": pictures,
        "sizes": list(json!({ "type": "string", "pattern": "^(\\d+x\\d+|any)$" })),
        "theme": one_of(&["light", "dark"]),
    });
    object(members, &["src"])
}

fn input(edition: Edition<'_>) -> Value {
    let mut members = json!({
        "description": text(),
        "isRequired": { "type": "boolean" },
        "format": one_of(&["string", "number", "boolean", "filepath"]),
        "value": text(),
        "isSecret": { "type": "boolean" },
        "default": text(),
        "choices": list(text()),
    });
    if edition >= ICONS {
        members["placeholder"] = text();
    }
    object(members, &[])
}

fn positional() -> Value {
    let kind = one_of(&["positional"]);
    let flag = json!({ "type": "boolean" });
    let mut argument = object(json!({ "type": kind, "valueHint": text(), "isRepeated": flag }), &["type"]);
    argument["anyOf"] = json!([{ "required": ["valueHint"] }, { "required": ["value"] }]);
    argument
}

fn named() -> Value {
    let kind = one_of(&["named"]);
    let flag = json!({ "type": "boolean" });
    object(json!({ "type": kind, "name": text(), "isRepeated": flag }), &["type", "name"])
}

fn variables() -> Value {
    object(json!({ "variables": { "type": "object", "additionalProperties": defined("Input") } }), &[])
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn uri() -> Value {
    json!({ "type": "string", "format": "uri" })
}

fn template() -> Value {
    json!({ "type": "string", "pattern": "^https?://[^\\s]+$" })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn object(members: Value, required: &[&str]) -> Value {
    let mut object = json!({ "type": "object", "properties": members });
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}

fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn any_of(names: &[&str]) -> Value {
    json!({ "anyOf": names.iter().map(|name| defined(name)).collect::<Vec<_>>() })
}

fn all_of(base: &str, more: Value) -> Value {
    json!({ "allOf": [defined(base), more] })
}

fn members(object: Value) -> Map<String, Value> {
    if let Value::Object(members) = object { members } else { Map::new() }
}

/// Writes the names of members in snake_case, where they are described and where they are required.
fn rename_members(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        *properties =
            std::mem::take(properties).into_iter().map(|(name, v)| (snake_case(&name), v)).collect();
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.iter_mut().for_each(|name| *name = snake_case(name.as_str().unwrap_or_default()).into());
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(rename_members),
        Value::Array(items) => items.iter_mut().for_each(rename_members),
        _ => {}
    }
}

fn snake_case(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] };
    name.chars().flat_map(letter).collect()
}
