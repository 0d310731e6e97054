//! Plain documents go through publication: what other servers have is not theirs to take.

use serde_json::json;

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
