//! A registry of others: a list in memory, in pages of up to a hundred, with the troubles that a test asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::oneshot;

const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";

#[derive(Default)]
struct Inside {
    entries: BTreeMap<(String, String), Value>,
    asked: Vec<String>,
    pages_left: Option<usize>,
    without_changes: bool,
    circles: Option<String>,
    patience: Option<u32>,
    hold: Option<(usize, oneshot::Sender<()>, oneshot::Receiver<()>)>,
    pages: usize,
}

/// The registry; it answers until it is dropped with its runtime.
#[derive(Clone)]
pub struct Fake {
    inside: Arc<Mutex<Inside>>,
    address: std::net::SocketAddr,
}

/// A page that is held back.
pub struct Turn {
    reached: Option<oneshot::Receiver<()>>,
    release: Option<oneshot::Sender<()>>,
}

impl Turn {
    /// Waits until somebody asks for the page.
    pub async fn reached(&mut self) {
        if let Some(reached) = self.reached.take() {
            reached.await.expect("the page is asked for");
        }
    }

    /// Lets the page go.
    pub fn release(mut self) {
        if let Some(release) = self.release.take() {
            let _ = release.send(());
        }
    }
}

impl Fake {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let fake = Self { inside: Arc::default(), address };
        let app = Router::new().route("/v0.1/servers", get(list)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        fake
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nobody panicked")
    }

    /// Lists an entry in place of the one of this name and version.
    pub fn put(&self, entry: Value) {
        let text = |member: &str| entry["server"][member].as_str().expect("a text").to_owned();
        self.lock().entries.insert((text("name"), text("version")), entry);
    }

    /// Leaves a name out from now on, without a tombstone.
    pub fn take(&self, name: &str) {
        self.lock().entries.retain(|(held, _), _| held != name);
    }

    /// Answers with 500 after so many pages.
    pub fn fail_after(&self, pages: usize) {
        self.lock().pages_left = Some(pages);
    }

    /// Refuses `updated_since`.
    pub fn without_changes(&self) {
        self.lock().without_changes = true;
    }

    /// Answers every page with the same few entries and this cursor; with none, as ever.
    pub fn go_in_circles(&self, cursor: Option<&str>) {
        self.lock().circles = cursor.map(str::to_owned);
    }

    /// Answers with 503 and asks for so many seconds of patience.
    pub fn ask_for_patience(&self, seconds: u32) {
        self.lock().patience = Some(seconds);
    }

    /// Holds back the `number`th page that is asked for, counted from 1.
    pub fn hold_page(&self, number: usize) -> Turn {
        let (tell, reached) = oneshot::channel();
        let (release, released) = oneshot::channel();
        self.lock().hold = Some((number, tell, released));
        Turn { reached: Some(reached), release: Some(release) }
    }

    /// What was asked since the last [`Self::forget`].
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    pub fn forget(&self) {
        self.lock().asked.clear();
    }
}

/// An entry that stands as it is since `at`.
pub fn entry(name: &str, version: &str, at: &str) -> Value {
    json!({
        "server": {
            "$schema": registry_core::server_json::CURRENT_SCHEMA, "name": name, "version": version,
            "description": "Tells the weather",
        },
        "_meta": { OFFICIAL: { "status": "active", "publishedAt": at, "updatedAt": at, "isLatest": true } },
    })
}

async fn list(State(fake): State<Fake>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = query.unwrap_or_default();
    let held = {
        let mut inside = fake.lock();
        inside.asked.push(format!("/v0.1/servers?{query}"));
        inside.pages += 1;
        let pages = inside.pages;
        inside.hold.take_if(|(number, ..)| *number == pages)
    };
    if let Some((_, tell, released)) = held {
        let _ = tell.send(());
        let _ = released.await;
    }
    let (status, body) = page(&mut fake.lock(), &query);
    let patience = fake.lock().patience;
    let (status, patience) = match patience {
        Some(seconds) => (StatusCode::SERVICE_UNAVAILABLE, seconds),
        None => (status, 0),
    };
    Response::builder()
        .status(status)
        .header("retry-after", patience)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("an answer")
}

fn page(inside: &mut Inside, query: &str) -> (StatusCode, Value) {
    let mut parameters: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if inside.pages_left == Some(0) {
        return (StatusCode::INTERNAL_SERVER_ERROR, json!({ "title": "broken" }));
    }
    inside.pages_left = inside.pages_left.map(|left| left.saturating_sub(1));
    let since = parameters.remove("updated_since");
    if since.is_some() && inside.without_changes {
        return (StatusCode::UNPROCESSABLE_ENTITY, json!({ "title": "unknown parameter" }));
    }
    if let Some(cursor) = &inside.circles {
        let servers: Vec<&Value> = inside.entries.values().take(3).collect();
        return (
            StatusCode::OK,
            json!({ "servers": servers, "metadata": { "count": 3, "nextCursor": cursor } }),
        );
    }
    let limit: usize = parameters.get("limit").map_or(30, |limit| limit.parse().expect("a number"));
    let after = parameters.remove("cursor").map(|cursor| {
        let (name, version) = cursor.split_once(':').expect("a cursor of ours");
        (name.to_owned(), version.to_owned())
    });
    let deleted = since.is_some() || parameters.get("include_deleted").is_some_and(|text| text == "true");
    let since = since.map(|since| since.parse::<chrono::DateTime<chrono::Utc>>().expect("a time"));
    let begin = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
    let mut found = inside.entries.range((begin, std::ops::Bound::Unbounded)).filter(|(_, entry)| {
        let official = &entry["_meta"][OFFICIAL];
        let updated: chrono::DateTime<chrono::Utc> =
            official["updatedAt"].as_str().expect("a time").parse().expect("a time");
        (deleted || official["status"] != "deleted") && since.is_none_or(|since| updated > since)
    });
    let some: Vec<_> = found.by_ref().take(limit).collect();
    let mut metadata = json!({ "count": some.len() });
    if let (Some(((name, version), _)), true) = (some.last(), found.next().is_some()) {
        metadata["nextCursor"] = format!("{name}:{version}").into();
    }
    let servers: Vec<&Value> = some.iter().map(|(_, entry)| *entry).collect();
    (StatusCode::OK, json!({ "servers": servers, "metadata": metadata }))
}
