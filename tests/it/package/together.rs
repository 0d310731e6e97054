//! Several packages of one document, and packages that appear while one waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{Doubles, document, json};
use axum::{Json, Router};
use registry_core::package::{Prover, Settings};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use wiremock::matchers::{method, path};
use wiremock::{Mock, Request, ResponseTemplate};

fn npm(identifier: &str) -> Value {
    json!({ "registryType": "npm", "identifier": identifier, "version": "1" })
}

fn named(name: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "mcpName": name }))
}

async fn serve(doubles: &Doubles, identifier: &str, answer: ResponseTemplate) {
    let at = path(format!("/{identifier}/1"));
    Mock::given(method("GET")).and(at).respond_with(answer).mount(&doubles.registry).await;
}

/// Answers nobody before so many have asked.
async fn answering_together(askers: usize) -> String {
    let together = Arc::new(Barrier::new(askers));
    let app = Router::new().fallback(move || {
        let together = together.clone();
        async move {
            together.wait().await;
            Json(json!({ "mcpName": "com.acme/tides" }))
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

#[tokio::test]
async fn packages_are_looked_up_side_by_side() {
    let doubles = Doubles::start().await;
    let npm_url = answering_together(8).await.parse().unwrap();
    let prover = Prover::new(Settings { npm: npm_url, ..doubles.settings() }).unwrap();
    let packages: Vec<_> = (0..8).map(|number| npm(&format!("p{number}"))).collect();
    assert_eq!(prover.prove(&document(&json!(packages))).await, Ok(()));
}

#[tokio::test]
async fn the_first_package_that_fails_is_named_whichever_answers_first() {
    let doubles = Doubles::start().await;
    serve(&doubles, "good", named("com.acme/tides")).await;
    serve(&doubles, "late", named("com.other/x").set_delay(Duration::from_millis(200))).await;
    serve(&doubles, "early", named("com.other/y")).await;
    let prover = Prover::new(doubles.settings()).unwrap();
    let packages = json!([npm("good"), npm("good"), npm("late"), npm("early")]);
    let unproved = prover.prove(&document(&packages)).await.expect_err("two fail");
    assert_eq!((unproved.index, unproved.identifier.as_str()), (2, "late"));
    assert!(
        unproved
            .to_string()
            .starts_with("registry validation failed for package 2 (late): NPM package 'late' ")
    );
    let goods = doubles.asked().await.iter().filter(|line| line.contains("/good/")).count();
    assert_eq!(goods, 1, "what is named twice is asked for once");
}

#[tokio::test]
async fn a_document_without_packages_needs_no_proof() {
    let doubles = Doubles::start().await;
    let prover = Prover::new(doubles.settings()).unwrap();
    assert_eq!(prover.prove(&document(&json!([]))).await, Ok(()));
    assert_eq!(prover.prove_within(&document(&json!([])), Duration::from_secs(60)).await, Ok(()));
}

/// Shows `new` after it has been asked for three times.
async fn appearing(doubles: &Doubles, last: ResponseTemplate) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let answer = move |_: &Request| match counter.fetch_add(1, Ordering::SeqCst) {
        0 => ResponseTemplate::new(404),
        1 => ResponseTemplate::new(503),
        2 => ResponseTemplate::new(429),
        _ => last.clone(),
    };
    Mock::given(method("GET")).and(path("/new/1")).respond_with(answer).mount(&doubles.registry).await;
    asked
}

#[tokio::test]
async fn a_package_that_appears_while_one_waits_is_proved_and_the_others_are_asked_once() {
    let doubles = Doubles::start().await;
    serve(&doubles, "old", named("com.acme/tides")).await;
    let asked = appearing(&doubles, named("com.acme/tides")).await;
    let prover = Prover::new(doubles.eager()).unwrap();
    let packages = document(&json!([npm("old"), npm("new")]));
    assert_eq!(prover.prove_within(&packages, Duration::from_secs(60)).await, Ok(()));
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(doubles.asked().await.iter().filter(|line| line.contains("/old/")).count(), 1);
}

#[tokio::test]
async fn a_package_that_appears_with_another_name_is_refused_at_once() {
    let doubles = Doubles::start().await;
    let asked = appearing(&doubles, named("com.other/x")).await;
    let prover = Prover::new(doubles.eager()).unwrap();
    let unproved = prover.prove_within(&document(&json!([npm("new")])), Duration::from_secs(600)).await;
    assert!(unproved.expect_err("not ours").to_string().contains("got 'com.other/x'"));
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn waiting_does_not_help_a_package_that_is_wrong() {
    let doubles = Doubles::start().await;
    serve(&doubles, "wrong", named("com.other/x")).await;
    let prover = Prover::new(doubles.settings()).unwrap();
    let packages = document(&json!([npm("absent"), npm("wrong")]));
    let unproved = prover.prove_within(&packages, Duration::from_secs(600)).await.expect_err("wrong");
    assert_eq!(unproved.index, 1, "what cannot change is said at once");
}

#[tokio::test]
async fn when_the_time_is_over_the_last_refusal_stands() {
    let doubles = Doubles::start().await;
    let prover = Prover::new(doubles.eager()).unwrap();
    let packages = document(&json!([npm("absent")]));
    let begun = Instant::now();
    let unproved = prover.prove_within(&packages, Duration::from_secs(1)).await.expect_err("absent");
    assert!(
        unproved.is_missing()
            && unproved.to_string().contains("NPM package 'absent' not found (status: 404)")
    );
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let looks = doubles.asked().await.iter().filter(|line| line.starts_with("GET")).count();
    assert!((2..=200).contains(&looks), "{looks}");

    let before = doubles.asked().await.len();
    assert!(prover.prove_within(&packages, Duration::ZERO).await.is_err());
    assert_eq!(doubles.asked().await.len(), before + 2, "no time is one look-up");
}
