//! `cardinal verify`: walks the ledger and compares what it says with what is listed.

use std::process::ExitCode;

use registry_core::store;

use crate::arguments::VerifyArguments;
use crate::database::{Database, Purpose};

/// Fails when anything is wrong, and says where.
pub async fn verify(arguments: VerifyArguments) -> anyhow::Result<ExitCode> {
    let database = Database::open(&arguments.storage, &Purpose::Command("verify"), false).await?;
    let verdict = store::verify::verify(database.pool()).await;
    database.close().await?;
    let verdict = verdict?;
    println!("{verdict}");
    Ok(if verdict.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
