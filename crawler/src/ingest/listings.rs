//! Which cards are listed, what becomes of what was listed before, and what that changes.

use std::collections::{HashMap, HashSet};

use registry_core::card::address;
use registry_core::card::owner::Registered;
use registry_core::evidence::Evidence;
use registry_core::listing::Source;
use registry_core::name::ServerName;
use registry_core::server::{Observed, Server};
use registry_core::server_json::ServerJson;
use registry_core::store::findings::Outcome as Kind;
use registry_core::store::{PgConnection, StoreError, endpoints, findings, hosts, ledger, servers, vouchers};
use url::Url;

use super::Ingest;
use crate::decide::{Fate, Life, Obstacle, Proposal, Sights, Testimony, World, fates, live, proposals};
use crate::visit::Card;
use crate::{extensions, fetch};

impl Ingest<'_> {
    /// Decides about every card and about what was listed before, and saves what that changes.
    pub(super) async fn listings(
        &mut self,
        conn: &mut PgConnection,
    ) -> Result<Vec<ledger::Entry>, StoreError> {
        let visited = self.visited;
        let testimony = self.testimony(conn).await?;
        let mut proposals = proposals(visited, &testimony, self.at);
        self.shun(conn, &mut proposals).await?;
        let world = self.world(conn, &proposals).await?;
        let document =
            |proposal: &Proposal| visited.documents[visited.cards[proposal.card].document].at().to_string();
        let fates = fates(&proposals, &world, document);
        let life = self.life(conn, &proposals, &fates).await?;

        let names = names(&fates, &life);
        let mut servers = servers::lock(conn, &names, Source::Crawled).await?;
        remember_registered(conn, &servers, &testimony, self.at).await?;
        for (proposal, fate) in proposals.iter().zip(&fates) {
            let observed = fate
                .listed()
                .and_then(|name| self.observe(proposal, name, server_of(&mut servers, name.as_str())?));
            let finding = self.finding(proposal, fate, observed);
            self.add(finding, observed);
        }
        self.hold_endpoints(conn, &proposals, &fates).await?;
        self.notes();
        self.end(conn, life, &mut servers).await?;
        servers::save(conn, &servers).await?;
        Ok(servers.iter().flat_map(ledger::entries).collect())
    }

    /// Leaves out what lies on hosts that were removed from the origins while the visit was under way.
    async fn shun(&self, conn: &mut PgConnection, proposals: &mut [Proposal]) -> Result<(), StoreError> {
        let host = |proposal: &Proposal| {
            let document = self.visited.documents[self.visited.cards[proposal.card].document].at();
            document.host_str().unwrap_or_default().to_owned()
        };
        let hosts: Vec<String> = proposals.iter().map(host).collect();
        let unwanted = hosts::unwanted(conn, &hosts).await?;
        for (proposal, host) in proposals.iter_mut().zip(&hosts) {
            if unwanted.contains(host) {
                proposal.obstacle = Some(Obstacle::Unusable(fetch::unwanted(host)));
            }
        }
        Ok(())
    }

    /// What other origins and upstream registries say of these cards.
    async fn testimony(&self, conn: &mut PgConnection) -> Result<Testimony, StoreError> {
        if self.visited.cards.is_empty() {
            return Ok(Testimony::default());
        }
        let documents = self.visited.documents.iter();
        let urls: HashSet<String> = documents.flat_map(|d| [d.url.to_string(), d.at().to_string()]).collect();
        let listed = vouchers::listed_by_others(conn, &Vec::from_iter(urls), self.held.id).await?;
        let parse = |urls: Vec<String>| urls.iter().filter_map(|url| Url::parse(url).ok()).collect();
        let names: HashSet<String> = self.visited.cards.iter().flat_map(names_of).map(String::from).collect();
        let registered = vouchers::registered(conn, &Vec::from_iter(names)).await?;
        let registered = registered.into_iter().filter_map(|(name, url)| {
            Some(Registered { name: name.parse().ok()?, key: address::key(&url)? })
        });
        Ok(Testimony {
            listed_by: listed.into_iter().map(|(document, by)| (document, parse(by))).collect(),
            registered: registered.collect(),
            signed: self.still_signed(),
        })
    }

    /// What signatures proved before, where the bytes are the same and the key is out of reach: nobody can tell that it is over.
    fn still_signed(&self) -> HashMap<usize, Vec<Evidence>> {
        let unsure = self.visited.cards.iter().enumerate().filter(|(_, card)| !card.trust.unsure.is_empty());
        let still = unsure.filter_map(|(number, card)| {
            let document = &self.visited.documents[card.document];
            self.known.get(document.url.as_str()).filter(|known| known.sha256 == document.sha256)?;
            let mut before = self.before.iter();
            let before =
                before.find(|old| old.url == document.url.as_str() && old.pointer == card.pointer)?;
            let is_still = |item: &&Evidence| {
                let by_key = |url: &Url| item.url.as_deref() == Some(url.as_str());
                card.trust.unsure.iter().any(by_key) && item.until.is_none_or(|until| self.at < until)
            };
            Some((number, before.evidence.iter().filter(is_still).cloned().collect()))
        });
        still.collect()
    }

    /// What is listed already, as far as it concerns these proposals.
    async fn world(&self, conn: &mut PgConnection, proposals: &[Proposal]) -> Result<World, StoreError> {
        let open = || proposals.iter().filter(|proposal| proposal.obstacle.is_none());
        let urls: Vec<String> = open().flat_map(|p| p.endpoints.iter().map(|e| e.url.clone())).collect();
        let names: Vec<String> =
            open().flat_map(|p| [Some(p.name.clone()), p.other_name()]).flatten().map(String::from).collect();
        let mut incumbents: HashMap<String, Vec<_>> = HashMap::new();
        let mut holders = HashMap::new();
        if !names.is_empty() {
            for incumbent in endpoints::incumbents(conn, &urls).await? {
                incumbents.entry(incumbent.url.clone()).or_default().push(incumbent);
            }
            for holder in findings::holders(conn, &names, self.held.id).await? {
                holders.entry(holder.server_name.clone()).or_insert(holder);
            }
        }
        Ok(World { origin_id: self.held.id, incumbents, holders })
    }

    /// What becomes of what was listed before.
    async fn life(
        &self,
        conn: &mut PgConnection,
        proposals: &[Proposal],
        fates: &[Fate],
    ) -> Result<Life, StoreError> {
        if self.before.is_empty() {
            return Ok(Life::default());
        }
        let decided = proposals.iter().zip(fates).map(|(proposal, fate)| self.finding(proposal, fate, None));
        let now: Vec<_> = decided.chain(self.visited.notes.iter().map(|note| self.of_note(note))).collect();
        let listed: HashSet<&str> = fates.iter().filter_map(Fate::listed).map(ServerName::as_str).collect();
        let was_listed = self.before.iter().filter(|f| matches!(f.outcome, Kind::Listed | Kind::Stale));
        let missed: Vec<String> = was_listed
            .filter_map(|finding| finding.server_name.clone().filter(|name| !listed.contains(name.as_str())))
            .collect();
        let elsewhere = match missed.is_empty() {
            true => Vec::new(),
            false => findings::holders(conn, &missed, self.held.id).await?,
        };
        let elsewhere = elsewhere.into_iter().map(|holder| holder.server_name).collect();
        let aliases = self
            .known
            .iter()
            .flat_map(|(url, known)| [(url.clone(), url.clone()), (known.final_url.clone(), url.clone())]);
        let aliases = aliases.collect();
        Ok(live(&self.before, &Sights::of(self.visited, &now, &aliases, &elsewhere), self.at))
    }

    /// Shows the server what was found; none where its version is none.
    fn observe(&self, proposal: &Proposal, name: &ServerName, server: &mut Server) -> Option<Observed> {
        let card = &self.visited.cards[proposal.card];
        let document: ServerJson = card.mapped.named(name);
        document.version.parse::<registry_core::version::ServerVersion>().ok()?;
        let known = server.versions().iter().find(|held| held.version.as_str() == document.version);
        let known = known.map(|held| held.extensions.clone());
        let document_of = &self.visited.documents[card.document];
        let new = extensions::write(card, document_of, &proposal.claim, proposal.held_name.as_ref());
        let members = extensions::settle(new, known.as_deref());
        Some(server.crawl(&document, &members, self.at))
    }

    /// Gives each listing the endpoints of all its cards.
    async fn hold_endpoints(
        &self,
        conn: &mut PgConnection,
        proposals: &[Proposal],
        fates: &[Fate],
    ) -> Result<(), StoreError> {
        let mut holdings: Vec<endpoints::Holding<'_>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for ((proposal, fate), observed) in proposals.iter().zip(fates).zip(&self.observed) {
            let Some(name) = fate.listed().filter(|_| observed.is_some_and(is_taken)) else { continue };
            let place = *places.entry(name.as_str()).or_insert_with(|| {
                let (server_name, rank, endpoints) = (name.as_str(), proposal.rank, Vec::new());
                holdings.push(endpoints::Holding { server_name, rank, endpoints });
                holdings.len() - 1
            });
            let held = &mut holdings[place].endpoints;
            for endpoint in &proposal.endpoints {
                if !held.contains(endpoint) {
                    held.push(endpoint.clone());
                }
            }
        }
        match holdings.is_empty() {
            true => Ok(()),
            false => endpoints::replace(conn, self.held.id, &holdings, self.at).await,
        }
    }

    /// Withdraws what is withdrawn and notes what is missing.
    async fn end(
        &mut self,
        conn: &mut PgConnection,
        life: Life,
        servers: &mut [Server],
    ) -> Result<(), StoreError> {
        for (name, version, since) in &life.missing {
            if let Some(server) = server_of(servers, name) {
                server.miss(version, *since);
            }
        }
        let mut outcome = HashMap::new();
        for (name, message) in life.withdrawn {
            let observed =
                server_of(servers, &name).map_or(Observed::Unchanged, |s| s.withdraw(&message, self.at));
            outcome.insert(name, observed);
        }
        for finding in life.findings {
            // Somebody else may describe it still.
            if finding.outcome == Kind::Stale && finding.since == self.at {
                self.news.names.extend(finding.server_name.clone());
            }
            let observed = finding.server_name.as_ref().and_then(|name| outcome.get(name).copied());
            // Its owner has published the name meanwhile: nothing of it was the crawl's to withdraw.
            if observed != Some(Observed::Outranked) {
                self.add(finding, observed);
            }
        }
        outcome.retain(|_, observed| *observed != Observed::Outranked);
        let names: Vec<String> = outcome.into_keys().collect();
        if !names.is_empty() {
            endpoints::release(conn, &names).await?;
            self.news.names.extend(names);
        }
        Ok(())
    }
}

/// One of the servers, which stand in the order of their names.
fn server_of<'s>(servers: &'s mut [Server], name: &str) -> Option<&'s mut Server> {
    let place = servers.binary_search_by(|server| server.name.as_str().cmp(name)).ok()?;
    servers.get_mut(place)
}

fn is_taken(observed: Observed) -> bool {
    !matches!(observed, Observed::Outranked | Observed::Full)
}

fn names_of(card: &Card) -> impl Iterator<Item = ServerName> {
    let own = Some(card.mapped.own_name.clone());
    own.into_iter().chain(card.mapped.declared_name.clone())
}

/// The names that change, in the order in which they are locked.
fn names(fates: &[Fate], life: &Life) -> Vec<ServerName> {
    let old = life.withdrawn.iter().map(|(name, _)| name).chain(life.missing.iter().map(|(name, ..)| name));
    let mut names: Vec<ServerName> = fates.iter().filter_map(Fate::listed).cloned().collect();
    names.extend(old.filter_map(|name| name.parse().ok()));
    names.sort_unstable();
    names.dedup();
    names
}

/// Keeps what an upstream registry says of names whose synced listings the crawl takes over.
async fn remember_registered(
    conn: &mut PgConnection,
    servers: &[Server],
    testimony: &Testimony,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(), StoreError> {
    let is_synced = |name: &ServerName| {
        let server = servers.iter().find(|server| server.name == *name);
        server.is_some_and(|server| server.versions().iter().any(|held| held.source == Source::Synced))
    };
    let known = testimony.registered.iter().filter(|registered| is_synced(&registered.name));
    let remotes: Vec<_> = known.map(|r| (r.name.to_string(), r.key.clone())).collect();
    if remotes.is_empty() {
        return Ok(());
    }
    vouchers::remember_registered(conn, &remotes, at).await
}
