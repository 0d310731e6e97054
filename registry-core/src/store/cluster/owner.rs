//! The process that has the lock: it makes the cluster, starts it, and stops it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::holder::Running;
use super::keeper::Keeper;
use super::lock::Lock;
use super::{Account, Binaries, ClusterError, Holder, Settings, create, leftovers, place};

/// A running cluster of our own.
#[derive(Debug)]
pub struct Owner {
    folder: PathBuf,
    version: String,
    holder: Mutex<Holder>,
    keeper: Mutex<Keeper>,
    // Last, so that the pipe is closed before another process can take the lock.
    lock: Lock,
}

impl Owner {
    pub(super) fn start(settings: &Settings, lock: Lock) -> Result<Self, ClusterError> {
        let told = ClusterError::system("write to", &settings.data.join("pg.lock"));
        let mut holder = Holder {
            pid: std::process::id(),
            role: settings.role,
            command: settings.command.clone(),
            address: None,
            since: settings.since,
            running: None,
        };
        lock.tell(&holder).map_err(told)?;
        let account = Account::to_run_as(&settings.data.join("pg"))?;
        let account = account.as_ref();
        let folder = place::choose(&settings.data, account, &settings.closed_place)?;
        let binaries =
            Binaries::find(settings.binaries.as_deref(), settings.search_path.as_deref(), &folder)?;
        create::ensure(&folder, &binaries, account)?;
        leftovers::clear(&folder, &binaries, account)?;
        let (keeper, pid) = Keeper::start(&folder, &binaries, account, &settings.data.join("pg.log"))?;
        let absolute = std::path::absolute(&folder).map_err(ClusterError::system("find", &folder))?;
        holder.running = Some(Running { folder: absolute, pid });
        lock.tell(&holder).map_err(ClusterError::system("write to", &settings.data.join("pg.lock")))?;
        Ok(Self {
            folder,
            version: binaries.version().to_owned(),
            holder: Mutex::new(holder),
            keeper: Mutex::new(keeper),
            lock,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn announce(&self, address: &str) -> Result<(), ClusterError> {
        let mut holder = locked(&self.holder);
        holder.address = Some(address.to_owned());
        self.lock.tell(&holder).map_err(ClusterError::system("write to the lock of", &self.folder))
    }

    pub(super) async fn ended(&self) -> ClusterError {
        loop {
            if let Some(ended) = locked(&self.keeper).ended() {
                return ended;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Stops Postgres, then lets go of the lock.
    pub(super) fn stop(self) -> Result<(), ClusterError> {
        self.keeper.into_inner().unwrap_or_else(PoisonError::into_inner).stop()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
