//! What one answer means (the tables of discovery 10.1–10.3): what is known after it, and what may be asked next.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::answer::{Answer, Content, Failure, Reply};
use super::metadata::Metadata;
use super::request::{Opening, Question, Session};
use super::{Era, HTTP_SSE, LEGACY, versions, words};

/// What was found of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// It speaks MCP.
    Alive,
    /// It asks to sign in.
    AliveAuth,
    /// It asks for payment.
    AlivePaid,
    /// Nobody is there.
    Unreachable,
    /// Somebody is there who does not speak MCP.
    NotMcp,
    /// It would not be asked.
    Blocked,
    /// It was not asked.
    Unprobed,
    /// Nobody can tell: what was known stays.
    Inconclusive,
}

impl Finding {
    /// Whether the server lives.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Alive | Self::AliveAuth | Self::AlivePaid)
    }
}

/// What is known after a visit to an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The finding.
    pub finding: Finding,
    /// Why, for people; the same fact is always the same sentence.
    pub reason: Option<String>,
    /// What a living server says of itself.
    pub live: Option<Live>,
    /// What must be told with everything that follows.
    pub session: Option<Session>,
    /// A way to ask that might find more and was left to the next visit.
    pub untried: Option<Opening>,
}

/// What a living server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Live {
    /// The era it speaks in; none where it did not say.
    pub era: Option<Era>,
    /// The versions it speaks, newest first.
    pub protocol_versions: Vec<String>,
    /// What it calls itself.
    pub server: ServerInfo,
    /// The names of its capabilities, sorted.
    pub capabilities: Vec<String>,
    /// How one signs in, where it asks for that.
    pub auth: Option<Auth>,
}

/// What a server calls itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServerInfo {
    /// Its name among programs.
    pub name: Option<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// The version that runs.
    pub version: Option<String>,
    /// What it does.
    pub description: Option<String>,
}

/// How one signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Auth {
    /// The schemes it asks for, in lower case.
    pub schemes: Vec<String>,
    /// The scopes that are needed or offered.
    pub scopes: Vec<String>,
    /// The hosts of its authorization servers.
    pub authorization_servers: Vec<String>,
    /// Where the metadata lies that says so.
    pub metadata_url: Option<String>,
    /// Whether that metadata names the endpoint itself, not only its origin.
    pub names_endpoint: Option<bool>,
    /// Whether clients may name themselves by an address, where it says.
    pub client_id_metadata_document_supported: Option<bool>,
}

/// What one answer means.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What is known if nothing more is asked.
    pub verdict: Verdict,
    /// What to ask next, if anything.
    pub then: Option<Question>,
}

impl Verdict {
    /// A finding with its reason.
    pub fn new(finding: Finding, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::of(finding) }
    }

    /// A finding that needs no words.
    pub fn of(finding: Finding) -> Self {
        Self { finding, reason: None, live: None, session: None, untried: None }
    }

    fn alive(live: Live) -> Self {
        Self { live: Some(live), ..Self::of(Finding::Alive) }
    }

    fn then(self, question: Question) -> Judged {
        Judged { verdict: self, then: Some(question) }
    }

    fn end(self) -> Judged {
        Judged { verdict: self, then: None }
    }

    /// Whether the sign-in that is asked for deserves a look at the metadata about it.
    pub fn wants_metadata(&self) -> bool {
        self.finding == Finding::AliveAuth
    }

    /// Adds what the metadata at an address says, which makes a bare refusal a sure sign.
    pub fn with_metadata(&mut self, url: &Url, metadata: Metadata) {
        let auth = self.live.get_or_insert_default().auth.get_or_insert_default();
        auth.metadata_url = Some(url.to_string());
        auth.names_endpoint = Some(metadata.is_exact);
        auth.client_id_metadata_document_supported = metadata.client_id_metadata_document_supported;
        auth.authorization_servers = metadata.authorization_servers;
        if auth.scopes.is_empty() {
            auth.scopes = metadata.scopes;
        }
        self.reason = Some(ASKS_FOR_TOKEN.to_owned());
    }
}

const ASKS_FOR_TOKEN: &str = "it asks for an access token";
const JSON_RPC_ONLY: &str = "it speaks JSON-RPC; which version of MCP could not be found out";

/// Judges an answer to a question that was asked at `url`.
pub fn judge(question: &Question, answer: &Answer, url: &Url) -> Judged {
    if let Some(verdict) = by_status(answer) {
        return verdict.end();
    }
    match question {
        Question::Discover(version) => discover(version, answer),
        Question::Initialize(version) => initialize(version, answer),
        Question::Listen => listen(answer, url),
    }
}

/// What the status alone says, whatever was asked.
fn by_status(answer: &Answer) -> Option<Verdict> {
    let is_rpc = answer.reply().is_some();
    match answer.status {
        // What stands before a server and wants to see a browser says nothing of the server.
        _ if answer.is_challenge_page => {
            Some(Verdict::new(Finding::Blocked, "something in front of it wants to see a browser"))
        }
        401 => Some(asks_to_sign_in(answer)),
        402 => Some(asks_for_payment(answer)),
        403 if is_rpc || is_scope_missing(answer) => Some(asks_to_sign_in(answer)),
        status @ (403 | 407 | 429 | 451) => Some(Verdict::new(
            Finding::Blocked,
            format!("it answers {status}; nobody can tell more from here"),
        )),
        _ if is_rpc => None,
        503 => Some(Verdict::new(Finding::Inconclusive, "it answers 503; it is asked again later")),
        status @ (502 | 504 | 520..=530) => {
            Some(Verdict::new(Finding::Unreachable, format!("what stands in front of it answers {status}")))
        }
        _ => None,
    }
}

/// A 401: sure where it says how, or speaks JSON-RPC; weak where it says nothing (10.5).
fn asks_to_sign_in(answer: &Answer) -> Verdict {
    let mut auth = Auth::default();
    for challenge in &answer.challenges {
        if !auth.schemes.contains(&challenge.scheme) {
            auth.schemes.push(challenge.scheme.clone());
        }
        for scope in challenge.scopes.iter().filter(|_| challenge.is_token()) {
            if !auth.scopes.contains(scope) {
                auth.scopes.push(scope.clone());
            }
        }
    }
    let reason = match answer.challenges.iter().any(super::challenge::Challenge::is_token) {
        true => ASKS_FOR_TOKEN,
        false if answer.reply().is_some() => "it asks to sign in",
        false => "it asks to sign in and does not say how; that is a weak sign of life",
    };
    let live = Live { auth: Some(auth), ..Live::default() };
    Verdict { live: Some(live), ..Verdict::new(Finding::AliveAuth, reason) }
}

fn is_scope_missing(answer: &Answer) -> bool {
    let missing = "insufficient_scope";
    let in_body = match &answer.content {
        Content::Json(body) => body.get("error").and_then(Value::as_str) == Some(missing),
        _ => false,
    };
    in_body || answer.challenges.iter().any(|challenge| challenge.error.as_deref() == Some(missing))
}

fn asks_for_payment(answer: &Answer) -> Verdict {
    let names_price = match &answer.content {
        Content::Json(body) => {
            body.get("x402Version").is_some() || body.get("accepts").is_some_and(Value::is_array)
        }
        Content::Reply(_) => true,
        _ => false,
    };
    match names_price {
        true => Verdict::new(Finding::AlivePaid, "it asks for payment before it answers"),
        false => Verdict::new(Finding::Inconclusive, "it answers 402 and names no price"),
    }
}

fn discover(version: &str, answer: &Answer) -> Judged {
    let first_legacy = || Question::Initialize(LEGACY[0].to_owned());
    let unknown = || Verdict::new(Finding::Alive, JSON_RPC_ONLY);
    match answer.reply() {
        Some(Reply::Result(result)) if is_discovery(result) => {
            let live = discovered(version, result);
            let session = Some(Session::new(version, None));
            Verdict { session, ..Verdict::alive(live) }.end()
        }
        Some(Reply::Result(_)) => unknown().then(first_legacy()),
        Some(Reply::Error(failure)) => match (failure.code, answer.status) {
            (-32022 | -32004, _) if !supported(failure).is_empty() => other_version(version, failure),
            (-32022, _) | (-32020 | -32021, _) | (-32001 | -32003, 400) => {
                let live = Live { era: Some(Era::Modern), ..Live::default() };
                Verdict {
                    live: Some(live),
                    ..Verdict::new(Finding::Alive, "it does not take the request as it is")
                }
                .end()
            }
            // A server of the modern transport that lacks the method answers so with this status.
            (-32601, 404) => {
                let live = Live { era: Some(Era::Modern), ..Live::default() };
                Verdict { live: Some(live), ..unknown() }.then(first_legacy())
            }
            // Any JSON-RPC server answers so to a method it lacks; by itself that is no sign of MCP.
            (-32601, _) => Verdict { finding: Finding::NotMcp, ..unknown() }.then(first_legacy()),
            _ => unknown().then(first_legacy()),
        },
        // What takes no POST now takes none for another message.
        None if answer.status == 405 && !takes_post(answer) => refused(answer, Question::Listen),
        None => refused(answer, first_legacy()),
    }
}

fn is_discovery(result: &Map<String, Value>) -> bool {
    ["supportedVersions", "capabilities", "resultType", "serverInfo"]
        .iter()
        .any(|member| result.contains_key(*member))
}

fn discovered(version: &str, result: &Map<String, Value>) -> Live {
    let mut protocol_versions = versions(result.get("supportedVersions"));
    if protocol_versions.is_empty() {
        protocol_versions.push(version.to_owned());
    }
    let of_meta = result.get("_meta").and_then(|meta| meta.get("io.modelcontextprotocol/serverInfo"));
    let server = of_meta.or_else(|| result.get("serverInfo"));
    Live {
        era: Some(Era::Modern),
        protocol_versions,
        server: server.map(ServerInfo::read).unwrap_or_default(),
        capabilities: capabilities(result),
        auth: None,
    }
}

/// The server lives and wants another version: it is asked once more, in the newest it names.
fn other_version(asked: &str, failure: &Failure) -> Judged {
    let supported = supported(failure);
    let era = supported.first().map(|newest| Era::of(newest));
    let next = supported.iter().find(|version| *version != asked && **version != HTTP_SSE).cloned();
    let live = Live { era, protocol_versions: supported, ..Live::default() };
    let verdict =
        Verdict { live: Some(live), ..Verdict::new(Finding::Alive, "it wants another version of MCP") };
    match next {
        Some(version) => verdict.then(Question::speaking(&version)),
        None => verdict.end(),
    }
}

fn supported(failure: &Failure) -> Vec<String> {
    versions(failure.data.get("supported").or_else(|| failure.data.get("supportedVersions")))
}

fn initialize(asked: &str, answer: &Answer) -> Judged {
    match answer.reply() {
        Some(Reply::Result(result)) => match result.get("protocolVersion").and_then(Value::as_str) {
            Some(version) if super::is_version(version) => initialized(version, answer, result).end(),
            _ => Verdict::new(Finding::NotMcp, "its answer to `initialize` names no protocol version").end(),
        },
        Some(Reply::Error(failure)) => match failure.code {
            -32602 | -32022 | -32004 if !supported(failure).is_empty() => other_version(asked, failure),
            -32601 => {
                let reason = "it speaks JSON-RPC, and knows neither `server/discover` nor `initialize`";
                Verdict::new(Finding::NotMcp, reason).end()
            }
            _ => Verdict::new(Finding::Alive, JSON_RPC_ONLY).end(),
        },
        None => refused(answer, Question::Listen),
    }
}

fn initialized(version: &str, answer: &Answer, result: &Map<String, Value>) -> Verdict {
    let live = Live {
        era: Some(Era::Legacy),
        protocol_versions: vec![version.to_owned()],
        server: result.get("serverInfo").map(ServerInfo::read).unwrap_or_default(),
        capabilities: capabilities(result),
        auth: None,
    };
    let session = Session::new(version, answer.session.as_deref());
    Verdict { session: Some(session), ..Verdict::alive(live) }
}

fn listen(answer: &Answer, url: &Url) -> Judged {
    let speak = || Question::Initialize(LEGACY[0].to_owned());
    match &answer.content {
        Content::Event { name, data } if name == "endpoint" => {
            let target = url.join(data.trim()).ok();
            match target.is_some_and(|target| target.origin() == url.origin()) {
                true => {
                    let protocol_versions = vec![HTTP_SSE.to_owned()];
                    Verdict::alive(Live { era: Some(Era::HttpSse), protocol_versions, ..Live::default() })
                        .end()
                }
                false => {
                    let reason =
                        "its stream sends messages to another origin; let the `endpoint` event name its own";
                    Verdict::new(Finding::NotMcp, reason).end()
                }
            }
        }
        Content::Stream | Content::Event { .. } => {
            Verdict::new(Finding::NotMcp, "its stream does not begin with an `endpoint` event").then(speak())
        }
        // A streamable server has nothing to stream before one speaks to it, and says so in JSON-RPC.
        Content::Reply(_) => Verdict::new(Finding::Alive, JSON_RPC_ONLY).then(speak()),
        _ => refused(answer, speak()),
    }
}

/// An answer without JSON-RPC: perhaps the wrong way to ask.
fn refused(answer: &Answer, next: Question) -> Judged {
    let status = answer.status;
    let reason = format!("it answers {status} with {}", answer.body_word());
    let not_mcp = Verdict::new(Finding::NotMcp, reason.clone());
    match status {
        300..=399 => {
            Verdict::new(Finding::NotMcp, format!("it answers {status} instead of taking the message")).end()
        }
        410 => Verdict::new(Finding::NotMcp, "it says that it is gone for good").end(),
        408 | 425 | 500.. => Verdict::new(Finding::Unreachable, format!("it answers {status}")).then(next),
        _ if answer.content == Content::Stream => {
            Verdict::new(Finding::Unreachable, "it begins a stream and sends no answer in time").then(next)
        }
        406 | 415 | 422 if next == Question::Listen => not_mcp.end(),
        200..=299 if next == Question::Listen => not_mcp.end(),
        _ => not_mcp.then(next),
    }
}

/// Whether `Allow` says that a POST is welcome after all.
fn takes_post(answer: &Answer) -> bool {
    answer.allow.iter().any(|method| method == "POST")
}

fn capabilities(result: &Map<String, Value>) -> Vec<String> {
    let named = result.get("capabilities").and_then(Value::as_object).into_iter().flatten();
    let present = named.filter(|(_, value)| !value.is_null() && **value != Value::Bool(false));
    let mut names: Vec<String> = present.filter_map(|(name, _)| words(Some(name), 60)).take(50).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl ServerInfo {
    /// Reads `serverInfo`, a stranger's words.
    fn read(info: &Value) -> Self {
        let text = |member: &str, max| {
            let value = info.get(member);
            let number =
                value.filter(|value| member == "version" && value.is_number()).map(ToString::to_string);
            words(value.and_then(Value::as_str).or(number.as_deref()), max)
        };
        Self {
            name: text("name", 200),
            title: text("title", 200),
            version: text("version", 100),
            description: text("description", 300),
        }
    }
}

#[cfg(test)]
mod tests;
