//! The schema: the migrations this program carries, and whether a database has had them.

use std::collections::HashMap;

use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migrator};
use sqlx::{PgConnection, PgPool};

use super::names;
use crate::digest::Digest;

/// Where sqlx notes what has been applied.
const TABLE: &str = "_sqlx_migrations";

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Why a database does not have the schema of this program.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Migrations are missing from the database.
    #[error("the database lacks {0} of this program's migrations; run `cardinal migrate`")]
    Behind(usize),
    /// A newer program has migrated the database.
    #[error(
        "the database has migration `{0}`, which this program does not know; run the program whose \
         `cardinal migrate` applied it, or a newer one"
    )]
    Ahead(i64),
    /// A migration was applied with another text.
    #[error(
        "migration `{0}` was applied to the database with another text than this program has; run the program \
         whose `cardinal migrate` applied it, or use a new database"
    )]
    Altered(i64),
    /// A migration began and did not end.
    #[error(
        "migration `{0}` was begun and not finished; finish or undo it by hand, delete its row from \
         `_sqlx_migrations`, then run `cardinal migrate`"
    )]
    Unfinished(i64),
    /// A migration failed; the database is as it was before it.
    #[error("migration `{version}` failed: {source}")]
    Failed {
        /// The migration.
        version: i64,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The user may not make tables.
    #[error(
        "the user `{user}` may not create tables in the database; run `GRANT CREATE ON SCHEMA {schema} TO \"{user}\"` \
         as its owner"
    )]
    NoRights {
        /// The user.
        user: String,
        /// The schema that new tables go to.
        schema: String,
    },
    /// The user may not read the notes of what was applied.
    #[error("the user of the database may not read its tables; use the one that ran `cardinal migrate`")]
    Unreadable,
    /// The database did not answer.
    #[error("the database refused a statement: {0}")]
    Database(#[from] sqlx::Error),
}

impl From<MigrateError> for SchemaError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Ahead(version),
            MigrateError::VersionMismatch(version) => Self::Altered(version),
            MigrateError::Dirty(version) => Self::Unfinished(version),
            MigrateError::ExecuteMigration(source, version) => Self::Failed { version, source },
            MigrateError::Execute(source) => Self::Database(source),
            other => Self::Database(sqlx::Error::Migrate(Box::new(other))),
        }
    }
}

/// Applies what the database lacks. Several programs may do this at once: one works, the others wait for it.
pub async fn migrate(pool: &PgPool) -> Result<(), SchemaError> {
    let mut connection = pool.acquire().await?;
    // The pool's limits are for requests; a migration takes the time it takes, and its connection is not used again.
    connection.close_on_drop();
    sqlx::query!("SET statement_timeout = 0").execute(&mut *connection).await?;
    sqlx::query!("SET lock_timeout = 0").execute(&mut *connection).await?;
    check_rights(&mut connection).await?;
    MIGRATIONS.run_direct(None, &mut *connection, false).await?;
    Ok(names::fill(&mut connection).await?)
}

/// Refuses a database that lacks a migration, or has one that this program does not know.
pub async fn check_migrated(pool: &PgPool) -> Result<(), SchemaError> {
    let mut connection = pool.acquire().await?;
    let applied = applied(&mut connection).await?;
    if !applied.is_empty()
        && let Some(version) = connection.dirty_version(TABLE).await?
    {
        return Err(SchemaError::Unfinished(version));
    }
    compare(&MIGRATIONS, applied)
}

/// A value that is another one whenever a migration is added or changed.
pub fn fingerprint() -> Digest {
    let versions: Vec<_> = MIGRATIONS.iter().map(|migration| migration.version.to_be_bytes()).collect();
    let checksums = MIGRATIONS.iter().map(|migration| &*migration.checksum);
    let parts: Vec<_> = versions.iter().map(<[u8; 8]>::as_slice).chain(checksums).collect();
    Digest::of_parts(&parts)
}

async fn check_rights(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let found = sqlx::query!(
        r#"
        SELECT current_user::text AS "user!",
               coalesce(current_schema()::text, 'public') AS "schema!",
               coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS "may_create!"
        "#
    )
    .fetch_one(connection)
    .await?;
    match found.may_create {
        true => Ok(()),
        false => Err(SchemaError::NoRights { user: found.user, schema: found.schema }),
    }
}

/// What the database has had; nothing where the table is missing, as in a new database.
async fn applied(connection: &mut PgConnection) -> Result<Vec<AppliedMigration>, SchemaError> {
    let error = match connection.list_applied_migrations(TABLE).await {
        Ok(applied) => return Ok(applied),
        Err(error) => error,
    };
    let code = match &error {
        MigrateError::Execute(sqlx::Error::Database(refusal)) => refusal.code(),
        _ => None,
    };
    match code.as_deref() {
        Some(UNDEFINED_TABLE) => Ok(Vec::new()),
        Some(INSUFFICIENT_PRIVILEGE) => Err(SchemaError::Unreadable),
        _ => Err(error.into()),
    }
}

const UNDEFINED_TABLE: &str = "42P01";
const INSUFFICIENT_PRIVILEGE: &str = "42501";

fn compare(known: &Migrator, applied: Vec<AppliedMigration>) -> Result<(), SchemaError> {
    let mut applied: HashMap<_, _> =
        applied.into_iter().map(|migration| (migration.version, migration.checksum)).collect();
    let mut missing = 0;
    for migration in known.iter() {
        match applied.remove(&migration.version) {
            None => missing += 1,
            Some(checksum) if checksum != migration.checksum => {
                return Err(SchemaError::Altered(migration.version));
            }
            Some(_) => {}
        }
    }
    match (applied.keys().max(), missing) {
        (Some(unknown), _) => Err(SchemaError::Ahead(*unknown)),
        (None, 0) => Ok(()),
        (None, missing) => Err(SchemaError::Behind(missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<AppliedMigration> {
        let applied = |migration: &sqlx::migrate::Migration| AppliedMigration {
            version: migration.version,
            checksum: migration.checksum.clone(),
        };
        MIGRATIONS.iter().map(applied).collect()
    }

    #[test]
    fn a_database_with_every_migration_fits() {
        compare(&MIGRATIONS, all()).unwrap();
    }

    #[test]
    fn a_database_behind_ahead_or_altered_is_refused() {
        let mut behind = all();
        behind.truncate(1);
        let missing = MIGRATIONS.iter().count() - 1;
        assert_eq!(
            compare(&MIGRATIONS, behind).unwrap_err().to_string(),
            format!("the database lacks {missing} of this program's migrations; run `cardinal migrate`")
        );

        let mut ahead = all();
        ahead.push(AppliedMigration { version: i64::MAX, checksum: vec![1].into() });
        assert!(matches!(compare(&MIGRATIONS, ahead), Err(SchemaError::Ahead(i64::MAX))));

        let mut altered = all();
        altered[0].checksum = vec![1].into();
        assert!(matches!(compare(&MIGRATIONS, altered), Err(SchemaError::Altered(_))));
    }
}
