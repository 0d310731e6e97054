//! Endpoints: what may lie beside them, and those that are only named.

use std::sync::Arc;

use registry_core::card::address;
use registry_core::outbound::Dns;
use registry_core::server_json::Remote;
use url::Url;

use super::task::{Named, Task, Via};
use super::visited::Lead;
use super::{MAX_ADDRESS, Visit};
use crate::discover::{self, Entry, Found, How, agents, txt};

/// How many endpoints without a description one visit keeps.
const MAX_LEADS: usize = 200;

impl Visit<'_> {
    /// Keeps an endpoint that is not described, as it was first heard of.
    pub(super) fn lead(&mut self, url: Url, how: How, by: &Url) {
        self.keep_lead(Lead { url, how, by: Some(by.clone()) });
    }

    fn keep_lead(&mut self, lead: Lead) {
        let key = address::key(lead.url.as_str());
        let is_known = self.seen.leads.iter().any(|known| address::key(known.url.as_str()) == key);
        let fits = self.seen.leads.len() < MAX_LEADS && lead.url.as_str().len() <= MAX_ADDRESS;
        if fits && !is_known && lead.url.scheme() == "https" {
            self.seen.leads.push(lead);
        }
    }

    /// Asks beside every endpoint that was not asked yet; says whether there is any.
    pub(super) fn look_beside_endpoints(&mut self) -> bool {
        let lead = |lead: &Lead| Remote {
            kind: "streamable-http".into(),
            url: lead.url.to_string(),
            ..Remote::default()
        };
        let described = self.seen.cards.iter().flat_map(|card| card.mapped.server.remotes.iter().cloned());
        let remotes: Vec<Remote> = described.chain(self.seen.leads.iter().map(lead)).collect();
        let mut any = false;
        for remote in remotes {
            let Some(key) = address::key(&remote.url) else { continue };
            if self.endpoints.insert(key.clone()) {
                any |= self.look_beside(&key, &remote);
                any |= self.look_about(&key);
            }
        }
        any
    }

    fn look_beside(&mut self, key: &str, remote: &Remote) -> bool {
        let mut any = false;
        for format in discover::ALL {
            let mut places = format.beside(remote);
            places.retain(|url| url.as_str().len() <= MAX_ADDRESS);
            for url in &places {
                self.seen.beside.push((key.to_owned(), url.clone(), format.precedence()));
            }
            if let [first, rest @ ..] = places.as_slice() {
                let via = Via::Beside { or_else: rest.to_vec() };
                self.queue.push(Task { url: first.clone(), format, via, depth: 1, path: Vec::new() });
                any = true;
            }
        }
        any
    }

    /// Asks the host of an endpoint that is only implied whether it protects one.
    fn look_about(&mut self, key: &str) -> bool {
        let implied =
            self.seen.leads.iter().find(|lead| {
                lead.how == How::Implied && address::key(lead.url.as_str()).as_deref() == Some(key)
            });
        let Some(url) = implied.map(|lead| lead.url.clone()) else { return false };
        let mut any = false;
        for format in discover::ALL {
            for place in format.about(&url) {
                let task = Task { url: place, format, via: Via::About, depth: 1, path: Vec::new() };
                self.queue.push(task);
                any = true;
            }
        }
        any
    }

    /// What the origin's records in DNS lead to.
    pub(super) async fn look_up_records(&mut self) {
        let Some(lookup) = self.means.txt.clone() else { return };
        // Where the operator says where a host is, the world's DNS knows nothing of it.
        if lookup.is_system() && self.means.fetcher.client().is_overridden(&self.seen.origin.url("/")) {
            return;
        }
        self.look_up_texts(&lookup).await;
        self.look_up_services(&lookup).await;
    }

    /// Documents to which service records lead.
    async fn look_up_services(&mut self, lookup: &Dns) {
        let Some(format) = discover::format("dns-svcb") else { return };
        for (name, expects) in agents::names(&self.seen.origin) {
            let left = self.deadline.saturating_duration_since(tokio::time::Instant::now());
            let services = tokio::time::timeout(left, lookup.services(&name)).await;
            let Ok(Ok(services)) = services else { continue };
            for url in agents::read(&services, expects) {
                let named = Named {
                    by: self.seen.origin.url("/"),
                    expects,
                    // A record outlives what it leads to.
                    is_guess: true,
                    pointer: format!("/{name}"),
                    entry: Arc::new(Entry::default()),
                };
                let via = Via::Named(Box::new(named));
                self.queue.push(Task { url, format, via, depth: 1, path: Vec::new() });
            }
        }
    }

    /// Endpoints that TXT records name.
    async fn look_up_texts(&mut self, lookup: &Dns) {
        let left = self.deadline.saturating_duration_since(tokio::time::Instant::now());
        let records = tokio::time::timeout(left, lookup.txt(&txt::name(&self.seen.origin))).await;
        // A name server that fails takes nothing away and is nobody's document.
        let Ok(Ok(records)) = records else { return };
        for found in txt::read(&records) {
            match found {
                Found::Endpoint { url, how, .. } => self.keep_lead(Lead { url, how, by: None }),
                Found::Skipped { reason, .. } => {
                    let Some(format) = discover::format("dns-txt") else { continue };
                    let url = self.seen.origin.url("/");
                    let reason = format!("`{}` in DNS: {reason}", txt::name(&self.seen.origin));
                    self.remark(&Task::location(url, format), String::new(), "", false, reason);
                }
                Found::Card(_) | Found::Follow(_) => {}
            }
        }
    }
}
