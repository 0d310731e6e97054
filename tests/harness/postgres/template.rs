//! The migrated database that every test's database is a copy of, made once for each state of the migrations.

use std::time::{SystemTime, UNIX_EPOCH};

use registry_core::store::schema;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;
use url::Url;

/// Any number that nothing else locks.
const LOCK: i64 = 0x6361_7264_696e_616c;

/// How long a test may keep its database before another run may take it for forgotten.
const FORGOTTEN_AFTER_SECONDS: u64 = 3600;

/// The name of the template on this server, which exists afterwards.
pub(super) async fn migrated(admin: &Url) -> &'static str {
    static NAME: OnceCell<String> = OnceCell::const_new();
    NAME.get_or_init(|| async { create(admin).await.expect("the template can be made") }).await
}

/// A name for a test's database, which says when it was made and by whom.
pub(super) fn new_name(serial: u32) -> String {
    format!("cardinal_test_{}_{}_{serial}", now(), std::process::id())
}

async fn create(admin: &Url) -> sqlx::Result<String> {
    let hash = schema::fingerprint().to_string();
    let name = format!("cardinal_template_{}", &hash[..16]);
    let mut connection = PgConnection::connect(admin.as_str()).await?;
    if !exists(&mut connection, &name).await? {
        sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await?;
        if !exists(&mut connection, &name).await? {
            drop_forgotten(&mut connection).await?;
            migrate_as(&mut connection, admin, &name).await?;
        }
    }
    connection.close().await?;
    Ok(name)
}

async fn exists(connection: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)");
    found.bind(name).fetch_one(connection).await
}

/// Makes it under another name first, so that a half-made one never counts.
async fn migrate_as(connection: &mut PgConnection, admin: &Url, name: &str) -> sqlx::Result<()> {
    run(connection, &format!(r#"DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)"#)).await?;
    run(connection, &format!(r#"CREATE DATABASE "{name}_new""#)).await?;
    let pool = PgPool::connect(super::on(admin, &format!("{name}_new")).as_str()).await?;
    schema::migrate(&pool).await.expect("the migrations apply to an empty database");
    pool.close().await;
    run(connection, &format!(r#"ALTER DATABASE "{name}_new" RENAME TO "{name}""#)).await
}

/// Drops what killed test processes have left on a server that is older than this run.
async fn drop_forgotten(connection: &mut PgConnection) -> sqlx::Result<()> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'cardinal\\_test\\_%'")
            .fetch_all(&mut *connection)
            .await?;
    for name in names {
        let made = name.split('_').nth(2).and_then(|seconds| seconds.parse().ok()).unwrap_or(u64::MAX);
        if now().saturating_sub(made) > FORGOTTEN_AFTER_SECONDS {
            run(connection, &format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#)).await?;
        }
    }
    Ok(())
}

async fn run(connection: &mut PgConnection, statement: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}
