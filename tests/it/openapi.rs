//! The committed descriptions are those the code makes, and the served ones are whole in every form.

use serde_json::json;

use crate::harness::registry::Registry;

#[test]
fn the_committed_description_is_the_codes() {
    let made = registry_api::openapi::document().to_pretty_json().expect("it serialises");
    let kept = include_str!("../../openapi/registry.json");
    assert!(
        made.trim_end() == kept.trim_end(),
        "openapi/registry.json is out of date; run `make openapi` and commit it"
    );
}

#[test]
fn the_committed_rules_are_the_codes() {
    let made = registry_core::server_json::rules::page();
    let kept = include_str!("../../openapi/rules.md");
    assert!(
        made.trim_end() == kept.trim_end(),
        "openapi/rules.md is out of date; run `make openapi` and commit it"
    );
}

#[test]
fn the_committed_rules_about_cards_are_the_codes() {
    let made = registry_core::lint::page();
    let kept = include_str!("../../openapi/lint.md");
    assert!(
        made.trim_end() == kept.trim_end(),
        "openapi/lint.md is out of date; run `make openapi` and commit it"
    );
}

#[test]
fn every_route_of_the_official_document_is_described() {
    let document = registry_api::openapi::document();
    for path in [
        "/v0.1/servers",
        "/v0.1/servers/{serverName}/versions",
        "/v0.1/servers/{serverName}/versions/{version}",
        "/v0.1/servers/{serverName}/versions/{version}/status",
        "/v0.1/servers/{serverName}/status",
        "/v0.1/publish",
        "/v0.1/validate",
    ] {
        assert!(document.paths.paths.contains_key(path), "{path}");
        assert!(document.paths.paths.contains_key(&path.replacen("/v0.1", "/v0", 1)), "{path}");
    }
}

#[tokio::test]
async fn the_description_is_served_in_both_versions_and_formats() {
    let registry = Registry::start().await;
    for (path, media, opens) in [
        ("/openapi.json", "application/openapi+json", "{\n  \"openapi\": \"3.1.0\""),
        ("/openapi.yaml", "application/openapi+yaml", "openapi: 3.1.0\n"),
        ("/openapi-3.0.json", "application/openapi+json", "{\n  \"openapi\": \"3.0.3\""),
        ("/openapi-3.0.yaml", "application/openapi+yaml", "openapi: 3.0.3\n"),
    ] {
        let answer = registry.ask("GET", path, &[]).await.expect_status(200);
        assert_eq!(answer.header("content-type"), Some(media));
        assert!(answer.body.starts_with(opens), "{}", &answer.body[..40]);
        let etag = answer.header("etag").expect("a tag");
        registry.ask("GET", path, &[("if-none-match", etag)]).await.expect_status(304);
    }
    let schema = registry.ask("GET", "/schemas/ServerResponse.json", &[]).await.expect_status(200).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for missing in ["/schemas/Nothing.json", "/schemas/ServerResponse", "/schemas/..%2F.json"] {
        registry.ask("GET", missing, &[]).await.expect_status(404);
    }
}

#[tokio::test]
async fn the_operations_have_the_contracts_ids() {
    let registry = Registry::start().await;
    let described = registry.ask("GET", "/openapi.json", &[]).await.json();
    assert_eq!(
        (&described["info"]["title"], &described["info"]["version"]),
        (&json!("Official MCP Registry"), &json!("1.0.0"))
    );
    let paths = described["paths"].as_object().expect("paths");
    let ids: Vec<&str> = paths
        .values()
        .flat_map(|item| item.as_object().into_iter().flat_map(|operations| operations.values()))
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    for id in [
        "list-servers",
        "get-server-versions",
        "get-server-version",
        "update-server-status",
        "update-server-all-versions-status",
        "publish-server",
        "edit-server",
        "get-anonymous-token",
        "get-health",
        "ping",
        "get-version",
    ] {
        for generation in ["v0", "v0.1"] {
            assert!(ids.contains(&format!("{id}-{generation}").as_str()), "{id}-{generation}");
        }
    }
}
