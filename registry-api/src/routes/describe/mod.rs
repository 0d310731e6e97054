//! The registry describes itself and what it lists, in the forms by which it finds others: catalogs, cards, links.
//!
//! - [`card`]: the Server Card of a listing
//! - [`catalog`]: `ai-catalog.json`, the catalogs below it, and `ard.json`
//! - [`ard`]: search as ARD has it
//! - [`discover`]: the servers of a domain
//! - [`links`]: where pages say that all this is there

pub mod ard;
pub mod card;
pub mod catalog;
pub mod discover;
pub mod links;

use registry_core::card::publish;
use registry_core::server_json::ServerJson;
use registry_core::wire::describe::CatalogEntry;

use crate::forwarded::Base;
use crate::pages::view::component;
use crate::read_model::entry::Entry;

/// Below what this registry's own routes stand.
const OWN: &str = "/v0.1/x/org.cardinal-registry";

/// Where the Server Card of a server is, below the registry's address.
pub(crate) fn card_path(name: &str, version: Option<&str>) -> String {
    let version = version.map(|version| format!("&version={}", component(version))).unwrap_or_default();
    format!("{OWN}/server-card?name={}{version}", component(name))
}

/// The entry of a version in a catalog; none where it has no Server Card.
fn entry(base: &Base, version: &Entry) -> Option<CatalogEntry> {
    let server: ServerJson = serde_json::from_str(version.document()).ok()?;
    let card = publish::card(&server).ok()?;
    let text =
        |member: &str| card.get(member).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let leaf = version.name.leaf();
    let title = text("title");
    Some(CatalogEntry {
        identifier: format!("urn:air:{}:mcp:{leaf}", publisher(version)),
        display_name: if title.is_empty() { leaf.to_owned() } else { title },
        media_type: publish::MEDIA_TYPE.to_owned(),
        url: format!("{}{}", base.url(), card_path(version.name.as_str(), None)),
        description: text("description"),
        version: Some(text("version")),
        updated_at: Some(version.standing.updated_at),
        representative_queries: Vec::new(),
    })
}

/// The domain of a namespace, in the case in which it is written: names that differ by case alone are two.
fn publisher(version: &Entry) -> String {
    version.name.namespace().as_str().rsplit('.').collect::<Vec<_>>().join(".")
}
