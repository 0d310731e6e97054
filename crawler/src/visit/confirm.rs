//! Endpoints that may be published only after a look (discovery 7.2): those a card implies, and the https twins of http ones. What the
//! prober knows already is believed; what nobody knows is asked, a few in one visit.

use std::collections::HashMap;

use registry_core::card::address;
use registry_core::card::endpoint::{Endpoint, Transport};
use registry_core::mcp::Era;
use registry_core::mcp::state::State;
use registry_core::server_json::Remote;
use registry_core::store::probes::{self, Known};
use registry_core::store::{StoreError, endpoints};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::{Card, Reach, Visit};
use crate::discover::How;
use crate::probe::{self, Confirmed};

/// How many possible endpoints one visit asks.
const MAX_ASKED: usize = 4;

/// What is known of possible endpoints, by their canonical address.
#[derive(Default)]
struct Looks {
    known: HashMap<String, Confirmed>,
    asked: usize,
}

impl Visit<'_> {
    /// Gives cards the endpoints that are theirs once they have answered, and described ones the transport they answered by.
    pub(super) async fn confirm_endpoints(&mut self) -> Result<(), StoreError> {
        let wanted: Vec<Vec<Endpoint>> = self.seen.cards.iter().map(|card| self.possible(card)).collect();
        let described = self.seen.cards.iter().flat_map(|card| &card.mapped.endpoints);
        let keys = wanted.iter().flatten().chain(described).map(|endpoint| endpoint.key.clone()).collect();
        let mut looks = self.known_looks(keys).await?;
        for (number, possible) in wanted.into_iter().enumerate() {
            self.correct(number, &looks);
            for endpoint in possible {
                let Some(confirmed) = self.look(&mut looks, &endpoint).await? else { continue };
                if confirmed.is_alive {
                    self.give(number, endpoint, confirmed);
                }
            }
            self.tell_unproved(number);
        }
        Ok(())
    }

    /// The endpoints that a card may have besides those it surely has: what it writes `http://`, and what it implies where it names
    /// none.
    fn possible(&self, card: &Card) -> Vec<Endpoint> {
        let mapped = &card.mapped;
        let twins = mapped.endpoints.iter().filter(|e| e.was_http && e.variables.is_empty()).cloned();
        let twins: Vec<Endpoint> = twins.collect();
        // A card that describes a package or many servers implies nothing.
        if !twins.is_empty()
            || !mapped.endpoints.is_empty()
            || !mapped.server.packages.is_empty()
            || card.is_inline
        {
            return twins;
        }
        let document = self.seen.documents[card.document].at();
        let is_own = |url: &Url| url.host_str() == document.host_str();
        let leads = self.seen.leads.iter().filter(|lead| match lead.how {
            How::Implied => lead.by.as_ref() == Some(document),
            How::Protected | How::Txt | How::Answered => true,
            How::Named => false,
        });
        leads.filter(|lead| is_own(&lead.url)).filter_map(|lead| endpoint(&lead.url)).collect()
    }

    async fn known_looks(&self, mut keys: Vec<String>) -> Result<Looks, StoreError> {
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(Looks::default());
        }
        let mut conn = self.means.pool.acquire().await?;
        let mut looks = Looks::default();
        if self.means.reach == Reach::Usual {
            // Nobody is asked today: what was published stays, whether or not somebody probes.
            for incumbent in endpoints::incumbents(&mut conn, &keys).await? {
                looks.known.insert(incumbent.url, Confirmed { is_alive: true, transport: None });
            }
        }
        for known in probes::known(&mut conn, &keys).await? {
            looks.known.insert(known.url.clone(), confirmed(&known));
        }
        Ok(looks)
    }

    /// What is known of an endpoint, by asking if need be and there is room for it.
    async fn look(&self, looks: &mut Looks, endpoint: &Endpoint) -> Result<Option<Confirmed>, StoreError> {
        if let Some(confirmed) = looks.known.get(&endpoint.key) {
            return Ok(Some(*confirmed));
        }
        // Asking every day whether something is there that nobody speaks of would be a nuisance.
        let has_room =
            looks.asked < MAX_ASKED && Instant::now() < self.deadline && self.spent(true).is_none();
        if self.means.reach == Reach::Usual || !has_room {
            return Ok(None);
        }
        looks.asked += 1;
        let confirmed = probe::confirm(&self.means.fetcher, &self.means.turns, &endpoint.resolved).await?;
        looks.known.insert(endpoint.key.clone(), confirmed);
        Ok(Some(confirmed))
    }

    /// Publishes an endpoint that has answered; of several only the first implied one, since a card describes one server.
    fn give(&mut self, number: usize, mut endpoint: Endpoint, confirmed: Confirmed) {
        let mapped = &mut self.seen.cards[number].mapped;
        let is_implied = !mapped.endpoints.iter().any(|known| known.key == endpoint.key);
        if is_implied && !mapped.server.remotes.is_empty() {
            return;
        }
        endpoint.transport = confirmed.transport.unwrap_or(endpoint.transport);
        let unproved = mapped.unproved.extract_if(.., |remote| remote.url == endpoint.url).next();
        let remote = unproved.unwrap_or_else(|| Remote { url: endpoint.url.clone(), ..Remote::default() });
        let kind = endpoint.transport.as_str().to_owned();
        mapped.server.remotes.push(Remote { kind, ..remote });
        if is_implied {
            mapped.synthesised.push("remotes");
            mapped.endpoints.push(endpoint);
        }
    }

    /// Says which of a card's remotes are not listed since nothing has answered there by https.
    fn tell_unproved(&mut self, number: usize) {
        let mapped = &mut self.seen.cards[number].mapped;
        for remote in &mapped.unproved {
            let at = mapped.endpoints.iter().find(|e| e.url == remote.url).map(|e| e.pointer.clone());
            let reason =
                "the address is written `http://`, and no MCP server is known to answer there by `https://`";
            let unused = mapped.facts.entry("unusedRemotes").or_insert_with(|| json!([]));
            if let Some(unused) = unused.as_array_mut() {
                unused.push(json!({ "at": at, "reason": reason }));
            }
        }
    }

    /// Settles transports that were only assumed, and those that are declared otherwise than the server has answered; what was
    /// declared is told.
    fn correct(&mut self, number: usize, looks: &Looks) {
        let mapped = &mut self.seen.cards[number].mapped;
        for endpoint in &mut mapped.endpoints {
            let known = looks.known.get(&endpoint.key).filter(|known| endpoint.assumed || known.is_alive);
            let Some(transport) = known.and_then(|known| known.transport) else { continue };
            if transport == endpoint.transport {
                continue;
            }
            if !endpoint.assumed {
                let corrected = mapped.facts.entry("correctedTypes").or_insert_with(|| json!([]));
                if let Some(corrected) = corrected.as_array_mut() {
                    corrected
                        .push(json!({ "at": endpoint.pointer, "declared": endpoint.transport.as_str() }));
                }
            }
            endpoint.transport = transport;
            for remote in mapped.server.remotes.iter_mut().filter(|remote| remote.url == endpoint.url) {
                transport.as_str().clone_into(&mut remote.kind);
            }
        }
    }
}

/// What the prober knows; one that has failed for days is still the same server.
fn confirmed(known: &Known) -> Confirmed {
    let transport = known.live.as_ref().and_then(|live| live.era).map(|era| match era {
        Era::HttpSse => Transport::Sse,
        Era::Modern | Era::Legacy => Transport::StreamableHttp,
    });
    Confirmed { is_alive: known.state.is_alive() || known.state == State::Stale, transport }
}

fn endpoint(url: &Url) -> Option<Endpoint> {
    Some(Endpoint {
        url: url.to_string(),
        variables: Vec::new(),
        resolved: url.clone(),
        key: address::key(url.as_str())?,
        transport: Transport::StreamableHttp,
        assumed: true,
        was_http: false,
        pointer: String::new(),
        beside: None,
    })
}
