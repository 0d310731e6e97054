//! PyPI: the token in the README.

use super::{Doubles, header, json};
use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

fn package() -> Value {
    json!({ "registryType": "pypi", "identifier": "acme tides", "version": "1.0.0+local" })
}

const AT: &str = "/pypi/acme%20tides/1.0.0+local/json";
const REFUSED: &str = "registry validation failed for package 0 (acme tides): ";

async fn readme(doubles: &Doubles, text: &str) {
    let answer = ResponseTemplate::new(200).set_body_json(json!({ "info": { "description": text } }));
    Mock::given(method("GET")).and(path(AT)).respond_with(answer).mount(&doubles.registry).await;
}

#[tokio::test]
async fn a_readme_with_the_token_is_proof() {
    for text in [
        "# Tides\n\nmcp-name: com.acme/tides",
        "<!-- mcp-name: com.acme/tides -->",
        "mcp-name: com.acme/tides\n",
    ] {
        let doubles = Doubles::start().await;
        readme(&doubles, text).await;
        assert_eq!(doubles.prove(package()).await, Ok(()), "{text}");
        let requests = doubles.requests().await;
        assert_eq!(doubles.asked().await, [format!("GET {AT}")]);
        assert_eq!(header(&requests[0], "user-agent"), Some("MCP-Registry-Validator/1.0"));
    }
}

#[tokio::test]
async fn a_readme_without_it_is_not() {
    let failed = "PyPI package 'acme tides' ownership validation failed.";
    let advice = "correct the README and publish a new version of the package)";
    let absent =
        "The server name 'com.acme/tides' must appear as 'mcp-name: com.acme/tides' in the package README";
    let glued = "it must be followed by a space, newline, HTML tag (or comment close)";
    for (text, sentence, found) in [
        ("mcp-name:com.acme/tides", absent.to_owned(), "a README without it"),
        ("", absent.to_owned(), "an empty README"),
        (
            "mcp-name: com.acme/tides-pro",
            format!("Found 'mcp-name: com.acme/tides', but it is followed by '-'; {glued}"),
            "a README with a longer name",
        ),
    ] {
        let doubles = Doubles::start().await;
        readme(&doubles, text).await;
        let expected = format!("{REFUSED}{failed} {sentence} (read BASE{AT}: {found}; {advice}");
        assert_eq!(doubles.refusal(package()).await, expected, "{text}");
    }
}

#[tokio::test]
async fn the_document_is_checked_first_and_in_order() {
    let doubles = Doubles::start().await;
    for (package, sentence) in [
        (json!({ "registryType": "pypi" }), "package identifier is required for PyPI packages"),
        (
            json!({ "registryType": "pypi", "identifier": "a", "fileSha256": "x" }),
            "package version is required for PyPI packages",
        ),
        (
            json!({ "registryType": "pypi", "identifier": "a", "version": "1", "fileSha256": "x", "registryBaseUrl": "x" }),
            "PyPI packages must not have 'fileSha256' field - this is only for MCPB packages",
        ),
        (
            json!({ "registryType": "pypi", "identifier": "a", "version": "1", "registryBaseUrl": "https://test.pypi.org" }),
            "registry type and base URL do not match: 'https://test.pypi.org' is not valid for registry type 'pypi'. Expected: https://pypi.org",
        ),
    ] {
        let refused = doubles.refusal(package).await;
        assert!(refused.contains(&format!("): {sentence}")), "{refused}");
    }
    assert_eq!(doubles.asked().await, [""; 0]);
}

#[tokio::test]
async fn a_404_is_told_apart_and_429_passes() {
    let doubles = Doubles::start().await;
    let whole = Mock::given(method("HEAD")).and(path("/pypi/acme%20tides/json"));
    whole.respond_with(ResponseTemplate::new(200)).mount(&doubles.registry).await;
    assert_eq!(
        doubles.refusal(package()).await,
        format!(
            "{REFUSED}PyPI package 'acme tides' exists, but version '1.0.0+local' was not found (status: 404). It may not be \
             published yet (read BASE{AT}: status 404; BASE/pypi/acme%20tides/json: status 200; publish version \
             '1.0.0+local' of the package first, or correct 'version')"
        )
    );
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(429)).mount(&doubles.registry).await;
    assert_eq!(
        doubles.refusal(package()).await,
        format!(
            "{REFUSED}PyPI package 'acme tides' version '1.0.0+local' could not be looked up (status: 429). Likely \
             transient, retry later (read BASE{AT}: status 429)"
        )
    );
}
