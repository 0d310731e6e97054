//! Bodies that cannot be read (contract 1.4).

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::harness::registry::{Answer, Registry, document};

async fn post(registry: &Registry, content_type: &str, body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/v0/publish").header(header::AUTHORIZATION, "Bearer x");
    if !content_type.is_empty() {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    registry.send(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_each_with_its_status() {
    let registry = Registry::start().await;
    let json = "application/json";
    let deep = "[".repeat(10_000);
    for (content_type, body, status, detail) in [
        (json, "", 400, "request body is required"),
        (json, "{", 400, "validation failed"),
        (json, "\u{feff}{}", 400, "validation failed"),
        (json, deep.as_str(), 400, "validation failed"),
        ("text/plain", "{}", 415, "unknown content type: text/plain"),
        ("application/json; charset=utf-8", "[]", 422, "validation failed"),
        ("application/vnd.x+json", "[]", 422, "validation failed"),
        ("", "[]", 422, "validation failed"),
    ] {
        let refused = post(&registry, content_type, body.to_owned()).await.expect_status(status);
        assert_eq!(refused.json()["detail"], detail, "{content_type} {}", &body[..body.len().min(9)]);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    }
    let echoed = post(&registry, json, "{").await.json();
    assert_eq!(
        (&echoed["errors"][0]["location"], &echoed["errors"][0]["value"]),
        (&json!("body"), &json!("{"))
    );
    let closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(post(&registry, json, closed).await.status.is_client_error());
    let mut invalid = document("com.example/utf8", "1.0.0").to_string().into_bytes();
    let at = invalid.windows(5).position(|five| five == b"Tells").expect("the description");
    invalid[at] = 0xff;
    assert_eq!(post(&registry, json, invalid).await.expect_status(401).json()["code"], "invalid-token");
    let twice = r#"{"name":"x","name":7}"#;
    let last = post(&registry, json, twice).await.expect_status(422).json();
    let names: Vec<&Value> =
        last["errors"].as_array().expect("errors").iter().map(|e| &e["location"]).collect();
    assert!(names.contains(&&json!("body.name")), "the last of two members counts: {last}");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_too_slow_is_refused_even_to_a_sender_that_does_not_stop() {
    let registry = Registry::start().await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (app, stop) = (registry_api::app(registry.state.clone()), CancellationToken::new());
    let limits = cardinal::connections::Limits::default();
    let serving = tokio::spawn(cardinal::connections::serve(listener, app, limits, stop.clone()));
    let mut slow = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let half = "POST /v0/publish HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{";
    slow.write_all(half.as_bytes()).await.expect("sent");
    for (extra, length) in [("", 10 << 20), ("Expect: 100-continue\r\n", 10 << 20), ("", 1_048_577)] {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let head = format!(
            "POST /v0/publish HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer x\r\n{extra}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        if extra.is_empty() {
            stream.write_all(&vec![b' '; length]).await.expect("all is taken");
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("request body is too large limit=1048576 bytes"), "{answer}");
    }
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request body read timeout"), "{answer}");
    stop.cancel();
    serving.await.expect("it ends");
}
