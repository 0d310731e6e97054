//! Places where a server runs (Y).

use super::Finding;
use super::table::{Y1, Y2, Y3, Y4};
use crate::server_json::Remote;
use crate::server_json::address::{Address, fill_placeholders, placeholders};

pub(super) fn check(remote: &Remote, path: &str, found: &mut Vec<Finding>) {
    let Remote { kind, url, .. } = remote;
    let at = |member: &str| format!("{path}.{member}");
    let (rule, path, message) = if !matches!(kind.as_str(), "streamable-http" | "sse") {
        let only = "only streamable-http and sse are supported";
        (&Y1, at("type"), format!("unsupported transport type for remotes: {kind} ({only})"))
    } else if url.is_empty() {
        (&Y2, at("url"), format!("url is required for {kind} transport type"))
    } else if !is_elsewhere(url) {
        (&Y3, at("url"), format!("invalid remote URL: {url}"))
    } else if placeholders(url).iter().any(|name| !remote.variables.contains_key(*name)) {
        let available: Vec<&str> = remote.variables.keys().map(String::as_str).collect();
        let message = format!(
            "invalid remote URL: template variables in URL {url} reference undefined variables. Available variables: [{}]",
            available.join(" ")
        );
        (&Y4, at("url"), message)
    } else {
        return;
    };
    found.push(Finding::new(rule, path, message));
}

/// Whether the address, its variables filled in, is https and not one's own machine.
fn is_elsewhere(url: &str) -> bool {
    let filled = fill_placeholders(url);
    Address::parse(&filled).is_ok_and(|address| {
        let host = address.host();
        let own =
            host.is_empty() || matches!(host, "localhost" | "127.0.0.1") || host.ends_with(".localhost");
        address.scheme() == "https" && !own
    })
}
