//! A scripted web of strangers: every place where a server may be described, every dialect, and every way in which a host can
//! misbehave, each a host with what must come of it. All of them are crawled by one crawler into one database.

mod behaviour;
mod catalogs;
mod claims;
mod endpoints;
mod locations;

use crawler::frontier::Outcome as Visit;
use crawler::{Config, Crawler, Report, State};
use futures_util::StreamExt;
use registry_core::outbound::Dns;
use registry_core::store::findings::Outcome;
use serde_json::Value;

use crate::crawl::Web;
use crate::harness::dns::DnsServer;
use crate::harness::host::Document;

/// How many hosts are visited at once.
const AT_ONCE: usize = 6;

/// The hosts, and the DNS server that knows them.
pub struct World {
    pub web: Web,
    pub dns: DnsServer,
}

/// Makes a host serve something.
type Arrange = Box<dyn FnOnce(&World)>;

/// One host: what it serves, and what must come of it.
pub struct Site {
    host: &'static str,
    /// What is special about it.
    what: &'static str,
    served: Vec<Arrange>,
    expected: Vec<Expected>,
}

/// One thing that a visit must have done.
#[derive(Debug, Clone)]
pub enum Expected {
    /// A listing of this name.
    Lists(&'static str),
    /// So many listings in all.
    Listings(usize),
    /// Something with this outcome, for a reason with these words.
    Says(Outcome, &'static str),
    /// The visit ended so.
    Ends(Visit),
    /// The document at this path is in this state.
    Is(&'static str, State),
    /// This path of the host was never asked for.
    NeverAsked(&'static str),
    /// At most so many requests came to the host.
    AtMost(usize),
}

impl Site {
    pub fn new(host: &'static str, what: &'static str) -> Self {
        Self { host, what, served: Vec::new(), expected: Vec::new() }
    }

    /// Serves JSON at a path of the host.
    pub fn json(self, path: &'static str, value: Value) -> Self {
        self.document(path, Document::json(&value))
    }

    /// Serves a document at a path of the host.
    pub fn document(self, path: &'static str, document: Document) -> Self {
        let host = self.host;
        self.elsewhere(host, path, document)
    }

    /// Serves a document at a path of another host.
    pub fn elsewhere(self, host: &'static str, path: &'static str, document: Document) -> Self {
        self.with(move |world| world.web.hosts.serve(host, path, document))
    }

    /// Arranges anything else.
    pub fn with(mut self, arrange: impl FnOnce(&World) + 'static) -> Self {
        self.served.push(Box::new(arrange));
        self
    }

    pub fn lists(self, name: &'static str) -> Self {
        self.expects(Expected::Lists(name))
    }

    pub fn says(self, outcome: Outcome, words: &'static str) -> Self {
        self.expects(Expected::Says(outcome, words))
    }

    pub fn expects(mut self, expected: Expected) -> Self {
        self.expected.push(expected);
        self
    }
}

impl World {
    pub async fn start() -> Self {
        Self { web: Web::start().await, dns: DnsServer::start().await }
    }

    pub fn crawler(&self) -> Crawler {
        let txt = Some(Dns::new(&[self.dns.address()]));
        let own_hosts = ["*.com", "*.org", "*.vercel.app"].map(str::to_owned).into();
        self.web.crawler_with(Config { txt, own_hosts, ..self.web.config() })
    }

    /// Visits every site and holds what came of it against what must.
    pub async fn crawl(&self, sites: Vec<Site>) {
        let crawler = self.crawler();
        let mut visits = Vec::new();
        for Site { host, what, served, expected } in sites {
            for serve in served {
                serve(self);
            }
            visits.push((host, what, expected));
        }
        let mut visited = futures_util::stream::iter(visits)
            .map(|(host, what, expected)| {
                let crawler = crawler.clone();
                async move { (visit(&crawler, host).await, what, expected) }
            })
            .buffered(AT_ONCE);
        let mut wrong = Vec::new();
        while let Some((report, what, expected)) = visited.next().await {
            let missed = expected.iter().filter(|expected| !self.met(&report, expected));
            wrong.extend(missed.map(|missed| format!("{what}: {missed:?} in\n{report}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn met(&self, report: &Report, expected: &Expected) -> bool {
        let listed = || report.with(Outcome::Listed);
        let asked = || self.web.hosts.paths(report.origin.host());
        match expected {
            Expected::Lists(name) => listed().any(|described| described.name.as_deref() == Some(name)),
            Expected::Listings(count) => listed().count() == *count,
            Expected::Says(outcome, words) => report
                .with(*outcome)
                .any(|d| d.reason.as_deref().is_some_and(|reason| reason.contains(words))),
            Expected::Ends(outcome) => report.outcome == *outcome,
            Expected::Is(path, state) => {
                let url = format!("https://{}{path}", report.origin.host());
                report.documents.iter().any(|asked| asked.url == url && asked.state == *state)
            }
            Expected::NeverAsked(path) => !asked().iter().any(|asked| asked == path),
            Expected::AtMost(most) => asked().len() <= *most,
        }
    }
}

/// One visit, which must end in time.
pub async fn visit(crawler: &Crawler, host: &str) -> Report {
    let origin = host.parse().expect("a domain");
    let visit = tokio::time::timeout(std::time::Duration::from_secs(60), crawler.crawl(&origin, false));
    visit.await.unwrap_or_else(|_| panic!("`{host}` hangs")).expect("the database works")
}

#[test]
fn the_world_has_more_than_forty_hosts() {
    let all =
        [locations::sites(), catalogs::sites(), behaviour::sites(), claims::sites(), endpoints::sites()];
    let mut hosts: Vec<_> = all.iter().flatten().map(|site| site.host).collect();
    hosts.sort_unstable();
    let count = hosts.len();
    hosts.dedup();
    assert_eq!(hosts.len(), count, "each host is one site");
    assert!(count >= 40, "{count}");
}
