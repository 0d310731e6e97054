//! What nobody should send, sent to the real program over a socket: it answers in the contract's words, and goes on.

mod bodies;
mod framing;
mod paths;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::program::{Serving, client, data_dir};

/// Longer than any answer here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program that hands out anonymous tokens.
pub struct Target {
    serving: Serving,
    _data: tempfile::TempDir,
}

impl Target {
    pub fn start() -> Self {
        let data = data_dir();
        let flags = ["--role", "api", "--enable-anonymous-auth=true", "--enable-registry-validation=false"];
        Self { serving: Serving::start(data.path(), &flags), _data: data }
    }

    /// The address for a bare socket.
    pub fn address(&self) -> &str {
        self.serving.url.trim_start_matches("http://")
    }

    /// A token for `io.modelcontextprotocol.anonymous/*`.
    pub async fn token(&self) -> String {
        let answer =
            client().post(format!("{}/v0/auth/none", self.serving.url)).send().await.expect("it answers");
        let body: Value = answer.json().await.expect("JSON");
        body["registry_token"].as_str().expect("a token").to_owned()
    }

    /// POSTs these bytes as JSON with a good token; the status and the body.
    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> (u16, Value) {
        self.post_as("application/json", path, body).await
    }

    /// The same as another type.
    pub async fn post_as(&self, kind: &str, path: &str, body: impl Into<Vec<u8>>) -> (u16, Value) {
        let request = client()
            .post(format!("{}{path}", self.serving.url))
            .bearer_auth(self.token().await)
            .header("content-type", kind)
            .body(body.into());
        let answer = request.send().await.expect("it answers");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("a JSON body"))
    }

    /// Sends these bytes on a connection of their own.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> Raw {
        let mut raw = Raw(TcpStream::connect(self.address()).await.expect("it listens"));
        raw.write(bytes.as_ref()).await;
        raw
    }

    /// It is well, and has not failed inside at anything so far.
    pub async fn assert_well(&self) {
        assert_eq!(self.serving.get("/v0/ping").await, "{\"pong\":true}\n");
        let metrics = self.serving.get("/metrics").await;
        let faults: Vec<_> = metrics.lines().filter(|line| line.contains("status_code=\"5")).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

/// A connection whose bytes are written by hand.
pub struct Raw(TcpStream);

impl Raw {
    pub async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("it reads on");
    }

    /// The next answer's head, without what follows it.
    pub async fn head(&mut self) -> String {
        let mut head = Vec::new();
        let read = async {
            while !head.ends_with(b"\r\n\r\n") {
                match self.0.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("it answers in time");
        String::from_utf8(head).expect("a head is text")
    }

    /// The next answer's status.
    pub async fn status(&mut self) -> u16 {
        let head = self.head().await;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no status: {head:?}"))
    }
}

/// A document that anybody may publish.
pub fn anonymous(name: &str) -> Value {
    json!({
        "$schema": registry_core::server_json::CURRENT_SCHEMA,
        "name": format!("io.modelcontextprotocol.anonymous/{name}"),
        "description": "Tells the weather",
        "version": "1.0.0",
    })
}
