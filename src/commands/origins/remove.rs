//! `cardinal origins remove`: a domain that is crawled no longer.

use std::process::ExitCode;

use registry_core::card::origin::Origin;
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::{self, PgPool, origins};

use super::{OPERATOR, print, print_json};

/// Removes it, and remembers that, whether it was crawled or not.
pub(super) async fn remove(pool: &PgPool, domain: &Origin, json: bool) -> anyhow::Result<ExitCode> {
    let mut tx = store::begin(pool).await?;
    // No visit to it may be written after this.
    origins::lock_writing(&mut tx).await?;
    let was_crawled = origins::remove(&mut tx, domain, OPERATOR, SystemClock.now()).await?;
    store::commit(tx).await?;
    if json {
        print_json(&serde_json::json!({ "origin": domain, "removed": true, "wasCrawled": was_crawled }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let before = if was_crawled { "is crawled no longer" } else { "was not crawled" };
    print(&format!(
        "{domain} {before}, and nobody adds it or what is below it again without `cardinal origins add --force`\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}
