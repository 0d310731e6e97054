//! The committed descriptions are those the code makes.

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
