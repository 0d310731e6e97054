//! Documents of earlier visits: asked where they have moved for good, and asked again although nothing leads to them today.

use registry_core::card::origin::Origin;
use registry_core::outbound::Get;
use registry_core::store::StoreError;
use registry_core::store::documents::Known;
use url::Url;

use super::Visit;
use super::task::Task;
use crate::discover::{self, Discovery};
use crate::fetch::Meaning;

/// Every how many visits an address that has moved for good is asked itself whether it still says so.
const RECHECK: u64 = 8;

impl Visit<'_> {
    /// Asks for a document where it has moved for good, as often seen; where it was, if it is not there.
    pub(super) async fn get_where_it_is(
        &mut self,
        get: &Get,
        known: Option<&Known>,
    ) -> Result<Meaning, StoreError> {
        let moved = known.and_then(Known::instead).and_then(|url| Url::parse(url).ok());
        let Some(moved) = moved.filter(|_| !(self.means.random)().is_multiple_of(RECHECK)) else {
            return self.get(get).await;
        };
        let there = Get { url: moved, ..get.clone() };
        let mut meaning = self.get(&there).await?;
        match &mut meaning {
            // The way there stays part of what is known: who leads to a document vouches for it.
            Meaning::Document(fetched) | Meaning::Unchanged(fetched) => {
                fetched.moved_permanently |= fetched.chain.len() == 1;
                fetched.chain.insert(0, get.url.clone());
                Ok(meaning)
            }
            _ => self.get(get).await,
        }
    }

    /// Asks once more for documents with listings to which this visit has found no way; says whether there are any.
    ///
    /// What a catalog led to is not among them: that a catalog no longer lists it says something.
    pub(super) fn look_again(&mut self) -> bool {
        if std::mem::replace(&mut self.has_looked_again, true) {
            return false;
        }
        let mut missed: Vec<_> = self
            .known
            .iter()
            .filter(|(_, known)| known.is_listed)
            .filter_map(|(url, known)| {
                let format = discover::ALL.iter().find(|format| format.id() == known.format)?;
                let url = Url::parse(url).ok()?;
                (is_place_of(*format, &url) && !self.done.contains_key(&url)).then_some((url, *format))
            })
            .collect();
        missed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let any = !missed.is_empty();
        for (url, format) in missed {
            self.queue.push(Task::location(url, format));
        }
        any
    }
}

/// Whether documents of a format lie at such an address by themselves, on their host or beside an endpoint.
fn is_place_of(format: &dyn Discovery, url: &Url) -> bool {
    if format.precedence() == 0 {
        return true;
    }
    let is_location = |origin: Origin| format.locations(&origin).contains(url);
    Origin::of(url).is_ok_and(is_location)
}
