//! The tables of discovery 10.1–10.3, row by row.

use super::*;
use http::HeaderMap;
use serde_json::json;

use crate::mcp::MODERN;
use crate::mcp::answer::Event;

fn url() -> Url {
    Url::parse("https://mcp.acme.com/mcp").expect("an address")
}

fn answer_with(question: &Question, status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let named = headers.iter().map(|(name, value)| {
        (http::HeaderName::from_static(name), value.parse::<http::HeaderValue>().expect("a value"))
    });
    let headers: HeaderMap = named.collect();
    Answer::read(status, &headers, body.as_bytes(), None, question.request().id.as_ref())
}

fn ask(question: &Question, status: u16, body: &str) -> Judged {
    judge(question, &answer_with(question, status, &[], body), &url())
}

fn discover() -> Question {
    Opening::Discover.question()
}

fn initialize() -> Question {
    Opening::Initialize.question()
}

fn error(code: i64, data: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": "m", "data": data } })
        .to_string()
}

/// Status, body, what is known after it, what is asked next.
type Row<'a> = (u16, String, Finding, Option<&'a str>);

fn check(question: &Question, rows: &[Row<'_>]) {
    for (status, body, finding, next) in rows {
        let judged = ask(question, *status, body);
        let then = judged.then.as_ref().map(|question| match question {
            Question::Discover(version) | Question::Initialize(version) => version.as_str(),
            Question::Listen => "listen",
        });
        assert_eq!((judged.verdict.finding, then), (*finding, *next), "{status} {body}");
        let is_said = judged.verdict.reason.as_ref().is_some_and(|reason| !reason.is_empty());
        assert!(is_said || judged.verdict.live.is_some(), "{status} {body} says why");
    }
}

#[test]
fn answers_to_discover() {
    let legacy = Some(LEGACY[0]);
    let none = Value::Null;
    let x402 = r#"{"x402Version":1,"accepts":[]}"#.to_owned();
    let result =
        |result: Value| json!({ "jsonrpc": "2.0", "id": "discover-1", "result": result }).to_string();
    check(
        &discover(),
        &[
            (
                200,
                result(json!({ "resultType": "complete", "supportedVersions": [MODERN] })),
                Finding::Alive,
                None,
            ),
            (200, result(json!({ "capabilities": {}, "serverInfo": { "name": "a" } })), Finding::Alive, None),
            (200, result(json!({})), Finding::Alive, legacy),
            (
                400,
                error(-32022, &json!({ "supported": ["2026-09-01", "2025-06-18"] })),
                Finding::Alive,
                Some("2026-09-01"),
            ),
            (
                400,
                error(-32004, &json!({ "supported": ["2025-06-18", "2024-11-05"] })),
                Finding::Alive,
                Some("2025-06-18"),
            ),
            (400, error(-32022, &json!({ "supported": [MODERN] })), Finding::Alive, None),
            (400, error(-32022, &none), Finding::Alive, None),
            (400, error(-32020, &none), Finding::Alive, None),
            (400, error(-32001, &none), Finding::Alive, None),
            (400, error(-32021, &none), Finding::Alive, None),
            (400, error(-32003, &none), Finding::Alive, None),
            (404, error(-32001, &none), Finding::Alive, legacy),
            (404, error(-32601, &none), Finding::Alive, legacy),
            (200, error(-32601, &none), Finding::NotMcp, legacy),
            (200, error(-32600, &none), Finding::Alive, legacy),
            (400, error(-32000, &none), Finding::Alive, legacy),
            (500, error(-32603, &none), Finding::Alive, legacy),
            (401, String::new(), Finding::AliveAuth, None),
            (401, error(-32000, &none), Finding::AliveAuth, None),
            (402, x402, Finding::AlivePaid, None),
            (402, "<html>".into(), Finding::Inconclusive, None),
            (403, error(-32000, &none), Finding::AliveAuth, None),
            (403, r#"{"error":"insufficient_scope"}"#.into(), Finding::AliveAuth, None),
            (403, "<html>".into(), Finding::Blocked, None),
            (429, String::new(), Finding::Blocked, None),
            (451, String::new(), Finding::Blocked, None),
            (503, String::new(), Finding::Inconclusive, None),
            (502, "<html>".into(), Finding::Unreachable, None),
            (500, "<html>".into(), Finding::Unreachable, legacy),
            (400, "Bad Request".into(), Finding::NotMcp, legacy),
            (404, "<html>".into(), Finding::NotMcp, legacy),
            (405, String::new(), Finding::NotMcp, Some("listen")),
            (406, String::new(), Finding::NotMcp, legacy),
            (415, String::new(), Finding::NotMcp, legacy),
            (422, r#"{"detail":[]}"#.into(), Finding::NotMcp, legacy),
            (200, "<html>".into(), Finding::NotMcp, legacy),
            (302, String::new(), Finding::NotMcp, None),
            (410, String::new(), Finding::NotMcp, None),
        ],
    );
}

#[test]
fn answers_to_initialize() {
    let result = |result: Value| json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string();
    let none = Value::Null;
    check(
        &initialize(),
        &[
            (
                200,
                result(json!({ "protocolVersion": "2025-03-26", "capabilities": {} })),
                Finding::Alive,
                None,
            ),
            (200, result(json!({ "capabilities": {} })), Finding::NotMcp, None),
            (400, error(-32602, &json!({ "supported": ["2025-06-18"] })), Finding::Alive, Some("2025-06-18")),
            (200, error(-32602, &json!({ "supported": ["2024-11-05"] })), Finding::Alive, None),
            (200, error(-32602, &none), Finding::Alive, None),
            (200, error(-32601, &none), Finding::NotMcp, None),
            (401, String::new(), Finding::AliveAuth, None),
            (404, String::new(), Finding::NotMcp, Some("listen")),
            (405, String::new(), Finding::NotMcp, Some("listen")),
            (415, String::new(), Finding::NotMcp, None),
            (200, "<html>".into(), Finding::NotMcp, None),
        ],
    );
}

#[test]
fn a_stream_lives_if_it_begins_with_an_endpoint_of_its_own_origin() {
    let first = |name: &str, data: &str| {
        let event = Event { name: name.into(), data: data.into() };
        let answer = Answer::read(200, &HeaderMap::new(), b"", Some(&event), None);
        judge(&Question::Listen, &answer, &url())
    };
    let alive = first("endpoint", "/messages?session=1").verdict;
    assert_eq!(alive.finding, Finding::Alive);
    assert_eq!(alive.live.expect("it lives").era, Some(Era::HttpSse));
    assert_eq!(first("endpoint", "https://evil.example/m").verdict.finding, Finding::NotMcp);
    let other = first("ping", "");
    assert_eq!((other.verdict.finding, other.then), (Finding::NotMcp, Some(initialize())));
    check(
        &Question::Listen,
        &[
            (405, String::new(), Finding::NotMcp, Some(LEGACY[0])),
            (405, error(-32000, &Value::Null), Finding::Alive, Some(LEGACY[0])),
            (404, "<html>".into(), Finding::NotMcp, Some(LEGACY[0])),
        ],
    );
}

#[test]
fn a_living_server_tells_who_it_is() {
    let meta =
        json!({ "io.modelcontextprotocol/serverInfo": { "name": "tides\n", "version": 2, "title": 7 } });
    let body = json!({ "jsonrpc": "2.0", "id": "discover-1", "result": {
        "supportedVersions": [MODERN, "2025-11-25"], "capabilities": { "tools": {}, "prompts": false, "logging": null }, "_meta": meta,
    } });
    let verdict = ask(&discover(), 200, &body.to_string()).verdict;
    let live = verdict.live.expect("it lives");
    assert_eq!(
        live.server,
        ServerInfo { name: Some("tides".into()), version: Some("2".into()), ..Default::default() }
    );
    assert_eq!(live.capabilities, ["tools"]);
    assert_eq!(live.protocol_versions, [MODERN, "2025-11-25"]);
    assert_eq!(verdict.session, Some(Session::new(MODERN, None)));
}

#[test]
fn a_refusal_says_how_to_sign_in() {
    let question = discover();
    let headers = [("www-authenticate", r#"Bearer scope="a b", error="invalid_token", Basic realm="x""#)];
    let mut verdict = judge(&question, &answer_with(&question, 401, &headers, ""), &url()).verdict;
    assert_eq!(verdict.reason.as_deref(), Some(ASKS_FOR_TOKEN));
    let auth = verdict.live.clone().and_then(|live| live.auth).expect("it says how");
    assert_eq!(
        (auth.schemes, auth.scopes),
        (vec!["bearer".into(), "basic".into()], vec!["a".to_owned(), "b".into()])
    );
    assert!(verdict.wants_metadata());

    let bare = ask(&question, 401, "").verdict;
    assert!(bare.reason.as_deref().is_some_and(|reason| reason.contains("weak")));
    let document = br#"{"resource":"https://mcp.acme.com","authorization_servers":["https://id.acme.com"]}"#;
    verdict.with_metadata(&url(), Metadata::read(document, &url()).expect("it is believed"));
    let auth = verdict.live.and_then(|live| live.auth).expect("it says how");
    assert_eq!(
        (auth.authorization_servers, auth.names_endpoint),
        (vec!["id.acme.com".to_owned()], Some(false))
    );
}

#[test]
fn a_page_that_wants_a_browser_blocks() {
    let question = discover();
    let answer = answer_with(&question, 503, &[("cf-mitigated", "challenge")], "<html>");
    assert_eq!(judge(&question, &answer, &url()).verdict.finding, Finding::Blocked);
    let allowed = answer_with(&question, 405, &[("allow", "GET, POST")], "");
    assert_eq!(judge(&question, &allowed, &url()).then, Some(initialize()));
}
