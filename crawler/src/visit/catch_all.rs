//! Hosts that answer every address with the same document: what they answer at a well-known one says nothing.

use registry_core::digest::Digest;
use registry_core::outbound::Get;
use registry_core::store::StoreError;
use url::Url;

use super::Visit;
use crate::discover::Expects;
use crate::fetch::Meaning;

/// How much of the answer is looked at: more than any document that is taken.
const MAX_BYTES: usize = 5 * 1024 * 1024;

impl Visit<'_> {
    /// Whether the host answers an address that nobody has with these very bytes. Asked once a visit, and only of hosts that
    /// answered something new.
    pub(super) async fn is_catch_all(&mut self, url: &Url, sha256: Digest) -> Result<bool, StoreError> {
        let host = url.origin().ascii_serialization();
        if !self.catch_all.contains_key(&host) {
            let nowhere = format!("/.well-known/{:016x}.json", (self.means.random)());
            let found = match url.join(&nowhere) {
                Ok(nowhere) => {
                    let get = Get::new(nowhere, Expects::Card.accept(), MAX_BYTES);
                    match self.get(&get).await? {
                        Meaning::Document(fetched) => Some(Digest::of(&fetched.body)),
                        _ => None,
                    }
                }
                Err(_) => None,
            };
            self.catch_all.insert(host.clone(), found);
        }
        Ok(self.catch_all.get(&host).copied().flatten() == Some(sha256))
    }
}
