//! The API's description, made of the routes: the frame around what each of them says of itself.

mod down;
mod down_schema;
pub mod served;

use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::router;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Official MCP Registry",
        version = "1.0.0",
        description = "The official registry's API, served by Cardinal, and what Cardinal adds under `/v0.1/x/org.cardinal-registry/`.",
    ),
    components(schemas(
        registry_core::wire::problem::Problem,
        registry_core::wire::problem::ProblemDetail,
    )),
    tags(
        (name = "servers", description = "Servers and their versions"),
        (name = "search", description = "Servers by what they do"),
        (name = "origins", description = "Domains that are crawled"),
        (name = "lint", description = "Server Cards and catalogs, checked"),
        (name = "publish", description = "Publishing"),
        (name = "validate", description = "Documents, checked"),
        (name = "admin", description = "What administrators may do"),
        (name = "auth", description = "Tokens of this registry"),
        (name = "health", description = "Is it well?"),
        (name = "ping", description = "Does it answer?"),
        (name = "version", description = "Which program answers?"),
    ),
)]
struct Frame;

/// What a description begins with.
pub(crate) fn frame() -> Document {
    let mut document = Frame::openapi();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document
}

/// The whole description.
pub fn document() -> Document {
    let (_, mut document) = router::described();
    for (path, item) in &mut document.paths.paths {
        let generation = if path.starts_with("/v0.1/") { "v0.1" } else { "v0" };
        let is_extension = path.contains("/x/");
        for operation in operations(item) {
            if let Some(id) = operation.operation_id.as_mut().filter(|_| !is_extension) {
                *id = format!("{id}-{generation}");
            }
        }
    }
    document
}

/// A description as YAML.
pub fn to_yaml(document: &impl serde::Serialize) -> Result<String, serde_norway::Error> {
    serde_norway::to_string(document)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_operation_has_an_id_a_tag_and_described_answers() {
        let mut document = document();
        let mut ids = HashSet::new();
        for (path, item) in &mut document.paths.paths {
            for operation in operations(item) {
                let id = operation.operation_id.clone().unwrap_or_default();
                assert!(!id.is_empty() && ids.insert(id.clone()), "{path}: {id}");
                assert!(operation.tags.as_ref().is_some_and(|tags| !tags.is_empty()), "{path}");
                let answers = &operation.responses.responses;
                let is_told = ["200", "202"].iter().any(|status| answers.contains_key(*status));
                assert!(is_told && answers.contains_key("default"), "{path}");
            }
        }
        for id in ["list-servers-v0", "list-servers-v0.1", "publish-server-v0", "search-servers"] {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn every_reference_resolves() {
        let json = document().to_json().expect("it serialises");
        let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(references.len() > 20);
        for reference in references {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    fn collect(value: &serde_json::Value, references: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                references.extend(members.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
                members.values().for_each(|value| collect(value, references));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
            _ => {}
        }
    }
}
