//! The MCP Catalog of April to July 2026: an AI Catalog before its time, at its own places.

use registry_core::card::origin::Origin;
use url::Url;

use super::{Discovery, Expects};

/// One of the two places.
pub(super) struct McpCatalog {
    id: &'static str,
    path: &'static str,
}

/// Its last place.
pub(super) static MCP_CATALOG: McpCatalog =
    McpCatalog { id: "mcp-catalog", path: "/.well-known/mcp/catalog.json" };

/// Its first place.
pub(super) static WITHOUT_EXTENSION: McpCatalog =
    McpCatalog { id: "mcp-catalog-bare", path: "/.well-known/mcp/catalog" };

impl Discovery for McpCatalog {
    fn id(&self) -> &'static str {
        self.id
    }

    fn precedence(&self) -> u8 {
        2
    }

    fn accept(&self) -> &'static str {
        Expects::Catalog.accept()
    }

    fn max_bytes(&self) -> usize {
        Expects::Catalog.max_bytes()
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        vec![origin.url(self.path)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{Document, Found};

    #[test]
    fn drafts_and_catalogs_without_a_version_are_read() {
        let url = Url::parse("https://acme.com/.well-known/mcp/catalog.json").expect("an address");
        for version in [r#""specVersion":"draft","#, r#""specVersion":"1.0","#, ""] {
            let body = format!(
                r#"{{{version}"entries":[{{"identifier":"urn:mcp:server:com.acme/tides","mediaType":"application/mcp-server+json","url":"/mcp/server-card"}}]}}"#
            );
            let document = Document { url: &url, body: body.as_bytes(), content_type: None, links: &[] };
            let found = MCP_CATALOG.read(&document).expect("a catalog");
            assert!(
                matches!(&found[..], [Found::Follow(follow)] if follow.url.path() == "/mcp/server-card"),
                "{found:?}"
            );
        }
    }
}
