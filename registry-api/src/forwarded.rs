//! Where a request really comes from and where the client thinks it goes: the address of the client, and the address
//! of the registry as the client sees it, below whatever path a proxy puts it.

mod headers;

use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::state::AppState;

/// Who asks, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub Option<IpAddr>);

/// Where the client reaches the registry, without a slash at the end: `https://h.example/registry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    url: String,
    path_at: usize,
}

impl Base {
    /// Of an address that was parsed already: a scheme, a host, perhaps a path.
    pub fn new(url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        let host_at = url.find("://").map_or(0, |at| at + 3);
        let path_at = url[host_at..].find('/').map_or(url.len(), |at| host_at + at);
        Self { url, path_at }
    }

    /// The whole address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its path: empty, or as in `/registry`.
    pub fn prefix(&self) -> &str {
        &self.url[self.path_at..]
    }

    /// What is left of a path below this one; `/` for the base itself, nothing for a path beside it.
    fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.prefix())?;
        match rest {
            "" => Some("/"),
            rest if rest.starts_with('/') => Some(rest),
            _ => None,
        }
    }
}

impl FromRequestParts<AppState> for Base {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Self::new(&app.config.public_url)))
    }
}

/// Notes both on the request, and takes the base off its path: a proxy may or may not have done so.
pub async fn locate(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let trusted = &app.config.http.trusted_proxies;
    let own = Base::new(&app.config.public_url);
    let mut client = peer;
    let mut base = own.clone();
    if peer.is_some_and(|peer| is_trusted(trusted, peer)) {
        let said = headers::read(request.headers(), |address| is_trusted(trusted, address));
        client = said.client.or(peer);
        base = said.base(&own);
    } else if trusted.is_empty() && headers::speaks_for_others(request.headers()) {
        warn_once(peer);
    }
    let path = request.uri().path();
    if let Some(rest) = base.below(path).or_else(|| own.below(path)).filter(|rest| *rest != path) {
        *request.uri_mut() = with_path(request.uri(), rest);
    }
    request.extensions_mut().insert(Client(client));
    request.extensions_mut().insert(base);
    next.run(request).await
}

fn is_trusted(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

fn with_path(uri: &Uri, path: &str) -> Uri {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").parse().unwrap_or_else(|_| uri.clone())
}

/// Without the setting, everybody behind the proxy is one client to the rate limits: that must not stay unnoticed.
fn warn_once(peer: Option<IpAddr>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
        tracing::warn!(
            "Requests come through a proxy at {peer} whose word is not taken: everybody behind it counts as one client; \
             if it is yours, name it in MCP_REGISTRY_TRUSTED_PROXIES"
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_knows_its_path_and_what_lies_below() {
        let base = Base::new("https://h.example/registry/team-a/");
        assert_eq!((base.url(), base.prefix()), ("https://h.example/registry/team-a", "/registry/team-a"));
        assert_eq!(base.below("/registry/team-a"), Some("/"));
        assert_eq!(base.below("/registry/team-a/v0/servers"), Some("/v0/servers"));
        assert_eq!(base.below("/registry/team-ab"), None);
        assert_eq!(base.below("/v0/servers"), None);
        let plain = Base::new("http://localhost:8080");
        assert_eq!((plain.prefix(), plain.below("/v0//servers")), ("", Some("/v0//servers")));
    }
}
