//! ARD manifests (discovery section 5): catalogs with prefixed terms, and the invented form that names cards by kind.

use registry_core::card::origin::Origin;
use registry_core::card::text::clean;
use serde_json::{Map, Value};
use url::Url;

use super::{Discovery, Expects, Follow, Found, MAX_ENTRIES, place};

/// Where the terms of ARD are defined.
const TERMS: &str = "https://agenticresourcediscovery.org/";

/// How deep prefixed terms may stand: manifest, entry, publisher.
const MAX_PREFIXED: usize = 6;

/// The manifest of ARD v0.91.
pub(super) struct Ard;

impl Discovery for Ard {
    fn id(&self) -> &'static str {
        "ard"
    }

    fn precedence(&self) -> u8 {
        1
    }

    fn accept(&self) -> &'static str {
        Expects::Catalog.accept()
    }

    fn max_bytes(&self) -> usize {
        Expects::Catalog.max_bytes()
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        vec![origin.url("/.well-known/ard.json")]
    }
}

/// The document with its terms unprefixed, where its `@context` gives ARD's terms a prefix.
pub(super) fn unprefixed(mut document: Value) -> Value {
    let prefixes = prefixes(document.get("@context"));
    if !prefixes.is_empty() {
        unprefix(&mut document, &prefixes, MAX_PREFIXED);
    }
    document
}

/// The prefixes that a context gives to ARD's terms.
fn prefixes(context: Option<&Value>) -> Vec<String> {
    let contexts = match context {
        Some(Value::Array(contexts)) => contexts.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let terms = contexts.iter().filter_map(Value::as_object).flatten();
    let of_ard = |definition: &Value| {
        let iri = definition.as_str().or_else(|| definition.get("@id")?.as_str());
        iri.is_some_and(|iri| iri.starts_with(TERMS))
    };
    // A definition that starts with `@` says something of the context itself, such as its base.
    let prefix = terms.filter(|(name, definition)| !name.starts_with('@') && of_ard(definition));
    prefix.map(|(name, _)| format!("{name}:")).take(10).collect()
}

fn unprefix(value: &mut Value, prefixes: &[String], depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| unprefix(element, prefixes, depth)),
        Value::Object(members) => {
            let bare =
                |name: &str| prefixes.iter().find_map(|p| name.strip_prefix(p.as_str())).map(str::to_owned);
            let renamed: Vec<(String, String)> =
                members.keys().filter_map(|name| Some((name.clone(), bare(name)?))).collect();
            for (name, bare) in renamed {
                // What stands there without a prefix keeps its meaning.
                if !bare.is_empty()
                    && !members.contains_key(&bare)
                    && let Some(value) = members.remove(&name)
                {
                    members.insert(bare, value);
                }
            }
            members.values_mut().for_each(|member| unprefix(member, prefixes, depth));
        }
        _ => {}
    }
}

/// What `{name, resources:[{type:"mcp", card}]}` names: a form that somebody made up and others copied. None for other documents.
pub(super) fn invented(document: &Value, base: &Url) -> Option<Vec<Found>> {
    let resources = document.get("resources")?.as_array()?;
    let is_mcp = |resource: &Map<String, Value>| {
        let kind = resource.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        kind == "mcp" || kind.starts_with("mcp-") || kind.starts_with("application/mcp")
    };
    let named = resources.iter().enumerate().take(MAX_ENTRIES).filter_map(|(at, resource)| {
        let resource = resource.as_object().filter(|resource| is_mcp(resource))?;
        let (member, address) = ["card", "url", "href"].iter().find_map(|m| Some((m, resource.get(*m)?)))?;
        let pointer = format!("/resources/{at}/{member}");
        Some(match place::of_member(address, base) {
            Ok(url) => {
                let mut follow = Follow::new(url, Expects::Card, pointer);
                let title = resource.get("name").and_then(Value::as_str).map(|name| clean(name, 200));
                follow.entry.display.title = title.filter(|title| !title.is_empty());
                Found::Follow(follow)
            }
            Err(reason) => Found::Skipped { pointer, reason },
        })
    });
    let named: Vec<Found> = named.collect();
    (!named.is_empty()).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Document;
    use serde_json::json;

    fn read(document: &Value) -> Vec<String> {
        let url = Url::parse("https://acme.com/.well-known/ard.json").expect("an address");
        let body = document.to_string();
        let document = Document { url: &url, body: body.as_bytes(), content_type: None, links: &[] };
        let found = Ard.read(&document).expect("a manifest");
        let line = |found: Found| match found {
            Found::Follow(follow) => format!("{} {}", follow.pointer, follow.url),
            other => format!("{other:?}"),
        };
        found.into_iter().map(line).collect()
    }

    #[test]
    fn terms_may_have_a_prefix_and_bare_ones_keep_their_meaning() {
        let manifest = json!({
            "@context": [
                "https://schema.org",
                { "ard": "https://agenticresourcediscovery.org/context/v1#", "x": "https://other.example/#" },
            ],
            "ard:entries": [{
                "ard:identifier": "urn:air:acme.com:x:tides", "ard:type": "application/mcp-server-card+json",
                "ard:url": "/cards/tides.json", "url": "/cards/bare.json", "x:url": "/elsewhere",
            }],
        });
        assert_eq!(read(&manifest), ["/entries/0 https://acme.com/cards/bare.json"]);
        let other = json!({ "@context": { "x": "https://other.example/#" }, "x:entries": [] });
        assert_eq!(unprefixed(other.clone()), other);
    }

    #[test]
    fn the_invented_form_names_cards() {
        let manifest = json!({ "name": "Acme", "resources": [
            { "type": "mcp", "name": "Tides", "card": "https://acme.com/card.json" },
            { "type": "api", "url": "https://acme.com/openapi.json" },
            { "type": "MCP-Server", "url": "/mcp" },
        ] });
        assert_eq!(
            read(&manifest),
            ["/resources/0/card https://acme.com/card.json", "/resources/2/url https://acme.com/mcp"]
        );
        assert_eq!(
            invented(
                &json!({ "resources": [{ "type": "api" }] }),
                &Url::parse("https://acme.com").expect("an address")
            ),
            None
        );
    }
}
