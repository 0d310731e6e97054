//! Documents with the keys of signatures: a few of them a visit, each from the host that should have it and no other.

use registry_core::card::owner::leads_to_www;
use registry_core::outbound::{Fetched, Get, place};
use registry_core::store::StoreError;
use registry_core::trust::{Needed, What};
use url::Url;

use super::Visit;
use super::visited::State;
use crate::fetch::Meaning;

/// How many bytes such a document may have.
const MAX_BYTES: usize = 64 * 1024;

/// Why there is no document with keys.
pub(super) struct NoKeys {
    pub(super) reason: String,
    /// Whether that may be different tomorrow, so that what was proved before still is.
    pub(super) is_unsure: bool,
}

impl Visit<'_> {
    /// Asks for a document with keys; its bytes, or why there are none.
    pub(super) async fn keys(&mut self, needed: &Needed) -> Result<Result<Vec<u8>, NoKeys>, StoreError> {
        if let Some(reason) = self.spent(true) {
            self.seen.is_cut = true;
            return Ok(Err(NoKeys { reason, is_unsure: true }));
        }
        let meaning = match self.dead.get(place(&needed.url)) {
            Some(dead) => Meaning::Inconclusive(dead.reason.clone()),
            None => self.get(&Get::new(needed.url.clone(), accept(needed.what), MAX_BYTES)).await?,
        };
        self.done.entry(needed.url.clone()).or_insert(None);
        let (state, read) = match meaning {
            Meaning::Document(fetched) => match elsewhere(&fetched) {
                None => (State::Found, Ok(fetched.body)),
                Some(host) => (
                    State::Absent,
                    Err(format!("it redirects to `{host}`, and keys count on their own host only")),
                ),
            },
            Meaning::Unchanged(_) => {
                (State::Inconclusive, Err("the answer is 304 although nothing was known".to_owned()))
            }
            Meaning::Absent(reason) => (State::Absent, Err(reason)),
            Meaning::Gone(reason) => (State::Gone, Err(reason)),
            Meaning::Inconclusive(reason) => (State::Inconclusive, Err(reason)),
            Meaning::Refused(reason) => (State::Refused, Err(reason)),
        };
        self.ask_of(&needed.url, state, read.as_ref().err().cloned());
        Ok(read.map_err(|reason| NoKeys { reason, is_unsure: !state.is_conclusive() }))
    }
}

fn accept(what: What) -> &'static str {
    match what {
        What::DidDocument => "application/did+json, application/json;q=0.9, */*;q=0.1",
        What::JwkSet => "application/jwk-set+json, application/json;q=0.9, */*;q=0.1",
    }
}

/// The first host that a document was redirected to and that is another one; a domain's `www.` is none.
fn elsewhere(fetched: &Fetched) -> Option<String> {
    let leaves = |hop: &&[Url]| hop[0].host_str() != hop[1].host_str() && !leads_to_www(&hop[0], &hop[1]);
    fetched.chain.windows(2).find(leaves).map(|hop| hop[1].host_str().unwrap_or_default().to_owned())
}
