//! Documents to publish name packages: their owner is proved before anything is locked.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use registry_core::package::Prover;
use registry_core::store::{PgPool, StoreError, servers};

use super::entry::{Bad, Entry, Item, Way};

/// How many documents are looked up at once.
const AT_ONCE: usize = 4;

/// The same items, where a document whose packages are not proved is bad. What is listed already was proved before.
pub(super) async fn prove(prover: &Prover, pool: &PgPool, items: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    let names: Vec<_> = items.iter().filter_map(to_prove).map(|entry| entry.name.clone()).collect();
    if names.is_empty() {
        return Ok(items);
    }
    let mut connection = pool.acquire().await?;
    let listings = servers::of(&mut connection, &names).await?;
    drop(connection);
    let listed: HashSet<_> = listings.into_iter().map(|listing| (listing.name, listing.version)).collect();
    let is_new = |entry: &Entry| !listed.contains(&(entry.name.clone(), entry.version.clone()));
    let proved = stream::iter(items).map(|item| async {
        match to_prove(&item).filter(|entry| is_new(entry)) {
            Some(entry) => match prover.prove(&entry.server).await {
                Ok(()) => item,
                Err(unproved) => {
                    let (name, version) = (Some(entry.name.to_string()), Some(entry.version.to_string()));
                    let read = Err(Bad { name, version, reason: unproved.to_string() });
                    Item { place: item.place, read }
                }
            },
            None => item,
        }
    });
    Ok(proved.buffered(AT_ONCE).collect().await)
}

/// The document of an item that is to be published and names packages.
fn to_prove(item: &Item) -> Option<&Entry> {
    let entry = item.read.as_ref().ok()?;
    (matches!(entry.way, Way::Published) && !entry.server.packages.is_empty()).then_some(entry)
}
