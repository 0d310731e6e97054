//! What the publications of a batch may not take: addresses that other servers use, and names that pass for other names.

use std::collections::{HashMap, HashSet};

use registry_core::name::ServerName;
use registry_core::server::{Refused, Server};
use registry_core::store::{self, StoreError, ledger, names, remotes};

use super::entry::{Entry, Place, Way};

/// What is taken, before the batch and by it.
#[derive(Debug, Default)]
pub(super) struct Taken {
    remotes: HashMap<String, HashSet<String>>,
    names: HashMap<String, ServerName>,
}

impl Taken {
    /// What the database says of the publications among `entries`; `servers` are locked.
    pub(super) async fn of(
        tx: &mut store::PgTransaction<'static>,
        entries: &[(Place, Entry)],
        servers: &[Server],
    ) -> Result<Self, StoreError> {
        let published: Vec<&Entry> = entries
            .iter()
            .map(|(_, entry)| entry)
            .filter(|entry| matches!(entry.way, Way::Published))
            .collect();
        let mut taken = Self::default();
        if published.is_empty() {
            return Ok(taken);
        }
        // So that two publications cannot take one address or one name side by side.
        ledger::lock(tx).await?;
        let named = published.iter().flat_map(|entry| &entry.server.remotes);
        let urls: Vec<String> = named.map(|remote| remote.url.clone()).collect();
        for (url, name) in remotes::users_of(tx, &urls).await? {
            taken.remotes.entry(url).or_default().insert(name);
        }
        let new: HashSet<&ServerName> =
            servers.iter().filter(|server| server.versions().is_empty()).map(|server| &server.name).collect();
        for entry in published.iter().filter(|entry| new.contains(&entry.name)) {
            if let Some(other) = names::look_alike(tx, &entry.name).await? {
                taken.note_name(&other);
            }
        }
        Ok(taken)
    }

    /// Why `entry` cannot be published, if something of it is taken; `is_new` when its server has no version yet.
    pub(super) fn refusal(&self, entry: &Entry, is_new: bool) -> Option<Refused> {
        let like = is_new.then(|| self.look_alike(&entry.name)).flatten();
        if let Some(other) = like {
            return Some(Refused::LooksAlike { name: entry.name.clone(), other: other.clone() });
        }
        entry.server.remotes.iter().find_map(|remote| {
            let users = self.remotes.get(&remote.url)?;
            let other = users.iter().filter(|user| user.as_str() != entry.name.as_str()).min()?;
            Some(Refused::RemoteInUse { url: remote.url.clone(), other: other.clone() })
        })
    }

    /// What a publication takes.
    pub(super) fn note(&mut self, entry: &Entry) {
        self.note_name(&entry.name);
        for remote in &entry.server.remotes {
            self.remotes.entry(remote.url.clone()).or_default().insert(entry.name.to_string());
        }
    }

    fn note_name(&mut self, name: &ServerName) {
        for form in name.folds() {
            self.names.entry(form).or_insert_with(|| name.clone());
        }
    }

    fn look_alike(&self, name: &ServerName) -> Option<&ServerName> {
        name.folds().iter().find_map(|form| self.names.get(form)).filter(|other| *other != name)
    }
}
