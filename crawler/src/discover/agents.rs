//! `_agents` service records of DNS (SVCB): a host, and by a text for private use the document on it that describes servers.
//!
//! Drafts write the text as a path; one without a slash at its beginning lies below `/.well-known/`.

use registry_core::card::origin::Origin;
use registry_core::card::site;
use registry_core::outbound::Service;
use url::Url;

use super::{Discovery, Expects, place};

/// How many documents the records of one name lead to.
const MOST: usize = 5;

/// Records, which lie at no path.
pub(super) struct Agents;

impl Discovery for Agents {
    fn id(&self) -> &'static str {
        "dns-svcb"
    }

    fn precedence(&self) -> u8 {
        5
    }

    fn locations(&self, _origin: &Origin) -> Vec<Url> {
        Vec::new()
    }
}

/// The names that may lead to a description, and what should be there.
pub fn names(origin: &Origin) -> [(String, Expects); 3] {
    let domain = site::without_www(origin.host());
    [("_mcp", Expects::Card), ("_entries", Expects::Catalog), ("_index", Expects::Catalog)]
        .map(|(label, expects)| (format!("{label}._agents.{domain}"), expects))
}

/// Where the documents lie to which the records of a name lead, each once.
pub fn read(services: &[Service], expects: Expects) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    let is_usable = |service: &&Service| {
        let is_host =
            service.target.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        is_host && !service.target.is_empty() && service.port.is_none_or(|port| port == 443)
    };
    for service in services.iter().filter(is_usable) {
        let path =
            service.texts.iter().find_map(|text| path(text)).unwrap_or_else(|| usual(expects).to_owned());
        if let Ok(url) = place::absolute(&format!("https://{}{path}", service.target))
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found.truncate(MOST);
    found
}

/// The path that a text names.
fn path(text: &str) -> Option<String> {
    let text = text.strip_prefix("well-known=").unwrap_or(text).trim();
    let is_path = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['\\', '@', ':']);
    match is_path {
        true if text.starts_with('/') => Some(text.to_owned()),
        true => Some(format!("/.well-known/{text}")),
        false => None,
    }
}

/// Where such a document lies on a host that says no more.
fn usual(expects: Expects) -> &'static str {
    match expects {
        Expects::Card => "/.well-known/mcp-server-card",
        Expects::Catalog => "/.well-known/ard.json",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(target: &str, texts: &[&str]) -> Service {
        Service {
            priority: 1,
            target: target.into(),
            port: None,
            texts: texts.iter().map(|t| (*t).to_owned()).collect(),
        }
    }

    fn urls(services: &[Service], expects: Expects) -> Vec<String> {
        read(services, expects).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_text_names_the_document_and_without_one_it_is_the_usual() {
        let services = [
            service("mcp.acme.com", &["well-known=mcp/server-card.json"]),
            service("cards.acme.com", &["/cards/tides.json"]),
            service("mcp.acme.com", &[]),
        ];
        assert_eq!(
            urls(&services, Expects::Card),
            [
                "https://mcp.acme.com/.well-known/mcp/server-card.json",
                "https://cards.acme.com/cards/tides.json",
                "https://mcp.acme.com/.well-known/mcp-server-card",
            ]
        );
        assert_eq!(urls(&services[2..], Expects::Catalog), ["https://mcp.acme.com/.well-known/ard.json"]);
    }

    #[test]
    fn odd_records_lead_nowhere() {
        let port = Service { port: Some(8443), ..service("acme.com", &[]) };
        for odd in [port, service("", &[]), service("localhost", &[]), service("10.0.0.1", &[])] {
            assert!(urls(std::slice::from_ref(&odd), Expects::Card).is_empty(), "{odd:?}");
        }
        let twice = [service("acme.com", &["//evil.example/x"]), service("acme.com", &["a b", "\u{e9}"])];
        assert!(urls(&twice, Expects::Card).iter().all(|url| url.starts_with("https://acme.com/")));
    }

    #[test]
    fn names_lie_below_the_domain() {
        let names = names(&"www.acme.com".parse().expect("a domain")).map(|(name, _)| name);
        assert_eq!(names, ["_mcp._agents.acme.com", "_entries._agents.acme.com", "_index._agents.acme.com"]);
    }
}
