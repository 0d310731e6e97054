//! Where a server runs (C15–C23).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::{Host, Url};

use super::Found;
use super::inputs::{check_headers, check_variables};
use super::members::{Object, kind, shown};
use super::table::{C15, C16, C17, C18, C21, C22, C23};

/// The revisions of the MCP specification.
const REVISIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(https?://[^\s]+|\{[A-Za-z_][A-Za-z0-9_.-]*\}[^\s]*)$").expect("a pattern")
});

/// A variable for a port, which no letter may stand for.
static PORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r":\{[^{}]*\}(/|$)").expect("a pattern"));
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{([^{}]*)\}").expect("a pattern"));

/// Placeholders that are no variables: `<tenant>`, `${TENANT}`, `YOUR_TENANT`, `/:tenant`.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<[^<>]+>|\$\{[^{}]*\}|YOUR[_-][A-Za-z_-]+|/:[A-Za-z_]+").expect("a pattern")
});

pub(super) fn check_remotes(card: Object<'_>, found: &mut Found) {
    for (path, remote) in card.objects("remotes", &C15, found) {
        check(Object { members: remote, path: &path }, found);
    }
}

fn check(remote: Object<'_>, found: &mut Found) {
    if let Some(kind) = remote.required("type", &C15, found)
        && !matches!(kind, "streamable-http" | "sse")
    {
        let message = format!("`type` is `{}`; it is `streamable-http` or `sse`", shown(kind));
        found.add(&C15, remote.at("type"), message);
    }
    let variables = remote.object("variables", &C21, found);
    if let Some(url) = remote.required("url", &C16, found) {
        if ADDRESS.is_match(url) {
            check_address(remote, url, found);
        } else {
            found.add(&C16, remote.at("url"), format!("`{}` is no address of a remote", shown(url)));
        }
    }
    if let Some(variables) = variables {
        check_variables(variables, &remote.at("variables"), found);
    }
    check_headers(remote, found);
    check_revisions(remote, found);
}

fn check_address(remote: Object<'_>, url: &str, found: &mut Found) {
    if let Some(odd) = PLACEHOLDER.find(url) {
        let message = format!("`{}` is a placeholder and no variable", shown(odd.as_str()));
        return found.add(&C18, remote.at("url"), message);
    }
    let declared = |name: &str| remote.get("variables").is_some_and(|v| v.get(name).is_some());
    for name in VARIABLE.captures_iter(url).filter_map(|part| part.get(1)).map(|name| name.as_str()) {
        if !declared(name) {
            let message = format!("the variable `{}` is not declared", shown(name));
            found.add(&C18, remote.at("url"), message);
        }
    }
    // Where the variables stand cannot change the scheme, and what they change of the host is the user's choice.
    let filled = PORT.replace(url, ":8443$1");
    let filled = VARIABLE.replace_all(&filled, "x");
    if !url.starts_with('{')
        && let Some(problem) = not_listable(&filled)
    {
        found.add(&C17, remote.at("url"), format!("`{}` {problem}", shown(url)));
    }
}

/// Why an address is of use to nobody else.
fn not_listable(url: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(url) else { return Some("is no address") };
    if url.scheme() != "https" {
        return Some("is not https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("carries a user name or password");
    }
    match url.host() {
        Some(Host::Domain(host)) if is_local(host.trim_end_matches('.')) => {
            Some("is on one's own machine or network")
        }
        Some(Host::Domain(_)) => None,
        _ => Some("is on an IP address"),
    }
}

fn is_local(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    (!host.contains('.') && host != "x")
        || matches!(last, "localhost" | "local" | "internal" | "test" | "invalid")
}

fn check_revisions(remote: Object<'_>, found: &mut Found) {
    let member = "supportedProtocolVersions";
    for (number, version) in remote.list(member, &C22, found).iter().enumerate() {
        let path = format!("{}[{number}]", remote.at(member));
        match version {
            Value::String(version) if REVISIONS.contains(&version.as_str()) => {}
            Value::String(version) => {
                let message = format!("`{}` is no revision of MCP that is known here", shown(version));
                found.add(&C23, path, message);
            }
            other => found.add(&C22, path, format!("a protocol version is {}, not a text", kind(other))),
        }
    }
}
