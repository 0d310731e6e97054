//! A throw-away Postgres: one server for all test processes of this workspace, a database for each test.
//!
//! The first process starts the server under `keeper.sh`, which stops and deletes it when no process has used it for a
//! while. `TEST_DATABASE_URL` names a server to use instead; its account must be allowed to create databases.

mod server;
mod template;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use url::Url;

/// A migrated, empty database of one test's own. It is dropped with this value.
pub struct Postgres {
    pool: PgPool,
    name: String,
    url: Url,
}

impl Postgres {
    /// Creates the database, and starts the server where that has not been done.
    pub async fn database() -> Self {
        let admin = tokio::task::spawn_blocking(admin_url).await.expect("the test server starts");
        let template = template::migrated(admin).await;
        let name = template::new_name(serial());
        let create = format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#);
        execute(admin, &create).await.expect("the template can be copied");
        let url = on(admin, &name);
        let pool = PgPoolOptions::new().max_connections(10).connect(url.as_str()).await;
        Self { pool: pool.expect("the new database can be opened"), name, url }
    }

    /// Connections to the database, shared by everyone who asks.
    pub fn pool(&self) -> PgPool {
        self.pool.clone()
    }

    /// The address for another process: `postgres://…`, a socket standing in `host`.
    pub fn url(&self) -> String {
        self.url.to_string()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let statement = format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name);
        let url = admin_url();
        // A thread of its own, since the test's runtime may be the one that is waiting here.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(execute(url, &statement)))
        });
        // What is left behind goes with the server.
        let _ = dropping.join();
    }
}

/// The server's own database: where databases are made from.
fn admin_url() -> &'static Url {
    static ADMIN: OnceLock<Url> = OnceLock::new();
    ADMIN.get_or_init(|| match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => url.parse().expect("TEST_DATABASE_URL is a URL"),
        Err(_) => server::join(),
    })
}

/// The address of another database of the same server.
fn on(admin: &Url, name: &str) -> Url {
    let mut url = admin.clone();
    url.set_path(name);
    url
}

async fn execute(url: &Url, statement: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url.as_str()).await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}

fn serial() -> u32 {
    static SERIAL: AtomicU32 = AtomicU32::new(0);
    SERIAL.fetch_add(1, Ordering::Relaxed)
}
