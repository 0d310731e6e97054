//! What is indexed of a server (its latest visible version).

use registry_core::digest::Digest;
use registry_core::listing::Listing;
use registry_core::name::ServerName;
use registry_core::server_json::ServerJson;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{TantivyDocument, Term};

use super::facts::{FACETS, Facts};
use super::profile::{Place, Texts, stems_of};
use super::text::{fold, words};
use crate::read_model::entry::Entry;

/// Raised whenever fields, words or the choice of the version change: an index of another number is built anew.
pub const VERSION: u32 = 3;

/// How many characters of a word's beginning are indexed as such; longer beginnings are looked up among the words.
pub const BEGINNING: usize = 2;

/// The longest text that is a tag.
const LONGEST_TAG: usize = 300;

/// The index's fields.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// The server's number: what the index and the catalog call it.
    pub id: Field,
    /// Words as they are written, with their places: for beginnings, misspellings and phrases.
    pub words: Field,
    /// Words of names and titles, as they are written: for completing.
    pub names: Field,
    /// Stems, as often as their place weighs.
    pub stems: Field,
    /// Facts that filter: `ns:com.example`, `leaf:weather`, `registry_type:npm`, `host:…`, `package:…`, `tool:…`, `start:we`.
    pub tags: Field,
    /// The facts that are counted ([`Facts`]).
    pub facts: Field,
    /// The namespace, for counting.
    pub namespace: Field,
    /// When it last changed, in microseconds.
    pub updated: Field,
    /// When it was published, in microseconds.
    pub published: Field,
}

/// The schema and its fields.
pub fn schema() -> (Schema, Fields) {
    let indexed = |option| {
        TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer("raw").set_index_option(option))
    };
    let mut schema = Schema::builder();
    let fields = Fields {
        id: schema.add_u64_field("id", FAST | INDEXED),
        words: schema.add_text_field("words", indexed(IndexRecordOption::WithFreqsAndPositions)),
        names: schema.add_text_field("names", indexed(IndexRecordOption::Basic)),
        stems: schema.add_text_field("stems", indexed(IndexRecordOption::WithFreqs)),
        tags: schema.add_text_field("tags", STRING),
        facts: schema.add_u64_field("facts", FAST),
        namespace: schema.add_text_field("namespace", FAST),
        updated: schema.add_i64_field("updated", FAST),
        published: schema.add_i64_field("published", FAST),
    };
    (schema.build(), fields)
}

/// The number of a server, from its name: the same in every process.
pub fn id(name: &str) -> u64 {
    let digest = Digest::of(name.as_bytes());
    let (first, _) = digest.as_bytes().split_at(8);
    first.iter().fold(0, |id, byte| (id << 8) | u64::from(*byte))
}

/// The term by which a server's document is found and deleted.
pub fn id_term(fields: &Fields, name: &ServerName) -> Term {
    Term::from_field_u64(fields.id, id(name.as_str()))
}

/// The document of one server; `None` where its own document no longer parses.
pub fn document(fields: &Fields, entry: &Entry) -> Option<TantivyDocument> {
    let listing = entry.listing();
    let server = listing.server().ok()?;
    let texts = Texts::of(&listing, &server);
    let profile = entry.profile_of(&listing, &server, &texts);
    let mut document = TantivyDocument::default();
    document.add_u64(fields.id, id(entry.name.as_str()));
    document.add_pre_tokenized_text(fields.words, written(&texts));
    document.add_pre_tokenized_text(fields.names, named(&texts));
    document.add_pre_tokenized_text(fields.stems, weighed(&texts));
    document.add_u64(fields.facts, profile.facts.0);
    document.add_text(fields.namespace, entry.name.namespace().as_str());
    document.add_i64(fields.updated, entry.standing.updated_at.timestamp_micros());
    document.add_i64(fields.published, entry.standing.published_at.timestamp_micros());
    for tag in tags(&listing, &server, &texts, profile.facts) {
        if tag.len() <= LONGEST_TAG {
            document.add_text(fields.tags, &tag);
        }
    }
    Some(document)
}

/// All words in the order of the places, with a gap between two places, so that no phrase reaches over it.
fn written(texts: &Texts) -> PreTokenizedString {
    const GAP: usize = 100;
    let mut tokens = Vec::new();
    let mut position = 0;
    for place in Place::ALL {
        for word in words(texts.at(place)) {
            position += usize::from(!word.is_part);
            tokens.push(token(word.text, position));
        }
        position += GAP;
    }
    PreTokenizedString { text: String::new(), tokens }
}

fn named(texts: &Texts) -> PreTokenizedString {
    let places = [Place::Leaf, Place::Domain, Place::Title];
    let words = places.into_iter().flat_map(|place| words(texts.at(place)));
    PreTokenizedString { text: String::new(), tokens: words.map(|word| token(word.text, 0)).collect() }
}

fn weighed(texts: &Texts) -> PreTokenizedString {
    let mut tokens = Vec::new();
    for place in Place::ALL {
        for stem in stems_of(texts.at(place), place) {
            tokens.extend(std::iter::repeat_n(stem, place.times()).map(|stem| token(stem, 0)));
        }
    }
    PreTokenizedString { text: String::new(), tokens }
}

fn token(text: String, position: usize) -> Token {
    Token { offset_from: 0, offset_to: 0, position, text, position_length: 1 }
}

fn tags(listing: &Listing, server: &ServerJson, texts: &Texts, facts: Facts) -> Vec<String> {
    let mut tags = Vec::new();
    let namespace = fold(listing.name.namespace().as_str());
    tags.extend(ancestors(&namespace).map(|above| format!("ns:{above}")));
    tags.push(format!("leaf:{}", fold(listing.name.leaf())));
    for facet in FACETS {
        let bits = facet.bits().filter(|(_, bit)| facts.0 & bit != 0);
        tags.extend(bits.map(|(value, _)| format!("{}:{value}", facet.name)));
    }
    for package in &server.packages {
        tags.push(format!("package:{}", fold(&package.identifier)));
    }
    for remote in &server.remotes {
        let Some(host) = url::Url::parse(&remote.url).ok().and_then(|url| url.host_str().map(fold)) else {
            continue;
        };
        let below = std::iter::successors(Some(host.as_str()), |host| Some(host.split_once('.')?.1));
        tags.extend(below.map(|host| format!("host:{host}")));
    }
    tags.extend(texts.at(Place::Tools).lines().map(|tool| format!("tool:{}", fold(tool))));
    tags.extend(beginnings(texts));
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// A namespace and all above it: `com.example.maps`, `com.example`, `com`.
fn ancestors(namespace: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(namespace), |below| Some(below.rsplit_once('.')?.0))
}

/// The first one and two characters of the words of names and titles.
fn beginnings(texts: &Texts) -> impl Iterator<Item = String> + '_ {
    let places = [Place::Leaf, Place::Domain, Place::Account, Place::Title];
    let words = places.into_iter().flat_map(|place| words(texts.at(place)));
    words.flat_map(|word| {
        let ends = word.text.char_indices().map(|(at, c)| at + c.len_utf8()).take(BEGINNING);
        ends.map(|end| format!("start:{}", &word.text[..end])).collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model::catalog::tests::listed;
    use serde_json::json;

    #[test]
    fn a_server_is_tagged_by_all_that_filters() {
        let document = json!({
            "packages": [{ "registryType": "npm", "identifier": "@Acme/Weather" }],
            "remotes": [{ "type": "sse", "url": "https://mcp.acme.com/sse" }],
        });
        let listing = listed("com.acme.maps/weather", &document, &json!({}));
        let server = listing.server().expect("a document");
        let texts = Texts::of(&listing, &server);
        let tags = tags(&listing, &server, &texts, Facts::of(&listing, &server));
        for tag in [
            "ns:com.acme.maps",
            "ns:com.acme",
            "ns:com",
            "registry_type:npm",
            "transport:sse",
            "package:@acme/weather",
            "host:mcp.acme.com",
            "host:acme.com",
            "start:w",
            "start:we",
            "start:ac",
            "has:remote",
            "liveness:unprobed",
        ] {
            assert!(tags.contains(&tag.to_owned()), "{tag} in {tags:?}");
        }
    }

    #[test]
    fn a_name_is_one_number_everywhere() {
        assert_eq!(id("com.example/weather"), id("com.example/weather"));
        assert_ne!(id("com.example/weather"), id("com.example/Weather"));
    }
}
