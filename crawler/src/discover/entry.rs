//! What a catalog says of one of its entries, in any dialect; all of it claims.

use std::sync::Arc;

use registry_core::card::map::Display;
use registry_core::card::text::clean;
use serde_json::Value;
use url::Url;

/// The largest entry that is kept as it stands, in bytes of JSON.
pub const MAX_RAW: usize = 64 * 1024;

/// A catalog's entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier there; empty where a document is named outside a catalog.
    pub identifier: String,
    /// Its type there, in lower case and without parameters.
    pub media_type: String,
    /// How it is to be shown; used only for cards of the catalog's own site.
    pub display: Display,
    /// When it changed last, as written.
    pub updated_at: Option<String>,
    /// The digest of the bytes, as written.
    pub digest: Option<String>,
    /// Who published it, by the catalog's word.
    pub publisher: Option<String>,
    /// Tags, capabilities and example queries: words to search by.
    pub words: Vec<String>,
    /// Whether the catalog has a later version under the same identifier.
    pub is_superseded: bool,
    /// The whole entry as it stands; null where it is larger than [`MAX_RAW`].
    pub raw: Value,
    /// The catalog.
    pub catalog: Arc<CatalogFacts>,
}

/// What a catalog says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogFacts {
    /// Where it was at last fetched from; for one inside another, that one's.
    pub url: Option<Url>,
    /// Where in that document it stands; empty for the whole.
    pub pointer: String,
    /// Its `host`, as it stands.
    pub host: Value,
    /// Its `signature`, as it stands.
    pub signature: Value,
}

impl CatalogFacts {
    /// Of a catalog that stands in the document at this address.
    pub(super) fn of(catalog: &Value, url: &Url, pointer: &str) -> Self {
        let member = |name: &str| capped(catalog.get(name).unwrap_or(&Value::Null));
        Self {
            url: Some(url.clone()),
            pointer: pointer.to_owned(),
            host: member("host"),
            signature: member("signature"),
        }
    }
}

impl Entry {
    /// Reads an entry's own words.
    pub(super) fn read(value: &Value, catalog: &Arc<CatalogFacts>) -> Result<Self, String> {
        let text = |member: &str, max: usize| text(value, member, max);
        let identifier = text("identifier", 300).ok_or("an entry needs an `identifier`")?;
        let media_type =
            text("type", 200).or_else(|| text("mediaType", 200)).ok_or("an entry needs a `type`")?;
        let version = value.get("version").map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        let display = Display {
            title: text("displayName", 200),
            fallback_title: identifier.rsplit([':', '/']).next().filter(|s| !s.is_empty()).map(str::to_owned),
            description: text("description", 4000),
            version: version.map(|v| clean(&v, 255)).filter(|v| !v.is_empty() && v != "null"),
        };
        Ok(Self {
            identifier,
            media_type: bare(&media_type),
            display,
            updated_at: text("updatedAt", 60),
            digest: text("digest", 200),
            publisher: value.get("publisher").and_then(publisher),
            words: words(value),
            is_superseded: false,
            raw: capped(value),
            catalog: catalog.clone(),
        })
    }
}

/// A media type in lower case, without parameters.
pub(super) fn bare(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn text(value: &Value, member: &str, max: usize) -> Option<String> {
    let text = clean(value.get(member).and_then(Value::as_str).unwrap_or_default(), max);
    Some(text).filter(|t| !t.is_empty())
}

fn publisher(value: &Value) -> Option<String> {
    match value {
        Value::String(_) => Some(clean(value.as_str().unwrap_or_default(), 300)).filter(|t| !t.is_empty()),
        value => text(value, "identifier", 300),
    }
}

fn words(value: &Value) -> Vec<String> {
    let lists =
        ["tags", "capabilities", "representativeQueries"].iter().filter_map(|m| value.get(*m)?.as_array());
    let words = lists.flatten().filter_map(Value::as_str).map(|w| clean(w, 200));
    words.filter(|w| !w.is_empty()).take(50).collect()
}

/// The value, if it is small enough to carry along.
fn capped(value: &Value) -> Value {
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => value.clone(),
        Err(_) => Value::Null,
    }
}

/// Counts bytes, and fails when they are too many.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > MAX_RAW { Err(std::io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_is_kept_as_it_stands_unless_it_is_huge() {
        let catalog = json!({ "host": { "identifier": "acme.com" }, "signature": { "jws": "a..b" } });
        let url = Url::parse("https://acme.com/.well-known/ai-catalog.json").expect("an address");
        let facts = Arc::new(CatalogFacts::of(&catalog, &url, ""));
        let mut value = json!({
            "identifier": "urn:air:acme.com:x:tides", "type": "application/mcp-server-card+json; charset=utf-8",
            "publisher": { "identifier": "acme.com" }, "digest": "sha256:00", "trustManifest": { "identity": "x" },
        });
        let entry = Entry::read(&value, &facts).expect("an entry");
        assert_eq!(entry.raw, value);
        assert_eq!(entry.media_type, "application/mcp-server-card+json");
        assert_eq!(entry.publisher.as_deref(), Some("acme.com"));
        assert_eq!(entry.catalog.host, json!({ "identifier": "acme.com" }));
        assert_eq!(entry.catalog.signature["jws"], "a..b");
        value["description"] = "x".repeat(MAX_RAW).into();
        let entry = Entry::read(&value, &facts).expect("an entry");
        assert_eq!((entry.raw, entry.digest.as_deref()), (Value::Null, Some("sha256:00")));
    }
}
