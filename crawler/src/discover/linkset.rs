//! API catalogs (RFC 9727): linksets (RFC 9264), among whose links some name Server Cards or AI Catalogs.

use registry_core::card::origin::Origin;
use registry_core::card::text::clean;
use serde_json::Value;
use url::Url;

use super::{Discovery, Expects, Follow, Found, MAX_ENTRIES, Tier, entry, place};

/// An API catalog.
pub(super) struct ApiCatalog;

impl Discovery for ApiCatalog {
    fn id(&self) -> &'static str {
        "api-catalog"
    }

    fn precedence(&self) -> u8 {
        3
    }

    fn tier(&self) -> Tier {
        Tier::LongTail
    }

    fn accept(&self) -> &'static str {
        "application/linkset+json, application/json;q=0.9, */*;q=0.1"
    }

    fn max_bytes(&self) -> usize {
        Expects::Catalog.max_bytes()
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        vec![origin.url("/.well-known/api-catalog")]
    }
}

/// What a link of this relation and type leads to; none where it has nothing to do with MCP.
pub(super) fn leads_to(relation: &str, media_type: &str, url: &Url) -> Option<Expects> {
    let media_type = entry::bare(media_type);
    let describes = ["service-desc", "service-meta", "describedby"].contains(&relation);
    let path = url.path().trim_end_matches('/');
    match relation {
        "ai-catalog" | "ard" | "mcp-catalog" => Some(Expects::Catalog),
        "mcp-server-card" => Some(Expects::Card),
        _ if !describes => None,
        _ if media_type == "application/ai-catalog+json" => Some(Expects::Catalog),
        _ if media_type.starts_with("application/mcp") || media_type.starts_with("application/vnd.mcp") => {
            Some(Expects::Card)
        }
        _ if path.ends_with("server-card") || path.ends_with("server-card.json") => Some(Expects::Card),
        _ => None,
    }
}

/// What a linkset names.
pub fn read(linkset: &Value, base: &Url) -> Vec<Found> {
    let contexts = linkset.get("linkset").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut links = Links { base, found: Vec::new(), seen: 0 };
    for (at, context) in contexts.iter().enumerate() {
        let Some(context) = context.as_object() else { continue };
        for (relation, targets) in context {
            let pointer = format!("/linkset/{at}/{}", place::step(relation));
            for (number, target) in targets.as_array().into_iter().flatten().enumerate() {
                let pointer = format!("{pointer}/{number}");
                // Some write one list whose elements name their relation themselves.
                let own = target.get("rel").and_then(Value::as_str).filter(|_| relation == "links");
                links.add(own.unwrap_or(relation), target, pointer);
            }
        }
    }
    if links.found.is_empty() {
        let reason = "the linkset names no description of an MCP server; \
            give the link to a Server Card the type `application/mcp-server-card+json`";
        links.found.push(Found::Skipped { pointer: String::new(), reason: reason.to_owned() });
    }
    links.found
}

struct Links<'a> {
    base: &'a Url,
    found: Vec<Found>,
    seen: usize,
}

impl Links<'_> {
    fn add(&mut self, relation: &str, target: &Value, pointer: String) {
        self.seen += 1;
        if self.seen > MAX_ENTRIES {
            return;
        }
        let Some(href) = target.get("href").and_then(Value::as_str) else { return };
        let media_type = target.get("type").and_then(Value::as_str).unwrap_or_default();
        let relation = relation.to_ascii_lowercase();
        match place::of(href, self.base) {
            Ok(url) => {
                let Some(expects) = leads_to(&relation, media_type, &url) else { return };
                let mut follow = Follow::new(url, expects, pointer);
                follow.entry.media_type = entry::bare(media_type);
                let title = target.get("title").and_then(Value::as_str).map(|title| clean(title, 200));
                follow.entry.display.fallback_title = title.filter(|title| !title.is_empty());
                self.found.push(Found::Follow(follow));
            }
            // Only what was meant for us is worth a remark.
            Err(reason) if media_type.contains("mcp") => self.found.push(Found::Skipped { pointer, reason }),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(linkset: &Value) -> Vec<String> {
        let url = Url::parse("https://acme.com/.well-known/api-catalog").expect("an address");
        let line = |found: Found| match found {
            Found::Follow(follow) => format!("{} {:?} {}", follow.pointer, follow.expects, follow.url),
            other => format!("{other:?}"),
        };
        read(linkset, &url).into_iter().map(line).collect()
    }

    #[test]
    fn cards_are_told_by_their_type_or_by_their_name() {
        let linkset = json!({ "linkset": [
            { "anchor": "https://acme.com/api", "service-desc": [
                { "href": "/openapi.json", "type": "application/vnd.oai.openapi+json" },
                { "href": "/tides.json", "type": "Application/MCP-Server-Card+JSON; v=1" },
            ], "service-doc": [{ "href": "/docs/server-card.json" }] },
            { "service-meta": [{ "href": "/.well-known/mcp/server-card.json", "type": "application/json" }] },
            { "links": [{ "rel": "describedby", "href": "/mcp/server-card" }, { "rel": "ai-catalog", "href": "/all.json" }] },
        ] });
        assert_eq!(
            named(&linkset),
            [
                "/linkset/0/service-desc/1 Card https://acme.com/tides.json",
                "/linkset/1/service-meta/0 Card https://acme.com/.well-known/mcp/server-card.json",
                "/linkset/2/links/0 Card https://acme.com/mcp/server-card",
                "/linkset/2/links/1 Catalog https://acme.com/all.json",
            ]
        );
    }

    #[test]
    fn others_and_broken_ones_say_so() {
        for none in [
            json!({ "linkset": [] }),
            json!({ "linkset": [1, { "item": [{ "href": "/a" }] }, { "service-desc": "x", "links": [[]] }] }),
        ] {
            assert!(named(&none)[0].contains("names no description of an MCP server"), "{none}");
        }
        let plain = json!({ "linkset": [{ "service-desc": [
            { "href": "http://acme.com/card", "type": "application/mcp-server-card+json" },
        ] }] });
        assert!(named(&plain)[0].contains("is not an https address"));
    }
}
