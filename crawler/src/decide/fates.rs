//! All cards together, and with what is listed already.

use std::collections::HashMap;

use registry_core::card::site;
use registry_core::evidence::Level;
use registry_core::listing::Source;
use registry_core::name::ServerName;
use registry_core::store::endpoints::Incumbent;
use registry_core::store::findings::Holder;

use super::{Fate, Obstacle, Proposal};

/// What is listed already, as far as it concerns the proposals.
pub(crate) struct World {
    /// The origin that was visited.
    pub(crate) origin_id: i64,
    /// By canonical endpoint: the listings that have it.
    pub(crate) incumbents: HashMap<String, Vec<Incumbent>>,
    /// By name: the other origin it is crawled from.
    pub(crate) holders: HashMap<String, Holder>,
}

/// What becomes of each proposal, in their order; `document` names a proposal's document.
pub(crate) fn fates(
    proposals: &[Proposal],
    world: &World,
    document: impl Fn(&Proposal) -> String,
) -> Vec<Fate> {
    let mut judge = Judge::new(proposals, world, &document);
    judge.reserve();
    proposals.iter().enumerate().map(|(at, proposal)| judge.decide(at, proposal)).collect()
}

/// How many versions of one server a visit takes in.
const MAX_VERSIONS: usize = 100;

struct Judge<'a> {
    proposals: &'a [Proposal],
    world: &'a World,
    document: &'a dyn Fn(&Proposal) -> String,
    /// What is listed so far, by endpoint and by name: the proposals, and the name they got.
    by_endpoint: HashMap<&'a str, (usize, ServerName)>,
    by_name: HashMap<ServerName, Vec<usize>>,
    /// By name: the proposals that may have it and declare no other.
    proved: HashMap<&'a str, Vec<usize>>,
    /// Names that endpoints of this origin have had before, and the proposals with those endpoints.
    reserved: HashMap<&'a str, usize>,
}

impl<'a> Judge<'a> {
    fn new(proposals: &'a [Proposal], world: &'a World, document: &'a dyn Fn(&Proposal) -> String) -> Self {
        let mut proved: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, proposal) in proposals.iter().enumerate() {
            if proposal.obstacle.is_none() && proposal.held_name.is_none() {
                proved.entry(proposal.name.as_str()).or_default().push(at);
            }
        }
        let (by_endpoint, by_name, reserved) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { proposals, world, document, by_endpoint, by_name, proved, reserved }
    }

    fn list(&mut self, at: usize, name: &ServerName) {
        for endpoint in &self.proposals[at].endpoints {
            self.by_endpoint.entry(&endpoint.url).or_insert_with(|| (at, name.clone()));
        }
        self.by_name.entry(name.clone()).or_default().push(at);
    }

    /// The cards listed under a name so far.
    fn named(&self, name: &ServerName) -> &[usize] {
        self.by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// An endpoint keeps its name when two cards would have the same, whatever their order today.
    fn reserve(&mut self) {
        for (at, proposal) in self.proposals.iter().enumerate() {
            if proposal.obstacle.is_none() && self.earlier_name(proposal) == Some(proposal.name.as_str()) {
                self.reserved.entry(proposal.name.as_str()).or_insert(at);
            }
        }
    }

    fn decide(&mut self, at: usize, proposal: &'a Proposal) -> Fate {
        match &proposal.obstacle {
            Some(Obstacle::Proof(reason)) => return Fate::Held(reason.clone()),
            Some(Obstacle::Unusable(reason)) => return Fate::Refused(reason.clone()),
            None => {}
        }
        if let Some(fate) = self.same_server(proposal).or_else(|| self.incumbent(proposal)) {
            return fate;
        }
        let fate = self.version(proposal).unwrap_or_else(|| self.name(at, proposal));
        if let Fate::Listed(name) = &fate {
            self.list(at, name);
        }
        fate
    }

    /// Whether another card of this visit describes the same server and is believed before this one.
    fn same_server(&self, proposal: &Proposal) -> Option<Fate> {
        // The card an endpoint serves itself may say that it is another name's: then it is that name's proof.
        let meant = proposal.held_name.as_ref().and_then(|held| {
            let proved = self.proved.get(held.name.as_str()).map(Vec::as_slice).unwrap_or_default();
            let mut proved = proved.iter().map(|at| &self.proposals[*at]);
            proved.find(|other| other.shares_endpoint(proposal))
        });
        if let Some(other) = meant {
            let document = (self.document)(other);
            return Some(Fate::Skipped(format!(
                "it confirms `{}`, which is listed from `{document}`",
                other.name
            )));
        }
        let is_other_version = |at: &usize| self.proposals[*at].is_version_beside(proposal);
        let by_endpoint =
            proposal.endpoints.iter().filter_map(|endpoint| self.by_endpoint.get(endpoint.url.as_str()));
        let by_endpoint =
            by_endpoint.filter(|(at, _)| !is_other_version(at)).map(|(at, name)| (*at, name)).min();
        let by_name = || {
            let is_nowhere =
                |at: &&usize| proposal.endpoints.is_empty() || self.proposals[**at].endpoints.is_empty();
            let mut named = self.named(&proposal.name).iter().filter(is_nowhere);
            named.find(|at| !is_other_version(at)).map(|at| (*at, &proposal.name))
        };
        let (at, name) = by_endpoint.or_else(by_name)?;
        let document = (self.document)(&self.proposals[at]);
        Some(Fate::Skipped(format!(
            "it describes the same server as `{document}`, listed as `{name}` and believed first"
        )))
    }

    /// Whether another version of the same server is listed already: this one goes with it.
    fn version(&self, proposal: &Proposal) -> Option<Fate> {
        let name = &proposal.name;
        let beside: Vec<_> =
            self.named(name).iter().filter(|at| self.proposals[**at].is_version_beside(proposal)).collect();
        beside.first()?;
        if beside.len() >= MAX_VERSIONS {
            let reason =
                format!("a visit takes in at most {MAX_VERSIONS} versions of `{name}`; list the latest ones");
            return Some(Fate::Skipped(reason));
        }
        Some(Fate::Listed(name.clone()))
    }

    /// Whether a listing under another name has one of the endpoints and keeps it.
    fn incumbent(&self, proposal: &Proposal) -> Option<Fate> {
        let other_name = proposal.other_name();
        let is_own = |incumbent: &Incumbent| {
            let name = Some(incumbent.server_name.as_str());
            incumbent.origin_id == Some(self.world.origin_id)
                || name == Some(proposal.name.as_str())
                || name == other_name.as_ref().map(AsRef::as_ref)
        };
        for endpoint in &proposal.endpoints {
            for incumbent in self.incumbents(&endpoint.url).iter().filter(|incumbent| !is_own(incumbent)) {
                let (name, url) = (&incumbent.server_name, &endpoint.url);
                if proposal.held_name.as_ref().is_some_and(|held| held.name.as_str() == name) {
                    return Some(Fate::Skipped(format!(
                        "`{url}` is listed as `{name}`, the name this card declares"
                    )));
                }
                if !takes_over(proposal, &endpoint.host, incumbent) {
                    return Some(Fate::Held(format!(
                        "`{url}` is listed as `{name}` already; describe it under that name, or serve the card at `{url}/server-card` so \
                         that the endpoint itself says whose it is"
                    )));
                }
            }
        }
        None
    }

    fn name(&self, at: usize, proposal: &'a Proposal) -> Fate {
        let other = proposal.other_name();
        let is_free = |name: &ServerName| {
            let reserved = self.reserved.get(name.as_str()).is_some_and(|by| *by != at);
            !reserved && self.named(name).is_empty()
        };
        if let Some(other) = &other
            && self.earlier_name(proposal) == Some(other.as_str())
            && is_free(other)
        {
            return Fate::Listed(other.clone());
        }
        let candidates = [Some(&proposal.name), other.as_ref()];
        for name in candidates.into_iter().flatten().filter(|name| is_free(name)) {
            match self.world.holders.get(name.as_str()) {
                None => return Fate::Listed(name.clone()),
                Some(holder) if self.is_same_server(proposal, name) => {
                    // Strictly: two origins that say the same must not take turns.
                    if proposal.rank < holder.rank {
                        return Fate::Listed(name.clone());
                    }
                    let Holder { host, url, .. } = holder;
                    return Fate::Skipped(format!(
                        "`{name}` is listed from `{url}`, found by way of `{host}` and believed first"
                    ));
                }
                Some(_) => {}
            }
        }
        Fate::Skipped(format!(
            "`{}` is the name of another server; give this one a name of its own",
            proposal.name
        ))
    }

    /// Whether what another origin lists under a name is the server proposed here.
    fn is_same_server(&self, proposal: &Proposal, name: &ServerName) -> bool {
        let mut endpoints = proposal.endpoints.iter().flat_map(|endpoint| self.incumbents(&endpoint.url));
        proposal.endpoints.is_empty() || endpoints.any(|incumbent| incumbent.server_name == name.as_str())
    }

    /// The name under which this origin has listed one of the endpoints before.
    fn earlier_name(&self, proposal: &Proposal) -> Option<&'a str> {
        let mut incumbents = proposal.endpoints.iter().flat_map(|endpoint| self.incumbents(&endpoint.url));
        let own = incumbents.find(|incumbent| incumbent.origin_id == Some(self.world.origin_id));
        own.map(|incumbent| incumbent.server_name.as_str())
    }

    fn incumbents(&self, endpoint: &str) -> &'a [Incumbent] {
        self.world.incumbents.get(endpoint).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether a card lists an endpoint although another name has it: only where the endpoint's own ground is behind the card,
/// and not behind that name, or less so.
fn takes_over(proposal: &Proposal, endpoint_host: &str, incumbent: &Incumbent) -> bool {
    if proposal.claim.level < Level::EndpointBound {
        return false;
    }
    let owner = incumbent.server_name.split('/').next().unwrap_or_default();
    let owner = owner.rsplit('.').collect::<Vec<_>>().join(".").to_ascii_lowercase();
    let is_crawled = incumbent.source == Source::Crawled;
    let is_weaker = is_crawled && incumbent.rank.is_some_and(|rank| proposal.rank < rank);
    !site::same_site(&owner, endpoint_host) || is_weaker
}

#[cfg(test)]
mod tests;
