//! Where a described server runs, and how it is spoken to, wherever a document puts that.

mod local;

use serde_json::{Map, Value};
use url::Url;

use super::address::{self, Unusable};
use super::sniff::Shape;

/// How many endpoints of one document are kept.
pub const MAX_ENDPOINTS: usize = 50;

/// The transports a registry lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Streamable HTTP.
    StreamableHttp,
    /// HTTP with server-sent events, of 2024.
    Sse,
}

impl Transport {
    /// The registry's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StreamableHttp => "streamable-http",
            Self::Sse => "sse",
        }
    }
}

/// What a transport's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// Over the web, in a way the registry lists.
    Remote(Transport),
    /// On one's own machine.
    Local,
    /// In a way the registry does not list.
    Other,
    /// Nothing that is known.
    Unclear,
}

impl Spoken {
    /// Reads one of the many spellings.
    pub fn of(name: &str) -> Self {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        match letters.to_ascii_lowercase().as_str() {
            "streamablehttp" | "httpstreamable" | "httpstream" | "http" | "https" | "shttp" => {
                Self::Remote(Transport::StreamableHttp)
            }
            "sse" | "httpsse" => Self::Remote(Transport::Sse),
            "stdio" | "local" | "command" => Self::Local,
            "websocket" | "websockets" | "ws" | "wss" | "grpc" => Self::Other,
            _ => Self::Unclear,
        }
    }
}

/// One place where the server runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// The address, absolute, perhaps with `{variables}`.
    pub url: String,
    /// The variables in it.
    pub variables: Vec<String>,
    /// The same address with made-up words for the variables: for its host, never for a request.
    pub resolved: Url,
    /// What makes it one endpoint, see [`address::key`].
    pub key: String,
    /// How it is spoken to.
    pub transport: Transport,
    /// Whether the transport was guessed.
    pub assumed: bool,
    /// Whether the document wrote `http://`: published only once https is seen to work.
    pub was_http: bool,
    /// Where in the document it stands.
    pub pointer: String,
    /// What stands beside it there: headers, variables, protocol versions.
    pub beside: Option<Map<String, Value>>,
}

impl Endpoint {
    /// Its host.
    pub fn host(&self) -> &str {
        self.resolved.host_str().unwrap_or_default().trim_end_matches('.')
    }
}

/// An endpoint that is not used, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Where in the document it stands.
    pub pointer: String,
    /// Why, for its owner.
    pub reason: String,
    /// Whether it is an address of one's own machine: `localhost`, `127.0.0.1`.
    pub is_own_machine: bool,
}

/// A place that is reached in a way the registry does not list: kept as a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The way, as the document calls it.
    pub transport: String,
    /// The address as written, without credentials.
    pub url: String,
}

/// Every endpoint of a document.
#[derive(Debug, Default, PartialEq)]
pub struct Endpoints {
    /// In the order of belief, one for each distinct endpoint.
    pub found: Vec<Endpoint>,
    /// What is not used.
    pub dropped: Vec<Dropped>,
    /// Places of WebSocket, gRPC and the like.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether the document describes a program for one's own machine.
    pub local: bool,
}

impl Endpoints {
    fn add(&mut self, candidate: Candidate<'_>, document: &Url) {
        let spoken = candidate.transport.map_or(Spoken::Unclear, Spoken::of);
        if spoken == Spoken::Local {
            self.local = true;
            return;
        }
        let pointer = candidate.pointer;
        if spoken == Spoken::Other {
            let name = super::text::clean(candidate.transport.unwrap_or_default(), 40);
            let reason = format!("the transport `{name}` is not one a registry lists");
            if self.elsewhere.len() < MAX_ENDPOINTS {
                let url = super::text::clean(candidate.url, 300);
                self.elsewhere.push(Elsewhere { transport: name, url });
            }
            return self.drop(pointer, reason, false);
        }
        let address = match address::resolve(candidate.url, document) {
            Ok(address) => address,
            // An empty text is an empty form field, not a mistake.
            Err(Unusable::Empty) => return,
            Err(why) => return self.drop(pointer, why.to_string(), why.is_own_machine()),
        };
        let Some(key) = address::key(&address.text) else { return };
        if self.found.iter().any(|known| known.key == key) || self.found.len() == MAX_ENDPOINTS {
            return;
        }
        let guess = if address.url.path().trim_end_matches('/').ends_with("/sse") {
            Transport::Sse
        } else {
            Transport::StreamableHttp
        };
        let (transport, assumed) = match spoken {
            Spoken::Remote(transport) => (transport, false),
            _ => (guess, true),
        };
        self.found.push(Endpoint {
            url: address.text,
            variables: address.variables,
            resolved: address.url,
            key,
            transport,
            assumed,
            was_http: address.was_http,
            pointer,
            beside: candidate.beside.cloned(),
        });
    }

    fn drop(&mut self, pointer: String, reason: String, is_own_machine: bool) {
        self.local |= is_own_machine;
        if self.dropped.len() < MAX_ENDPOINTS {
            self.dropped.push(Dropped { pointer, reason, is_own_machine });
        }
    }
}

/// An address as it stands in the document.
struct Candidate<'a> {
    pointer: String,
    url: &'a str,
    transport: Option<&'a str>,
    beside: Option<&'a Map<String, Value>>,
}

/// Finds the endpoints of a card of this shape.
pub fn extract(card: &Value, shape: Shape, document: &Url) -> Endpoints {
    let mut endpoints = Endpoints::default();
    let mut candidates = Vec::new();
    from_remotes(card, &mut candidates);
    if !matches!(shape, Shape::V1 | Shape::Registry) {
        from_transports(card, &mut candidates);
        from_members(card, &mut candidates);
        endpoints.local |= local::is_local(card);
    }
    for candidate in candidates {
        endpoints.add(candidate, document);
    }
    let website = !matches!(shape, Shape::V1 | Shape::Registry) && endpoints.found.is_empty();
    if let Some(candidate) = from_website(card, document).filter(|_| website) {
        endpoints.add(candidate, document);
    }
    endpoints
}

fn text<'a>(value: &'a Value, members: &[&str]) -> Option<&'a str> {
    members.iter().find_map(|m| value.get(*m).and_then(Value::as_str))
}

/// A string, or an object with an address in it.
fn candidate<'a>(pointer: String, value: &'a Value, named: Option<&'a str>) -> Option<Candidate<'a>> {
    let beside = value.as_object();
    let url = value.as_str().or_else(|| text(value, &["url", "endpoint", "uri"]))?;
    let transport = text(value, &["type", "transport", "transport_type", "transportType"]).or(named);
    Some(Candidate { pointer, url, transport, beside })
}

fn from_remotes<'a>(card: &'a Value, into: &mut Vec<Candidate<'a>>) {
    let remotes = card.get("remotes").and_then(Value::as_array).into_iter().flatten();
    into.extend(
        remotes.enumerate().filter_map(|(at, remote)| candidate(format!("/remotes/{at}"), remote, None)),
    );
}

fn from_transports<'a>(card: &'a Value, into: &mut Vec<Candidate<'a>>) {
    if let Some(transport) = card.get("transport").filter(|t| t.is_object()) {
        into.extend(candidate("/transport".into(), transport, None));
    }
    // The singular is used for lists and maps as well.
    for member in ["transport", "transports"] {
        match card.get(member) {
            Some(Value::Array(transports)) => {
                let addressed =
                    transports.iter().enumerate().filter(|(_, t)| t.as_str().is_none_or(|t| t.contains('/')));
                into.extend(addressed.filter_map(|(at, t)| candidate(format!("/{member}/{at}"), t, None)));
            }
            Some(Value::Object(transports)) => {
                // One transport has other members than addresses; in a map of them every member is one.
                let is_map = member == "transports";
                let named = transports.iter().filter(|(name, t)| {
                    let is_way = Spoken::of(name) != Spoken::Unclear || (is_map && t.is_object());
                    is_way && t.as_str().is_none_or(|t| t.contains('/'))
                });
                into.extend(
                    named.filter_map(|(name, t)| candidate(format!("/{member}/{name}"), t, Some(name))),
                );
            }
            _ => {}
        }
    }
    const ENDPOINTS: [&str; 9] = [
        "streamable_http",
        "streamableHttp",
        "streamable-http",
        "http",
        "mcp",
        "sse",
        "websocket",
        "ws",
        "grpc",
    ];
    for name in ENDPOINTS {
        let endpoint = card.get("endpoints").and_then(|e| e.get(name));
        // `mcp` says what is spoken, not how.
        let named = if name == "mcp" { named_transport(card) } else { Some(name) };
        into.extend(endpoint.and_then(|e| candidate(format!("/endpoints/{name}"), e, named)));
    }
}

fn from_members<'a>(card: &'a Value, into: &mut Vec<Candidate<'a>>) {
    const MEMBERS: [&str; 10] = [
        "endpoint",
        "serverUrl",
        "server_url",
        "mcp_endpoint",
        "mcpEndpoint",
        "mcpUrl",
        "mcp_url",
        "mcp_server",
        "mcp",
        "remoteEndpoint",
    ];
    let named = named_transport(card);
    for member in MEMBERS {
        let value = card.get(member);
        into.extend(value.and_then(|v| candidate(format!("/{member}"), v, named)));
    }
    into.extend(card.get("connection").and_then(|c| candidate("/connection".into(), c, named)));
}

/// The top-level `url`, which is as often the home page.
fn from_website<'a>(card: &'a Value, document: &Url) -> Option<Candidate<'a>> {
    let url = card.get("url")?.as_str()?;
    let named = named_transport(card);
    let spoken_to = named.is_some_and(|name| matches!(Spoken::of(name), Spoken::Remote(_)));
    (spoken_to || looks_like_endpoint(url, document)).then(|| Candidate {
        pointer: "/url".into(),
        url,
        transport: named,
        beside: None,
    })
}

/// Whether an address is an endpoint by its looks: `/mcp`, `/sse`, `/mcp/v1`, `mcp.example.com`.
fn looks_like_endpoint(url: &str, document: &Url) -> bool {
    let Ok(address) = address::resolve(url, document) else { return false };
    let mut words = address.url.path_segments().into_iter().flatten().rev().filter(|s| !s.is_empty());
    let is_version =
        |s: &str| s.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let last = words.find(|s| !is_version(s));
    let host = address.url.host_str().unwrap_or_default();
    last.is_some_and(|s| s == "mcp" || s == "sse") || host.starts_with("mcp.")
}

/// The one transport a document names at its top level for the endpoint that stands elsewhere.
fn named_transport(card: &Value) -> Option<&str> {
    let remote = |name: &&str| matches!(Spoken::of(name), Spoken::Remote(_) | Spoken::Other);
    let one = card.get("transport").and_then(|t| t.as_str().or_else(|| text(t, &["type"])));
    let listed = ["transport", "transports"].iter().filter_map(|m| card.get(*m)?.as_array()).flatten();
    one.filter(remote).or_else(|| listed.filter_map(Value::as_str).find(remote))
}

#[cfg(test)]
mod tests;
