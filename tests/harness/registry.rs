//! A registry in this process: the app called through tower, a clock that stands still, a database of its own.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Router, response::Response};
use chrono::{DateTime, Utc};
use registry_api::auth;
use registry_api::config::{Build, Config, Http};
use registry_api::read_model::ReadModel;
use registry_api::read_model::follow::Follower;
use registry_api::state::AppState;
use registry_api::token::Tokens;
use registry_core::clock::FixedClock;
use registry_core::lint::Linter;
use registry_core::publisher::{Action, Permission, Publisher};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::postgres::Postgres;

/// When the clock stands, until a test moves it.
pub const NOW: &str = "2026-11-24T12:00:00Z";

/// A running registry. Its follower stops when this is dropped.
pub struct Registry {
    /// Its database.
    pub database: Postgres,
    /// Its clock.
    pub clock: FixedClock,
    /// What it reads from.
    pub model: Arc<ReadModel>,
    /// Its settings, tokens and the rest.
    pub state: AppState,
    app: Router,
    _data: tempfile::TempDir,
    following: JoinHandle<()>,
}

impl Registry {
    /// With the settings of a fresh installation, but for packages: nobody proves them here.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings of one's own.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let clock = FixedClock::at(NOW.parse().expect("a time"));
        let linter = crawler::lint::Linter::new(&crawler::Config::default(), Arc::new(clock));
        Self::with_linter(Arc::new(linter.expect("usable settings")), change).await
    }

    /// With a linter and settings of one's own.
    pub async fn with_linter(linter: Arc<dyn Linter>, change: impl FnOnce(&mut Config)) -> Self {
        let database = Postgres::database().await;
        let data = tempfile::tempdir().expect("the temporary directory is writable");
        let (follower, model) =
            Follower::start(database.pool(), data.path().to_owned()).await.expect("the read model starts");
        let following = tokio::spawn(follower.run(CancellationToken::new()));
        let clock = FixedClock::at(NOW.parse().expect("a time"));
        let key = "5e".repeat(32).parse().expect("a key");
        let mut config = Config {
            public_url: "http://registry.test".into(),
            anonymous_auth: false,
            auth: auth::Settings::default(),
            packages: None,
            github_client_id: None,
            crawler_contact: None,
            build: Build {
                version: "1.2.3".into(),
                git_commit: "unknown".into(),
                build_time: "unknown".into(),
            },
            submissions_per_day: 1000,
            http: Http::default(),
        };
        change(&mut config);
        // Another test of this process may have installed it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let auth = auth::Exchanges::start(&config.auth).await.expect("the ways in open");
        let state = AppState {
            model: model.clone(),
            pool: database.pool(),
            clock: Arc::new(clock.clone()),
            tokens: Arc::new(Tokens::new(&key).expect("a key")),
            auth: Arc::new(auth),
            linter,
            stopping: CancellationToken::new(),
            config: Arc::new(config),
        };
        let app = registry_api::app(state.clone());
        Self { database, clock, model, state, app, _data: data, following }
    }

    /// Somebody without a token.
    pub fn anyone(&self) -> Caller<'_> {
        Caller { registry: self, token: None }
    }

    /// Somebody who may publish and edit these patterns of names.
    pub fn publisher(&self, who: &str, patterns: &[&str]) -> Caller<'_> {
        Caller { registry: self, token: Some(self.token(who, patterns)) }
    }

    /// Their token.
    pub fn token(&self, who: &str, patterns: &[&str]) -> String {
        let permission = |action, resource: &&str| Permission { action, resource: (*resource).to_owned() };
        let publish = patterns.iter().map(|p| permission(Action::Publish, p));
        let permissions = publish.chain(patterns.iter().map(|p| permission(Action::Edit, p))).collect();
        let publisher = Publisher { method: "dns".into(), subject: who.into(), permissions };
        self.state.tokens.issue(&publisher, self.now()).expect("signed").registry_token
    }

    /// Somebody with this token.
    pub fn bearer(&self, token: &str) -> Caller<'_> {
        Caller { registry: self, token: Some(token.to_owned()) }
    }

    /// Waits until everything that is listed can be found.
    pub async fn indexed(&self) {
        let servers = self.model.catalog().server_count();
        let found = || usize::try_from(self.model.search().searcher().num_docs()).expect("few");
        while found() < servers {
            tokio::task::yield_now().await;
        }
    }

    /// What the clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }

    /// Listens on a free port of 127.0.0.1 too, for a browser or another program; the address.
    pub async fn listen(&self) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let app = self.app.clone();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    /// Asks without a body, with headers of one's own.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.expect("the app never fails");
        Answer::of(response).await
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.following.abort();
    }
}

/// Who is asking.
pub struct Caller<'a> {
    registry: &'a Registry,
    token: Option<String>,
}

impl Caller<'_> {
    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    /// Publishes a document.
    pub async fn publish(&self, document: &Value) -> Answer {
        self.post("/v0/publish", document).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.registry.send(request.body(body).expect("a request")).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 << 20).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("a body of text");
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// Itself, if it has this status.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the answer depends on, in small letters; the header may come in several lines.
    pub fn vary(&self) -> String {
        let lines = self.headers.get_all(header::VARY).iter().filter_map(|line| line.to_str().ok());
        lines.collect::<Vec<_>>().join(", ").to_ascii_lowercase()
    }

    /// `name:version` of every item of a list.
    #[track_caller]
    pub fn items(&self) -> Vec<String> {
        let list = self.json();
        let servers = list["servers"].as_array().expect("a list");
        let text =
            |item: &Value, member: &str| item["server"][member].as_str().unwrap_or_default().to_owned();
        servers.iter().map(|item| format!("{}:{}", text(item, "name"), text(item, "version"))).collect()
    }

    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<String> {
        Some(self.json()["metadata"]["nextCursor"].as_str()?.to_owned())
    }
}

/// A document that breaks no rule.
pub fn document(name: &str, version: &str) -> Value {
    serde_json::json!({
        "$schema": registry_core::server_json::CURRENT_SCHEMA,
        "name": name,
        "description": "Tells the weather",
        "version": version,
    })
}

/// The same with a remote.
pub fn remote_document(name: &str, version: &str, url: &str) -> Value {
    let mut document = document(name, version);
    document["remotes"] = serde_json::json!([{ "type": "streamable-http", "url": url }]);
    document
}
