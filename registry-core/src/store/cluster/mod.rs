//! The built-in database: a Postgres of this program's own below the data directory, for one machine.
//!
//! Whoever locks `pg.lock` owns the cluster: makes it, starts it, and stops it last. Everyone else is a guest of the owner
//! and loses the database when the owner ends. A `serve` is never a guest: it refuses to start beside another `serve`, and
//! waits [`PATIENCE`] for a command that happens to own the cluster. Postgres listens on a socket in its own folder and on
//! no port, so the cluster of a distribution's package is another one and is never touched. It runs under a small shell
//! that stops it when this process is gone, even by `kill -9`.

mod account;
mod binaries;
mod create;
mod error;
mod guest;
mod holder;
mod keeper;
mod leftovers;
mod lock;
mod owner;
mod place;
mod tail;

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

pub use account::Account;
pub use binaries::Binaries;
pub use error::ClusterError;
pub use guest::Guest;
pub use holder::{Holder, Role};
use lock::Lock;
pub use owner::Owner;

/// How long to wait for another process: a guest for the owner's Postgres, a `serve` for a command that owns it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where a cluster goes that root keeps in a folder which is closed to Postgres' account.
pub const PLACE_OF_CLOSED_FOLDERS: &str = "/var/lib/cardinal";

/// How often the lock and the owner's state are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The port in the name of the socket; nothing listens on it.
const PORT: u16 = 5432;

/// The database's own account, which may do everything.
const USER: &str = "registry";

/// The database that `initdb` makes; making another one would be a race between starters.
const DATABASE: &str = "postgres";

/// What is needed to join a cluster.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory; the cluster is in `pg` below it.
    pub data: PathBuf,
    /// The folder with `initdb`, `postgres` and `pg_ctl`; searched for where it is not given.
    pub binaries: Option<PathBuf>,
    /// The value of `PATH`, where the programs are looked for last.
    pub search_path: Option<OsString>,
    /// See [`PLACE_OF_CLOSED_FOLDERS`].
    pub closed_place: PathBuf,
    /// What this process does for the cluster.
    pub role: Role,
    /// The command, as others are told: `serve`, `import`.
    pub command: String,
    /// The present moment, as others are told.
    pub since: DateTime<Utc>,
}

impl Settings {
    /// Settings of a process that searches for its programs in the usual places only.
    pub fn new(
        data: impl Into<PathBuf>,
        role: Role,
        command: impl Into<String>,
        since: DateTime<Utc>,
    ) -> Self {
        Self {
            data: data.into(),
            binaries: None,
            search_path: None,
            closed_place: PLACE_OF_CLOSED_FOLDERS.into(),
            role,
            command: command.into(),
            since,
        }
    }
}

/// A cluster that can be connected to.
#[derive(Debug)]
pub enum Cluster {
    /// This process owns it and stops it.
    Owner(Owner),
    /// Another process owns it.
    Guest(Guest),
}

impl Cluster {
    /// Joins the running cluster of the data directory, or makes and starts it.
    ///
    /// Fails without changing anything where a `serve` finds another process owning the cluster.
    pub async fn join(settings: Settings) -> Result<Self, ClusterError> {
        in_background(move || join(&settings)).await
    }

    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder())
            .port(PORT)
            .username(USER)
            .database(DATABASE)
            .ssl_mode(PgSslMode::Disable)
    }

    /// The folder of the cluster, which holds its socket too.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Owner(owner) => owner.folder(),
            Self::Guest(guest) => guest.folder(),
        }
    }

    /// Tells others the address at which this process answers, once it has one; a guest has nothing to tell.
    pub fn announce(&self, address: &str) -> Result<(), ClusterError> {
        match self {
            Self::Owner(owner) => owner.announce(address),
            Self::Guest(_) => Ok(()),
        }
    }

    /// Comes back when the cluster has ended under us, and says why: nothing that uses it can go on.
    pub async fn ended(&self) -> ClusterError {
        match self {
            Self::Owner(owner) => owner.ended().await,
            Self::Guest(guest) => guest.ended().await,
        }
    }

    /// Stops the cluster if it is ours. To be called last, with every pool closed; dropping it instead stops it as well,
    /// but nobody waits or learns how it went.
    pub async fn stop(self) -> Result<(), ClusterError> {
        match self {
            Self::Owner(owner) => in_background(|| owner.stop()).await,
            Self::Guest(_) => Ok(()),
        }
    }
}

/// One line for people: which database is used, and where.
impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(owner) => {
                write!(f, "built-in Postgres {} in `{}`", owner.version(), owner.folder().display())
            }
            Self::Guest(guest) => {
                write!(f, "built-in Postgres in `{}`, run by {}", guest.folder().display(), guest.holder())
            }
        }
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(ClusterError::Cancelled),
    }
}

fn join(settings: &Settings) -> Result<Cluster, ClusterError> {
    let unusable = |source| ClusterError::DataDirectory { path: settings.data.clone(), source };
    fs::create_dir_all(&settings.data).map_err(unusable)?;
    let path = settings.data.join("pg.lock");
    let begun = Instant::now();
    let mut told = false;
    loop {
        if let Some(lock) = Lock::take(&path).map_err(unusable)? {
            return Owner::start(settings, lock).map(Cluster::Owner);
        }
        // The record is read a moment after the lock was found taken, so that it is that owner's and not the last one's.
        sleep(LOOK_EVERY);
        let holder = lock::read(&path);
        match (settings.role, &holder) {
            (Role::Command, Some(holder)) => {
                if let Some(guest) = Guest::of(holder, &settings.data)? {
                    return Ok(Cluster::Guest(guest));
                }
            }
            (Role::Serve, Some(holder)) if holder.role == Role::Serve => {
                return Err(ClusterError::held(&settings.data, Some(holder.clone())));
            }
            (Role::Serve, Some(holder)) if !told => {
                tracing::info!(holder.pid, "Waiting for {holder}, which is using the data directory");
                told = true;
            }
            _ => {}
        }
        if begun.elapsed() > PATIENCE {
            return Err(ClusterError::held(&settings.data, holder));
        }
    }
}
