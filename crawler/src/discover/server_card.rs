//! Server Cards at a site's well-known paths: version 1, SEP-1649, and both side by side.

use registry_core::card::endpoint;
use registry_core::card::origin::Origin;
use registry_core::card::sniff::Shape;
use serde_json::Value;
use url::Url;

use super::Discovery;

/// A well-known path where a card may lie.
pub(super) struct WellKnownCard {
    id: &'static str,
    path: &'static str,
    precedence: u8,
}

/// SEP-2127 of spring 2026.
pub(super) static WELL_KNOWN: WellKnownCard =
    WellKnownCard { id: "mcp-server-card", path: "/.well-known/mcp-server-card", precedence: 2 };

/// SEP-1649 and SEP-2127's first draft; the most used path of all.
pub(super) static WELL_KNOWN_JSON: WellKnownCard =
    WellKnownCard { id: "mcp-server-card-json", path: "/.well-known/mcp/server-card.json", precedence: 3 };

impl Discovery for WellKnownCard {
    fn id(&self) -> &'static str {
        self.id
    }

    fn precedence(&self) -> u8 {
        self.precedence
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        vec![origin.url(self.path)]
    }
}

/// Where the endpoint of a SEP-1649 card that names none may be: places to ask, not to publish.
pub(super) fn implied_endpoints(card: &Value, shape: Shape, document: &Url) -> Vec<Url> {
    let endpoints = endpoint::extract(card, shape, document);
    let names_one = !endpoints.found.is_empty() || !endpoints.dropped.is_empty();
    if names_one || endpoints.local || !matches!(shape, Shape::Sep1649 | Shape::Hybrid) {
        return Vec::new();
    }
    let on_mcp_host = document.host_str().is_some_and(|host| host.starts_with("mcp."));
    let paths: &[&str] = if on_mcp_host { &["/mcp", "/"] } else { &["/mcp"] };
    paths.iter().filter_map(|path| document.join(path).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{Document, Found, FoundCard};

    fn read(url: &str, body: &str) -> Vec<Found> {
        let url = Url::parse(url).expect("an address");
        WELL_KNOWN_JSON
            .read(&Document { url: &url, body: body.as_bytes(), content_type: None })
            .expect("a document")
    }

    const CARD: &str = "https://acme.com/.well-known/mcp/server-card.json";

    #[test]
    fn reads_both_main_shapes_and_their_mixture() {
        for (body, shape) in [
            (include_str!("fixtures/card_v1.json"), Shape::V1),
            (include_str!("fixtures/card_sep_1649.json"), Shape::Sep1649),
            (include_str!("fixtures/card_hybrid.json"), Shape::Hybrid),
        ] {
            let found = read(CARD, body);
            let [Found::Card(FoundCard { shape: read, pointer, entry: None, .. })] = &found[..] else {
                panic!("{found:?}")
            };
            assert_eq!((*read, pointer.as_str()), (shape, ""));
        }
    }

    #[test]
    fn a_card_without_an_endpoint_implies_one_on_its_host() {
        let body = r#"{"serverInfo":{"name":"tides","version":"1.0.0"},"tools":[]}"#;
        let places = |url: &str| -> Vec<String> {
            let found = read(url, body);
            assert!(matches!(found[0], Found::Card(_)));
            let endpoints = found.into_iter().filter_map(|f| match f {
                Found::Endpoint { url, .. } => Some(url.to_string()),
                _ => None,
            });
            endpoints.collect()
        };
        assert_eq!(places(CARD), ["https://acme.com/mcp"]);
        assert_eq!(
            places("https://mcp.acme.com/card"),
            ["https://mcp.acme.com/mcp", "https://mcp.acme.com/"]
        );
        let local = r#"{"serverInfo":{"name":"tides"},"transport":{"type":"stdio","command":"tides"}}"#;
        assert_eq!(read(CARD, local).len(), 1);
    }
}
