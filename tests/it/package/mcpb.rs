//! Bundles: a release asset that everybody can download.

use std::time::Duration;

use super::{Document, Doubles, json};
use registry_core::package::Settings;
use serde_json::Value;

const URL: &str = "https://github.com/acme/tides/releases/download/v1/tides.mcpb";
const ASSET: &str = "/acme/tides/releases/download/v1/tides.mcpb";

fn package(identifier: &str) -> Value {
    json!({ "registryType": "mcpb", "identifier": identifier, "fileSha256": "0".repeat(64) })
}

#[tokio::test]
async fn a_public_release_asset_is_proof_and_is_not_downloaded() {
    let doubles = Doubles::start().await;
    doubles.hosts.redirect("github.com", ASSET, "https://assets.example/1");
    doubles.hosts.serve("assets.example", "/1", Document::new("application/zip", "x"));
    doubles.hosts.serve("gitlab.com", "/a/b/mcp/-/releases/v1/downloads/x", Document::status(200));

    assert_eq!(doubles.prove(package(URL)).await, Ok(()));
    assert_eq!(doubles.prove(package("https://gitlab.com/a/b/mcp/-/releases/v1/downloads/x")).await, Ok(()));

    let requests = doubles.hosts.requests();
    let asked: Vec<_> = requests.iter().map(|r| (r.method.as_str(), r.domain.as_str())).collect();
    assert_eq!(asked, [("HEAD", "github.com"), ("HEAD", "assets.example"), ("HEAD", "gitlab.com")]);
    assert_eq!(requests[0].header("user-agent"), Some("MCP-Registry-Validator/1.0"));
}

#[tokio::test]
async fn other_statuses_are_refused() {
    for (status, missing) in [(404, true), (403, false), (429, true), (500, true), (206, false)] {
        let doubles = Doubles::start().await;
        doubles.hosts.serve("github.com", ASSET, Document::status(status));
        let unproved = doubles.prove(package(URL)).await.expect_err("not public");
        assert_eq!(
            unproved.to_string(),
            format!(
                "registry validation failed for package 0 ({URL}): MCPB package '{URL}' is not publicly accessible (status: \
                 {status}) (read {URL}: status {status}; publish the release and its file first, in a public repository)"
            )
        );
        assert_eq!(unproved.is_missing(), missing, "{status}");
    }
}

#[tokio::test]
async fn the_document_is_checked_in_order_before_anything_is_asked() {
    let doubles = Doubles::start().await;
    let sha = "0".repeat(64);
    for (package, sentence) in [
        (json!({ "registryType": "mcpb" }), "must include a fileSha256 hash for integrity verification ("),
        (
            json!({ "registryType": "mcpb", "fileSha256": sha, "registryBaseUrl": "x" }),
            "package identifier is required for MCPB packages (",
        ),
        (
            json!({ "registryType": "mcpb", "fileSha256": sha, "registryBaseUrl": "x", "identifier": URL }),
            "MCPB packages must not have 'registryBaseUrl' field - use the full download URL in 'identifier' instead",
        ),
        (
            package("http://127.0.0.1/mcp"),
            "MCPB packages must be hosted on allowlisted providers (GitHub or GitLab). Host '127.0.0.1' is not allowed (",
        ),
        (
            package("https://github.com/acme/tides/archive/mcp.zip"),
            "GitHub MCPB packages must be release assets following the pattern '/owner/repo/releases/download/tag/filename' \
             (its path is '/acme/tides/archive/mcp.zip')",
        ),
    ] {
        let said = doubles.refusal(package).await;
        assert!(said.contains(&format!("): {sentence}")), "{said}");
    }
    assert!(doubles.hosts.requests().is_empty());
}

#[tokio::test]
async fn redirects_inside_and_slow_hosts_are_refused() {
    let doubles = Doubles::start().await;
    doubles.hosts.redirect("github.com", ASSET, "https://10.0.0.1/tides.mcpb");
    let unproved = doubles.prove(package(URL)).await.expect_err("inside");
    let said = unproved.to_string();
    assert!(said.contains("is not publicly accessible: `10.0.0.1` is a private address"), "{said}");
    assert!(!unproved.is_missing());

    doubles.hosts.slow("github.com", ASSET, Duration::from_secs(60), Document::status(200));
    let said = doubles.refusal_with(doubles.impatient(), package(URL)).await;
    assert!(said.contains(&format!("`{URL}` was not answered completely within 300ms")), "{said}");
}

#[tokio::test]
async fn the_operators_hosts_are_admitted_as_they_are_written() {
    let doubles = Doubles::start().await;
    let url = "https://git.corp.example/acme/mcp/releases/download/1/x";
    let settings = Settings { github_hosts: vec!["other.example".into()], ..doubles.settings() };
    let said = doubles.refusal_with(settings, package(url)).await;
    assert!(said.contains("Host 'git.corp.example' is not allowed"), "{said}");
    // Admitted, and reached without the guard, up to a certificate that nobody vouches for.
    let host = format!("localhost:{}", doubles.hosts.port());
    let settings = Settings { github_hosts: vec![host.clone()], ..doubles.settings() };
    let url = format!("https://{host}/acme/mcp/releases/download/1/x");
    let said = doubles.refusal_with(settings, package(&url)).await;
    let unanswered = format!("is not publicly accessible: no secure connection to `{host}`: ");
    assert!(said.contains(&unanswered), "{said}");
    assert!(doubles.hosts.requests().is_empty());
}
