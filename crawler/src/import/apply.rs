//! The writing half of an import: a batch is one transaction, its names locked in order, its ledger rows appended last.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::card::address;
use registry_core::clock::SharedClock;
use registry_core::digest::Digest;
use registry_core::extensions::EVIDENCE;
use registry_core::listing::{Source, Standing, Status};
use registry_core::name::ServerName;
use registry_core::server::{Held, MAX_VERSIONS, Observed, Refused, Server, Upstream};
use registry_core::server_json::ServerJson;
use registry_core::store::{self, PgPool, StoreError, ledger, servers, upstreams, vouchers};
use registry_core::version::ServerVersion;

use super::claimed::Claimed;
use super::entry::{Bad, Entry, Item, Place, Way};
use super::flags::{Flags, Mentions};
use super::follow::{Follow, Notes, Tie};
use super::produce::PageEnd;
use super::taken::Taken;
use super::walk;

/// What came of the entries of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    pub(super) kept: u64,
    pub(super) bad: Vec<(Place, Bad)>,
    /// Whether nothing was written, since somebody else holds the upstream.
    pub(super) lost: bool,
}

/// Writes batches; remembers what the entries of one source have to know of each other.
pub(super) struct Writer {
    pool: PgPool,
    clock: SharedClock,
    actor: String,
    flags: Flags,
    seen: HashSet<u64>,
    hasher: RandomState,
    last_at: DateTime<Utc>,
    follow: Option<Follow>,
}

/// One transaction under way.
struct Batch<'a> {
    servers: Vec<Server>,
    held: Vec<Option<ServerVersion>>,
    mentions: HashMap<usize, Mentions>,
    touched: HashSet<usize>,
    taken: Taken,
    tie: Tie,
    testimony: Testimony,
    outcome: Outcome,
    writer: &'a mut Writer,
}

/// What the official registry says of names that others decide about here: where their latest versions run, nowhere where there is none.
type Testimony = HashMap<ServerName, Vec<String>>;

impl Writer {
    pub(super) fn new(pool: &PgPool, clock: SharedClock, actor: String) -> Self {
        let last_at = DateTime::UNIX_EPOCH;
        let (flags, seen, hasher) = (Flags::default(), HashSet::new(), RandomState::new());
        Self { pool: pool.clone(), clock, actor, flags, seen, hasher, last_at, follow: None }
    }

    /// The same for a walk through an upstream registry, which is noted in each transaction.
    pub(super) fn following(pool: &PgPool, clock: SharedClock, actor: String, follow: Follow) -> Self {
        Self { follow: Some(follow), ..Self::new(pool, clock, actor) }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Writes one batch, or nothing of it.
    pub(super) async fn write(
        &mut self,
        items: Vec<Item>,
        end: Option<&PageEnd>,
    ) -> Result<Outcome, StoreError> {
        let mut outcome = Outcome::default();
        let mut entries = Vec::with_capacity(items.len());
        for Item { place, read } in items {
            match read {
                Ok(entry) => entries.push((place, entry)),
                Err(bad) => outcome.bad.push((place, bad)),
            }
        }
        if entries.is_empty() && self.follow.is_none() {
            return Ok(outcome);
        }
        let notes = Notes::of(&entries, &outcome.bad, end);
        let names = sorted(entries.iter().map(|(_, entry)| &entry.name));
        let mut tx = self.pool.begin().await?;
        let servers = servers::lock(&mut tx, &names, Source::Synced).await?;
        let taken = Taken::of(&mut tx, &entries, &servers).await?;
        let tie = match &self.follow {
            Some(follow) => follow.tie(&mut tx, &names).await?,
            None => Tie::default(),
        };
        let held = servers.iter().map(latest).collect();
        let (mentions, touched, testimony) = (HashMap::new(), HashSet::new(), Testimony::new());
        let mut batch =
            Batch { servers, held, mentions, touched, taken, tie, testimony, outcome, writer: self };
        for (place, entry) in entries {
            batch.take(place, entry);
        }
        batch.decide();
        let Batch { servers, testimony, mut outcome, .. } = batch;
        hear(&mut tx, testimony, self.clock.now()).await?;
        outcome.lost = !self.save(tx, servers, Some(&notes)).await?;
        Ok(outcome)
    }

    /// Moves the flags that had to wait for the end; answers how many moved.
    pub(super) async fn settle(&mut self, batch_size: usize) -> Result<u64, StoreError> {
        let waiting = std::mem::take(&mut self.flags).settle();
        let mut moved = 0;
        for batch in waiting.chunks(batch_size.max(1)) {
            let names: Vec<ServerName> = batch.iter().map(|(name, _)| name.clone()).collect();
            let mut tx = self.pool.begin().await?;
            let mut servers = servers::lock(&mut tx, &names, Source::Synced).await?;
            for (server, (_, version)) in servers.iter_mut().zip(batch) {
                if Source::Synced.may_change(server.source) {
                    server.flag(version.as_str());
                }
            }
            moved += servers.iter().filter(|server| !server.changes().is_empty()).count() as u64;
            if !self.save(tx, servers, None).await? {
                break;
            }
        }
        Ok(moved)
    }

    /// Says no where nothing could be written, since somebody else holds the upstream.
    async fn save(
        &mut self,
        mut tx: store::PgTransaction<'static>,
        mut servers: Vec<Server>,
        notes: Option<&Notes>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let nothing = Notes::default();
        let noted = notes.unwrap_or(&nothing);
        if let Some(follow) = &mut self.follow
            && !follow.note(&mut tx, noted, now).await?
        {
            tx.rollback().await?;
            return Ok(false);
        }
        servers.retain(|server| !server.changes().is_empty());
        if !servers.is_empty() {
            servers::save(&mut tx, &servers).await?;
            let entries: Vec<_> = servers.iter().flat_map(ledger::entries).collect();
            ledger::append(&mut tx, &self.actor, now, &entries).await?;
        } else if self.follow.is_none() {
            tx.rollback().await?;
            return Ok(true);
        }
        tx.commit().await?;
        self.noted(now);
        Ok(true)
    }

    /// How long the walk's lease is.
    pub(super) fn lease(&self) -> std::time::Duration {
        walk::wait(self.follow.as_ref().map_or(TimeDelta::zero(), |follow| follow.lease))
    }

    /// The upstream of this walk, and until when it would be held from now on.
    pub(super) fn held_until(&self, now: DateTime<Utc>) -> Option<(&upstreams::Held, DateTime<Utc>)> {
        self.follow.as_ref().map(|follow| (&follow.held, now + follow.lease))
    }

    /// The lease was renewed at this moment.
    pub(super) fn noted(&mut self, now: DateTime<Utc>) {
        if let Some(follow) = &mut self.follow {
            follow.noted(now);
        }
    }

    /// The upstream with its lease as it is now.
    pub(super) fn into_held(self) -> Option<upstreams::Held> {
        self.follow.map(|follow| follow.held)
    }

    /// A moment of its own for each publication, so that versions that are ordered by time keep the source's order.
    fn tick(&mut self) -> DateTime<Utc> {
        self.last_at = self.clock.now().max(self.last_at + TimeDelta::microseconds(1));
        self.last_at
    }

    /// Whether the source has spoken of this version before.
    fn again(&mut self, entry: &Entry) -> bool {
        !self.seen.insert(self.hasher.hash_one((entry.name.as_str(), entry.version.as_str())))
    }
}

impl Batch<'_> {
    fn take(&mut self, place: Place, entry: Entry) {
        let Ok(number) = self.servers.binary_search_by(|server| server.name.cmp(&entry.name)) else {
            return self.refuse(place, &entry, "the name could not be locked");
        };
        match &entry.way {
            Way::Published => self.publish(number, place, &entry),
            Way::Carried(claimed) => {
                let claimed = claimed.clone();
                self.carry(number, place, entry, &claimed);
            }
        }
    }

    fn publish(&mut self, number: usize, place: Place, entry: &Entry) {
        if self.servers[number].held(entry.version.as_str()).is_some() {
            self.outcome.unchanged += 1;
            return;
        }
        let is_new = self.servers[number].versions().is_empty();
        if let Some(refused) = self.taken.refusal(entry, is_new) {
            return self.refuse(place, entry, &refused.to_string());
        }
        let at = self.writer.tick();
        match self.servers[number].publish(&entry.server, at) {
            Ok(()) => {
                self.outcome.added += 1;
                self.touched.insert(number);
                self.taken.note(entry);
            }
            Err(Refused::Duplicate) => self.outcome.unchanged += 1,
            Err(refused) => self.refuse(place, entry, &refused.to_string()),
        }
    }

    fn carry(&mut self, number: usize, place: Place, entry: Entry, claimed: &Claimed) {
        if self.writer.follow.is_some() && self.tie.is_others(&entry.name) {
            self.outcome.kept += 1;
            return;
        }
        let server = &self.servers[number];
        let held = server.held(entry.version.as_str());
        if held.is_none() && server.versions().len() >= MAX_VERSIONS {
            return self.refuse(place, &entry, &Refused::TooMany.to_string());
        }
        let now = self.writer.clock.now();
        let mut standing = claimed.standing(held.map(|held| &held.standing), now);
        // Of two words on one version the later counts; of two of one time, the first of this source.
        let revived = self.is_revived(&entry, held, &standing);
        if revived {
            // Its own date lies before the withdrawal, which whoever follows us has seen.
            standing.updated_at = standing.updated_at.max(now);
            standing.status_changed_at = standing.status_changed_at.max(now);
        }
        // What was only claimed is no word against it.
        let is_word = |held: &&Held| !(self.is_official() && held.is_mere_claim());
        let word = held.filter(is_word);
        let stale = word.is_some_and(|held| standing.updated_at < held.standing.updated_at);
        let newer = word.is_none_or(|held| standing.updated_at > held.standing.updated_at);
        if let Some(held) = held.filter(|_| !claimed.has_times()) {
            date(&mut standing, held, &entry.server, now);
        }
        let known = held.map(|held| held.extensions.clone());
        if !Source::Synced.may_change(server.source) {
            self.hear(&entry, &standing, claimed);
        }
        if stale || (self.writer.again(&entry) && !newer) {
            return self.pass(number);
        }
        let evidence = self
            .writer
            .follow
            .as_ref()
            .map(|follow| (EVIDENCE, Some(follow.evidence(known.as_deref(), now))));
        let upstream = Upstream { server: entry.server, standing };
        match self.servers[number].sync_with(&upstream, evidence.as_slice()) {
            Observed::Outranked | Observed::Full => {
                self.outcome.kept += 1;
                return;
            }
            Observed::Unchanged => self.outcome.unchanged += 1,
            Observed::Added => {
                self.outcome.added += 1;
                self.touched.insert(number);
            }
            Observed::Changed | Observed::Restored => {
                self.outcome.changed += 1;
                self.touched.insert(number);
            }
        }
        self.mentions.entry(number).or_default().push((entry.version, claimed.is_latest));
    }

    /// Whether the source is the official registry.
    fn is_official(&self) -> bool {
        self.writer.follow.as_ref().is_some_and(|follow| follow.held.row.official)
    }

    /// Keeps what the official registry says of a name that is not its to change here.
    fn hear(&mut self, entry: &Entry, standing: &Standing, claimed: &Claimed) {
        if self.is_official() && claimed.is_latest {
            let is_there = standing.status != Status::Deleted;
            let remotes = entry.server.remotes.iter().filter(|_| is_there);
            let keys = remotes.filter_map(|remote| address::key(&remote.url)).collect();
            self.testimony.insert(entry.name.clone(), keys);
        }
    }

    /// Whether a version that was withdrawn because it had vanished upstream is there again.
    fn is_revived(&self, entry: &Entry, held: Option<&Held>, standing: &Standing) -> bool {
        let withdrawn = held.is_some_and(|held| held.standing.status == Status::Deleted);
        withdrawn && standing.status != Status::Deleted && self.tie.had_vanished(&entry.name, &entry.version)
    }

    /// Leaves everything as it is.
    fn pass(&mut self, number: usize) {
        if Source::Synced.may_change(self.servers[number].source) {
            self.outcome.unchanged += 1;
        } else {
            self.outcome.kept += 1;
        }
    }

    fn decide(&mut self) {
        for (number, mentions) in &self.mentions {
            let server = &mut self.servers[*number];
            let before = latest(server);
            self.writer.flags.decide(server, self.held[*number].as_ref(), mentions);
            if latest(server) != before && !self.touched.contains(number) {
                self.outcome.unchanged -= 1;
                self.outcome.changed += 1;
            }
        }
    }

    fn refuse(&mut self, place: Place, entry: &Entry, reason: &str) {
        let (name, version) = (Some(entry.name.to_string()), Some(entry.version.to_string()));
        self.outcome.bad.push((place, Bad { name, version, reason: reason.to_owned() }));
    }
}

async fn hear(
    conn: &mut store::PgConnection,
    testimony: Testimony,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if testimony.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = testimony.keys().map(ToString::to_string).collect();
    vouchers::forget_registered(conn, &names).await?;
    let remotes: Vec<(String, String)> = testimony
        .into_iter()
        .flat_map(|(name, keys)| keys.into_iter().map(move |key| (name.to_string(), key)))
        .collect();
    vouchers::remember_registered(conn, &remotes, at).await
}

/// Dates a change of which the source does not say when it was made.
fn date(standing: &mut Standing, held: &Held, server: &ServerJson, now: DateTime<Utc>) {
    if standing.status != held.standing.status {
        standing.status_changed_at = now;
        standing.updated_at = now;
    } else if Digest::of(server.to_canonical().as_bytes()) != held.document_hash {
        standing.updated_at = now;
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a ServerName>) -> Vec<ServerName> {
    let mut names: Vec<&ServerName> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().cloned().collect()
}

fn latest(server: &Server) -> Option<ServerVersion> {
    server.versions().iter().find(|held| held.standing.is_latest).map(|held| held.version.clone())
}
