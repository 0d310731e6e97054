//! Plain documents go through publication: what other servers have is not theirs to take.

use crawler::import::Options;
use registry_core::package::{Prover, Settings};
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Here, counts, document};

#[tokio::test]
async fn a_document_whose_name_passes_for_another_is_reported() {
    let here = Here::start().await;
    let first = json!([document("com.example/weather", "1.0.0"), document("com.example/Weather", "1.0.0")]);
    let file = here.file("first.json", first.to_string());
    assert_eq!(counts(&here.import(&file).await), (1, 0, 0, 0, 1));
    let next = json!([document("com.example/weather", "1.1.0"), document("corn.example/weather", "1.0.0")]);
    let file = here.file("next.json", next.to_string());
    assert_eq!(counts(&here.import(&file).await), (1, 0, 0, 0, 1));
    assert_eq!(here.latest().await, ["com.example/weather 1.1.0"]);
    let reasons: Vec<_> = here.report().iter().map(|line| line["reason"].clone()).collect();
    assert_eq!(
        reasons,
        [json!("the name corn.example/weather passes for the existing server com.example/weather")]
    );
}

#[tokio::test]
async fn a_document_to_publish_proves_its_packages_once() {
    let npm = MockServer::start().await;
    let shown = json!({ "mcpName": "com.example/weather" });
    Mock::given(path("/weather/1.0.0"))
        .respond_with(ResponseTemplate::new(200).set_body_json(shown))
        .expect(1)
        .mount(&npm)
        .await;
    let settings = Settings { npm: npm.uri().parse().expect("an address"), ..Settings::default() };
    let prover = Prover::new(settings).expect("the settings are usable");
    let here = Here::start().await;
    let options = || Options { prover: Some(prover.clone()), ..here.options() };
    let packed = |identifier: &str, name: &str| {
        let mut document = document(name, "1.0.0");
        let package = json!({ "registryType": "npm", "identifier": identifier, "version": "1.0.0", "transport": { "type": "stdio" } });
        document["packages"] = json!([package]);
        document
    };
    let both = json!([packed("weather", "com.example/weather"), packed("tides", "com.example/tides")]);
    let file = here.file("both.json", both.to_string());
    assert_eq!(counts(&here.import_with(&file, &options()).await), (1, 0, 0, 0, 1));
    assert_eq!(counts(&here.import_with(&file, &options()).await), (0, 0, 1, 0, 1));
    assert_eq!(here.latest().await, ["com.example/weather 1.0.0"]);
    let reason = here.report()[0]["reason"].as_str().expect("a sentence").to_owned();
    assert!(reason.starts_with("registry validation failed for package 0 (tides): "), "{reason}");
}
