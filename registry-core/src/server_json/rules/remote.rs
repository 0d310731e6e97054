//! Places where a server runs (Y).

use url::{Host, Url};

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
        address.scheme() == "https" && !host.is_empty() && !is_own(host) && !is_own_as_browsers_read(&filled)
    })
}

fn is_own(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1") || host.ends_with(".localhost")
}

/// `LOCALHOST`, `127.1`, `[::1]`, `0.0.0.0`: the official registry lets them pass, and they are of use to nobody.
fn is_own_as_browsers_read(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => is_own(name.trim_end_matches('.')),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_machine_is_seen_however_it_is_written() {
        for host in [
            "localhost",
            "LOCALHOST",
            "a.localhost",
            "localhost.",
            "127.0.0.1",
            "127.1",
            "127.0.0.2",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(!is_elsewhere(&format!("https://{host}/mcp")), "{host}");
        }
        for host in
            ["10.0.0.1", "example.com", "{tenant}.example.com", "localhost.example.com", "[2001:db8::1]"]
        {
            assert!(is_elsewhere(&format!("https://{host}/mcp")), "{host}");
        }
    }
}
