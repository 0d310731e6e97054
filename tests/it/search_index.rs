//! The search index is thrown away without ceremony: whatever happens to its folder, the registry serves and builds it anew.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::program::{Serving, data_dir};

async fn demo(data: &Path) -> Serving {
    let serving = Serving::start(data, &["--demo"]);
    until_found(&serving, "frost%20warnings").await;
    serving
}

async fn finds(serving: &Serving, text: &str) -> bool {
    serving
        .get(&format!("/v0.1/x/org.cardinal-registry/search?q={text}"))
        .await
        .contains("example.orchard/weather")
}

async fn until_found(serving: &Serving, text: &str) {
    let begun = Instant::now();
    while !finds(serving, text).await {
        assert!(begun.elapsed() < Duration::from_secs(60), "the index follows");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_or_odd_at_the_start_is_built_anew() {
    let data = data_dir();
    let index = data.path().join("index");
    let serving = demo(data.path()).await;
    assert!(serving.terminate().success());
    let spoil: [&dyn Fn(); 4] = [
        &|| std::fs::remove_dir_all(&index).expect("it is there"),
        &|| std::fs::write(index.join("meta.json"), "no index").expect("written"),
        // As an older program leaves it: other fields, or the same ones under another number.
        &|| {
            let meta = std::fs::read_to_string(index.join("meta.json")).expect("it is there");
            std::fs::write(index.join("meta.json"), meta.replace("\"stems\"", "\"roots\"")).expect("written");
        },
        &|| {
            let meta = std::fs::read_to_string(index.join("meta.json")).expect("it is there");
            std::fs::write(index.join("meta.json"), meta.replace("schema\\\":", "schema\\\":9"))
                .expect("written");
        },
    ];
    for (at, spoil) in spoil.into_iter().enumerate() {
        spoil();
        let serving = Serving::start(data.path(), &[]);
        until_found(&serving, "frost%20warnings").await;
        assert!(serving.terminate().success(), "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_deleted_meanwhile_disturbs_nobody() {
    let data = data_dir();
    let serving = demo(data.path()).await;
    std::fs::remove_dir_all(data.path().join("index")).expect("it is there");
    assert!(finds(&serving, "frost%20warnings").await, "searches go on");
    assert!(serving.terminate().success());
    let again = Serving::start(data.path(), &[]);
    until_found(&again, "frost%20warnings").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_the_index_is_whole_again() {
    let data = data_dir();
    for wait in [300, 900, 1_500] {
        let serving = Serving::start(data.path(), &["--demo"]);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        serving.kill();
    }
    let serving = demo(data.path()).await;
    assert!(serving.terminate().success());
}
