//! `cardinal migrate`: brings a database to this program's schema.

use std::process::ExitCode;

use crate::arguments::MigrateArguments;
use crate::database::{Database, Purpose};

/// Applies what is missing.
pub async fn migrate(arguments: MigrateArguments) -> anyhow::Result<ExitCode> {
    let database = Database::open(&arguments.storage, &Purpose::Command("migrate"), true).await?;
    database.close().await?;
    println!("The database has this program's schema");
    Ok(ExitCode::SUCCESS)
}
