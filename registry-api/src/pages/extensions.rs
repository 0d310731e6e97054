//! What the registry knows of a listing beside its document, read out of the `org.cardinal-registry/…` members of `_meta`.
//!
//! Reading is lenient: an older or newer process may have written them, and a page shows what it understands.

use chrono::{DateTime, Utc};
use registry_core::evidence::{Evidence, Level};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::view::{WebLink, When};

/// The prefix of the registry's own members.
const PREFIX: &str = "org.cardinal-registry/";

/// The registry's own members, as far as pages show them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions {
    /// How far the owner is proved.
    pub level: Option<Level>,
    /// What was proved.
    pub evidence: Vec<Evidence>,
    /// Whether the listing's endpoints answer.
    pub endpoints: Vec<Endpoint>,
    /// The tools that the server or its card names.
    pub tools: Vec<Tool>,
    /// Whether the running server itself names them.
    pub are_tools_live: bool,
    /// Whatever else the crawl wrote down.
    pub facts: Vec<Fact>,
}

/// Whether one endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its address; none when the statement is about the listing's only one.
    #[serde(default)]
    pub url: Option<String>,
    /// `alive`, `stale`, … .
    pub state: String,
    /// Since when it is in that state.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    /// When it was last seen.
    #[serde(default, alias = "checkedAt")]
    pub seen_at: Option<DateTime<Utc>>,
    /// Why, in words.
    #[serde(default)]
    pub reason: Option<String>,
    /// Where the running server says other than its description.
    #[serde(default)]
    pub drift: Vec<Drift>,
}

/// Where a running server says other than its description.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Drift {
    /// What differs: `version`, `protocolVersions`, `type`, `auth`, `title`.
    pub what: String,
    /// What the description says.
    pub card: String,
    /// What the server says.
    pub live: String,
}

impl Drift {
    /// What differs, in words.
    pub fn label(&self) -> &str {
        match self.what.as_str() {
            "protocolVersions" => "protocol versions",
            "type" => "transport",
            "auth" => "sign-in",
            other => other,
        }
    }
}

/// A tool of the server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
}

/// Something the crawl wrote down, as label and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What was found.
    pub value: String,
}

impl Fact {
    /// The link that it is, if it is one.
    pub fn link(&self) -> Option<WebLink> {
        WebLink::parse(&self.value)
    }
}

impl Extensions {
    /// Reads a listing's extensions; what does not parse is left out.
    pub fn read(text: &str) -> Self {
        let members: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let member = |word: &str| members.get(&format!("{PREFIX}{word}"));
        let evidence = member("evidence");
        let mut read = Self {
            level: evidence.and_then(|e| e.get("level")).and_then(lenient),
            evidence: evidence.and_then(|e| e.get("items")).map(all).unwrap_or_default(),
            endpoints: member("liveness").map(endpoints).unwrap_or_default(),
            ..Self::default()
        };
        if let Some(Value::Object(crawl)) = member("crawl") {
            read.tools = crawl.get("tools").map(all).unwrap_or_default();
            read.facts = crawl.iter().filter_map(|(key, value)| fact(key, value)).collect();
        }
        // What runs knows better than what describes it.
        let live: Vec<Tool> =
            member("tools").and_then(|tools| tools.get("tools")).map(all).unwrap_or_default();
        if !live.is_empty() {
            (read.tools, read.are_tools_live) = (live, true);
        }
        read
    }

    /// An endpoint that does not answer, where none does.
    pub fn trouble(&self) -> Option<&Endpoint> {
        let fares = |endpoint: &&Endpoint| matches!(endpoint.tone(), "poor" | "bad");
        self.endpoints.iter().find(fares).filter(|_| self.endpoints.iter().all(|endpoint| fares(&endpoint)))
    }

    /// What is known of the endpoint at `url`.
    pub fn endpoint(&self, url: &str) -> Option<&Endpoint> {
        let same = |e: &&Endpoint| {
            e.url.as_deref().is_some_and(|u| u.trim_end_matches('/') == url.trim_end_matches('/'))
        };
        self.endpoints.iter().find(same).or_else(|| match self.endpoints.as_slice() {
            [only] if only.url.is_none() => Some(only),
            _ => None,
        })
    }
}

fn lenient<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

fn all<T: serde::de::DeserializeOwned>(value: &Value) -> Vec<T> {
    value.as_array().map(|items| items.iter().filter_map(lenient).collect()).unwrap_or_default()
}

/// One endpoint, a list of them, or an object that holds the list.
fn endpoints(value: &Value) -> Vec<Endpoint> {
    let list = value.get("endpoints").unwrap_or(value);
    if list.is_array() { all(list) } else { lenient(list).into_iter().collect() }
}

/// A fact that one line can tell: texts, numbers, yes and no, and lists of them.
fn fact(key: &str, value: &Value) -> Option<Fact> {
    let value = match value {
        Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>()?.join(", "),
        other => scalar(other)?,
    };
    (!value.is_empty())
        .then(|| Fact { label: if key == "sha256" { "SHA-256".to_owned() } else { spaced(key) }, value })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Some(When(at.to_utc()).minute()),
            Err(_) => Some(text.clone()),
        },
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `protocolVersions` → `Protocol versions`.
fn spaced(key: &str) -> String {
    let mut text = String::with_capacity(key.len() + 4);
    for c in key.chars() {
        match c {
            '-' | '_' => text.push(' '),
            c if text.is_empty() => text.extend(c.to_uppercase()),
            c if c.is_uppercase() => {
                text.push(' ');
                text.extend(c.to_lowercase());
            }
            c => text.push(c),
        }
    }
    text
}

impl Endpoint {
    /// The state, in words.
    pub fn label(&self) -> &str {
        match self.state.as_str() {
            "alive" => "Answers",
            "alive-auth" => "Answers, asks to sign in",
            "alive-paid" => "Answers, asks for payment",
            "unreachable" => "Could not be reached",
            "not-mcp" => "Answers, but does not speak MCP",
            "blocked" => "Would not be checked",
            "unprobed" => "Not checked yet",
            "stale" => "Has stopped answering",
            "dead" => "Has not answered for a month",
            other => other,
        }
    }

    /// The state as good, bad or neither: `good`, `poor`, `bad`, `none`.
    pub fn tone(&self) -> &'static str {
        match self.state.as_str() {
            "alive" | "alive-auth" | "alive-paid" => "good",
            "stale" | "unreachable" => "poor",
            "dead" | "not-mcp" => "bad",
            _ => "none",
        }
    }

    /// When it was last seen, else since when it is so.
    pub fn when(&self) -> Option<When> {
        self.seen_at.or(self.since).map(When)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_of_nothing() {
        for text in ["", "{}", "[]", "not json", r#"{"org.cardinal-registry/evidence":7}"#] {
            assert_eq!(Extensions::read(text), Extensions::default(), "{text}");
        }
    }

    #[test]
    fn items_that_do_not_parse_are_left_out() {
        let read = Extensions::read(
            r#"{"org.cardinal-registry/evidence":{"level":"host-bound","items":[{"what":"namespace"},
                {"what":"namespace","how":"h","by":"b","at":"2026-11-20T10:00:00Z"}]}}"#,
        );
        assert_eq!((read.level, read.evidence.len()), (Some(Level::HostBound), 1));
    }

    #[test]
    fn liveness_is_one_endpoint_or_many() {
        let one = Extensions::read(r#"{"org.cardinal-registry/liveness":{"state":"alive"}}"#);
        assert_eq!(one.endpoint("https://a.example/mcp").map(Endpoint::tone), Some("good"));
        let many = Extensions::read(
            r#"{"org.cardinal-registry/liveness":{"endpoints":[{"url":"https://a.example/mcp","state":"dead"}]}}"#,
        );
        assert_eq!(many.endpoint("https://a.example/mcp/").map(Endpoint::tone), Some("bad"));
        assert_eq!(many.endpoint("https://b.example/mcp"), None);
    }

    #[test]
    fn crawl_facts_become_lines_and_tools_a_list() {
        let read = Extensions::read(
            r#"{"org.cardinal-registry/crawl":{"protocolVersions":["2025-11-25","2026-07-28"],"fetchedAt":
                "2026-11-20T10:05:00Z","nested":{"a":1},"signed":true,"tools":[{"name":"now","description":"d"}]}}"#,
        );
        let lines: Vec<_> = read.facts.iter().map(|f| format!("{}: {}", f.label, f.value)).collect();
        assert_eq!(
            lines,
            [
                "Protocol versions: 2025-11-25, 2026-07-28",
                "Fetched at: 20 Nov 2026, 10:05 UTC",
                "Signed: yes"
            ]
        );
        assert_eq!(read.tools.len(), 1);
    }
}
