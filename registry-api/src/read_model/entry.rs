//! One version in memory: what lists filter by, and its answer already serialised.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem::Finder;
use registry_core::digest::Digest;
use registry_core::listing::{Listing, Source, Standing, Status};
use registry_core::name::ServerName;
use registry_core::server_json::{Remote, ServerJson};
use registry_core::version::ServerVersion;
use registry_core::wire::servers::response_json;
use url::Url;

use crate::search::profile::{Profile, Texts};

/// What stands before the document in the ready answer.
const BEFORE_DOCUMENT: usize = r#"{"server":"#.len();

/// One version of one server, ready to be served.
#[derive(Debug)]
pub struct Entry {
    /// Whose version.
    pub name: ServerName,
    /// Which.
    pub version: ServerVersion,
    /// Status, times, latest flag.
    pub standing: Standing,
    /// Who brought it.
    pub source: Source,
    json: Box<str>,
    document: Range<usize>,
    extensions: Box<str>,
    folded_description: Box<str>,
    hosts: Box<[Box<str>]>,
    has_remotes: bool,
    title: Box<str>,
    profile: OnceLock<Box<Profile>>,
}

impl Entry {
    /// Prepares a listing; fails where its stored JSON no longer parses.
    pub fn new(listing: Listing) -> Result<Self, serde_json::Error> {
        let json = response_json(&listing)?.into_boxed_str();
        let server = listing.server()?;
        let mut hosts: Vec<Box<str>> = server.remotes.iter().filter_map(host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        Ok(Self {
            document: BEFORE_DOCUMENT..BEFORE_DOCUMENT + listing.document.len(),
            json,
            title: title(&listing.name, &server).into(),
            profile: OnceLock::new(),
            name: listing.name,
            version: listing.version,
            standing: listing.standing,
            source: listing.source,
            extensions: listing.extensions,
            folded_description: fold(&server.description).into(),
            hosts: hosts.into(),
            has_remotes: !server.remotes.is_empty(),
        })
    }

    /// The answer for this version (contract 1.5), without a newline.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The document alone.
    pub fn document(&self) -> &str {
        &self.json[self.document.clone()]
    }

    /// The registry's own members of `_meta`, as JSON; empty without any.
    pub fn extensions(&self) -> &str {
        &self.extensions
    }

    /// The hosts on which it runs.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|host| &**host)
    }

    /// Whether it runs somewhere on the web.
    pub fn has_remotes(&self) -> bool {
        self.has_remotes
    }

    /// Its title; the last part of its name when it has none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Title and description as they are written, read out of the document.
    pub fn title_and_description(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        #[derive(serde::Deserialize, Default)]
        #[serde(default)]
        struct Texts<'a> {
            #[serde(borrow)]
            title: Cow<'a, str>,
            #[serde(borrow)]
            description: Cow<'a, str>,
        }
        let texts: Texts<'_> = serde_json::from_str(self.document()).unwrap_or_default();
        (texts.title, texts.description)
    }

    /// What ranking compares; worked out when it is first asked for.
    pub fn profile(&self) -> &Profile {
        self.profile.get_or_init(|| {
            let listing = self.listing();
            let server = listing.server().unwrap_or_default();
            Box::new(Profile::of(&listing, &server, &Texts::of(&listing, &server)))
        })
    }

    /// The same, for whoever has its parts at hand.
    pub fn profile_of(&self, listing: &Listing, server: &ServerJson, texts: &Texts) -> &Profile {
        self.profile.get_or_init(|| Box::new(Profile::of(listing, server, texts)))
    }

    /// Hash of the document.
    pub fn document_hash(&self) -> Digest {
        Digest::of(self.document().as_bytes())
    }

    /// Whether the public list hides it unless asked.
    pub fn is_deleted(&self) -> bool {
        self.standing.status == Status::Deleted
    }

    /// Whether its description contains a text.
    pub fn describes(&self, text: &Needle<'_>) -> bool {
        text.is_in(&self.folded_description)
    }

    /// The listing again, for pages and snapshots.
    pub fn listing(&self) -> Listing {
        Listing {
            name: self.name.clone(),
            version: self.version.clone(),
            document: self.document().into(),
            standing: self.standing.clone(),
            source: self.source,
            extensions: self.extensions.clone(),
        }
    }
}

fn title<'a>(name: &'a ServerName, server: &'a ServerJson) -> &'a str {
    match server.title.trim() {
        "" => name.leaf(),
        title => title,
    }
}

fn host(remote: &Remote) -> Option<Box<str>> {
    let url = Url::parse(&remote.url).ok()?;
    url.host_str().map(Into::into)
}

/// A folded text to look for in many others, prepared once.
pub struct Needle<'a>(Finder<'a>);

impl<'a> Needle<'a> {
    /// Of a text that [`fold`] made.
    pub fn new(folded: &'a str) -> Self {
        Self(Finder::new(folded))
    }

    /// Whether a folded text contains it.
    pub fn is_in(&self, folded: &str) -> bool {
        self.0.find(folded.as_bytes()).is_some()
    }
}

/// The form in which names and descriptions are compared without regard to case.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_found_again_in_the_answer() {
        let listing = Listing {
            name: "com.example/weather".parse().expect("a name"),
            version: "1.0.0".parse().expect("a version"),
            document: r#"{"name":"com.example/weather","description":"Où Fait-Il beau","version":"1.0.0"}"#
                .into(),
            standing: Standing::published("2026-01-01T00:00:00Z".parse().expect("a time")),
            source: Source::Crawled,
            extensions: "".into(),
        };
        let entry = Entry::new(listing.clone()).expect("it parses");
        assert_eq!(entry.document(), &*listing.document);
        assert!(entry.describes(&Needle::new(&fold("où FAIT"))));
        assert!(!entry.describes(&Needle::new(&fold("weather"))));
    }
}
