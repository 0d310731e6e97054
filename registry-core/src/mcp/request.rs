//! What is asked of a server, as method, headers and bytes. No `Origin`, no cookies, no `Authorization`, and never a tool call.

use serde_json::{Value, json};

use super::{Era, LEGACY, MODERN};

/// What one may ask first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opening {
    /// `server/discover`.
    Discover,
    /// `initialize`.
    Initialize,
    /// A stream of server-sent events.
    Listen,
}

impl Opening {
    /// The question it is.
    pub fn question(self) -> Question {
        match self {
            Self::Discover => Question::Discover(MODERN.to_owned()),
            Self::Initialize => Question::Initialize(LEGACY[0].to_owned()),
            Self::Listen => Question::Listen,
        }
    }
}

/// A question that tells whether a server lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `server/discover` in this version (10.1).
    Discover(String),
    /// `initialize` with this version (10.2).
    Initialize(String),
    /// `GET` for a stream of server-sent events (10.3).
    Listen,
}

/// What a server must be told with everything that follows its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The version that both speak.
    pub version: String,
    /// The `Mcp-Session-Id` it gave, if it did.
    pub id: Option<String>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `GET` or `DELETE`.
    pub method: &'static str,
    /// The headers beside those that HTTP itself needs.
    pub headers: Vec<(&'static str, String)>,
    /// The message; none where there is none.
    pub body: Option<Vec<u8>>,
    /// The id that its answer carries; none where none is expected.
    pub id: Option<Value>,
}

const JSON: &str = "application/json";
const BOTH: &str = "application/json, text/event-stream";

/// The longest session id that is sent back.
const MAX_SESSION: usize = 1024;

impl Question {
    /// The opening it is a form of.
    pub fn opening(&self) -> Opening {
        match self {
            Self::Discover(_) => Opening::Discover,
            Self::Initialize(_) => Opening::Initialize,
            Self::Listen => Opening::Listen,
        }
    }

    /// The question that speaks this version.
    pub fn speaking(version: &str) -> Self {
        match Era::of(version) {
            Era::Modern => Self::Discover(version.to_owned()),
            Era::Legacy | Era::HttpSse => Self::Initialize(version.to_owned()),
        }
    }

    /// The request.
    pub fn request(&self) -> Request {
        match self {
            Self::Discover(version) => modern("server/discover", "discover-1", version),
            Self::Initialize(version) => initialize(version),
            Self::Listen => Request {
                method: "GET",
                headers: vec![("accept", "text/event-stream".to_owned())],
                body: None,
                id: None,
            },
        }
    }
}

impl Session {
    /// A session of this version; an id that cannot be sent back is none.
    pub fn new(version: &str, id: Option<&str>) -> Self {
        let can_be_sent = |id: &&str| {
            !id.is_empty() && id.len() <= MAX_SESSION && id.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
        };
        Self { version: version.to_owned(), id: id.filter(can_be_sent).map(str::to_owned) }
    }

    /// Asks for the tools.
    pub fn tools(&self) -> Request {
        if Era::of(&self.version) == Era::Modern {
            return modern("tools/list", "tools-1", &self.version);
        }
        let id = json!(2);
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/list", "params": {} });
        post(self.headers(), &message, Some(id))
    }

    /// Says that the client is ready, which a legacy server waits for; none in the modern era.
    pub fn initialized(&self) -> Option<Request> {
        let message = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        (Era::of(&self.version) != Era::Modern).then(|| post(self.headers(), &message, None))
    }

    /// Ends the session; none where there is none.
    pub fn close(&self) -> Option<Request> {
        self.id.as_ref()?;
        Some(Request { method: "DELETE", headers: self.headers(), body: None, id: None })
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("mcp-protocol-version", self.version.clone())];
        headers.extend(self.id.clone().map(|id| ("mcp-session-id", id)));
        headers
    }
}

fn modern(method: &str, id: &str, version: &str) -> Request {
    let id = json!(id);
    let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": { "_meta": {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": client(),
        "io.modelcontextprotocol/clientCapabilities": {},
    } } });
    let headers = vec![("mcp-protocol-version", version.to_owned()), ("mcp-method", method.to_owned())];
    post(headers, &message, Some(id))
}

fn initialize(version: &str) -> Request {
    let id = json!(1);
    let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client() });
    let message = json!({ "jsonrpc": "2.0", "id": id, "method": "initialize", "params": params });
    post(Vec::new(), &message, Some(id))
}

fn post(mut headers: Vec<(&'static str, String)>, message: &Value, id: Option<Value>) -> Request {
    headers.extend([("content-type", JSON.to_owned()), ("accept", BOTH.to_owned())]);
    Request { method: "POST", headers, body: Some(message.to_string().into_bytes()), id }
}

fn client() -> Value {
    json!({ "name": "cardinal", "version": env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(request: &Request) -> Value {
        serde_json::from_slice(request.body.as_deref().expect("a body")).expect("JSON")
    }

    fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
        request.headers.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn header_and_message_name_the_same_version() {
        let request = Opening::Discover.question().request();
        let meta = &body(&request)["params"]["_meta"];
        assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], MODERN);
        assert_eq!(header(&request, "mcp-protocol-version"), Some(MODERN));
        assert_eq!(header(&request, "mcp-method"), Some("server/discover"));
        assert_eq!(Question::speaking("2025-06-18"), Question::Initialize("2025-06-18".into()));
    }

    #[test]
    fn no_question_carries_credentials_or_an_origin() {
        let session = Session::new(LEGACY[0], Some("abc"));
        let mut requests = [Opening::Discover, Opening::Initialize, Opening::Listen]
            .map(|opening| opening.question().request())
            .to_vec();
        requests.extend([
            session.tools(),
            session.initialized().expect("legacy"),
            session.close().expect("a session"),
        ]);
        for request in requests {
            for forbidden in ["origin", "cookie", "authorization"] {
                assert_eq!(header(&request, forbidden), None);
            }
            let method = request.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
            assert!(!method.unwrap_or_default().contains("tools/call"));
        }
    }

    #[test]
    fn what_follows_carries_session_and_version() {
        let legacy = Session::new("2025-06-18", Some("s-1"));
        assert_eq!(header(&legacy.tools(), "mcp-session-id"), Some("s-1"));
        assert_eq!(header(&legacy.tools(), "mcp-protocol-version"), Some("2025-06-18"));
        assert_eq!(legacy.close().expect("a session").method, "DELETE");
        let modern = Session::new(MODERN, None);
        assert_eq!((modern.initialized(), modern.close()), (None, None));
        assert_eq!(header(&modern.tools(), "mcp-method"), Some("tools/list"));
        for odd in ["", "two words", "a\r\nb", "ü"] {
            assert_eq!(Session::new(MODERN, Some(odd)).id, None, "{odd}");
        }
    }
}
