//! AI Catalog 1.x in its three dialects, and the reading of entries that ARD manifests and MCP Catalogs share.
//!
//! A broken entry never sinks its catalog: it becomes a [`Found::Skipped`] with its reason.

use std::sync::Arc;

use data_url::DataUrl;
use registry_core::card::origin::Origin;
use registry_core::card::raw;
use registry_core::card::sniff::sniff;
use registry_core::card::text::clean;
use serde_json::Value;
use url::Url;

use super::{
    CatalogFacts, Discovery, DiscoveryError, Entry, Expects, Follow, Found, ard, place, reading, versions,
};

/// How many catalogs may stand inside each other.
pub const MAX_CATALOG_DEPTH: usize = 4;

/// How many entries of one catalog are read.
pub const MAX_ENTRIES: usize = 5_000;

/// How many documents one site's catalog may lead to.
pub const MAX_FETCHES: usize = 200;

/// The one entry point of a domain.
pub(super) struct AiCatalog;

impl Discovery for AiCatalog {
    fn id(&self) -> &'static str {
        "ai-catalog"
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
        vec![origin.url("/.well-known/ai-catalog.json")]
    }
}

/// What an entry's type says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Family {
    Card,
    Catalog,
    Registry,
    Other,
}

impl Family {
    /// Of a type in lower case, without parameters.
    fn of(media_type: &str) -> Self {
        match media_type {
            // Plain JSON is how registry documents are listed; its shape decides.
            "application/mcp-server-card+json"
            | "application/mcp-server+json"
            | "application/mcp+json"
            | "application/json" => Self::Card,
            "application/ai-catalog+json" => Self::Catalog,
            "application/ai-registry+json" | "application/ai-registry" => Self::Registry,
            other if other.starts_with("application/vnd.mcp") => Self::Card,
            _ => Self::Other,
        }
    }
}

/// Reads the entries of a catalog, `depth` levels down.
pub(super) fn entries(
    catalog: &Value,
    base: &Url,
    pointer: &str,
    depth: usize,
) -> Result<Vec<Found>, DiscoveryError> {
    check_version(catalog)?;
    let facts = Arc::new(CatalogFacts::of(catalog, base, pointer));
    let list = catalog.get("entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    for (at, value) in list.iter().take(MAX_ENTRIES).enumerate() {
        let pointer = format!("{pointer}/entries/{at}");
        match entry(value, base, &pointer, depth, &facts) {
            Ok(more) => found.extend(more),
            Err(reason) => found.push(Found::Skipped { pointer, reason }),
        }
    }
    if list.len() > MAX_ENTRIES {
        let reason =
            format!("the catalog has {} entries, of which the first {MAX_ENTRIES} are read", list.len());
        found.push(Found::Skipped { pointer: format!("{pointer}/entries"), reason });
    }
    versions::settle(&mut found);
    Ok(found)
}

/// Any `1.x` is read; a catalog that names no version, or `draft`, is an early one.
fn check_version(catalog: &Value) -> Result<(), DiscoveryError> {
    let version = match catalog.get("specVersion") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(version)) => version.trim().to_owned(),
        Some(other) => other.to_string(),
    };
    let major = version.split('.').next().unwrap_or_default().trim_start_matches('v');
    match major.parse::<u32>() {
        Ok(0 | 1) => Ok(()),
        Err(_) if version == "draft" || version.is_empty() => Ok(()),
        _ => Err(DiscoveryError::Version(clean(&version, 40))),
    }
}

/// What one entry leads to, or why it leads nowhere.
pub(super) fn entry(
    value: &Value,
    base: &Url,
    pointer: &str,
    depth: usize,
    facts: &Arc<CatalogFacts>,
) -> Result<Vec<Found>, String> {
    if !value.is_object() {
        return Err("an entry is an object with `identifier`, `type`, and `url` or `data`".to_owned());
    }
    let entry = Entry::read(value, facts)?;
    let family = Family::of(&entry.media_type);
    let (url, data) = (present(value, "url"), present(value, "data"));
    match family {
        Family::Registry => return Err(registry(url, base)),
        Family::Other => return Err(format!("`{}` is not a type for MCP servers", entry.media_type)),
        Family::Card | Family::Catalog => {}
    }
    match (url, data) {
        (Some(Value::String(text)), None) if is_data(text) => {
            let data = Value::String(decoded(text)?);
            inline(&data, family, base, &format!("{pointer}/url"), entry, depth)
        }
        (Some(url), None) => {
            let url = place::of_member(url, base)?;
            let expects = if family == Family::Catalog { Expects::Catalog } else { Expects::Card };
            if expects == Expects::Catalog && depth >= MAX_CATALOG_DEPTH {
                return Err(too_deep());
            }
            Ok(vec![Found::Follow(Follow { entry, ..Follow::new(url, expects, pointer) })])
        }
        (None, Some(data)) => inline(data, family, base, &format!("{pointer}/data"), entry, depth),
        (Some(_), Some(_)) => Err("an entry has `url` or `data`, not both".to_owned()),
        (None, None) => Err("an entry needs `url` or `data`".to_owned()),
    }
}

/// A searchable registry is another matter: an operator may pull from it.
fn registry(url: Option<&Value>, base: &Url) -> String {
    match url.map(|url| place::of_member(url, base)) {
        Some(Ok(url)) => format!(
            "`{}` is a searchable registry, not a list of servers; it is not followed, and its operator may list servers here instead",
            clean(url.as_str(), 300)
        ),
        _ => "a searchable registry is not followed; it is not a list of servers".to_owned(),
    }
}

fn present<'a>(value: &'a Value, member: &str) -> Option<&'a Value> {
    value.get(member).filter(|v| !v.is_null())
}

/// Whether an address holds the document itself (RFC 2397).
fn is_data(text: &str) -> bool {
    text.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// The text that such an address holds.
fn decoded(text: &str) -> Result<String, String> {
    let broken = "`url` is a `data:` address that cannot be decoded; put the document into `data`";
    let (bytes, _) = DataUrl::process(text).ok().and_then(|url| url.decode_to_vec().ok()).ok_or(broken)?;
    String::from_utf8(bytes).map_err(|_| broken.to_owned())
}

fn too_deep() -> String {
    format!(
        "catalogs stand inside each other more than {MAX_CATALOG_DEPTH} deep; list the servers further up"
    )
}

/// What stands in the catalog itself is as if served by it.
fn inline(
    data: &Value,
    family: Family,
    base: &Url,
    pointer: &str,
    entry: Entry,
    depth: usize,
) -> Result<Vec<Found>, String> {
    let value = match data {
        Value::String(text) => raw::parse(text.as_bytes())
            .map_err(|why| format!("`data` is a string that is no JSON document: {why}"))?,
        value => value.clone(),
    };
    if family == Family::Catalog {
        if depth >= MAX_CATALOG_DEPTH {
            return Err(too_deep());
        }
        return entries(&ard::unprefixed(value), base, pointer, depth + 1).map_err(|why| why.to_string());
    }
    let shape = sniff(&value);
    Ok(reading::card(value, shape, base, pointer.to_owned(), Some(entry)))
}

#[cfg(test)]
mod tests;
