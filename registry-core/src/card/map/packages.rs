//! Packages in the registry's own form, read leniently; other forms are leads, not packages.

use serde_json::Value;

use super::inputs;
use crate::card::secret;
use crate::card::sniff::Shape;
use crate::card::text::clean;
use crate::server_json::{Argument, KeyValueInput, Package, Remote};

const MANY: usize = 20;

/// The packages a document lists; a Server Card has none, whatever it says.
pub(super) fn packages(card: &Value, shape: Shape) -> Vec<Package> {
    if matches!(shape, Shape::V1 | Shape::Hybrid) {
        return Vec::new();
    }
    let list = card.get("packages").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(package).take(MANY).collect()
}

fn word(value: &Value, member: &str, max: usize) -> String {
    clean(value.get(member).and_then(Value::as_str).unwrap_or_default(), max)
}

fn package(value: &Value) -> Option<Package> {
    let registry_type = Some(word(value, "registryType", 40)).filter(|t| !t.is_empty())?;
    let identifier = Some(word(value, "identifier", 500)).filter(|i| !i.is_empty() && !i.contains(' '))?;
    let transport = value.get("transport").filter(|t| t.is_object())?;
    let transport = Remote {
        kind: word(transport, "type", 40),
        url: word(transport, "url", 500),
        headers: key_values(transport.get("headers")),
        ..Remote::default()
    };
    let sha256 = word(value, "fileSha256", 64);
    let is_sha256 = sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    Some(Package {
        registry_type,
        registry_base_url: Some(word(value, "registryBaseUrl", 500))
            .filter(|u| u.starts_with("https://"))
            .unwrap_or_default(),
        identifier,
        version: word(value, "version", 255),
        file_sha256: if is_sha256 { sha256 } else { String::new() },
        runtime_hint: word(value, "runtimeHint", 40),
        transport,
        runtime_arguments: arguments(value.get("runtimeArguments")),
        package_arguments: arguments(value.get("packageArguments")),
        environment_variables: key_values(value.get("environmentVariables")),
    })
}

fn key_values(list: Option<&Value>) -> Vec<KeyValueInput> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(inputs::key_value).take(MANY).collect()
}

fn arguments(list: Option<&Value>) -> Vec<Argument> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(argument).take(MANY).collect()
}

fn argument(value: &Value) -> Option<Argument> {
    let kind = word(value, "type", 20);
    let name = word(value, "name", 100);
    if !matches!(kind.as_str(), "positional" | "named") {
        return None;
    }
    let input = inputs::input(value, secret::is_secret_name(&name));
    let is_repeated = value.get("isRepeated") == Some(&Value::Bool(true));
    Some(Argument { input, kind, name, value_hint: word(value, "valueHint", 100), is_repeated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn packages_are_read_in_the_registrys_form_only() {
        let card = json!({ "packages": [
            { "registryType": "npm", "identifier": "@acme/weather", "version": "1.0.0", "transport": { "type": "stdio" },
              "environmentVariables": [{ "name": "ACME_API_KEY", "isSecret": true, "value": "hunter2" }],
              "packageArguments": [{ "type": "named", "name": "--units", "value": "metric" }, { "type": "odd" }] },
            { "registry": "npm", "name": "weather" },
            "npx weather",
        ] });
        let found = packages(&card, Shape::Registry);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].environment_variables[0].input.value, "", "a pasted key is not kept");
        assert_eq!(found[0].package_arguments.len(), 1);
        assert!(packages(&card, Shape::V1).is_empty());
    }
}
