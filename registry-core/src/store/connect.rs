//! Opening a database, given by its address or built in, and saying plainly why it cannot be used.

use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use url::Url;

/// The oldest server whose SQL we use.
const MINIMUM: i32 = 15;

/// How long a server may be out of reach before that is the answer.
const PATIENCE: Duration = Duration::from_secs(5);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// The parameters that sqlx knows; it would log the value of any other, and that may be a misspelt password.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Why a database cannot be used. No sentence holds a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is none.
    #[error(
        "MCP_REGISTRY_DATABASE_URL is no address of a database: {0}; write `postgres://user:password@host:5432/name`"
    )]
    Url(String),
    /// Nobody answers.
    #[error("the database at `{place}` did not answer within {} s: {said}; check that it runs and can be reached", PATIENCE.as_secs())]
    Unreachable {
        /// Host and port, or socket.
        place: String,
        /// What happened last.
        said: String,
    },
    /// The encrypted connection failed.
    #[error(
        "no encrypted connection to the database at `{place}`: {said}; check `sslmode` and `sslrootcert` of its address"
    )]
    Tls {
        /// Host and port, or socket.
        place: String,
        /// What is wrong.
        said: String,
    },
    /// The server does not let this user in.
    #[error(
        "the database at `{place}` refuses the user `{user}`: {said}; check the user and password of its address"
    )]
    Authentication {
        /// Host and port, or socket.
        place: String,
        /// The user.
        user: String,
        /// What the server said.
        said: String,
    },
    /// There is no database of that name.
    #[error(
        "there is no database `{name}` at `{place}`; create it, as with `createdb --encoding=UTF8 {name}`, or name \
         another one"
    )]
    NoDatabase {
        /// Host and port, or socket.
        place: String,
        /// The name.
        name: String,
    },
    /// The server is too old.
    #[error("the database at `{place}` is Postgres {found}; use Postgres {MINIMUM} or newer")]
    TooOld {
        /// Host and port, or socket.
        place: String,
        /// Its major version.
        found: i32,
    },
    /// The database cannot hold every text.
    #[error("the database `{name}` has the encoding {found}; create one with `createdb --encoding=UTF8`")]
    Encoding {
        /// The database.
        name: String,
        /// Its encoding.
        found: String,
    },
    /// The server takes no writes.
    #[error("the database at `{place}` is a read-only replica; give the address of its primary")]
    ReadOnly {
        /// Host and port, or socket.
        place: String,
    },
    /// The server said something else.
    #[error("the database at `{place}` refused the connection: {said}")]
    Refused {
        /// Host and port, or socket.
        place: String,
        /// What it said.
        said: String,
    },
}

/// What a pool may take of the server, and how long its statements may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections open at once.
    pub connections: u32,
    /// How long to wait for one of them.
    pub acquire: Duration,
    /// How long a statement may run.
    pub statement: Duration,
    /// How long a statement may wait for a lock.
    pub lock: Duration,
    /// The name in `pg_stat_activity`.
    pub application: String,
}

impl Limits {
    /// Limits that suit requests.
    pub fn new(application: impl Into<String>, connections: u32) -> Self {
        Self {
            connections,
            acquire: Duration::from_secs(10),
            statement: Duration::from_secs(30),
            lock: Duration::from_secs(10),
            application: application.into(),
        }
    }
}

/// Reads the address of a database.
pub fn parse_url(text: &str) -> Result<PgConnectOptions, ConnectError> {
    let refuse = |why: String| Err(ConnectError::Url(why));
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => return refuse(format!("{error}; percent-encode special characters of the password")),
    };
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return refuse("it does not begin with `postgres://`".into());
    }
    // A `/`, `?` or `#` in a password ends the host early, and the rest of the password would show up in messages.
    let rest = &url[url::Position::BeforePath..];
    if rest.contains('@') || url.fragment().is_some() {
        return refuse("percent-encode `@`, `/`, `?` and `#` in its user and password".into());
    }
    if let Some((key, _)) = url.query_pairs().find(|(key, _)| !is_parameter(key)) {
        return refuse(format!("the parameter `{key}` is unknown; leave it out"));
    }
    match PgConnectOptions::from_str(text) {
        Ok(options) => Ok(options),
        Err(sqlx::Error::Configuration(why)) => refuse(why.to_string()),
        Err(_) => refuse("it cannot be read".into()),
    }
}

fn is_parameter(key: &str) -> bool {
    PARAMETERS.contains(&key) || (key.starts_with("options[") && key.ends_with(']'))
}

/// Opens a database that this program can use; whether it has our schema is [`super::schema`]'s to say.
///
/// A server that is only just starting is waited for, a few seconds.
pub async fn open(options: PgConnectOptions, limits: &Limits) -> Result<PgPool, ConnectError> {
    let options = options.application_name(&limits.application);
    let mut connection = connect(&options).await?;
    check(&mut connection, &options).await?;
    let _ = connection.close().await;
    let (statement, lock) = (milliseconds(limits.statement), milliseconds(limits.lock));
    let pool = PgPoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(limits.acquire)
        // Not as options of the connection: poolers such as PgBouncer refuse those.
        .after_connect(move |connection, _| {
            let (statement, lock) = (statement.clone(), lock.clone());
            Box::pin(async move { limit(connection, &statement, &lock).await })
        });
    Ok(pool.connect_lazy_with(options))
}

async fn limit(connection: &mut PgConnection, statement: &str, lock: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT set_config('statement_timeout', $1, false) AS statement, set_config('lock_timeout', $2, false) AS lock",
        statement,
        lock
    )
    .fetch_one(connection)
    .await
    .map(drop)
}

fn milliseconds(duration: Duration) -> String {
    duration.as_millis().to_string()
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, ConnectError> {
    let begun = Instant::now();
    let mut last = "no answer".to_owned();
    loop {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        let Ok(tried) = tokio::time::timeout(left, options.connect()).await else {
            return Err(ConnectError::Unreachable { place: place(options), said: last });
        };
        let error = match tried {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        if !is_passing(&error) || begun.elapsed() + TRY_AGAIN_AFTER > PATIENCE {
            return Err(explain(error, options));
        }
        last = said(&error);
        tokio::time::sleep(TRY_AGAIN_AFTER).await;
    }
}

/// Whether it may be gone in a moment: the server starts, stops to start again, or is full.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(refusal) => {
            matches!(refusal.code().as_deref(), Some("57P03" | "57P01" | "53300"))
        }
        _ => false,
    }
}

fn explain(error: sqlx::Error, options: &PgConnectOptions) -> ConnectError {
    let (place, said) = (place(options), said(&error));
    let user = options.get_username().to_owned();
    match error {
        sqlx::Error::Database(refusal) => match refusal.code().as_deref() {
            Some("28P01" | "28000") => ConnectError::Authentication { place, user, said },
            Some("3D000") => ConnectError::NoDatabase { place, name: name(options) },
            Some("57P03" | "57P01") => ConnectError::Unreachable { place, said },
            _ => ConnectError::Refused { place, said },
        },
        sqlx::Error::Io(_) => ConnectError::Unreachable { place, said },
        sqlx::Error::Tls(_) => ConnectError::Tls { place, said },
        _ => ConnectError::Refused { place, said },
    }
}

/// The innermost words, without sqlx' own around them.
fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refusal) => refusal.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Where a database is, for people: host and port, or the folder of its socket.
pub fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// The database's name, which is the user's where none is given.
fn name(options: &PgConnectOptions) -> String {
    options.get_database().unwrap_or_else(|| options.get_username()).to_owned()
}

async fn check(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), ConnectError> {
    let server = sqlx::query!(
        r#"
        SELECT current_setting('server_version_num')::integer / 10000 AS "major!",
               current_setting('server_encoding') AS "encoding!",
               pg_is_in_recovery() AS "replica!"
        "#
    )
    .fetch_one(connection)
    .await
    .map_err(|error| explain(error, options))?;
    if server.major < MINIMUM {
        return Err(ConnectError::TooOld { place: place(options), found: server.major });
    }
    if server.encoding != "UTF8" {
        return Err(ConnectError::Encoding { name: name(options), found: server.encoding });
    }
    if server.replica {
        return Err(ConnectError::ReadOnly { place: place(options) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_of_hosts_and_sockets() {
        let host = parse_url("postgres://alice:p%40ss@db.example:6432/registry?sslmode=require").unwrap();
        assert_eq!(place(&host), "db.example:6432");
        assert_eq!((host.get_username(), name(&host)), ("alice", "registry".to_owned()));
        let socket = parse_url("postgresql://registry@localhost/postgres?host=%2Frun%2Fpg").unwrap();
        assert_eq!(place(&socket), "/run/pg");
    }

    #[test]
    fn refuses_what_is_no_address_without_repeating_the_password() {
        for (text, why) in [
            ("", "relative URL without a base"),
            ("db.example", "relative URL without a base"),
            ("mysql://alice:s3cret@db.example/registry", "does not begin with `postgres://`"),
            ("postgres://alice:s3cret/x@db.example/registry", "invalid port number"),
            ("postgres://alice:33/s3cret@db.example/registry", "percent-encode `@`, `/`, `?` and `#`"),
            ("postgres://alice:33?s3cret@db.example/registry", "percent-encode `@`, `/`, `?` and `#`"),
            ("postgres://alice:33#s3cret@db.example/registry", "percent-encode `@`, `/`, `?` and `#`"),
            ("postgres://alice@db.example/registry?pasword=s3cret", "the parameter `pasword` is unknown"),
            ("postgres://alice:s3cret@db.example/registry?sslmode=maybe", "maybe"),
        ] {
            let refused = parse_url(text).unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("s3cret"), "{text}: {refused}");
        }
    }
}
