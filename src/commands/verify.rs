//! `cardinal verify`: walks the ledger and compares what it says with what is listed.

use std::process::ExitCode;

use registry_core::store;

use crate::arguments::VerifyArguments;
use crate::database::{Database, Purpose};

/// Fails when anything is wrong, and says where.
pub async fn verify(arguments: VerifyArguments) -> anyhow::Result<ExitCode> {
    let database = Database::open(&arguments.storage, &Purpose::Command("verify"), false).await?;
    let verdict = store::verify(database.pool()).await;
    database.close().await?;
    let verdict = verdict?;
    for problem in &verdict.problems {
        super::print(&format!("{problem}\n"))?;
    }
    let (rows, head) = (verdict.rows, verdict.head);
    if verdict.problems.is_empty() {
        println!(
            "All is well: {rows} ledger rows hang together; the last is {} with the hash {}",
            head.seq, head.hash
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} problems in {rows} ledger rows; the chain holds up to row {}",
        verdict.problems.len(),
        head.seq
    );
    Ok(ExitCode::FAILURE)
}
