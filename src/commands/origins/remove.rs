//! `cardinal origins remove`: a domain, with everything below it, that is crawled and listed no longer.

use std::process::ExitCode;

use registry_core::card::origin::Origin;
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::{self, PgPool, origins};
use serde::Serialize;

use super::{OPERATOR, print, print_json};

/// What is said of a listing that goes with its domain.
const MESSAGE: &str = "its domain is no longer crawled here, as its owner or the operator has asked";

/// What came of it.
#[derive(Debug, Serialize)]
struct Removed {
    /// The domain.
    origin: Origin,
    /// What was crawled until now: the domain, and those below it.
    removed: Vec<Origin>,
    /// The servers that are listed no longer.
    withdrawn: Vec<String>,
}

/// Removes it, and remembers that, whether it was crawled or not.
///
/// Asked again, it finishes what a killed process has begun.
pub(super) async fn remove(pool: &PgPool, domain: &Origin, json: bool) -> anyhow::Result<ExitCode> {
    // Those below a suffix are not one owner's.
    domain.check_domain()?;
    let now = SystemClock.now();
    let mut tx = store::begin(pool).await?;
    // No visit to it may be written after this.
    origins::lock_writing(&mut tx).await?;
    let known = origins::at_or_below(&mut tx, domain).await?;
    let crawled = known.iter().filter(|(_, is_crawled)| *is_crawled).map(|(origin, _)| origin);
    for origin in crawled.chain([domain]) {
        origins::remove(&mut tx, origin, OPERATOR, now).await?;
    }
    store::commit(tx).await?;
    let mut done = Removed { origin: domain.clone(), removed: Vec::new(), withdrawn: Vec::new() };
    // Others may list what is there, whether it was ever visited or not.
    let is_known = known.iter().any(|(origin, _)| origin == domain);
    let itself = (!is_known).then(|| (domain.clone(), false));
    for (origin, is_crawled) in known.into_iter().chain(itself) {
        let names = crawler::withdraw_origin(pool, &origin, MESSAGE, OPERATOR, now).await?;
        done.withdrawn.extend(names.iter().map(ToString::to_string));
        done.removed.extend(is_crawled.then_some(origin));
    }
    if json {
        print_json(&done)?
    } else {
        tell(&done)?
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(done: &Removed) -> anyhow::Result<()> {
    let domain = &done.origin;
    if done.removed.is_empty() {
        print(&format!("{domain} was not crawled\n"))?;
    }
    for origin in &done.removed {
        print(&format!("{origin} is crawled no longer\n"))?;
    }
    for name in &done.withdrawn {
        print(&format!("  {name} is listed no longer\n"))?;
    }
    print(&format!("Nobody adds {domain} or what is below it again without `cardinal origins add --force`\n"))
}
