//! Cards of every kind at a site's well-known paths: Server Cards, registry documents, and what came before them.

use registry_core::card::endpoint;
use registry_core::card::origin::Origin;
use registry_core::card::sniff::Shape;
use serde_json::Value;
use url::Url;

use super::{Discovery, Tier};

/// A well-known path where a card may lie.
pub(super) struct WellKnownCard {
    id: &'static str,
    path: &'static str,
    precedence: u8,
    tier: Tier,
}

const fn usual(id: &'static str, path: &'static str, precedence: u8) -> WellKnownCard {
    WellKnownCard { id, path, precedence, tier: Tier::Usual }
}

const fn rare(id: &'static str, path: &'static str, precedence: u8) -> WellKnownCard {
    WellKnownCard { id, path, precedence, tier: Tier::LongTail }
}

/// A card that the home page links to, wherever it lies.
pub(super) static LINKED: WellKnownCard = usual("linked-card", "", 2);

/// A card that an entry in the home page's JSON-LD names.
pub(super) static LINKED_DATA: WellKnownCard = usual("linked-data", "", 3);

/// SEP-2127 of spring 2026.
pub(super) static WELL_KNOWN: WellKnownCard = usual("mcp-server-card", "/.well-known/mcp-server-card", 2);

/// The same as static hosts serve it.
pub(super) static WELL_KNOWN_EXTENSION: WellKnownCard =
    usual("mcp-server-card-extension", "/.well-known/mcp-server-card.json", 3);

/// SEP-1649 and SEP-2127's first draft; the most used path of all.
pub(super) static WELL_KNOWN_JSON: WellKnownCard =
    usual("mcp-server-card-json", "/.well-known/mcp/server-card.json", 3);

/// SEP-2127 of winter 2026.
pub(super) static WELL_KNOWN_FOLDER: WellKnownCard =
    usual("mcp-server-card-folder", "/.well-known/mcp/server-card", 3);

/// The proposal of 2025; by now anything.
pub(super) static MCP_JSON: WellKnownCard = usual("mcp-json", "/.well-known/mcp.json", 4);

/// A registry's document, published once more.
pub(super) static REGISTRY: WellKnownCard = usual("mcp-registry-document", "/.well-known/mcp/server.json", 3);

/// SEP-1960; where it answers 405, it is a live endpoint.
pub(super) static MCP: WellKnownCard = rare("mcp", "/.well-known/mcp", 5);

/// The manifest of a draft of 2026.
pub(super) static MCP_SERVER: WellKnownCard = rare("mcp-server", "/.well-known/mcp-server", 5);

/// A home-made manifest.
pub(super) static MCP_SERVER_JSON: WellKnownCard = rare("mcp-server-json", "/.well-known/mcp-server.json", 5);

/// A manifest after those of desktop extensions.
pub(super) static MCP_MANIFEST: WellKnownCard = rare("mcp-manifest", "/.well-known/mcp-manifest.json", 5);

/// The same in a folder.
pub(super) static MANIFEST: WellKnownCard = rare("manifest", "/.well-known/mcp/manifest.json", 5);

/// A registry's document at its shortest path.
pub(super) static SERVER_JSON: WellKnownCard = rare("registry-document", "/.well-known/server.json", 3);

impl Discovery for WellKnownCard {
    fn id(&self) -> &'static str {
        self.id
    }

    fn precedence(&self) -> u8 {
        self.precedence
    }

    fn tier(&self) -> Tier {
        self.tier
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        if self.path.is_empty() { Vec::new() } else { vec![origin.url(self.path)] }
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
            .read(&Document { url: &url, body: body.as_bytes(), content_type: None, links: &[] })
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
