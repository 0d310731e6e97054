//! What a complete walk through everything has not met: withdrawn, with a message that says why.

use registry_core::listing::Source;
use registry_core::name::ServerName;
use registry_core::store::upstreams::{self, Held};
use registry_core::store::{self, StoreError, ledger, servers, vouchers};

use super::Puller;

/// How many names share a transaction.
const NAMES: i64 = 500;

/// Below how many missing entries a walk is believed whatever it leaves out.
const FEW: i64 = 10;

/// What became of the entries that a walk has not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vanished {
    /// They are withdrawn, this many of them here.
    Withdrawn(u64),
    /// So many are missing, beside so few, that the walk is not believed.
    TooMany {
        /// How many it has met.
        met: i64,
        /// How many not.
        missed: i64,
    },
    /// Somebody else holds the upstream.
    Lost,
}

impl Puller {
    /// Withdraws what the walk has not met; `believed` even where that is the larger part.
    pub(super) async fn withdraw_vanished(
        &self,
        held: &mut Held,
        walk: i64,
        believed: bool,
    ) -> Result<Vanished, StoreError> {
        let upstream = held.row.id;
        let (met, missed) = upstreams::met(&mut *self.pool.acquire().await?, upstream, walk).await?;
        if !believed && missed > met && missed > FEW {
            return Ok(Vanished::TooMany { met, missed });
        }
        let mut withdrawn = 0;
        loop {
            let gone = {
                let mut conn = self.pool.acquire().await?;
                upstreams::missed(&mut conn, upstream, walk, NAMES).await?
            };
            if gone.is_empty() {
                return Ok(Vanished::Withdrawn(withdrawn));
            }
            match self.withdraw(held, &gone).await? {
                Some(count) => withdrawn += count,
                None => return Ok(Vanished::Lost),
            }
        }
    }

    /// One transaction; none when the lease is lost.
    async fn withdraw(&self, held: &mut Held, gone: &[(String, String)]) -> Result<Option<u64>, StoreError> {
        let now = self.now();
        let until = now + self.settings.lease;
        let mut names: Vec<ServerName> = gone.iter().filter_map(|(name, _)| name.parse().ok()).collect();
        names.sort_unstable();
        names.dedup();
        let mut tx = store::begin(&self.pool).await?;
        let mut listed = servers::lock(&mut tx, &names, Source::Synced).await?;
        if !upstreams::renew(&mut tx, held, until).await? {
            return Ok(None);
        }
        let texts: Vec<String> = names.iter().map(ToString::to_string).collect();
        let known = upstreams::entries(&mut tx, &texts).await?;
        let message = format!("no longer listed by {}", held.row.name);
        let mut count = 0;
        for (name, version) in gone {
            // Another upstream that lists the name may have the word on it.
            let others =
                known.iter().any(|e| e.server_name == *name && !e.vanished && e.is_before(&held.row));
            if others {
                continue;
            }
            if let Some(server) = listed.iter_mut().find(|server| server.name.as_str() == name) {
                count += u64::from(server.withdraw_synced(version, &message, now));
            }
        }
        if held.row.official {
            // It stands by them no longer, whoever else lists them here.
            let is_left = |name: &String| {
                let mut own = known.iter().filter(|e| e.server_name == *name && e.upstream == held.row.id);
                own.any(|e| !e.vanished && !gone.contains(&(name.clone(), e.version.clone())))
            };
            let forsaken: Vec<String> = texts.iter().filter(|name| !is_left(name)).cloned().collect();
            vouchers::forget_registered(&mut tx, &forsaken).await?;
        }
        upstreams::vanish(&mut tx, held.row.id, gone, now).await?;
        listed.retain(|server| !server.changes().is_empty());
        if !listed.is_empty() {
            servers::save(&mut tx, &listed).await?;
            let entries: Vec<_> = listed.iter().flat_map(ledger::entries).collect();
            ledger::append(&mut tx, &format!("sync:{}", held.row.name), now, &entries).await?;
        }
        store::commit(tx).await?;
        held.until = until;
        Ok(Some(count))
    }
}
