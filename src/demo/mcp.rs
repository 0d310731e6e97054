//! The demo's MCP servers: they say what they are and which tools they have, and do nothing else. What each is like stands in
//! `endpoints.json`: of several eras, some with a sign-in, one that is only a page.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use registry_core::mcp::{LEGACY, MODERN};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where the metadata about a sign-in lies (RFC 9728).
const METADATA: &str = "/.well-known/oauth-protected-resource";

static ENDPOINTS: LazyLock<BTreeMap<String, Endpoint>> =
    LazyLock::new(|| serde_json::from_str(include_str!("endpoints.json")).unwrap_or_default());

#[derive(Deserialize)]
struct Endpoint {
    speaks: Speaks,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    tools: BTreeMap<String, String>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    issuer: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Speaks {
    Modern,
    Legacy,
    Events,
    SignIn,
    Key,
    Page,
}

/// The hosts on which they run.
pub(super) fn hosts() -> impl Iterator<Item = String> {
    ENDPOINTS.keys().filter_map(|place| Some(place.split_once('/')?.0.to_owned()))
}

/// The answer of the server at this place; none where there is no server.
pub(super) fn answer(host: &str, path: &str, method: &Method, body: &[u8]) -> Option<Response> {
    if let Some(resource) = path.strip_prefix(METADATA) {
        return metadata(host, resource);
    }
    let endpoint = ENDPOINTS.get(&format!("{host}{path}"))?;
    let message: Value = serde_json::from_slice(body).unwrap_or_default();
    Some(match endpoint.speaks {
        Speaks::Modern | Speaks::Legacy if method != Method::POST => {
            StatusCode::METHOD_NOT_ALLOWED.into_response()
        }
        Speaks::Modern => modern(endpoint, &message),
        Speaks::Legacy => legacy(endpoint, &message),
        Speaks::Events => events(path),
        Speaks::SignIn => sign_in(endpoint, host, path),
        Speaks::Key => json_with(StatusCode::UNAUTHORIZED, &json!({ "error": "a key is missing" })),
        Speaks::Page => ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><title>Tide tables</title>")
            .into_response(),
    })
}

fn modern(endpoint: &Endpoint, message: &Value) -> Response {
    match message["method"].as_str() {
        Some("server/discover") => reply(
            message,
            &json!({ "supportedVersions": [MODERN], "capabilities": { "tools": {} }, "serverInfo": endpoint.info() }),
        ),
        Some("tools/list") => reply(message, &endpoint.tools()),
        _ => unknown(message, StatusCode::NOT_FOUND),
    }
}

fn legacy(endpoint: &Endpoint, message: &Value) -> Response {
    match message["method"].as_str() {
        Some("initialize") => reply(
            message,
            &json!({ "protocolVersion": LEGACY[0], "capabilities": { "tools": {} }, "serverInfo": endpoint.info() }),
        ),
        Some("notifications/initialized") => StatusCode::ACCEPTED.into_response(),
        Some("tools/list") => reply(message, &endpoint.tools()),
        _ => unknown(message, StatusCode::BAD_REQUEST),
    }
}

impl Endpoint {
    fn info(&self) -> Value {
        json!({ "name": self.name, "version": self.version })
    }

    fn tools(&self) -> Value {
        let tool = |(name, text): (&String, &String)| json!({ "name": name, "description": text, "inputSchema": { "type": "object" } });
        json!({ "tools": self.tools.iter().map(tool).collect::<Vec<_>>() })
    }
}

fn events(path: &str) -> Response {
    let event = format!("event: endpoint\ndata: {path}/messages\n\n");
    ([(header::CONTENT_TYPE, "text/event-stream")], event).into_response()
}

fn sign_in(endpoint: &Endpoint, host: &str, path: &str) -> Response {
    let challenge =
        format!("Bearer resource_metadata=\"https://{host}{METADATA}{path}\", scope=\"{}\"", endpoint.scope);
    let header = (header::WWW_AUTHENTICATE, challenge);
    (StatusCode::UNAUTHORIZED, [header as (HeaderName, String)], "sign in first\n").into_response()
}

/// The metadata of the resource at a path of the host.
fn metadata(host: &str, resource: &str) -> Option<Response> {
    let endpoint =
        ENDPOINTS.get(&format!("{host}{resource}")).filter(|endpoint| endpoint.speaks == Speaks::SignIn)?;
    let metadata = json!({
        "resource": format!("https://{host}{resource}"),
        "authorization_servers": [format!("https://{}", endpoint.issuer)],
        "scopes_supported": [endpoint.scope],
    });
    Some(json_with(StatusCode::OK, &metadata))
}

fn reply(message: &Value, result: &Value) -> Response {
    json_with(StatusCode::OK, &json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
}

fn unknown(message: &Value, status: StatusCode) -> Response {
    let error = json!({ "code": -32601, "message": "there is no such method" });
    json_with(status, &json!({ "jsonrpc": "2.0", "id": message["id"], "error": error }))
}

fn json_with(status: StatusCode, value: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], value.to_string()).into_response()
}
