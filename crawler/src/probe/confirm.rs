//! Whether an endpoint that is only implied is one: a remote is published of it only after it has answered (discovery 7.2).

use registry_core::card::endpoint::Transport;
use registry_core::mcp::Era;
use registry_core::mcp::metadata::Place;
use registry_core::mcp::request::Opening;
use registry_core::store::StoreError;
use url::Url;

use super::visit::{Target, visit};
use crate::fetch::{Fetcher, Turns};

/// What a look at a possible endpoint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Confirmed {
    /// Whether a server answered, if only to ask for a token.
    pub(crate) is_alive: bool,
    /// The transport by which it did; none where it did not say.
    pub(crate) transport: Option<Transport>,
}

/// Asks a possible endpoint: two questions at most. A weak sign, such as a bare 401 of a whole host, confirms nothing.
pub(crate) async fn confirm(fetcher: &Fetcher, turns: &Turns, url: &Url) -> Result<Confirmed, StoreError> {
    let target =
        Target { url: url.clone(), opening: Opening::Discover, metadata: Place::Path, lists_tools: false };
    let visited = visit(fetcher, turns, &target).await?;
    let live = visited.verdict.live.as_ref();
    let era = live.and_then(|live| live.era);
    let is_sure = era.is_some()
        || live.and_then(|live| live.auth.as_ref()).is_some_and(|auth| {
            auth.metadata_url.is_some()
                || auth.schemes.iter().any(|scheme| scheme == "bearer" || scheme == "dpop")
        });
    // Somebody else's server at the end of a redirect is not this one.
    let is_here = visited.url.origin() == url.origin();
    Ok(Confirmed {
        is_alive: visited.verdict.finding.is_alive() && is_sure && is_here,
        transport: era.map(|era| match era {
            Era::HttpSse => Transport::Sse,
            Era::Modern | Era::Legacy => Transport::StreamableHttp,
        }),
    })
}
