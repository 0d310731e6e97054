//! One entry of an import, read: a version carried over from another registry, a document to publish, or a bad entry.

use std::borrow::Cow;

use registry_core::card::secret;
use registry_core::name::ServerName;
use registry_core::server_json::{ServerJson, lenient, rules, service, shape};
use registry_core::version::ServerVersion;
use registry_core::wire::servers::OFFICIAL;
use serde_json::Value;

use super::claimed::{Claimed, kind};
use super::split::{MAX_ENTRY, Piece};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The page of a registry's list, from 1.
    pub(super) page: Option<u64>,
    /// The line where it begins, in its page or file.
    pub(super) line: u64,
    /// Its number, from 1.
    pub(super) entry: u64,
}

/// An entry and where it stands.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) read: Result<Entry, Bad>,
}

/// A good entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: ServerName,
    pub(super) version: ServerVersion,
    pub(super) server: ServerJson,
    pub(super) way: Way,
}

/// How an entry comes in.
#[derive(Debug)]
pub(super) enum Way {
    /// With what another registry says of it.
    Carried(Claimed),
    /// As a publication.
    Published,
}

/// An entry that is not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) reason: String,
}

impl Bad {
    /// In a sentence, as far as it has a name.
    pub(super) fn told(&self) -> String {
        let named = [&self.name, &self.version].into_iter().flatten().map(String::as_str);
        let named = named.collect::<Vec<_>>().join(" ");
        if named.is_empty() { self.reason.clone() } else { format!("`{named}`: {}", self.reason) }
    }

    fn nameless(reason: String) -> Self {
        Self { name: None, version: None, reason }
    }
}

/// Reads an entry; `listed` when a registry's list has it, which only lists what it has accepted.
pub(super) fn read(piece: &Piece<'_>, listed: bool) -> Result<Entry, Bad> {
    let Piece::Bytes(bytes) = piece else {
        let limit = MAX_ENTRY / (1024 * 1024);
        return Err(Bad::nameless(format!("the entry is longer than {limit} MiB")));
    };
    let value =
        shape::parse_json(bytes).map_err(|error| Bad::nameless(format!("the entry is no JSON: {error}")))?;
    if !value.is_object() {
        return Err(Bad::nameless(format!("the entry is {}, not an object", kind(&value))));
    }
    let document = value.get("server").filter(|server| server.is_object()).unwrap_or(&value);
    let wrapped = !std::ptr::eq(document, &value);
    let official = [&value, document].into_iter().find_map(|at| at.get("_meta")?.get(OFFICIAL));
    let read = if wrapped || listed || official.is_some() {
        carried(document, official.unwrap_or(&Value::Null))
    } else {
        published(document)
    };
    read.map_err(|reason| {
        let text = |member| Some(document.get(member)?.as_str()?.to_owned());
        Bad { name: text("name"), version: text("version"), reason }
    })
}

fn carried(document: &Value, official: &Value) -> Result<Entry, String> {
    // What another registry has accepted is taken as it is, but for a key that somebody pasted: nobody hands that on.
    let mut document = Cow::Borrowed(document);
    if secret::holds_keys(&document) {
        let whole = document.to_mut();
        // What it is called stays what it is called.
        let called = ["name", "version"].map(|member| whole.get(member).cloned());
        secret::redact_texts(whole);
        for (member, value) in ["name", "version"].into_iter().zip(called) {
            if let Some(value) = value {
                whole[member] = value;
            }
        }
    }
    let document = &*document;
    let server = lenient::read(document).map_err(|error| error.to_string())?;
    let claimed = Claimed::read(official, document)?;
    entry(server, Way::Carried(claimed))
}

fn published(document: &Value) -> Result<Entry, String> {
    let server = shape::read(document).map_err(|issues| {
        sentence(issues.iter().map(|issue| format!("{}: {}", issue.location, issue.message)).collect())
    })?;
    let findings = rules::check(&server);
    let errors = findings.iter().filter(|finding| finding.is_error());
    let errors: Vec<_> = errors.map(ToString::to_string).collect();
    if !errors.is_empty() {
        return Err(sentence(errors));
    }
    service::check(&server).map_err(|unkept| unkept.to_string())?;
    entry(server, Way::Published)
}

/// The first few of many problems.
fn sentence(problems: Vec<String>) -> String {
    const SHOWN: usize = 5;
    let more = problems.len().saturating_sub(SHOWN);
    let shown = problems.into_iter().take(SHOWN).collect::<Vec<_>>().join("; ");
    if more == 0 { shown } else { format!("{shown}; and {more} more") }
}

fn entry(server: ServerJson, way: Way) -> Result<Entry, String> {
    let name = ServerName::try_from(server.name.clone()).map_err(|error| error.to_string())?;
    let version = ServerVersion::try_from(server.version.clone()).map_err(|error| error.to_string())?;
    Ok(Entry { name, version, server, way })
}
