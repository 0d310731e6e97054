//! One version in memory: what lists filter by, and its answer already serialised.

use std::ops::Range;

use memchr::memmem::Finder;
use registry_core::digest::Digest;
use registry_core::listing::{Listing, Source, Standing, Status};
use registry_core::name::ServerName;
use registry_core::version::ServerVersion;
use registry_core::wire::servers::response_json;

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
}

impl Entry {
    /// Prepares a listing; fails where its stored JSON no longer parses.
    pub fn new(listing: Listing) -> Result<Self, serde_json::Error> {
        let json = response_json(&listing)?.into_boxed_str();
        let description = listing.server()?.description;
        Ok(Self {
            document: BEFORE_DOCUMENT..BEFORE_DOCUMENT + listing.document.len(),
            json,
            name: listing.name,
            version: listing.version,
            standing: listing.standing,
            source: listing.source,
            extensions: listing.extensions,
            folded_description: fold(&description).into(),
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
