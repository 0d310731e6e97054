//! The crawler as a linter: looks at an address as a visit would, checks what is there, and says what would be listed. It writes
//! nothing and needs no database.

mod ask;
mod listing;
mod look;
mod same;
mod site;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use registry_core::card::origin::Origin;
use registry_core::clock::SharedClock;
use registry_core::lint::host::{self, Hosting};
use registry_core::lint::{self, Busy, Finding, document};
use registry_core::outbound::Client;
use registry_core::wire::lint::{LintDocument, LintReport, LintServer};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

use crate::discover::{Expects, Follow};
use crate::fetch::Fetcher;
use crate::{Config, ConfigError};
use ask::Asker;
use look::Seen;
use same::one_by_one;

/// How many addresses are checked at once.
const AT_ONCE: usize = 8;

/// How long one check may begin new requests.
const TIME: Duration = Duration::from_secs(45);

/// How long robots.txt is believed.
const MEMORY: TimeDelta = TimeDelta::minutes(2);

/// How many documents that a catalog lists are looked at.
const MOST_LISTED: usize = 20;

/// How many descriptions are told of.
const MOST_SERVERS: usize = 500;

/// Checks documents; cheap to clone.
#[derive(Clone)]
pub struct Linter {
    fetcher: Arc<Mutex<(DateTime<Utc>, Arc<Fetcher>)>>,
    own_hosts: Vec<String>,
    client: Client,
    clock: SharedClock,
    room: Arc<Semaphore>,
    random: fn() -> u64,
}

impl Linter {
    /// A linter that reaches hosts as a crawler with these settings does. A process-wide rustls provider must be installed.
    pub fn new(config: &Config, clock: SharedClock) -> Result<Self, ConfigError> {
        let client = Client::new(config.policy.clone())?;
        let fetcher = Fetcher::new(client.clone(), clock.clone(), config.own_hosts.clone());
        Ok(Self {
            fetcher: Arc::new(Mutex::new((clock.now(), Arc::new(fetcher)))),
            own_hosts: config.own_hosts.clone(),
            client,
            clock,
            room: Arc::new(Semaphore::new(AT_ONCE)),
            random: config.random,
        })
    }

    /// What one check asks with. Hosts are asked in turn whoever's check it is, but what was known of them is soon asked again:
    /// an owner who has just changed robots.txt wants to see that it helps.
    fn asker(&self, deadline: Instant) -> Asker {
        let now = self.clock.now();
        let mut kept = self.fetcher.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 + MEMORY <= now {
            let fetcher = Fetcher::new(self.client.clone(), self.clock.clone(), self.own_hosts.clone());
            *kept = (now, Arc::new(fetcher));
        }
        Asker { fetcher: kept.1.clone(), client: self.client.clone(), deadline, random: self.random }
    }

    async fn check(&self, url: Url) -> LintReport {
        let asker = self.asker(Instant::now() + TIME);
        let mut check = Check { clock: &self.clock, asker, documents: Vec::new(), servers: Vec::new() };
        let asked = url.to_string();
        match site(&url) {
            Some(origin) => check.site(&origin).await,
            None => {
                let seen = check.asker.look(&url, true).await;
                check.document(seen).await;
            }
        }
        check.beside_endpoints().await;
        LintReport::new(Some(asked), check.documents, one_by_one(check.servers))
    }
}

impl lint::Linter for Linter {
    fn lint_url(&self, url: Url) -> BoxFuture<'_, Result<LintReport, Busy>> {
        async move {
            let _place = self.room.try_acquire().map_err(|_| Busy)?;
            Ok(self.check(url).await)
        }
        .boxed()
    }

    fn lint_document(&self, bytes: &[u8], at: Option<&Url>) -> LintReport {
        let checked = document::check_at(bytes, at);
        let place = at.cloned().or_else(|| listing::likely_place(checked.value.as_ref()?));
        let kind = checked.shape.map(|shape| shape.as_str().to_owned());
        let document = LintDocument::new(at.map(Url::to_string), kind, &checked.findings);
        let mut servers = Vec::new();
        if let (Some(place), Some(_)) = (&place, &checked.value) {
            let source = listing::Source::of(place, bytes, self.clock.now());
            let (mapped, follows, others) = listing::read(&source, None);
            servers.extend(mapped.iter().map(|card| listing::judge(card, &source, &[])));
            let unread = |follow: &Follow| listing::unread(&source, follow);
            servers.extend(follows.iter().map(unread));
            servers.extend(others);
        }
        servers.truncate(MOST_SERVERS);
        let assumed = place.filter(|_| at.is_none()).map(String::from);
        LintReport { assumed_url: assumed, ..LintReport::new(None, vec![document], one_by_one(servers)) }
    }
}

/// The origin of an address that names nothing on it.
fn site(url: &Url) -> Option<Origin> {
    let is_bare = url.path() == "/" && url.query().is_none();
    Origin::of(url).ok().filter(|_| is_bare && url.scheme() == "https" && url.port().is_none())
}

/// One check under way.
struct Check<'a> {
    clock: &'a SharedClock,
    asker: Asker,
    documents: Vec<LintDocument>,
    servers: Vec<LintServer>,
}

impl Check<'_> {
    fn is_late(&self) -> bool {
        Instant::now() >= self.asker.deadline
    }

    /// Reports a document, and goes on to those that it lists.
    async fn document(&mut self, seen: Seen) {
        let at = self.clock.now();
        let source = seen.source(at, &[]);
        self.report(&seen);
        let Some(source) = source else { return };
        let (mapped, follows, others) = listing::read(&source, None);
        for card in &mapped {
            let confirmed = self.confirmations(card, &source).await;
            self.servers.push(listing::judge(card, &source, &confirmed));
        }
        self.servers.extend(others);
        let by = seen.hosting.answered.clone();
        let mut asked = HashSet::from([by.clone(), seen.hosting.asked.clone()]);
        for (number, follow) in follows.iter().enumerate() {
            if number >= MOST_LISTED || self.is_late() || follow.expects == Expects::Catalog {
                self.servers.push(listing::unread(&source, follow));
            } else if asked.insert(follow.url.clone()) {
                self.listed(follow, &by).await;
            }
            if self.servers.len() >= MOST_SERVERS {
                return;
            }
        }
    }

    /// A document that a catalog lists.
    async fn listed(&mut self, follow: &Follow, by: &Url) {
        let seen = self.asker.look(&follow.url, false).await;
        let listed_by = [by.clone()];
        let source = seen.source(self.clock.now(), &listed_by);
        self.report(&seen);
        let Some(source) = source else { return };
        let (mapped, follows, others) = listing::read(&source, Some(follow));
        for card in &mapped {
            let confirmed = self.confirmations(card, &source).await;
            self.servers.push(listing::judge(card, &source, &confirmed));
        }
        self.servers.extend(follows.iter().map(|follow| listing::unread(&source, follow)));
        self.servers.extend(others);
        self.servers.truncate(MOST_SERVERS);
    }

    fn report(&mut self, seen: &Seen) {
        let Hosting { asked, answered, .. } = &seen.hosting;
        let mut findings: Vec<Finding> = host::check(&seen.hosting);
        let checked = seen.body.as_deref().map(|body| document::check_at(body, Some(answered)));
        let kind = checked.as_ref().and_then(|checked| checked.shape);
        findings.extend(checked.into_iter().flat_map(|checked| checked.findings));
        let kind = kind.map(|shape| shape.as_str().to_owned());
        let mut document = LintDocument::new(Some(asked.to_string()), kind, &findings);
        document.final_url = (asked != answered).then(|| answered.to_string());
        self.documents.push(document);
    }
}
