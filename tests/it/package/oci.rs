//! Container images: the label, behind manifests, tokens and redirects.

use std::time::Duration;

use super::{Document, Doubles, json};
use registry_core::digest::Digest;
use registry_core::package::Settings;
use serde_json::Value;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const ID: &str = "ghcr.io/acme/tides:1.0.0";
const REFUSED: &str = "registry validation failed for package 0 (ghcr.io/acme/tides:1.0.0): ";
const TAG: &str = "/v2/acme/tides/manifests/1.0.0";
const TOKEN: &str = "/token?service=ghcr.io&scope=repository%3Aacme%2Ftides%3Apull";

fn package(identifier: &str) -> Value {
    json!({ "registryType": "oci", "identifier": identifier })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", Digest::of(bytes))
}

/// An image's configuration and its manifest, as bytes.
fn image(labels: &Value) -> (Vec<u8>, Vec<u8>) {
    let config = json!({ "architecture": "amd64", "config": { "Labels": labels } }).to_string().into_bytes();
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": digest(&config), "size": config.len() }, "layers": [] });
    (config, manifest.to_string().into_bytes())
}

/// `ghcr.io`, which wants a token for everything.
fn wants_token(document: Document) -> impl Fn(&crate::harness::host::Request) -> Document + Send + Sync {
    move |request| match request.header("authorization") {
        Some("Bearer anonymous") => document.clone(),
        _ => Document::status(401).with_header(
            "www-authenticate",
            r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/tides:pull""#,
        ),
    }
}

/// Serves an image for several platforms; amd64's has these labels.
async fn published(labels: &Value) -> Doubles {
    let doubles = Doubles::start().await;
    let (config, manifest) = image(labels);
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [
        { "digest": digest(b"arm"), "platform": { "os": "linux", "architecture": "arm64" } },
        { "digest": digest(&manifest), "platform": { "os": "linux", "architecture": "amd64" } },
        { "digest": digest(b"attestation"), "platform": { "os": "unknown", "architecture": "unknown" } },
    ] });
    let hosts = &doubles.hosts;
    hosts.respond("ghcr.io", TAG, wants_token(Document::new(INDEX, index.to_string())));
    let at = format!("/v2/acme/tides/manifests/{}", digest(&manifest));
    hosts.respond("ghcr.io", &at, wants_token(Document::new(MANIFEST, manifest)));
    let blob = Document::status(307).with_header("location", "https://blobs.example/signed?x=1");
    hosts.respond("ghcr.io", &format!("/v2/acme/tides/blobs/{}", digest(&config)), wants_token(blob));
    hosts.serve("blobs.example", "/signed", Document::new("application/octet-stream", config));
    hosts.serve("ghcr.io", "/token", Document::json(&json!({ "token": "anonymous" })));
    doubles
}

#[tokio::test]
async fn a_label_behind_token_index_and_redirect_is_proof() {
    let doubles = published(&json!({ "io.modelcontextprotocol.server.name": "com.acme/tides" })).await;

    assert_eq!(doubles.prove(package(ID)).await, Ok(()));

    let (config, manifest) = image(&json!({ "io.modelcontextprotocol.server.name": "com.acme/tides" }));
    let blob = format!("/v2/acme/tides/blobs/{}", digest(&config));
    let of_amd64 = format!("/v2/acme/tides/manifests/{}", digest(&manifest));
    assert_eq!(doubles.hosts.paths("ghcr.io"), [TAG, TOKEN, TAG, &of_amd64, &blob]);
    let requests = doubles.hosts.requests();
    assert!(
        requests[0]
            .header("accept")
            .is_some_and(|accept| accept.contains(INDEX) && accept.contains(MANIFEST))
    );
    assert_eq!(requests[0].header("user-agent"), Some("MCP-Registry-Validator/1.0"));
    assert_eq!(requests[1].header("authorization"), None, "the sign-in is anonymous");
    let signed = requests.last().expect("a redirect");
    assert_eq!((signed.domain.as_str(), signed.header("authorization")), ("blobs.example", None));
}

#[tokio::test]
async fn a_pinned_image_of_docker_hub_is_read_without_a_token_where_none_is_wanted() {
    let doubles = Doubles::start().await;
    let (config, manifest) = image(&json!({ "io.modelcontextprotocol.server.name": "com.acme/tides" }));
    let at = format!("/v2/library/tides/manifests/{}", digest(&manifest));
    let blob = format!("/v2/library/tides/blobs/{}", digest(&config));
    doubles.hosts.serve("registry-1.docker.io", &at, Document::new(MANIFEST, manifest.clone()));
    doubles.hosts.serve("registry-1.docker.io", &blob, Document::new("application/octet-stream", config));
    assert_eq!(doubles.prove(package(&format!("tides:1@{}", digest(&manifest)))).await, Ok(()));
    assert_eq!(doubles.hosts.paths("registry-1.docker.io"), [at.as_str(), &blob]);
}

#[tokio::test]
async fn another_label_or_none_is_refused() {
    let (absent, _) = image(&json!(null));
    let doubles = published(&json!(null)).await;
    assert_eq!(
        doubles.refusal(package(ID)).await,
        format!(
            "{REFUSED}OCI image 'ghcr.io/acme/tides:1.0.0' is missing required annotation. Add this to your Dockerfile: LABEL \
             io.modelcontextprotocol.server.name=\"com.acme/tides\" (read https://ghcr.io/v2/acme/tides/blobs/{}: no such \
             label in the image's configuration; then build and push the image anew)",
            digest(&absent)
        )
    );
    let labels = json!({ "io.modelcontextprotocol.server.name": "com.acme/other" });
    let doubles = published(&labels).await;
    assert_eq!(
        doubles.refusal(package(ID)).await,
        format!(
            "{REFUSED}OCI image ownership validation failed. Expected annotation 'io.modelcontextprotocol.server.name' = \
             'com.acme/tides', got 'com.acme/other' (read https://ghcr.io/v2/acme/tides/blobs/{}: the label \
             'com.acme/other'; correct the label, then build and push the image anew)",
            digest(&image(&labels).0)
        )
    );
}

#[tokio::test]
async fn statuses_say_whether_the_image_is_there() {
    let at = "https://ghcr.io/v2/acme/tides/manifests/1.0.0";
    for (status, sentence, missing) in [
        (
            404,
            format!(
                "OCI image '{ID}' does not exist in the registry (read {at}: status 404; push the image first, or correct \
                 the reference)"
            ),
            true,
        ),
        (
            403,
            format!(
                "OCI image '{ID}' is private or requires authentication. Only public images are supported (read {at}: \
                 status 403; make it public; if it does not exist yet, push it first)"
            ),
            true,
        ),
        (
            500,
            format!(
                "failed to fetch OCI image: the registry answered with status 500 (read {at}: status 500)"
            ),
            true,
        ),
        (
            410,
            format!(
                "failed to fetch OCI image: the registry answered with status 410 (read {at}: status 410)"
            ),
            false,
        ),
    ] {
        let doubles = Doubles::start().await;
        doubles.hosts.serve("ghcr.io", TAG, Document::status(status));
        let unproved = doubles.prove(package(ID)).await.expect_err("no image");
        assert_eq!(unproved.to_string(), format!("{REFUSED}{sentence}"));
        assert_eq!(unproved.is_missing(), missing, "{status}");
    }
}

#[tokio::test]
async fn a_sign_in_that_is_refused_means_a_private_image() {
    let private = format!("{REFUSED}OCI image '{ID}' is private or requires authentication.");
    let refused = |doubles: Doubles| async move { doubles.refusal(package(ID)).await };
    let basic = Doubles::start().await;
    let challenge = Document::status(401).with_header("www-authenticate", "Basic realm=\"x\"");
    basic.hosts.serve("ghcr.io", TAG, challenge);
    assert!(refused(basic).await.starts_with(&private));

    let denied = published(&json!(null)).await;
    denied.hosts.serve("ghcr.io", "/token", Document::status(403));
    assert!(refused(denied).await.contains(&format!("https://ghcr.io{TOKEN}: status 403")));

    let worthless = published(&json!(null)).await;
    worthless.hosts.serve("ghcr.io", "/token", Document::json(&json!({ "access_token": "worthless" })));
    assert!(refused(worthless).await.starts_with(&private));
}

#[tokio::test]
async fn a_registry_that_limits_us_counts_as_success_anywhere_on_the_way() {
    for path in [TAG, "/token"] {
        let doubles = published(&json!(null)).await;
        doubles.hosts.serve("ghcr.io", path, Document::status(429));
        assert_eq!(doubles.prove(package(ID)).await, Ok(()), "{path}");
    }
}

#[tokio::test]
async fn a_slow_registry_ends_in_time() {
    let doubles = Doubles::start().await;
    doubles.hosts.slow("ghcr.io", TAG, Duration::from_secs(60), Document::status(200));
    let settings = doubles.impatient();
    assert_eq!(
        doubles.refusal_with(settings, package(ID)).await,
        format!(
            "{REFUSED}OCI image validation timed out after 0.5 seconds for '{ID}'. The registry may be slow or unreachable \
             (read https://ghcr.io{TAG}: no complete answer)"
        )
    );
}

#[tokio::test]
async fn hostile_answers_are_refused() {
    let doubles = Doubles::start().await;
    let hosts = &doubles.hosts;
    let realm = |realm: &str| {
        Document::status(401).with_header("www-authenticate", &format!("Bearer realm=\"{realm}\""))
    };
    hosts.serve("ghcr.io", "/v2/a/inside/manifests/1", realm("https://169.254.169.254/token"));
    hosts.serve("ghcr.io", "/v2/a/plain/manifests/1", realm("http://ghcr.io/token"));
    hosts.redirect("ghcr.io", "/v2/a/away/manifests/1", "https://[::1]/");
    hosts.endless("ghcr.io", "/v2/a/endless/manifests/1");
    let wrong = format!("/v2/a/wrong/manifests/{}", digest(b"right"));
    hosts.serve("ghcr.io", &wrong, Document::new(MANIFEST, "{}"));
    hosts.serve(
        "ghcr.io",
        "/v2/a/chart/manifests/1",
        Document::json(&json!({ "config": { "mediaType": "x/chart" } })),
    );
    hosts.serve("ghcr.io", "/v2/a/empty/manifests/1", Document::json(&json!({ "manifests": [] })));
    for (image, reason) in [
        ("inside:1".to_owned(), "`169.254.169.254` is a link-local address"),
        ("plain:1".to_owned(), "is not an https address"),
        ("away:1".to_owned(), "`::1` is a loopback address"),
        ("endless:1".to_owned(), "is larger than 5242880 bytes"),
        (format!("wrong@{}", digest(b"right")), "does not have that digest"),
        ("chart:1".to_owned(), "it is no container image: its configuration is 'x/chart'"),
        ("empty:1".to_owned(), "names no platform"),
    ] {
        let unproved = doubles.prove(package(&format!("ghcr.io/a/{image}"))).await.expect_err("hostile");
        let said = unproved.to_string();
        assert!(said.contains("failed to fetch OCI image: ") && said.contains(reason), "{said}");
        assert!(!unproved.is_missing(), "{said}");
    }
}

#[tokio::test]
async fn the_document_is_checked_before_anything_is_asked() {
    let doubles = Doubles::start().await;
    let with = |member: &str| {
        let mut package = package("ghcr.io/a/b");
        package[member] = json!("x");
        package
    };
    let instead = "instead (e.g., 'docker.io/owner/image:1.0.0')";
    for (package, sentence) in [
        (
            with("registryBaseUrl"),
            format!(
                "OCI packages must not have 'registryBaseUrl' field - use canonical reference in 'identifier' {instead}"
            ),
        ),
        (
            with("version"),
            format!("OCI packages must not have 'version' field - include version in 'identifier' {instead}"),
        ),
        (with("fileSha256"), "OCI packages must not have 'fileSha256' field".to_owned()),
        (package("ghcr.io/A/b"), "invalid OCI reference: could not parse reference: ghcr.io/A/b: ".to_owned()),
        (
            package("gcr.io/a/b:1"),
            "unsupported OCI registry: gcr.io (push the image to one of docker.io, ghcr.io, quay.io, mcr.microsoft.com, \
             *.pkg.dev, *.azurecr.io)"
                .to_owned(),
        ),
        (package("127.0.0.1:5000/a/b"), "unsupported OCI registry: 127.0.0.1:5000 (".to_owned()),
    ] {
        let said = doubles.refusal(package).await;
        assert!(said.contains(&format!("): {sentence}")), "{said}");
    }
    assert!(doubles.hosts.requests().is_empty());
}

#[tokio::test]
async fn the_operators_registry_is_reached_where_the_operator_says() {
    let doubles = Doubles::start().await;
    let (config, manifest) = image(&json!({ "io.modelcontextprotocol.server.name": "com.acme/tides" }));
    for (at, body) in [
        ("/hub/v2/acme/tides/manifests/1", &manifest),
        (&format!("/hub/v2/acme/tides/blobs/{}", digest(&config)), &config),
    ] {
        let answer = ResponseTemplate::new(200).set_body_bytes(body.clone());
        Mock::given(path(at)).respond_with(answer).mount(&doubles.registry).await;
    }
    let oci =
        ["registry.corp:5000", "docker.io"].map(|host| format!("{host}={}/hub", doubles.registry.uri()));
    let oci = oci.iter().map(|text| text.parse().expect("valid")).collect();
    let settings = Settings { oci, ..doubles.settings() };
    for identifier in ["registry.corp:5000/acme/tides:1", "acme/tides:1", "docker.io/acme/tides:1"] {
        assert_eq!(super::prove(settings.clone(), package(identifier)).await, Ok(()), "{identifier}");
    }
    assert!(doubles.hosts.requests().is_empty());
}
