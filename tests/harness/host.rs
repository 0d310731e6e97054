//! Other people's hosts: one TLS server in this process that answers for every domain there is.
//!
//! [`Hosts::policy`] makes a client reach it under any name: port 443 leads here, and its CA is believed.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use cardinal::demo::tls;
use futures_util::StreamExt;
use registry_core::outbound::Policy;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A document as a host serves it. With an `etag`, `If-None-Match` is answered with 304.
#[derive(Debug, Clone)]
pub struct Document {
    /// The status, mostly 200.
    pub status: u16,
    /// Headers beside those that HTTP adds itself.
    pub headers: Vec<(String, String)>,
    /// The bytes as sent.
    pub body: Vec<u8>,
}

impl Document {
    /// Any bytes with status 200.
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status: 200, headers, body: body.into() }
    }

    /// JSON with status 200.
    pub fn json(value: &serde_json::Value) -> Self {
        Self::new("application/json", value.to_string())
    }

    /// Text with status 200.
    pub fn text(body: &str) -> Self {
        Self::new("text/plain; charset=utf-8", body)
    }

    /// No body, this status.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// With another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With an `ETag`, quotes included in the text.
    #[must_use]
    pub fn with_etag(self, etag: &str) -> Self {
        self.with_header("etag", etag)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn answer(self, asked: &HeaderMap) -> Response {
        let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let unchanged = known.is_some() && known == self.header("etag");
        let (status, body) = if unchanged { (304, Vec::new()) } else { (self.status, self.body) };
        let mut response = Response::builder().status(status);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        response.body(Body::from(body)).expect("a document has a possible status and headers")
    }
}

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The host asked for, without a port.
    pub domain: String,
    /// `GET` and so on.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, up to a mebibyte of it.
    pub body: Bytes,
    /// When it came in.
    pub at: Instant,
}

impl Request {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

type Responder = Arc<dyn Fn(&Request) -> Document + Send + Sync>;

#[derive(Clone)]
enum Behaviour {
    Respond(Responder),
    Slow(Duration, Document),
    Endless,
    Dripping(Duration),
    Stream(Bytes, Duration),
}

#[derive(Default)]
struct Shared {
    behaviours: Mutex<HashMap<(String, String), Behaviour>>,
    requests: Mutex<Vec<Request>>,
}

/// The hosts. They stop when this is dropped.
pub struct Hosts {
    port: u16,
    ca_file: NamedTempFile,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

impl Hosts {
    /// Starts answering on a free port of 127.0.0.1; everything is 404 until it is told otherwise.
    pub async fn start() -> Self {
        // Another test of this process may have installed it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let authority = tls::Authority::generate();
        let mut ca_file = NamedTempFile::new().expect("the temporary directory is writable");
        ca_file.write_all(authority.pem().as_bytes()).expect("the temporary directory is writable");
        let (secure, handshakes) = tls::listen(listener, authority.server_config());
        let shared = Arc::<Shared>::default();
        let app = Router::new().fallback(answer).with_state(shared.clone());
        let serving = tokio::spawn(async move {
            let _ = axum::serve(secure, app).await;
        });
        Self { port, ca_file, shared, tasks: [handshakes, serving] }
    }

    /// Serves a document; `path` with its query, or without it for any query.
    pub fn serve(&self, domain: &str, path: &str, document: Document) {
        self.respond(domain, path, move |_| document.clone());
    }

    /// Serves what a function makes of the request.
    pub fn respond(
        &self,
        domain: &str,
        path: &str,
        responder: impl Fn(&Request) -> Document + Send + Sync + 'static,
    ) {
        self.behave(domain, path, Behaviour::Respond(Arc::new(responder)));
    }

    /// Answers 302 with this `Location`.
    pub fn redirect(&self, domain: &str, path: &str, to: &str) {
        self.serve(domain, path, Document::status(302).with_header("location", to));
    }

    /// Serves a document after a while.
    pub fn slow(&self, domain: &str, path: &str, after: Duration, document: Document) {
        self.behave(domain, path, Behaviour::Slow(after, document));
    }

    /// Serves a body that never ends, as fast as it is read.
    pub fn endless(&self, domain: &str, path: &str) {
        self.behave(domain, path, Behaviour::Endless);
    }

    /// Serves a body that never ends, one byte at a time.
    pub fn dripping(&self, domain: &str, path: &str, every: Duration) {
        self.behave(domain, path, Behaviour::Dripping(every));
    }

    /// Begins a stream of server-sent events with `first`, and sends nothing but comments after it.
    pub fn events(&self, domain: &str, path: &str, first: &str) {
        let first = Bytes::from(first.to_owned());
        self.behave(domain, path, Behaviour::Stream(first, Duration::from_millis(200)));
    }

    /// Serves a document at every path of a domain that has none of its own; `*` is every such domain.
    pub fn catch_all(&self, domain: &str, document: Document) {
        self.serve(domain, "*", document);
    }

    /// Makes a path 404 again.
    pub fn remove(&self, domain: &str, path: &str) {
        lock(&self.shared.behaviours).remove(&(domain.to_owned(), path.to_owned()));
    }

    /// Everything asked so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// The paths asked of one domain so far, in order.
    pub fn paths(&self, domain: &str) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.filter(|request| request.domain == domain).map(|request| request.path).collect()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file with the CA's certificate.
    pub fn ca_file(&self) -> &Path {
        self.ca_file.path()
    }

    /// The setting that leads port 443 of every name here.
    pub fn connect_to(&self) -> String {
        format!("*:443:127.0.0.1:{}", self.port)
    }

    /// The strict policy, with every name leading here and nothing more.
    pub fn policy(&self) -> Policy {
        Policy {
            connect_to: vec![self.connect_to().parse().expect("the override is well formed")],
            ca_file: Some(self.ca_file().to_owned()),
            ..Policy::default()
        }
    }

    fn behave(&self, domain: &str, path: &str, behaviour: Behaviour) {
        lock(&self.shared.behaviours).insert((domain.to_owned(), path.to_owned()), behaviour);
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    fn find(&self, domain: &str, path: &str) -> Option<Behaviour> {
        let behaviours = lock(&self.behaviours);
        let bare = path.split('?').next().unwrap_or(path);
        let candidates =
            [(domain, path), (domain, bare), (domain, "*"), ("*", path), ("*", bare), ("*", "*")];
        let mut found = candidates
            .into_iter()
            .filter_map(|(domain, path)| behaviours.get(&(domain.to_owned(), path.to_owned())).cloned());
        found.next()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let authority = head.uri.host().or_else(|| head.headers.get(header::HOST)?.to_str().ok());
    let domain = authority.unwrap_or_default();
    let domain = domain.rsplit_once(':').map_or(domain, |(name, _)| name).to_owned();
    let request = Request {
        domain,
        method: head.method.to_string(),
        path: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: head.headers,
        body,
        at: Instant::now(),
    };
    lock(&shared.requests).push(request.clone());
    match shared.find(&request.domain, &request.path) {
        Some(Behaviour::Respond(responder)) => responder(&request).answer(&request.headers),
        Some(Behaviour::Slow(after, document)) => {
            tokio::time::sleep(after).await;
            document.answer(&request.headers)
        }
        Some(Behaviour::Endless) => streaming(Duration::ZERO, Bytes::from_static(&[b' '; 8192])),
        Some(Behaviour::Dripping(every)) => streaming(every, Bytes::from_static(b" ")),
        Some(Behaviour::Stream(first, every)) => events(first, every),
        None => Document::text("not found").with_status(404).answer(&request.headers),
    }
}

fn streaming(every: Duration, piece: Bytes) -> Response {
    let pieces = futures_util::stream::repeat(piece).then(move |piece| async move {
        tokio::time::sleep(every).await;
        Ok::<_, Infallible>(piece)
    });
    let mut response = Response::new(Body::from_stream(pieces));
    *response.status_mut() = StatusCode::OK;
    response
}

fn events(first: Bytes, every: Duration) -> Response {
    let comments = futures_util::stream::repeat(Bytes::from_static(b": still here\n\n"));
    let comments = comments.then(move |comment| async move {
        tokio::time::sleep(every).await;
        Ok::<_, Infallible>(comment)
    });
    let pieces = futures_util::stream::once(async move { Ok(first) }).chain(comments);
    let response = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
    response.body(Body::from_stream(pieces)).expect("a stream has a possible status and headers")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
