//! The descriptions as they are served: made once, with the registry's address filled in for each client.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};
use utoipa::openapi::ServerBuilder;

use super::{document, down, to_yaml};
use crate::forwarded::Base;

/// What stands for the address until it is known.
const BASE: &str = "https://registry.invalid";
/// The dialect that OpenAPI 3.1's schemas are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Where components stand in a description.
const COMPONENTS: &str = "#/components/schemas/";

static JSON: LazyLock<String> = LazyLock::new(|| {
    let mut document = document();
    document.servers = Some(vec![ServerBuilder::new().url(BASE).build()]);
    document.to_pretty_json().unwrap_or_default() + "\n"
});
static VALUE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&JSON).unwrap_or_default());
static YAML: LazyLock<String> = LazyLock::new(|| to_yaml(&*VALUE).unwrap_or_default());
static OLDER: LazyLock<Value> = LazyLock::new(|| down::convert(&VALUE));
static OLDER_JSON: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string_pretty(&*OLDER).unwrap_or_default() + "\n");
static OLDER_YAML: LazyLock<String> = LazyLock::new(|| to_yaml(&*OLDER).unwrap_or_default());
static SCHEMAS: LazyLock<BTreeMap<String, String>> = LazyLock::new(schemas);

/// OpenAPI 3.1 as JSON.
pub fn json(base: &Base) -> String {
    JSON.replace(BASE, base.url())
}

/// OpenAPI 3.1 as YAML.
pub fn yaml(base: &Base) -> String {
    YAML.replace(BASE, base.url())
}

/// OpenAPI 3.0 as JSON.
pub fn older_json(base: &Base) -> String {
    OLDER_JSON.replace(BASE, base.url())
}

/// OpenAPI 3.0 as YAML.
pub fn older_yaml(base: &Base) -> String {
    OLDER_YAML.replace(BASE, base.url())
}

/// One component as a JSON Schema of its own.
pub fn schema(name: &str) -> Option<&'static str> {
    SCHEMAS.get(name).map(String::as_str)
}

fn schemas() -> BTreeMap<String, String> {
    let components = VALUE["components"]["schemas"].as_object().into_iter().flatten();
    components
        .map(|(name, schema)| {
            let mut alone = json!({ "$schema": DIALECT });
            let mut schema = schema.clone();
            refer_to_files(&mut schema);
            if let (Some(alone), Some(members)) = (alone.as_object_mut(), schema.as_object()) {
                alone.extend(members.clone());
            }
            (name.clone(), serde_json::to_string_pretty(&alone).unwrap_or_default() + "\n")
        })
        .collect()
}

/// References lead to the files beside this one.
fn refer_to_files(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(target) if name == "$ref" => {
                        if let Some(component) = target.strip_prefix(COMPONENTS) {
                            *target = format!("{component}.json");
                        }
                    }
                    value => refer_to_files(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_files),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_names_the_registrys_address() {
        let base = Base::new("https://h.example/registry/team-a");
        for text in [json(&base), older_json(&base)] {
            let document: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(document["servers"], json!([{ "url": base.url() }]));
        }
        for text in [yaml(&base), older_yaml(&base)] {
            let document: Value = serde_norway::from_str(&text).expect("YAML");
            assert_eq!(document["servers"], json!([{ "url": base.url() }]));
        }
    }

    #[test]
    fn every_schema_stands_alone_and_leads_to_others_that_exist() {
        assert!(SCHEMAS.len() > 10 && schema("ServerResponse").is_some() && schema("ErrorModel").is_some());
        assert_eq!(schema("../Cargo"), None);
        for (name, text) in &*SCHEMAS {
            let schema: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(schema["$schema"], DIALECT, "{name}");
            for target in text.split("\"$ref\": \"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let file = target.strip_suffix(".json").expect("a file");
                assert!(SCHEMAS.contains_key(file), "{name} → {target}");
            }
        }
    }
}
