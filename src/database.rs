//! The database the parts are given: the built-in one below the data directory, or the operator's.

use std::time::Duration;

use anyhow::Context;
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::cluster::{Cluster, Role, Settings};
use registry_core::store::{PgPool, connect, schema};
use tracing::info;

use crate::arguments::StorageArguments;

/// How many connections a serving process uses at most.
const SERVING: u32 = 30;
/// And a command.
const WORKING: u32 = 8;
/// How long a statement of a command may run.
const COMMAND: Duration = Duration::from_secs(3600);

/// What a process wants the database for.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// `cardinal serve`, reached at this address.
    Serve {
        /// The registry's address.
        url: String,
    },
    /// Another command, by its name.
    Command(&'static str),
}

impl Purpose {
    fn role(&self) -> Role {
        match self {
            Self::Serve { .. } => Role::Serve,
            Self::Command(_) => Role::Command,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Serve { .. } => "serve",
            Self::Command(name) => name,
        }
    }

    fn limits(&self) -> connect::Limits {
        let application = format!("cardinal {}", self.name());
        match self {
            Self::Serve { .. } => connect::Limits::new(application, SERVING),
            // A command may read a whole table, and nobody waits for its answer.
            Self::Command(_) => {
                connect::Limits { statement: COMMAND, ..connect::Limits::new(application, WORKING) }
            }
        }
    }
}

/// An open database. To be closed last.
pub struct Database {
    pool: PgPool,
    cluster: Option<Cluster>,
}

impl Database {
    /// Joins or starts the built-in database and brings it to the schema; or connects to the operator's, whose schema is only
    /// changed with `migrate`.
    pub async fn open(storage: &StorageArguments, purpose: &Purpose, migrate: bool) -> anyhow::Result<Self> {
        let data = &storage.data_dir;
        std::fs::create_dir_all(data).with_context(|| {
            format!("the data directory `{}` cannot be made; choose another with --data-dir", data.display())
        })?;
        let limits = purpose.limits();
        match &storage.database_url {
            Some(url) => {
                let options = connect::parse_url(url)?;
                let place = connect::place(&options);
                let pool = connect::open(options, &limits).await?;
                info!("Using the database at {place}");
                if migrate {
                    schema::migrate(&pool).await?;
                } else {
                    schema::check_migrated(&pool).await?;
                }
                Ok(Self { pool, cluster: None })
            }
            None => Self::built_in(storage, purpose, &limits).await,
        }
    }

    async fn built_in(
        storage: &StorageArguments,
        purpose: &Purpose,
        limits: &connect::Limits,
    ) -> anyhow::Result<Self> {
        let mut settings =
            Settings::new(&storage.data_dir, purpose.role(), purpose.name(), SystemClock.now());
        settings.binaries = storage.postgres_bin.clone();
        settings.search_path = std::env::var_os("PATH");
        let cluster = Cluster::join(settings).await?;
        info!("Using the {cluster}");
        if let Purpose::Serve { url } = purpose {
            cluster.announce(url)?;
        }
        let pool = connect::open(cluster.options(), limits).await?;
        schema::migrate(&pool).await?;
        Ok(Self { pool, cluster: Some(cluster) })
    }

    /// Its connections.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Comes back, with the reason, when the built-in database has ended under us; never for the operator's, which may come back.
    pub async fn ended(&self) -> anyhow::Error {
        match &self.cluster {
            Some(cluster) => cluster.ended().await.into(),
            None => std::future::pending().await,
        }
    }

    /// Closes the connections, then stops the built-in database if it is this process's own.
    pub async fn close(self) -> anyhow::Result<()> {
        self.pool.close().await;
        match self.cluster {
            Some(cluster) => Ok(cluster.stop().await?),
            None => Ok(()),
        }
    }
}
