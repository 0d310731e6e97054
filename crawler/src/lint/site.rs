//! A site as a visit looks at it: what robots.txt and the home page name, then its well-known places.

use std::collections::HashSet;

use registry_core::card::origin::Origin;
use registry_core::card::{address, site};
use registry_core::lint::Finding;
use registry_core::lint::host::Failure;
use registry_core::lint::table::H2;
use registry_core::server_json::Remote;
use registry_core::store::findings::Outcome;
use registry_core::wire::lint::LintDocument;
use reqwest::Method;
use reqwest::header;
use url::Url;

use super::Check;
use super::ask::header;
use super::look::Seen;
use crate::discover::{self, Discovery, Document, Found, Tier};
use crate::fetch::Turns;
use crate::visit::LEFT_OUT;

/// How many requests to a site may fail before it is left alone.
const MOST_FAILURES: usize = 10;

/// Formats that describe something else and only mention servers.
const NEIGHBOURS: [&str; 2] = ["oauth-protected-resource", "a2a-agent-card"];

/// What was seen of a site.
#[derive(Default)]
struct Site {
    asked: HashSet<Url>,
    /// What kept a place from being read: told where nothing else is found.
    aside: Option<Seen>,
    failures: usize,
    /// The host of the same site to which visitors are sent.
    moved: Option<Origin>,
    /// Endpoints that are not to be crawled.
    opted_out: HashSet<String>,
}

impl Check<'_> {
    /// What a site publishes; that it publishes nothing is said, too.
    pub(super) async fn site(&mut self, origin: &Origin) {
        let mut seen = Site::default();
        self.home(origin, &mut seen).await;
        for origin in [Some(origin.clone()), seen.moved.clone()].into_iter().flatten() {
            self.places(locations(&origin, Tier::Usual), &mut seen).await;
        }
        // Of one rarer place a site may say that it is to be left out.
        let rare = locations(origin, Tier::LongTail);
        let is_empty = self.documents.is_empty();
        self.places(rare.into_iter().filter(|url| is_empty || may_opt_out(url)).collect(), &mut seen).await;
        self.leave_out(&seen.opted_out);
        if let Some(sibling) = sibling(origin).filter(|_| self.documents.is_empty()) {
            self.places(locations(&sibling, Tier::Usual), &mut seen).await;
        }
        if !self.documents.is_empty() {
            return;
        }
        match seen.aside {
            Some(aside) => self.report(&aside),
            None => self.documents.push(LintDocument::new(
                Some(origin.url("/").to_string()),
                None,
                &[nothing(origin)],
            )),
        }
    }

    async fn places(&mut self, places: Vec<Url>, site: &mut Site) {
        for url in places {
            if self.is_late() || site.failures >= MOST_FAILURES {
                return;
            }
            if site.asked.insert(url.clone()) {
                self.place(&url, site).await;
            }
        }
    }

    async fn place(&mut self, url: &Url, site: &mut Site) {
        let seen = self.asker.look(url, false).await;
        if seen.is_published() {
            // Only what is there is worth the other requests.
            let seen = self.asker.look(url, true).await;
            if may_opt_out(url) {
                site.opted_out.extend(seen.opted_out());
            }
            return self.document(seen).await;
        }
        match &seen.hosting.failure {
            Some(Failure::Refused(_)) => self.report(&seen),
            Some(Failure::Fetch(_)) => {
                site.failures += 1;
                site.aside = Some(seen);
            }
            Some(Failure::Robots(_)) => _ = site.aside.get_or_insert(seen),
            None if is_closed(seen.hosting.status) => _ = site.aside.get_or_insert(seen),
            None => {}
        }
    }

    /// Looks at what robots.txt and the home page name, and at where the home page sends visitors.
    async fn home(&mut self, origin: &Origin, site: &mut Site) {
        let home = origin.url("/");
        let maps = self.asker.fetcher.agentmaps(&home, &Turns::Own).await.unwrap_or_default();
        self.places(maps, site).await;
        let Some(format) = discover::format("home-page") else { return };
        let accept = header(header::ACCEPT, format.accept());
        let asked = self.asker.ask(Method::GET, &home, accept, format.max_bytes()).await;
        let Ok(page) = asked else { return };
        let to = page.redirection(&home).ok().flatten().and_then(|to| Origin::of(&to).ok());
        site.moved = to.filter(|to| to != origin && site::same_site(to.host(), origin.host()));
        let texts = |name| page.headers.get_all(name).iter().filter_map(|text| text.to_str().ok());
        let links: Vec<String> = texts(header::LINK).map(str::to_owned).collect();
        let content_type = texts(header::CONTENT_TYPE).next();
        let document = Document { url: &home, body: &page.body, content_type, links: &links };
        let found = if page.status == 200 { format.read(&document).unwrap_or_default() } else { Vec::new() };
        for follow in found.into_iter().filter_map(|found| match found {
            Found::Follow(follow) if !follow.is_guess => Some(follow),
            _ => None,
        }) {
            if !self.is_late() && site.asked.insert(follow.url.clone()) {
                self.listed(&follow, &home).await;
            }
        }
    }

    /// Refuses what would be listed of endpoints that are not to be crawled.
    fn leave_out(&mut self, opted_out: &HashSet<String>) {
        let is_out = |remote: &Remote| address::key(&remote.url).is_some_and(|key| opted_out.contains(&key));
        for described in &mut self.servers {
            if described.server.iter().flat_map(|server| &server.remotes).any(is_out) {
                described.outcome = Outcome::Refused;
                described.reason = Some(LEFT_OUT.to_owned());
            }
        }
    }

    /// The documents that lie beside the endpoints of what would be listed, on their own ground: they are believed before all others.
    pub(super) async fn beside_endpoints(&mut self) {
        const MOST: usize = 5;
        let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let mut remotes = Vec::new();
        for described in &self.servers {
            let (Some(server), Some(ground)) = (&described.server, described.url.as_deref().and_then(host))
            else {
                continue;
            };
            let own = server.remotes.iter();
            // What lies elsewhere was asked whether it confirms the card.
            remotes.extend(
                own.filter(|remote| host(&remote.url).is_some_and(|host| site::same_site(&host, &ground)))
                    .cloned(),
            );
        }
        remotes.truncate(MOST);
        let known: HashSet<String> = self.documents.iter().filter_map(|d| d.url.clone()).collect();
        for remote in remotes {
            let places = discover::ALL.iter().flat_map(|format| format.beside(&remote));
            for url in places.filter(|url| !known.contains(url.as_str())).take(1).collect::<Vec<_>>() {
                if self.is_late() {
                    return;
                }
                let seen = self.asker.look(&url, false).await;
                if seen.is_published() {
                    self.document(seen).await;
                }
            }
        }
    }
}

/// The places of a site at which formats of a tier lie.
fn locations(origin: &Origin, tier: Tier) -> Vec<Url> {
    let is_document = |format: &&&dyn Discovery| {
        format.tier() == tier && !format.is_cut() && !NEIGHBOURS.contains(&format.id())
    };
    discover::ALL.iter().filter(is_document).flat_map(|format| format.locations(origin)).collect()
}

/// Whether a document there may say that its endpoint is not to be crawled.
fn may_opt_out(url: &Url) -> bool {
    url.path() == "/.well-known/mcp-server"
}

/// The host of a site that may be for its servers alone.
fn sibling(origin: &Origin) -> Option<Origin> {
    let apex = site::site(origin.host()).filter(|apex| *apex == site::without_www(origin.host()))?;
    format!("mcp.{apex}").parse().ok()
}

/// Whether an answer says that something may be there, but not for everybody.
fn is_closed(status: u16) -> bool {
    matches!(status, 401..=403 | 407 | 429 | 451 | 500..)
}

fn nothing(origin: &Origin) -> Finding {
    Finding {
        rule: &H2,
        path: String::new(),
        message: format!(
            "`{origin}` publishes no description of a server at its well-known places; begin with `/.well-known/ai-catalog.json`, or \
             name the address of a document"
        ),
    }
}
