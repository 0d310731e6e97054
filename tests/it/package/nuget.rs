//! NuGet: the token in the embedded README, found by way of the service index.

use super::{Doubles, json};
use registry_core::package::Prover;
use serde_json::Value;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

const REFUSED: &str = "registry validation failed for package 0 (Acme.Tides): ";
const README: &str = "/flat/acme.tides/1.0.0-beta/readme";
const VERSIONS: &str = "/flat/acme.tides/index.json";

fn package() -> Value {
    json!({ "registryType": "nuget", "identifier": "Acme.Tides", "version": "1.0.0-Beta+5" })
}

async fn serve(doubles: &Doubles, at: &str, answer: ResponseTemplate) {
    Mock::given(path(at)).respond_with(answer).mount(&doubles.registry).await;
}

/// A registry whose files are at `files`.
async fn indexed(files: &str) -> Doubles {
    let doubles = Doubles::start().await;
    let files = files.replace("BASE", &doubles.registry.uri());
    let index = json!({ "version": "3.0.0", "resources": [
        { "@id": "https://nowhere.example/", "@type": "SearchQueryService" },
        { "@id": format!("{files}/"), "@type": ["PackageBaseAddress/3.0.0"] },
        { "@id": format!("{files}/{{lower_id}}/{{lower_version}}/readme"), "@type": "ReadmeUriTemplate/6.13.0" },
    ] });
    serve(&doubles, "/v3/index.json", ResponseTemplate::new(200).set_body_json(index)).await;
    doubles
}

fn text(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(text)
}

#[tokio::test]
async fn the_index_is_read_once_and_readmes_each_time() {
    let doubles = indexed("BASE/flat").await;
    serve(&doubles, README, text("mcp-name: com.acme/tides")).await;
    let prover = Prover::new(doubles.settings()).unwrap();
    let document = super::document(&json!([package()]));
    assert_eq!(prover.prove(&document).await, Ok(()));
    assert_eq!(prover.clone().prove(&document).await, Ok(()));
    let readme = format!("GET {README}");
    assert_eq!(doubles.asked().await, ["GET /v3/index.json", &readme, &readme]);
}

#[tokio::test]
async fn a_readme_without_the_token_is_refused() {
    let doubles = indexed("BASE/flat").await;
    serve(&doubles, README, text("mcp-name: com.acme/tidesx")).await;
    assert_eq!(
        doubles.refusal(package()).await,
        format!(
            "{REFUSED}NuGet package 'Acme.Tides' ownership validation for version 1.0.0-Beta+5 failed. Found 'mcp-name: \
             com.acme/tides', but it is followed by 'x'; it must be followed by a space, newline, HTML tag (or comment \
             close) (read BASE{README}: a README with a longer name; correct the README and publish a new version of the \
             package)"
        )
    );
    let doubles = indexed("BASE/flat").await;
    serve(&doubles, README, text("# Tides")).await;
    assert_eq!(
        doubles.refusal(package()).await,
        format!(
            "{REFUSED}NuGet package 'Acme.Tides' ownership validation for version 1.0.0-Beta+5 failed. The server name \
             'com.acme/tides' must appear as 'mcp-name: com.acme/tides' in the package README. Add it to your README and \
             publish a new package version (read BASE{README}: a README without it)"
        )
    );
}

#[tokio::test]
async fn without_a_readme_the_versions_say_why() {
    let listed = |versions: Value| ResponseTemplate::new(200).set_body_json(json!({ "versions": versions }));
    for (answer, sentence, status, missing) in [
        (
            listed(json!(["0.9.0", "1.0.0-BETA"])),
            "NuGet package 'Acme.Tides' ownership validation for version 1.0.0-Beta+5 failed because it does not have an \
             embedded README. Add a README with 'mcp-name: com.acme/tides' to the package and publish a new package version",
            200,
            false,
        ),
        (
            listed(json!(["0.9.0"])),
            "NuGet package 'Acme.Tides' exists but version 1.0.0-Beta+5 does not exist in the registry. If you recently \
             published this version, wait for validation to complete",
            200,
            true,
        ),
        (
            ResponseTemplate::new(404),
            "NuGet package 'Acme.Tides' does not exist in the registry. If you recently published the package for the first \
             time, wait for validation to complete",
            404,
            true,
        ),
        (
            ResponseTemplate::new(503),
            "NuGet package index request returned status 503. Likely transient, retry later",
            503,
            true,
        ),
    ] {
        let doubles = indexed("BASE/flat").await;
        serve(&doubles, VERSIONS, answer).await;
        let unproved = doubles.prove(package()).await.expect_err("no README");
        let said = doubles.said(&unproved);
        assert!(said.starts_with(&format!("{REFUSED}{sentence} (read BASE")), "{said}");
        assert!(said.contains(&format!("BASE{VERSIONS}: status {status}")), "{said}");
        assert_eq!(unproved.is_missing(), missing, "{said}");
    }
}

#[tokio::test]
async fn an_index_that_fails_is_not_remembered() {
    let doubles = Doubles::start().await;
    let broken = Mock::given(path("/v3/index.json")).respond_with(ResponseTemplate::new(500));
    broken.up_to_n_times(1).mount(&doubles.registry).await;
    serve(&doubles, "/v3/index.json", ResponseTemplate::new(200).set_body_json(json!({ "resources": [] })))
        .await;
    let prover = Prover::new(doubles.settings()).unwrap();
    let document = super::document(&json!([package()]));
    for sentence in [
        "NuGet service index request returned status 500. Likely transient, retry later (read BASE/v3/index.json: status 500)",
        "NuGet service index does not list ReadmeUriTemplate/6.13.0 (read BASE/v3/index.json: a service index without it; \
         tell the operator of this registry)",
    ] {
        let said = prover.prove(&document).await.expect_err("no index").to_string();
        assert_eq!(said.replace(&doubles.registry.uri(), "BASE"), format!("{REFUSED}{sentence}"));
    }
}

#[tokio::test]
async fn files_elsewhere_are_reached_by_the_guarded_client_only() {
    let doubles = indexed("https://files.example/flat").await;
    doubles.hosts.serve("files.example", README, super::Document::text("mcp-name: com.acme/tides"));
    assert_eq!(doubles.prove(package()).await, Ok(()));

    let inside = indexed("http://169.254.169.254/flat").await;
    let refused = inside.refusal(package()).await;
    assert!(refused.contains("is not an https address; only https is fetched"), "{refused}");
    let inside = indexed("https://10.0.0.1/flat").await;
    let refused = inside.refusal(package()).await;
    assert!(refused.contains("`10.0.0.1` is a private address"), "{refused}");
}

#[tokio::test]
async fn the_version_is_asked_for_after_the_base() {
    let doubles = Doubles::start().await;
    let base =
        json!({ "registryType": "nuget", "identifier": "a", "registryBaseUrl": "https://api.nuget.org" });
    let refused = doubles.refusal(base).await;
    assert!(
        refused.contains("'https://api.nuget.org' is not valid for registry type 'nuget'. Expected: https://api.nuget.org/v3/index.json"),
        "{refused}"
    );
    let none = json!({ "registryType": "nuget", "identifier": "a" });
    assert!(doubles.refusal(none).await.contains("): package version is required for NuGet packages"));
    assert_eq!(doubles.asked().await, [""; 0]);
}
