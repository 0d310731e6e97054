//! npm: `mcpName` in the published package.json.

use std::time::Duration;

use super::{Doubles, header, json};
use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

fn package() -> Value {
    json!({ "registryType": "npm", "identifier": "@acme/tides", "version": "1.0.0" })
}

fn with(member: &str, value: &str) -> Value {
    let mut package = package();
    package[member] = json!(value);
    package
}

async fn answer(doubles: &Doubles, response: ResponseTemplate) {
    let version = Mock::given(method("GET")).and(path("/@acme%2Ftides/1.0.0"));
    version.respond_with(response).mount(&doubles.registry).await;
}

fn found(manifest: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(manifest)
}

const REFUSED: &str = "registry validation failed for package 0 (@acme/tides): ";

#[tokio::test]
async fn the_version_that_names_the_server_is_proved() {
    let doubles = Doubles::start().await;
    answer(&doubles, found(&json!({ "name": "@acme/tides", "mcpName": "com.acme/tides" }))).await;

    assert_eq!(doubles.prove(package()).await, Ok(()));
    assert_eq!(doubles.prove(with("registryBaseUrl", "https://registry.npmjs.org")).await, Ok(()));
    assert_eq!(doubles.prove(with("registryBaseUrl", &doubles.registry.uri())).await, Ok(()));

    let requests = doubles.requests().await;
    assert_eq!(doubles.asked().await, ["GET /@acme%2Ftides/1.0.0"; 3]);
    assert_eq!(header(&requests[0], "accept"), Some("application/json"));
    assert_eq!(header(&requests[0], "user-agent"), Some("MCP-Registry-Validator/1.0"));
    assert_eq!(header(&requests[0], "authorization").or(header(&requests[0], "cookie")), None);
}

#[tokio::test]
async fn a_manifest_of_another_server_is_refused() {
    for (manifest, sentence) in [
        (
            json!({ "name": "@acme/tides" }),
            "NPM package '@acme/tides' version '1.0.0' is missing required 'mcpName' field. Add this to your package.json: \
             \"mcpName\": \"com.acme/tides\" (read BASE/@acme%2Ftides/1.0.0: no \"mcpName\"; then publish a new version of \
             the package)",
        ),
        (
            json!({ "mcpName": "" }),
            "NPM package '@acme/tides' version '1.0.0' is missing required 'mcpName' field. Add this to your package.json: \
             \"mcpName\": \"com.acme/tides\" (read BASE/@acme%2Ftides/1.0.0: no \"mcpName\"; then publish a new version of \
             the package)",
        ),
        (
            json!({ "mcpName": "com.other/tides" }),
            "NPM package '@acme/tides' version '1.0.0' ownership validation failed. Expected mcpName 'com.acme/tides', got \
             'com.other/tides' (read BASE/@acme%2Ftides/1.0.0: \"mcpName\": \"com.other/tides\"; correct package.json and \
             publish a new version of the package)",
        ),
        (
            json!({ "mcpName": 7 }),
            "NPM package '@acme/tides' version '1.0.0' ownership validation failed. Expected mcpName 'com.acme/tides', got \
             '7' (read BASE/@acme%2Ftides/1.0.0: \"mcpName\": \"7\"; correct package.json and publish a new version of the \
             package)",
        ),
    ] {
        let doubles = Doubles::start().await;
        answer(&doubles, found(&manifest)).await;
        assert_eq!(doubles.refusal(package()).await, format!("{REFUSED}{sentence}"), "{manifest}");
    }
}

#[tokio::test]
async fn what_the_document_says_is_checked_before_anything_is_asked() {
    let doubles = Doubles::start().await;
    for (package, sentence) in [
        (
            json!({ "registryType": "npm", "version": "1.0.0" }),
            "registry validation failed for package 0 (): package identifier is required for NPM packages (write the \
             package's name in 'identifier')",
        ),
        (
            json!({ "registryType": "npm", "identifier": "a", "fileSha256": "x" }),
            "registry validation failed for package 0 (a): package version is required for NPM packages (write the \
             package's exact version in 'version')",
        ),
        (
            json!({ "registryType": "npm", "identifier": "a", "version": "1", "fileSha256": "x", "registryBaseUrl": "x" }),
            "registry validation failed for package 0 (a): NPM packages must not have 'fileSha256' field - this is only for \
             MCPB packages (remove it)",
        ),
        (
            json!({ "registryType": "npm", "identifier": "a", "version": "1", "registryBaseUrl": "https://registry.npmjs.org/" }),
            "registry validation failed for package 0 (a): registry type and base URL do not match: \
             'https://registry.npmjs.org/' is not valid for registry type 'npm'. Expected: https://registry.npmjs.org or BASE \
             (write it so, or leave 'registryBaseUrl' out)",
        ),
        (
            json!({ "registryType": "npm", "identifier": "..", "version": "1" }),
            "registry validation failed for package 0 (..): NPM package '..' not found (no package can have this identifier \
             and version; correct them)",
        ),
        (
            json!({ "registryType": "NPM", "identifier": "a", "version": "1" }),
            "registry validation failed for package 0 (a): unsupported registry type: NPM (write one of npm, pypi, nuget, \
             oci, mcpb, cargo)",
        ),
    ] {
        assert_eq!(doubles.refusal(package).await, sentence);
    }
    assert_eq!(doubles.asked().await, [""; 0]);
}

#[tokio::test]
async fn a_404_is_told_apart_by_asking_for_the_package() {
    for (status, sentence, missing) in [
        (
            200,
            "NPM package '@acme/tides' exists, but version '1.0.0' was not found (status: 404). It may not be published yet \
             (read BASE/@acme%2Ftides/1.0.0: status 404; BASE/@acme%2Ftides: status 200; publish version '1.0.0' of the \
             package first, or correct 'version')",
            true,
        ),
        (
            404,
            "NPM package '@acme/tides' not found (status: 404) (read BASE/@acme%2Ftides/1.0.0: status 404; \
             BASE/@acme%2Ftides: status 404; publish the package first, or correct 'identifier')",
            true,
        ),
        (
            503,
            "NPM package '@acme/tides' not found (status: 404) (read BASE/@acme%2Ftides/1.0.0: status 404; \
             BASE/@acme%2Ftides: status 503; publish version '1.0.0' of the package first, or correct 'version')",
            true,
        ),
    ] {
        let doubles = Doubles::start().await;
        let whole = Mock::given(method("HEAD")).and(path("/@acme%2Ftides"));
        whole.respond_with(ResponseTemplate::new(status)).mount(&doubles.registry).await;

        let unproved = doubles.prove(package()).await.expect_err("it is not there");

        assert_eq!(doubles.said(&unproved), format!("{REFUSED}{sentence}"));
        assert_eq!(unproved.is_missing(), missing);
        assert_eq!(doubles.asked().await, ["GET /@acme%2Ftides/1.0.0", "HEAD /@acme%2Ftides"]);
    }
}

#[tokio::test]
async fn other_statuses_are_passing_or_final() {
    for (status, sentence, missing) in [
        (
            429,
            "NPM package '@acme/tides' version '1.0.0' could not be looked up (status: 429). Likely transient, retry later \
             (read BASE/@acme%2Ftides/1.0.0: status 429)",
            true,
        ),
        (
            502,
            "NPM package '@acme/tides' version '1.0.0' could not be looked up (status: 502). Likely transient, retry later \
             (read BASE/@acme%2Ftides/1.0.0: status 502)",
            true,
        ),
        (
            401,
            "NPM package '@acme/tides' not found (status: 401) (read BASE/@acme%2Ftides/1.0.0: status 401; the package must \
             be public; correct its identifier and version)",
            false,
        ),
    ] {
        let doubles = Doubles::start().await;
        answer(&doubles, ResponseTemplate::new(status)).await;
        let unproved = doubles.prove(package()).await.expect_err("no manifest");
        assert_eq!(doubles.said(&unproved), format!("{REFUSED}{sentence}"));
        assert_eq!(unproved.is_missing(), missing, "{status}");
        assert_eq!(doubles.asked().await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn hostile_registries_end_in_a_sentence() {
    let late = found(&json!({ "mcpName": "com.acme/tides" })).set_delay(Duration::from_secs(60));
    let large = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 6 * 1024 * 1024]);
    let away = ResponseTemplate::new(302).insert_header("location", "https://other.example/tides");
    let round = ResponseTemplate::new(302).insert_header("location", "/@acme%2Ftides/1.0.0");
    let page = ResponseTemplate::new(200).set_body_string("<html>");
    for (response, sentence, missing) in [
        (late, "`BASE/@acme%2Ftides/1.0.0` was not answered completely within 300ms", true),
        (large, "the answer of `BASE/@acme%2Ftides/1.0.0` is larger than 5242880 bytes", false),
        (
            away,
            "`BASE/@acme%2Ftides/1.0.0` redirects to `https://other.example/tides`, which is not followed",
            false,
        ),
        (
            round,
            "`BASE/@acme%2Ftides/1.0.0` was redirected more than 10 times; let it lead to its document directly",
            true,
        ),
    ] {
        let doubles = Doubles::start().await;
        answer(&doubles, response).await;
        let settings = if sentence.contains("300ms") { doubles.impatient() } else { doubles.settings() };
        let unproved = super::prove(settings, package()).await.expect_err("no answer");
        let expected = format!(
            "{REFUSED}failed to fetch NPM package metadata: {sentence} (read BASE/@acme%2Ftides/1.0.0: no usable answer)"
        );
        assert_eq!(doubles.said(&unproved), expected);
        assert_eq!(unproved.is_missing(), missing, "{sentence}");
        assert!(doubles.hosts.requests().is_empty(), "nobody else is asked");
    }
    let doubles = Doubles::start().await;
    answer(&doubles, page).await;
    let refused = doubles.refusal(package()).await;
    assert!(refused.starts_with(&format!("{REFUSED}failed to parse NPM package metadata: ")), "{refused}");
}

#[tokio::test]
async fn a_redirect_within_the_registry_is_followed() {
    let doubles = Doubles::start().await;
    answer(&doubles, ResponseTemplate::new(301).insert_header("location", "/moved")).await;
    let moved = Mock::given(path("/moved"));
    moved.respond_with(found(&json!({ "mcpName": "com.acme/tides" }))).mount(&doubles.registry).await;
    assert_eq!(doubles.prove(package()).await, Ok(()));
}
