//! Rust crates: the token in the rendered README.

use super::{Document, Doubles, header, json};
use registry_core::package::Settings;
use serde_json::Value;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

const REFUSED: &str = "registry validation failed for package 0 (tides): ";
const LOCATION: &str = "/api/v1/crates/tides/1.0.0/readme";
const CRATE: &str = "/api/v1/crates/tides/1.0.0";
const FILES: &str = "static.crates.io";
const README: &str = "/readmes/tides/tides-1.0.0.html";
const AGENT: &str = "MCP-Registry-Validator/1.0 (https://registry.modelcontextprotocol.io)";

fn package() -> Value {
    json!({ "registryType": "cargo", "identifier": "tides", "version": "1.0.0" })
}

async fn serve(doubles: &Doubles, at: &str, answer: ResponseTemplate) {
    Mock::given(path(at)).respond_with(answer).mount(&doubles.registry).await;
}

/// A registry that says the README is here.
async fn leading_to(url: &str) -> Doubles {
    let doubles = Doubles::start().await;
    let url = url.replace("BASE", &doubles.registry.uri());
    serve(&doubles, LOCATION, ResponseTemplate::new(200).set_body_json(json!({ "url": url }))).await;
    doubles
}

async fn usual() -> Doubles {
    leading_to(&format!("https://{FILES}{README}")).await
}

#[tokio::test]
async fn a_rendered_readme_with_the_token_is_proof() {
    let doubles = usual().await;
    doubles.hosts.serve(FILES, README, Document::new("text/html", "<p>mcp-name: com.acme/tides</p>"));

    assert_eq!(doubles.prove(package()).await, Ok(()));

    let asked = doubles.requests().await;
    assert_eq!(doubles.asked().await, [format!("GET {LOCATION}")]);
    assert_eq!(header(&asked[0], "accept"), Some("application/json"));
    assert_eq!(header(&asked[0], "user-agent"), Some(AGENT));
    let read = doubles.hosts.requests();
    assert_eq!(read[0].header("accept"), Some("text/html"));
    assert_eq!(read[0].header("user-agent"), Some(AGENT));
}

#[tokio::test]
async fn a_readme_without_the_token_is_refused() {
    let doubles = usual().await;
    doubles.hosts.serve(FILES, README, Document::new("text/html", "<p>tides</p>"));
    assert_eq!(
        doubles.refusal(package()).await,
        format!(
            "{REFUSED}cargo package 'tides' ownership validation failed. The server name 'com.acme/tides' must appear as \
             'mcp-name: com.acme/tides' in the package README (read https://{FILES}{README}: a rendered README without it; \
             write it as visible text, since HTML comments are not rendered, and publish a new version of the package)"
        )
    );
    doubles.hosts.serve(FILES, README, Document::new("text/html", "mcp-name: com.acme/tides."));
    let said = doubles.refusal(package()).await;
    assert!(said.contains("Found 'mcp-name: com.acme/tides', but it is followed by '.'"), "{said}");
}

#[tokio::test]
async fn a_403_of_the_files_is_told_apart_by_the_registry() {
    for (status, sentence, missing) in [
        (404, "cargo package 'tides' version '1.0.0' not found on crates.io", true),
        (
            200,
            "cargo package 'tides' version '1.0.0' exists on crates.io, but its rendered README could not be retrieved",
            true,
        ),
        (
            503,
            "cargo package 'tides' version '1.0.0' could not be looked up; whether it exists is inconclusive (status: 503). \
             Likely transient, retry later",
            true,
        ),
        (401, "cargo package request returned status 401", false),
    ] {
        let doubles = usual().await;
        doubles.hosts.serve(FILES, README, Document::status(403));
        serve(&doubles, CRATE, ResponseTemplate::new(status)).await;
        let unproved = doubles.prove(package()).await.expect_err("no README");
        let said = doubles.said(&unproved);
        assert!(said.starts_with(&format!("{REFUSED}{sentence} (read ")), "{said}");
        assert!(said.contains(&format!("https://{FILES}{README}: status 403")), "{said}");
        assert!(said.contains(&format!("BASE{CRATE}: status {status}")), "{said}");
        assert_eq!(unproved.is_missing(), missing, "{said}");
    }
}

#[tokio::test]
async fn passing_statuses_are_said_to_be_so() {
    let doubles = Doubles::start().await;
    serve(&doubles, LOCATION, ResponseTemplate::new(429)).await;
    assert_eq!(
        doubles.refusal(package()).await,
        format!(
            "{REFUSED}cargo README location request returned status 429. Likely transient, retry later (read BASE{LOCATION}: \
             status 429)"
        )
    );
    let doubles = usual().await;
    doubles.hosts.serve(FILES, README, Document::status(503));
    let said = doubles.refusal(package()).await;
    assert!(
        said.contains("cargo README request returned status 503. Likely transient, retry later"),
        "{said}"
    );
    let doubles = Doubles::start().await;
    let said = doubles.refusal(package()).await;
    assert!(
        said.contains("): cargo package 'tides' version '1.0.0' not found on crates.io (read BASE"),
        "{said}"
    );
}

#[tokio::test]
async fn readmes_and_their_redirects_stay_with_the_registry() {
    for url in [
        "https://evil.example/readme",
        "http://static.crates.io/readme",
        "https://static.crates.io:8443/readme",
        "https://static.crates.io.evil.example/readme",
        "https://me:x@static.crates.io/readme",
        "https://127.0.0.1/readme",
        "file:///etc/passwd",
        "",
    ] {
        let doubles = leading_to(url).await;
        let said = doubles.refusal(package()).await;
        let expected = format!(
            "{REFUSED}cargo README location '{url}' is not on a host of the crate registry (read BASE"
        );
        assert!(said.starts_with(&expected), "{said}");
        assert!(doubles.hosts.requests().is_empty(), "{url}");
    }
    let doubles = usual().await;
    doubles.hosts.redirect(FILES, README, "https://evil.example/x");
    let said = doubles.refusal(package()).await;
    assert!(said.contains("redirects to `https://evil.example/x`, which is not followed"), "{said}");
    doubles.hosts.redirect(FILES, README, "https://crates.io/x");
    doubles.hosts.serve("crates.io", "/x", Document::text("mcp-name: com.acme/tides"));
    assert_eq!(doubles.prove(package()).await, Ok(()));
    doubles.hosts.endless(FILES, README);
    let said = doubles.refusal(package()).await;
    assert!(said.contains("is larger than 5242880 bytes"), "{said}");
}

#[tokio::test]
async fn the_operators_files_are_reached_as_they_are() {
    let doubles = leading_to("BASE/files/tides.html").await;
    let answer = ResponseTemplate::new(200).set_body_string("mcp-name: com.acme/tides");
    serve(&doubles, "/files/tides.html", answer).await;
    let settings = Settings { cargo_files: doubles.registry.uri().parse().unwrap(), ..doubles.settings() };
    assert_eq!(super::prove(settings, package()).await, Ok(()));
    assert!(doubles.hosts.requests().is_empty());
}

#[tokio::test]
async fn the_document_is_checked_first() {
    let doubles = Doubles::start().await;
    for (package, sentence) in [
        (json!({ "registryType": "cargo" }), "package identifier is required for Cargo packages"),
        (
            json!({ "registryType": "cargo", "identifier": "a" }),
            "package version is required for Cargo packages",
        ),
        (
            json!({ "registryType": "cargo", "identifier": "a", "version": "1", "fileSha256": "x" }),
            "cargo packages must not have 'fileSha256' field - this is only for MCPB packages",
        ),
        (
            json!({ "registryType": "cargo", "identifier": "a", "version": "1", "registryBaseUrl": "https://x.example" }),
            "registry type and base URL do not match: 'https://x.example' is not valid for registry type 'cargo'. Expected: https://crates.io",
        ),
    ] {
        let said = doubles.refusal(package).await;
        assert!(said.contains(&format!("): {sentence}")), "{said}");
    }
    assert_eq!(doubles.asked().await, [""; 0]);
}
