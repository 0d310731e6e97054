//! One keep-alive connection, with no more of a client around it than needed: it is the registry that is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A connection to the registry.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
    token: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    head: String,
}

impl Answer {
    /// A header's text, by its name in lower case; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }

    /// The cursor of the next page.
    pub(crate) fn next_cursor(&self) -> Option<&str> {
        let (_, from) = self.body.rsplit_once(r#""nextCursor":""#)?;
        Some(from.split_once('"')?.0)
    }
}

impl Connection {
    pub(crate) fn open(url: &str) -> Self {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream: BufReader::new(stream), host, token: String::new() }
    }

    /// Reads a path; `more` are whole header lines.
    pub(crate) fn get(&mut self, path: &str, more: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{more}\r\n", self.host);
        self.exchange(request.as_bytes())
    }

    /// A token that may publish what [`super::corpus::publication`] makes.
    pub(crate) fn token(&mut self) -> String {
        let answer = self.post("/v0/auth/none", "", "{}");
        let token: Value = serde_json::from_str(&answer.body).expect("JSON");
        token["registry_token"].as_str().expect("a token").to_owned()
    }

    /// Publishes a document, with this token from now on.
    pub(crate) fn publish(&mut self, token: Option<String>, document: &str) -> Answer {
        self.token = token.unwrap_or_else(|| std::mem::take(&mut self.token));
        let authorization = format!("Authorization: Bearer {}\r\n", self.token);
        self.post("/v0/publish", &authorization, document)
    }

    /// Waits until a search finds what was imported last.
    pub(crate) fn wait_until_indexed(&mut self) {
        let begun = Instant::now();
        let path = "/v0.1/x/org.cardinal-registry/search?q=forecast&limit=1";
        while !self.get(path, "").body.contains(r#""name""#) {
            assert!(begun.elapsed() < Duration::from_secs(120), "the index does not follow");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn post(&mut self, path: &str, more: &str, body: &str) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{more}",
            self.host
        );
        self.exchange(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }

    fn exchange(&mut self, request: &[u8]) -> Answer {
        self.stream.get_mut().write_all(request).expect("it reads");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).expect("it answers") > 0, "it hung up: {head}");
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        let mut answer = Answer { status, head, body: String::new() };
        let mut body = Vec::new();
        if answer.header("transfer-encoding") == "chunked" {
            self.read_chunks(&mut body);
        } else {
            body.resize(answer.header("content-length").parse().unwrap_or_default(), 0);
            self.stream.read_exact(&mut body).expect("a body");
        }
        answer.body = String::from_utf8_lossy(&body).into_owned();
        answer
    }

    fn read_chunks(&mut self, body: &mut Vec<u8>) {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a chunk");
            let size = usize::from_str_radix(line.trim(), 16).expect("its size");
            let from = body.len();
            body.resize(from + size + 2, 0);
            self.stream.read_exact(&mut body[from..]).expect("a chunk");
            body.truncate(from + size);
            if size == 0 {
                return;
            }
        }
    }
}
