//! A server's page: what it is, how to reach or run it, who stands behind it.

use askama::Template;
use registry_core::card::publish;
use registry_core::evidence::Evidence;
use registry_core::listing::{Listing, Source, Standing, Status};
use registry_core::name::ServerName;
use registry_core::server_json::{Remote, ServerJson};

use super::extensions::{Endpoint, Extensions, Fact, Tool};
use super::hit::{self, Piece, kind_label, quoted};
use super::input::{self, InputRow};
use super::json::{self, Run};
use super::package::{PackageView, transport_label};
use crate::routes::describe::card_path;

use super::view::{LevelView, Site, Tile, WebLink, When, api_path, server_path, status_label, version_path};

/// How many versions are shown before the rest folds away.
const VERSIONS_SHOWN: usize = 10;

/// What a server's page shows: one version of it.
#[derive(Debug, Clone, Template)]
#[template(path = "server.html")]
pub struct ServerView {
    /// The registry.
    pub site: Site,
    name: ServerName,
    version: String,
    standing: Standing,
    source: Source,
    server: ServerJson,
    extensions: Extensions,
    versions: Vec<VersionLine>,
    document: Vec<Run>,
}

/// A version in the list of them.
#[derive(Debug, Clone)]
pub struct VersionLine {
    version: String,
    href: String,
    published: When,
    status: Status,
    is_latest: bool,
}

/// A place on the web where the server runs.
#[derive(Debug, Clone)]
struct RemoteView<'a> {
    kind: &'a str,
    url: &'a str,
    headers: Vec<InputRow>,
    variables: Vec<InputRow>,
    endpoint: Option<&'a Endpoint>,
}

/// A server's page.
pub fn server(view: &ServerView) -> Result<String, askama::Error> {
    view.render()
}

impl ServerView {
    /// The page of `shown`; `versions` are those of its server that may be seen, newest first. Fails when the document does
    /// not parse.
    pub fn new<'a>(
        site: &Site,
        shown: &Listing,
        versions: impl IntoIterator<Item = &'a Listing>,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            site: site.clone(),
            name: shown.name.clone(),
            version: shown.version.as_str().to_owned(),
            standing: shown.standing.clone(),
            source: shown.source,
            server: shown.server()?,
            extensions: Extensions::read(&shown.extensions),
            versions: versions.into_iter().map(VersionLine::from).collect(),
            document: json::pretty(&shown.document),
        })
    }

    /// Where the Server Card of this version is, below the registry's address; none where it has none or is deleted.
    pub fn card(&self) -> Option<String> {
        let has_card = self.standing.status != Status::Deleted && publish::card(&self.server).is_ok();
        has_card.then(|| card_path(self.name.as_str(), Some(&self.version)))
    }

    fn title(&self) -> &str {
        hit::title(&self.name, &self.server)
    }

    fn tile(&self) -> Tile {
        Tile::of(&self.name, self.title())
    }

    fn path(&self) -> String {
        server_path(&self.name)
    }

    fn api_path(&self) -> String {
        api_path(&self.name, &self.version)
    }

    fn kinds(&self) -> Vec<String> {
        hit::kinds(&self.server).iter().map(|kind| kind_label(kind).to_owned()).collect()
    }

    fn level(&self) -> Option<LevelView> {
        self.extensions.level.map(LevelView)
    }

    fn status_label(&self) -> Option<&'static str> {
        status_label(self.standing.status)
    }

    fn status_message(&self) -> Option<&str> {
        self.standing.status_message.as_deref().map(str::trim).filter(|message| !message.is_empty())
    }

    fn is_deleted(&self) -> bool {
        self.standing.status == Status::Deleted
    }

    /// The latest version, when another one is shown.
    fn newer(&self) -> Option<&VersionLine> {
        self.versions.iter().find(|line| line.is_latest && line.version != self.version)
    }

    fn source_sentence(&self) -> &'static str {
        match self.source {
            Source::Published => "Its owner published it here.",
            Source::Crawled => "A document on its own host describes it.",
            Source::Synced => "Another registry lists it; this one takes it over.",
        }
    }

    fn source_word(&self) -> &'static str {
        match self.source {
            Source::Published => "Published by its owner",
            Source::Crawled => "Found by crawling",
            Source::Synced => "Another registry",
        }
    }

    fn remotes(&self) -> Vec<RemoteView<'_>> {
        self.server.remotes.iter().map(|remote| RemoteView::new(remote, &self.extensions)).collect()
    }

    fn packages(&self) -> Vec<PackageView> {
        self.server.packages.iter().map(PackageView::from).collect()
    }

    fn evidence(&self) -> Vec<EvidenceView<'_>> {
        self.extensions.evidence.iter().map(EvidenceView).collect()
    }

    fn tools(&self) -> &[Tool] {
        &self.extensions.tools
    }

    /// Who says so of the tools.
    fn tools_source(&self) -> &'static str {
        if self.extensions.are_tools_live {
            "As the running server lists them."
        } else {
            "As the server’s own description names them."
        }
    }

    fn facts(&self) -> &[Fact] {
        &self.extensions.facts
    }

    fn repository(&self) -> Option<WebLink> {
        WebLink::parse(&self.server.repository.as_ref()?.url)
    }

    fn website(&self) -> Option<WebLink> {
        WebLink::parse(&self.server.website_url)
    }

    fn published(&self) -> When {
        When(self.standing.published_at)
    }

    fn updated(&self) -> When {
        When(self.standing.updated_at)
    }

    fn status_changed(&self) -> When {
        When(self.standing.status_changed_at)
    }

    fn first_versions(&self) -> &[VersionLine] {
        &self.versions[..self.versions.len().min(VERSIONS_SHOWN)]
    }

    fn other_versions(&self) -> &[VersionLine] {
        &self.versions[self.versions.len().min(VERSIONS_SHOWN)..]
    }
}

impl From<&Listing> for VersionLine {
    fn from(listing: &Listing) -> Self {
        Self {
            version: listing.version.as_str().to_owned(),
            href: version_path(&listing.name, listing.version.as_str()),
            published: When(listing.standing.published_at),
            status: listing.standing.status,
            is_latest: listing.standing.is_latest,
        }
    }
}

impl VersionLine {
    fn label(&self) -> Option<&'static str> {
        status_label(self.status).or(self.is_latest.then_some("Latest"))
    }

    /// The label's colour: `good`, `poor`, `bad`.
    fn tone(&self) -> &'static str {
        match self.status {
            Status::Active => "good",
            Status::Deprecated => "poor",
            Status::Deleted => "bad",
        }
    }
}

impl<'a> RemoteView<'a> {
    fn new(remote: &'a Remote, extensions: &'a Extensions) -> Self {
        Self {
            kind: transport_label(&remote.kind),
            url: &remote.url,
            headers: input::keyed(&remote.headers),
            variables: input::variables(&remote.variables),
            endpoint: extensions.endpoint(&remote.url),
        }
    }
}

/// An item of evidence, in words.
#[derive(Debug, Clone, Copy)]
struct EvidenceView<'a>(&'a Evidence);

impl EvidenceView<'_> {
    fn title(&self) -> &str {
        match self.0.what.as_str() {
            "namespace" => "May use this name",
            "endpoint" => "Runs where it says",
            "listed-by" => "Listed in a catalog",
            "synced-from" => "Listed by another registry",
            other => other,
        }
    }

    fn how(&self) -> Vec<Piece<'_>> {
        quoted(&self.0.how)
    }

    fn link(&self) -> Option<WebLink> {
        WebLink::parse(self.0.url.as_deref()?)
    }

    fn at(&self) -> When {
        When(self.0.at)
    }

    fn until(&self) -> Option<When> {
        self.0.until.map(When)
    }

    /// The start of the hash, enough to compare by eye.
    fn short_hash(&self) -> Option<&str> {
        self.0.sha256.as_deref().map(|hash| hash.get(..12).unwrap_or(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    fn page(listing: &Listing) -> String {
        server(&ServerView::new(&samples::site(), listing, [listing]).expect("a document")).expect("rendered")
    }

    #[test]
    fn a_rich_listing_shows_everything() {
        let page = page(&samples::rich());
        for part in [
            "Example Weather",
            "https://mcp.example.com/mcp",
            "npx -y @example/weather@1.4.0",
            "WEATHER_API_KEY",
            "Endpoint-bound",
            "May use this name",
            "Answers",
            "rel=\"nofollow noopener\"",
            "/v0.1/servers/com.example%2Fweather/versions/1.4.0",
            "forecast_daily",
        ] {
            assert!(page.contains(part), "{part}");
        }
        samples::assert_page(&page);
    }

    #[test]
    fn a_minimal_listing_is_a_page_too() {
        let page = page(&samples::minimal());
        assert!(page.contains("org.example/plain") && page.contains("Nothing was recorded"));
        samples::assert_page(&page);
    }

    #[test]
    fn a_hostile_listing_stays_text() {
        let page = page(&samples::hostile());
        samples::assert_page(&page);
        assert!(!page.contains("href=\"javascript:"), "only http(s) addresses are links");
        assert!(!page.contains("src=\"https://evil.example"), "icons are not loaded");
    }

    #[test]
    fn a_deprecated_version_says_so_with_its_reason() {
        let mut listing = samples::rich();
        listing.standing.status = Status::Deprecated;
        listing.standing.status_message = Some("use com.example/climate".to_owned());
        assert!(page(&listing).contains("use com.example/climate"));
    }

    #[test]
    fn an_older_version_points_to_the_latest() {
        let latest = samples::rich();
        let mut old = latest.clone();
        old.version = "1.0.0".parse().expect("a version");
        old.standing.is_latest = false;
        let view = ServerView::new(&samples::site(), &old, [&latest, &old]).expect("a document");
        let page = server(&view).expect("rendered");
        assert!(page.contains("not the latest"));
        samples::assert_page(&page);
    }

    #[test]
    fn many_versions_fold_away() {
        let listing = samples::rich();
        let versions: Vec<Listing> = (0..40)
            .map(|n| Listing { version: format!("0.{n}.0").parse().expect("a version"), ..listing.clone() })
            .collect();
        let view = ServerView::new(&samples::site(), &listing, &versions).expect("a document");
        assert_eq!((view.first_versions().len(), view.other_versions().len()), (10, 30));
        assert!(server(&view).expect("rendered").contains("30 older versions"));
    }
}
