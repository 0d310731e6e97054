//! What ranking knows of a server: the stems of its words by where they stand, and how good its listing is.
//!
//! The index finds candidates by the same words; a profile is what tells one candidate from another, without reading a document.

use registry_core::card::site::site;
use registry_core::extensions;
use registry_core::listing::Listing;
use registry_core::server_json::{PUBLISHER_PROVIDED, ServerJson};
use serde_json::Value;

use super::facts::Facts;
use super::text::{hash, is_weightless, squash, stem, whole_words, words};

/// Where a word may stand, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The part of the name after the slash.
    Leaf,
    /// The domain that the namespace stands for.
    Domain,
    /// The account on a platform that the namespace stands for.
    Account,
    /// The title.
    Title,
    /// Packages, repository and hosts.
    Parts,
    /// Keywords of the publisher.
    Keywords,
    /// The description.
    Description,
    /// Names of tools.
    Tools,
    /// Descriptions of tools.
    ToolTexts,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Leaf,
        Self::Domain,
        Self::Account,
        Self::Title,
        Self::Parts,
        Self::Keywords,
        Self::Description,
        Self::Tools,
        Self::ToolTexts,
    ];

    /// How much a word there says.
    pub fn weight(self) -> f32 {
        match self {
            Self::Leaf => 1.0,
            Self::Domain => 0.95,
            Self::Title => 0.9,
            Self::Keywords => 0.7,
            Self::Description | Self::Tools => 0.62,
            Self::Account => 0.55,
            Self::Parts => 0.45,
            Self::ToolTexts => 0.4,
        }
    }

    /// How often the index counts a word there.
    pub fn times(self) -> usize {
        match self {
            Self::Leaf | Self::Domain => 4,
            Self::Title => 3,
            Self::Account | Self::Keywords => 2,
            Self::Parts | Self::Description | Self::Tools | Self::ToolTexts => 1,
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Leaf => "name",
            Self::Domain => "domain",
            Self::Account => "account",
            Self::Title => "title",
            Self::Parts => "packages and hosts",
            Self::Keywords => "keywords",
            Self::Description => "description",
            Self::Tools => "tools",
            Self::ToolTexts => "tool descriptions",
        }
    }
}

/// How many words of tools count.
const TOOL_WORDS: usize = 400;

/// The words of a server, by place.
#[derive(Debug, Default)]
pub struct Texts([String; 9]);

impl Texts {
    /// Of a listing and its document.
    pub fn of(listing: &Listing, server: &ServerJson) -> Self {
        let mut texts = Self::default();
        let namespace = listing.name.namespace();
        let (place, owner) = owner(&namespace.host());
        texts.add(Place::Leaf, listing.name.leaf());
        texts.add(place, &owner);
        texts.add(Place::Title, &server.title);
        texts.add(Place::Description, &server.description);
        texts.parts(server);
        keywords(server).iter().for_each(|keyword| texts.add(Place::Keywords, keyword));
        texts.tools(listing);
        texts
    }

    /// The text of one place.
    pub fn at(&self, place: Place) -> &str {
        &self.0[place as usize]
    }

    fn add(&mut self, place: Place, text: &str) {
        let all = &mut self.0[place as usize];
        if !text.is_empty() {
            all.push_str(text);
            all.push('\n');
        }
    }

    fn parts(&mut self, server: &ServerJson) {
        for package in &server.packages {
            self.add(Place::Parts, &package.identifier);
        }
        for remote in &server.remotes {
            let host = url::Url::parse(&remote.url).ok().and_then(|url| Some(labels(url.host_str()?)));
            self.add(Place::Parts, &host.unwrap_or_default());
        }
        if let Some(repository) = &server.repository {
            let path = repository.url.split("://").nth(1).and_then(|rest| rest.split_once('/'));
            self.add(Place::Parts, path.map(|(_, path)| path.trim_end_matches(".git")).unwrap_or_default());
        }
    }

    fn tools(&mut self, listing: &Listing) {
        if listing.extensions.is_empty() {
            return;
        }
        let probed = extensions::member(&listing.extensions, extensions::TOOLS);
        let crawled = || extensions::member(&listing.extensions, extensions::CRAWL);
        let Some(member) = probed.or_else(crawled) else { return };
        for tool in member.get("tools").and_then(Value::as_array).into_iter().flatten() {
            let text = |member: &str| tool.get(member).and_then(Value::as_str).unwrap_or_default();
            self.add(Place::Tools, text("name"));
            self.add(Place::ToolTexts, text("description"));
        }
    }
}

/// Whose namespace it is: the label of a domain, or an account on somebody else's.
pub fn owner(host: &str) -> (Place, String) {
    for platform in ["github.io", "gitlab.io", "bitbucket.io"] {
        if let Some(account) = host.strip_suffix(platform).and_then(|rest| rest.strip_suffix('.')) {
            return (Place::Account, account.to_owned());
        }
    }
    (Place::Domain, labels(host))
}

/// The labels of a host that say something: `api.acme` of `api.acme.co.uk`.
fn labels(host: &str) -> String {
    let own = site(host).unwrap_or(host);
    let label = own.split('.').next().unwrap_or_default();
    let below = host.strip_suffix(own).unwrap_or_default();
    let below: Vec<&str> = below
        .split('.')
        .filter(|label| !matches!(*label, "" | "www" | "api" | "mcp" | "app" | "servers" | "server"))
        .collect();
    format!("{label} {}", below.join(" "))
}

/// What the publisher calls keywords, tags or categories.
fn keywords(server: &ServerJson) -> Vec<String> {
    let provided = server.meta.as_ref().and_then(|meta| meta.get(PUBLISHER_PROVIDED));
    let lists = ["keywords", "tags", "categories", "category", "topics"]
        .map(|member| provided.and_then(|p| p.get(member)));
    let mut keywords = Vec::new();
    for list in lists.into_iter().flatten() {
        match list {
            Value::String(text) => keywords.push(text.clone()),
            Value::Array(items) => {
                keywords.extend(items.iter().filter_map(Value::as_str).take(50).map(str::to_owned))
            }
            _ => {}
        }
    }
    keywords
}

/// What ranking compares.
#[derive(Debug)]
pub struct Profile {
    stems: Box<[u32]>,
    ends: [u16; 9],
    /// The name without its marks, and without words that say nothing as well.
    pub leaf: [u32; 2],
    /// The label of the domain, without its marks.
    pub domain: u32,
    /// The title without its marks.
    pub title: u32,
    /// How many words of the leaf say something, and how many of the title.
    pub leaf_words: u8,
    /// How many words of the title say something.
    pub title_words: u8,
    /// What can be filtered.
    pub facts: Facts,
    /// What the listing is worth, apart from what it says: a factor.
    pub quality: f32,
}

impl Profile {
    /// Of a listing.
    pub fn of(listing: &Listing, server: &ServerJson, texts: &Texts) -> Self {
        let mut stems: Vec<u32> = Vec::new();
        let ends = Place::ALL.map(|place| {
            let limit =
                if matches!(place, Place::Tools | Place::ToolTexts) { TOOL_WORDS } else { usize::MAX };
            stems.extend(stems_of(texts.at(place), place).take(limit).map(|stem| hash(&stem)));
            u16::try_from(stems.len()).unwrap_or(u16::MAX)
        });
        let facts = Facts::of(listing, server);
        let namespace = listing.name.namespace().host();
        let domain = site(&namespace).unwrap_or(&namespace).split('.').next().unwrap_or_default().to_owned();
        Self {
            stems: stems.into(),
            ends,
            leaf: [hash(&squash(listing.name.leaf())), hash(&telling(listing.name.leaf()).concat())],
            domain: hash(&squash(&domain)),
            title: hash(&telling(&server.title).concat()),
            leaf_words: u8::try_from(telling(listing.name.leaf()).len()).unwrap_or(u8::MAX),
            title_words: u8::try_from(telling(&server.title).len()).unwrap_or(u8::MAX),
            facts,
            quality: quality(facts, Described::of(listing.name.leaf(), &server.description)),
        }
    }

    /// The stems at a place, in their order.
    pub fn at(&self, place: Place) -> &[u32] {
        let at = place as usize;
        let from = if at == 0 { 0 } else { usize::from(self.ends[at - 1]) };
        self.stems.get(from..usize::from(self.ends[at]).min(self.stems.len())).unwrap_or_default()
    }
}

/// The stems of a text as the index has them: in names, neighbours also as one word.
pub fn stems_of(text: &str, place: Place) -> impl Iterator<Item = String> {
    let found = words(text);
    let mut stems: Vec<String> = found.iter().map(|word| stem(&word.text)).collect();
    if matches!(place, Place::Leaf | Place::Account | Place::Domain) {
        let whole: Vec<&str> =
            found.iter().filter(|word| !word.is_part).map(|word| word.text.as_str()).collect();
        stems.extend(joined(&whole).map(|word| stem(&word)));
    }
    stems.into_iter()
}

/// Every two neighbours as one word, as people write them: `brave-search` is `bravesearch`.
pub fn joined<'a>(words: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    words.windows(2).filter(|pair| pair.iter().all(|word| !is_weightless(word))).map(|pair| pair.concat())
}

/// The words of a name that say something; all of them where none does.
pub fn telling(text: &str) -> Vec<String> {
    let all: Vec<String> = whole_words(text).collect();
    let telling: Vec<String> = all.iter().filter(|word| !is_weightless(word)).cloned().collect();
    telling
}

/// What a listing is worth, apart from what it says: dead servers and empty words sink, nothing vanishes.
fn quality(facts: Facts, described: Described) -> f32 {
    let mut quality = match described {
        Described::Well => 1.0,
        Described::Hardly => 0.88,
        Described::Placeholder => 0.5,
    };
    if facts.has("status", "deprecated") {
        quality *= 0.75;
    }
    let liveness = [
        ("dead", 0.55),
        ("not-mcp", 0.65),
        ("unreachable", 0.8),
        ("stale", 0.85),
        ("alive", 1.03),
        ("alive-auth", 1.02),
    ];
    quality *= liveness
        .into_iter()
        .find(|(state, _)| facts.has("liveness", state))
        .map_or(1.0, |(_, factor)| factor);
    let evidence = [("claimed", 0.97), ("host-bound", 1.01), ("endpoint-bound", 1.02), ("registry", 1.02)];
    quality *= evidence
        .into_iter()
        .find(|(level, _)| facts.has("evidence", level))
        .map_or(1.0, |(_, factor)| factor);
    if !facts.has("has", "package") && !facts.has("has", "remote") {
        quality -= 0.000_1;
    }
    quality
}

/// What a description says of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Described {
    /// Something of its own.
    Well,
    /// Little more than its name.
    Hardly,
    /// That nobody has written it yet, or that the server does nothing.
    Placeholder,
}

impl Described {
    fn of(leaf: &str, description: &str) -> Self {
        const PLACEHOLDERS: [&str; 9] = [
            "description of my",
            "[describe",
            "todo",
            "lorem ipsum",
            "your description",
            "describe your",
            "non functional server",
            "test server",
            "hello world",
        ];
        let text = super::text::fold(description.trim());
        if PLACEHOLDERS.iter().any(|start| text.starts_with(start)) {
            return Self::Placeholder;
        }
        let name: Vec<String> = whole_words(leaf).collect();
        let says =
            |word: &String| !name.contains(word) && !is_weightless(word) && !super::text::is_stop_word(word);
        let is_own = whole_words(description).filter(says).count() >= 3 || super::text::is_dense(description);
        if is_own { Self::Well } else { Self::Hardly }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model::catalog::tests::listed;
    use serde_json::json;

    fn profile(name: &str, document: &Value, extensions: &Value) -> (Texts, Profile) {
        let listing = listed(name, document, extensions);
        let server = listing.server().expect("a document");
        let texts = Texts::of(&listing, &server);
        let profile = Profile::of(&listing, &server, &texts);
        (texts, profile)
    }

    #[test]
    fn words_stand_where_they_come_from() {
        let document = json!({
            "title": "Brave Search",
            "description": "Searches the web",
            "packages": [{ "registryType": "npm", "identifier": "@brave/web" }],
            "remotes": [{ "type": "sse", "url": "https://tools.acme.co.uk/sse" }],
            "repository": { "url": "https://github.com/brave/core.git", "source": "github" },
            "_meta": { PUBLISHER_PROVIDED: { "keywords": ["seek"] } },
        });
        let tools =
            json!({ extensions::TOOLS: { "tools": [{ "name": "web_find", "description": "Finds pages" }] } });
        let (texts, profile) = profile("io.github.brave/brave-search-mcp", &document, &tools);
        assert_eq!(texts.at(Place::Account), "brave\n");
        assert_eq!(texts.at(Place::Parts), "@brave/web\nacme tools\nbrave/core\n");
        assert_eq!((texts.at(Place::Tools), texts.at(Place::ToolTexts)), ("web_find\n", "Finds pages\n"));
        assert_eq!(texts.at(Place::Keywords), "seek\n");
        assert!(profile.at(Place::Leaf).contains(&hash("bravesearch")));
        assert_eq!(profile.at(Place::Description).len(), 3);
        assert_eq!((profile.leaf_words, profile.title_words), (2, 2));
        assert_eq!(profile.leaf[1], hash("bravesearch"));
    }

    #[test]
    fn a_domain_is_its_label() {
        assert_eq!(owner("mcp.cloudflare.com"), (Place::Domain, "cloudflare ".to_owned()));
        assert_eq!(owner("maps.acme.co.uk"), (Place::Domain, "acme maps".to_owned()));
        assert_eq!(owner("octo.github.io"), (Place::Account, "octo".to_owned()));
    }

    #[test]
    fn templates_and_names_again_are_no_descriptions() {
        assert_eq!(Described::of("x", "Description of my MCP server"), Described::Placeholder);
        assert_eq!(Described::of("crm-ai-mcp", "crm-ai-mcp MCP server"), Described::Hardly);
        assert_eq!(Described::of("x", ""), Described::Hardly);
        assert_eq!(Described::of("x", "Reads calendars, writes invitations"), Described::Well);
        assert_eq!(Described::of("x", "今日新闻"), Described::Well);
    }
}
