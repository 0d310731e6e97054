//! A server as a registry tells it. Reading is lenient: registries of other makes and ages leave members out.

use registry_core::evidence::{Evidence, Level};
use registry_core::server_json::ServerJson;
use registry_core::wire::servers::{OFFICIAL, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The member in which this registry tells who vouches for a server.
const EVIDENCE: &str = "org.cardinal-registry/evidence";

/// One version of one server.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Listing {
    /// The publisher's document.
    pub(crate) server: ServerJson,
    /// `active`, `deprecated`, `deleted`; empty where the registry says nothing.
    pub(crate) status: String,
    /// Why it has that status.
    pub(crate) status_message: String,
    /// When it was published.
    pub(crate) published_at: Option<Timestamp>,
    /// Whether it is its server's latest version.
    pub(crate) is_latest: bool,
    /// How far its owner is proved.
    pub(crate) level: Option<Level>,
    /// What was proved.
    pub(crate) evidence: Vec<Evidence>,
}

impl Listing {
    /// Reads one entry of a registry's answer.
    pub(crate) fn read(entry: &Value) -> Result<Self, serde_json::Error> {
        let mut server = entry.get("server").cloned().unwrap_or_default();
        drop_nulls(&mut server);
        let meta = entry.get("_meta");
        let official = meta.and_then(|meta| meta.get(OFFICIAL));
        let evidence = meta.and_then(|meta| meta.get(EVIDENCE));
        Ok(Self {
            server: serde_json::from_value(server)?,
            status: member(official, "status").unwrap_or_default(),
            status_message: member(official, "statusMessage").unwrap_or_default(),
            published_at: member(official, "publishedAt"),
            is_latest: member(official, "isLatest").unwrap_or_default(),
            level: member(evidence, "level"),
            evidence: items(evidence),
        })
    }

    /// Title and description on one line.
    pub(crate) fn says(&self) -> String {
        match self.server.title.as_str() {
            "" => self.server.description.clone(),
            title => format!("{title}: {}", self.server.description),
        }
    }

    /// Where it runs: the kinds of its packages, and `remote` where it runs on the web.
    pub(crate) fn runs(&self) -> String {
        let packages = self.server.packages.iter().map(|package| package.registry_type.as_str());
        let mut kinds: Vec<&str> = Vec::new();
        for kind in packages.chain((!self.server.remotes.is_empty()).then_some("remote")) {
            if !kind.is_empty() && !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds.join(", ")
    }

    /// Whether something is to be said about its status.
    pub(crate) fn is_offered(&self) -> bool {
        matches!(self.status.as_str(), "" | "active")
    }
}

/// A page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    servers: Option<Vec<Value>>,
    metadata: Map<String, Value>,
}

impl Page {
    /// The entries of a list's answer; `None` where it is no list.
    pub(crate) fn read(answer: &Value) -> Option<Self> {
        answer.get("servers")?;
        Self::deserialize(answer).ok()
    }

    /// Its entries; what is no server is left out.
    pub(crate) fn listings(&self) -> Vec<Listing> {
        self.servers.iter().flatten().filter_map(|entry| Listing::read(entry).ok()).collect()
    }

    /// Whether there are more.
    pub(crate) fn goes_on(&self) -> bool {
        self.metadata.get("nextCursor").and_then(Value::as_str).is_some_and(|cursor| !cursor.is_empty())
    }
}

/// How far a level goes, as people say it.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Claimed => "claimed",
        Level::SameSite => "same-site",
        Level::HostBound => "host-bound",
        Level::EndpointBound => "endpoint-bound",
        Level::Registry => "confirmed",
    }
}

fn member<T: DeserializeOwned>(of: Option<&Value>, key: &str) -> Option<T> {
    T::deserialize(of?.get(key)?).ok()
}

fn items(evidence: Option<&Value>) -> Vec<Evidence> {
    let items = evidence.and_then(|evidence| evidence.get("items")).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| Evidence::deserialize(item).ok()).collect()
}

/// A member that is null is absent (contract 1.4).
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_without_the_registrys_word_is_read() {
        let entry = json!({"server": {"name": "a.b/c", "title": null, "remotes": null,
            "packages": [{"registryType": "npm"}, {"registryType": "npm"}]}});
        let read = Listing::read(&entry).expect("it is a server");
        assert_eq!((read.server.name.as_str(), read.runs().as_str()), ("a.b/c", "npm"));
        assert!(read.is_offered() && read.level.is_none() && read.published_at.is_none());
    }

    #[test]
    fn evidence_that_is_not_understood_is_left_out() {
        let entry = json!({"server": {"name": "a.b/c", "remotes": [{"type": "sse"}]}, "_meta": {EVIDENCE:
            {"level": "host-bound", "items": [{}, {"what": "namespace", "how": "h", "by": "b", "at": "2026-11-20T10:00:00Z"}]}}});
        let read = Listing::read(&entry).expect("it is a server");
        assert_eq!(
            (read.level, read.evidence.len(), read.runs().as_str()),
            (Some(Level::HostBound), 1, "remote")
        );
    }

    #[test]
    fn only_a_list_is_a_page() {
        assert!(Page::read(&json!({"error": "no"})).is_none());
        let empty = Page::read(&json!({"servers": null, "metadata": {}})).expect("an empty page");
        assert!(empty.listings().is_empty() && !empty.goes_on());
    }
}
