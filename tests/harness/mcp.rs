//! MCP servers as they are found: of every era, with and without sign-in, and what only looks like one.

use serde_json::{Value, json};

use super::host::{Document, Hosts, Request};

/// The id of the session that a legacy server opens.
const SESSION: &str = "session-1";

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `server/discover`, no session; older messages are not understood.
    Modern,
    /// The same, with its answers as server-sent events.
    ModernInEvents,
    /// Wants another version than the newest, and says which it speaks.
    OtherVersion,
    /// `initialize` with a session, in this version; what comes first must be that.
    Legacy(&'static str),
    /// `GET` opens a stream whose first event names where messages go.
    HttpSse,
    /// 401 with a challenge that leads to metadata.
    Auth,
    /// 401 with no word of how.
    Bare401,
    /// 402 with a price.
    Paid,
    /// A page for people.
    Html,
    /// JSON-RPC, but not MCP.
    OtherRpc,
    /// Nothing there.
    NotFound,
    /// 429 with `Retry-After`.
    Busy,
    /// 503.
    Overloaded,
    /// Begins a stream and never answers.
    Endless,
    /// Redirects into a private network.
    ToPrivate,
}

/// A server on `domain` at `/mcp` with these tools, each a name and a description.
pub fn serve(hosts: &Hosts, domain: &str, kind: Kind, tools: &[(&str, &str)]) {
    let tools: Value = tools
        .iter()
        .map(|(name, text)| json!({ "name": name, "description": text, "inputSchema": { "type": "object" } }))
        .collect();
    let home = domain.to_owned();
    match kind {
        Kind::HttpSse => hosts.events(domain, "/mcp", "event: endpoint\ndata: /messages?session=1\n\n"),
        Kind::Endless => hosts.events(domain, "/mcp", ": nothing yet\n\n"),
        _ => hosts.respond(domain, "/mcp", move |request| answer(kind, &home, &tools, request)),
    }
    if kind == Kind::Auth {
        let metadata = json!({
            "resource": format!("https://{domain}/mcp"),
            "authorization_servers": [format!("https://login.{domain}")],
            "scopes_supported": ["tides:read"],
        });
        hosts.serve(domain, "/.well-known/oauth-protected-resource/mcp", Document::json(&metadata));
    }
}

fn answer(kind: Kind, domain: &str, tools: &Value, request: &Request) -> Document {
    let message: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match kind {
        Kind::Modern => modern(&message, tools),
        Kind::ModernInEvents => in_events(&modern(&message, tools)),
        Kind::OtherVersion => other_version(&message, tools),
        Kind::Legacy(version) => legacy(version, request, &message, tools),
        Kind::Auth => challenge(domain),
        Kind::Bare401 => Document::text("no").with_status(401),
        Kind::Paid => {
            Document::json(&json!({ "x402Version": 1, "accepts": [{ "scheme": "exact" }] })).with_status(402)
        }
        Kind::Html => Document::new("text/html", "<!doctype html><title>Hello</title>"),
        Kind::OtherRpc => error(&message, 200, -32601, "no such method"),
        Kind::NotFound | Kind::HttpSse | Kind::Endless => Document::text("not found").with_status(404),
        Kind::Busy => Document::text("later").with_status(429).with_header("retry-after", "7200"),
        Kind::Overloaded => Document::text("later").with_status(503),
        Kind::ToPrivate => Document::status(307).with_header("location", "https://10.0.0.1/mcp"),
    }
}

fn modern(message: &Value, tools: &Value) -> Document {
    let result = match message["method"].as_str() {
        Some("server/discover") => json!({
            "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} },
            "serverInfo": { "name": "tides", "title": "Tides", "version": "2.0.0" },
        }),
        Some("tools/list") => json!({ "tools": tools }),
        _ => return error(message, 404, -32601, "no such method"),
    };
    reply(message, &result)
}

fn in_events(document: &Document) -> Document {
    let body = String::from_utf8_lossy(&document.body);
    Document::new("text/event-stream", format!(": hello\n\nevent: message\ndata: {body}\n\n"))
        .with_status(document.status)
}

fn other_version(message: &Value, tools: &Value) -> Document {
    let asked = &message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"];
    let is_initialize = message["method"] == "initialize";
    if is_initialize || message["method"] == "notifications/initialized" || message["method"] == "tools/list"
    {
        return sessionless("2025-06-18", message, tools);
    }
    let data = json!({ "supported": ["2025-06-18", "2025-03-26"], "requested": asked });
    let failure = json!({ "code": -32022, "message": "unsupported protocol version", "data": data });
    Document::json(&json!({ "jsonrpc": "2.0", "id": message["id"], "error": failure })).with_status(400)
}

fn sessionless(version: &str, message: &Value, tools: &Value) -> Document {
    match message["method"].as_str() {
        Some("initialize") => reply(message, &initialized(version)),
        Some("notifications/initialized") => Document::status(202),
        _ => reply(message, &json!({ "tools": tools })),
    }
}

fn legacy(version: &str, request: &Request, message: &Value, tools: &Value) -> Document {
    if message["method"] == "initialize" {
        return reply(message, &initialized(version)).with_header("mcp-session-id", SESSION);
    }
    if request.header("mcp-session-id") != Some(SESSION) {
        return error(message, 400, -32000, "Bad Request: no valid session id");
    }
    match (request.method.as_str(), message["method"].as_str()) {
        ("DELETE", _) => Document::status(204),
        (_, Some("notifications/initialized")) => Document::status(202),
        (_, Some("tools/list")) => reply(message, &json!({ "tools": tools })),
        _ => error(message, 200, -32601, "no such method"),
    }
}

fn initialized(version: &str) -> Value {
    json!({ "protocolVersion": version, "capabilities": { "tools": {} }, "serverInfo": { "name": "tides", "version": "1.0.0" } })
}

fn challenge(domain: &str) -> Document {
    let place = format!("https://{domain}/.well-known/oauth-protected-resource/mcp");
    let challenge =
        format!("Bearer realm=\"tides, and more\", resource_metadata=\"{place}\", scope=\"tides:read\"");
    Document::json(&json!({ "error": "unauthorized" }))
        .with_status(401)
        .with_header("www-authenticate", &challenge)
}

fn reply(message: &Value, result: &Value) -> Document {
    Document::json(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
}

fn error(message: &Value, status: u16, code: i64, text: &str) -> Document {
    let failure = json!({ "code": code, "message": text });
    Document::json(&json!({ "jsonrpc": "2.0", "id": message["id"], "error": failure })).with_status(status)
}
