//! TXT records, looked up by whatever the program has for it.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

type Lookup = dyn Fn(String) -> BoxFuture<'static, Result<Vec<String>, String>> + Send + Sync;

/// Looks up the TXT records of a name; cheap to clone.
#[derive(Clone)]
pub struct TxtLookup(Arc<Lookup>);

impl TxtLookup {
    /// By this function: a name to its records, each put together from its pieces; none where the name does not exist.
    pub fn new(
        lookup: impl Fn(String) -> BoxFuture<'static, Result<Vec<String>, String>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(lookup))
    }

    pub(crate) async fn texts(&self, name: String) -> Result<Vec<String>, String> {
        (self.0)(name).await
    }
}

impl fmt::Debug for TxtLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TxtLookup")
    }
}
