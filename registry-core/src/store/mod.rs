//! Postgres: the only SQL of the project, one file per table family.
//!
//! Plain functions on a connection; the caller owns the transaction. What changes the public record ends with
//! [`ledger::append`].

pub mod absences;
pub mod cluster;
pub mod connect;
pub mod documents;
pub mod endpoints;
mod error;
pub mod fetches;
pub mod findings;
pub mod hosts;
pub mod ledger;
pub mod listen;
pub mod long_tails;
pub mod names;
pub mod origins;
pub mod probe_remotes;
pub mod probes;
pub mod remotes;
pub mod revisions;
pub mod robots;
pub mod schema;
pub mod servers;
pub mod tools;
pub mod upstreams;
mod verify;
pub mod vouchers;

pub use error::StoreError;
/// A pool of connections, a connection and a transaction, so that the other crates need no sqlx of their own.
pub use sqlx::{PgConnection, PgPool, PgTransaction};
pub use verify::verify;

/// Begins a transaction that sees one moment of the database, for reading many rows that belong together.
pub async fn read_snapshot(pool: &PgPool) -> Result<PgTransaction<'static>, StoreError> {
    Ok(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
}

/// Begins a transaction that changes something.
pub async fn begin(pool: &PgPool) -> Result<PgTransaction<'static>, StoreError> {
    Ok(pool.begin().await?)
}

/// Makes a transaction's changes last.
pub async fn commit(tx: PgTransaction<'static>) -> Result<(), StoreError> {
    Ok(tx.commit().await?)
}
