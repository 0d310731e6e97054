//! What came back, read by its shape: the media type is a hint, the body decides (discovery 10.1).

use http::HeaderMap;
use serde_json::{Map, Value};

use super::challenge::{self, Challenge};
use crate::card::text;

/// An answer as far as judging needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What the body is.
    pub content: Content,
    /// What `WWW-Authenticate` asks for.
    pub challenges: Vec<Challenge>,
    /// The `Mcp-Session-Id` given.
    pub session: Option<String>,
    /// The methods that `Allow` names, in upper case.
    pub allow: Vec<String>,
    /// Whether something before the server wants to see a browser.
    pub is_challenge_page: bool,
}

/// What a body is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A JSON-RPC response to what was asked.
    Reply(Reply),
    /// Other JSON.
    Json(Value),
    /// A page for people.
    Html,
    /// Anything else.
    Other,
    /// A stream of events that had no answer in it.
    Stream,
    /// A stream of events whose first one is this.
    Event {
        /// What it is called.
        name: String,
        /// What it says.
        data: String,
    },
}

/// A JSON-RPC response.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It worked.
    Result(Map<String, Value>),
    /// It did not.
    Error(Failure),
}

/// Why it did not work.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The number.
    pub code: i64,
    /// The sentence, on one line.
    pub message: String,
    /// What else it says.
    pub data: Value,
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is called; `message` when it does not say.
    pub name: String,
    /// What it says.
    pub data: String,
}

/// Which event of a stream one waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The response with this id.
    ReplyTo(Value),
    /// The first there is.
    First,
}

impl Wanted {
    /// Whether this is the one.
    pub fn is(&self, event: &Event) -> bool {
        match self {
            Self::First => true,
            Self::ReplyTo(id) => event.name == "message" && reply(event.data.as_bytes(), Some(id)).is_some(),
        }
    }
}

impl Answer {
    /// Reads an answer to a message with this id: its body, or the event of its stream that was waited for.
    pub fn read(
        status: u16,
        headers: &HeaderMap,
        body: &[u8],
        event: Option<&Event>,
        id: Option<&Value>,
    ) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let media_type = text("content-type").map(media_type).unwrap_or_default();
        let content = match event {
            Some(event) => match id.and_then(|id| reply(event.data.as_bytes(), Some(id))) {
                Some(reply) => Content::Reply(reply),
                None => Content::Event { name: event.name.clone(), data: event.data.clone() },
            },
            None if is_stream(status, headers) => Content::Stream,
            None => content(&media_type, body, id),
        };
        let challenges = headers.get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
        let allow =
            text("allow").unwrap_or_default().split(',').map(|method| method.trim().to_ascii_uppercase());
        Self {
            status,
            content,
            challenges: challenge::read(challenges),
            session: text("mcp-session-id").map(str::to_owned),
            allow: allow.filter(|method| !method.is_empty()).take(20).collect(),
            is_challenge_page: text("cf-mitigated")
                .is_some_and(|value| value.eq_ignore_ascii_case("challenge")),
        }
    }

    /// The response, if it is one.
    pub fn reply(&self) -> Option<&Reply> {
        match &self.content {
            Content::Reply(reply) => Some(reply),
            _ => None,
        }
    }

    /// What the body is, for a sentence.
    pub fn body_word(&self) -> &'static str {
        match self.content {
            Content::Empty => "nothing",
            Content::Reply(_) => "a JSON-RPC message",
            Content::Json(_) => "JSON that is no JSON-RPC",
            Content::Html => "a web page",
            Content::Other => "something that is no JSON-RPC",
            Content::Stream | Content::Event { .. } => "a stream of events",
        }
    }
}

/// Whether an answer is a stream of server-sent events, to be read as it comes.
pub fn is_stream(status: u16, headers: &HeaderMap) -> bool {
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok()).map(media_type);
    (200..300).contains(&status) && media_type.as_deref() == Some("text/event-stream")
}

fn media_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn content(media_type: &str, body: &[u8], id: Option<&Value>) -> Content {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if body.is_empty() {
        return Content::Empty;
    }
    if let Some(reply) = reply(body, id) {
        return Content::Reply(reply);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body)
        && (value.is_object() || value.is_array())
    {
        return Content::Json(value);
    }
    let begins_as_page = body.first() == Some(&b'<');
    if media_type == "text/html" || begins_as_page { Content::Html } else { Content::Other }
}

/// The JSON-RPC response in a message or a batch of them; without an id, any response.
fn reply(body: &[u8], id: Option<&Value>) -> Option<Reply> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(message) => reply_of(message, id),
        Value::Array(batch) => batch.into_iter().find_map(|message| match message {
            Value::Object(message) => reply_of(message, id),
            _ => None,
        }),
        _ => None,
    }
}

fn reply_of(mut message: Map<String, Value>, id: Option<&Value>) -> Option<Reply> {
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return None;
    }
    let answers = message.get("id").filter(|id| !id.is_null());
    let is_ours = id.is_none_or(|id| answers.is_some_and(|other| same_id(id, other)));
    if let Some(Value::Object(error)) = message.get("error") {
        // A server that could not read the request does not know its id.
        return (is_ours || answers.is_none()).then(|| Reply::Error(failure(error)));
    }
    match message.remove("result") {
        Some(Value::Object(result)) if is_ours => Some(Reply::Result(result)),
        _ => None,
    }
}

/// Some servers turn a number into a text.
fn same_id(a: &Value, b: &Value) -> bool {
    let text = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    a == b || text(a) == text(b)
}

fn failure(error: &Map<String, Value>) -> Failure {
    let code = error.get("code");
    let code = code.and_then(|code| code.as_i64().or_else(|| code.as_str()?.trim().parse().ok()));
    Failure {
        code: code.unwrap_or_default(),
        message: text::clean(error.get("message").and_then(Value::as_str).unwrap_or_default(), 200),
        data: error.get("data").cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(media_type: &str, body: &str) -> Content {
        let headers =
            HeaderMap::from_iter([(http::header::CONTENT_TYPE, media_type.parse().expect("a value"))]);
        Answer::read(200, &headers, body.as_bytes(), None, Some(&json!(1))).content
    }

    #[test]
    fn the_body_decides_and_not_the_media_type() {
        let result = |content| matches!(content, Content::Reply(Reply::Result(_)));
        assert!(result(read("text/html", r#"{"jsonrpc":"2.0","id":1,"result":{}}"#)));
        assert!(result(read("application/json", "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}")));
        assert!(result(read(
            "application/json",
            r#"[{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0","id":1,"result":{}}]"#
        )));
        assert_eq!(read("application/json", "<!doctype html>"), Content::Html);
        assert_eq!(read("application/json", "  "), Content::Empty);
        assert_eq!(read("text/plain", "hello"), Content::Other);
        assert_eq!(read("text/event-stream", ""), Content::Stream);
    }

    #[test]
    fn only_an_answer_to_this_question_is_one() {
        for none in [
            r#"{"id":1,"result":{}}"#,
            r#"{"jsonrpc":"1.0","id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":2,"result":{}}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":"ok"}"#,
            r#"{"jsonrpc":"2.0","id":2,"error":{"code":-32600}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#,
        ] {
            assert!(matches!(read("application/json", none), Content::Json(_)), "{none}");
        }
    }

    #[test]
    fn an_error_without_an_id_is_an_answer() {
        for body in [
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"a\nb"}}"#,
            r#"{"jsonrpc":"2.0","error":{"code":"-32600","message":"a b"}}"#,
        ] {
            let Content::Reply(Reply::Error(failure)) = read("application/json", body) else {
                panic!("{body}")
            };
            assert_eq!((failure.code, failure.message.as_str()), (-32600, "a b"));
        }
    }

    #[test]
    fn of_a_stream_the_event_with_our_id_is_waited_for() {
        let wanted = Wanted::ReplyTo(json!("discover-1"));
        let event = |name: &str, data: &str| Event { name: name.into(), data: data.into() };
        assert!(!wanted.is(&event("message", r#"{"jsonrpc":"2.0","method":"notifications/message"}"#)));
        assert!(!wanted.is(&event("endpoint", r#"{"jsonrpc":"2.0","id":"discover-1","result":{}}"#)));
        assert!(wanted.is(&event("message", r#"{"jsonrpc":"2.0","id":"discover-1","result":{}}"#)));
        assert!(Wanted::First.is(&event("endpoint", "/messages")));
    }

    #[test]
    fn headers_are_read() {
        let mut headers = HeaderMap::new();
        headers.insert("mcp-session-id", "s".parse().expect("a value"));
        headers.insert("allow", "get, HEAD".parse().expect("a value"));
        headers.insert("cf-mitigated", "challenge".parse().expect("a value"));
        headers.append("www-authenticate", "Bearer".parse().expect("a value"));
        headers.append("www-authenticate", "Basic realm=\"x\"".parse().expect("a value"));
        let answer = Answer::read(405, &headers, b"", None, None);
        assert_eq!(answer.allow, ["GET", "HEAD"]);
        assert_eq!((answer.session.as_deref(), answer.is_challenge_page), (Some("s"), true));
        assert_eq!(answer.challenges.len(), 2);
    }
}
