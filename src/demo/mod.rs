//! The demo host: a web of made-up domains inside this process, for `--demo` alone.
//!
//! It serves the documents below `web/` over TLS on a free port of 127.0.0.1, and the MCP servers that they describe. The crawler reaches it as it reaches any host: by
//! name, with the certificate checked; only the address behind the names and the authority behind the certificate are its own.

mod mcp;
pub mod tls;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use registry_core::card::origin::Origin;
use registry_core::outbound::ConnectTo;
use rust_embed::RustEmbed;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(RustEmbed)]
#[folder = "src/demo/web"]
struct Web;

/// The running demo host; it stops when this is dropped.
pub struct Demo {
    port: u16,
    authority: tls::Authority,
    tasks: [JoinHandle<()>; 2],
}

impl Demo {
    /// Starts serving.
    pub async fn start() -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("the demo host finds no free port")?;
        let port = listener.local_addr().context("the demo host has no address")?.port();
        let authority = tls::Authority::generate();
        let (secure, handshakes) = tls::listen(listener, authority.server_config());
        let serving = tokio::spawn(async move {
            let _ = axum::serve(secure, Router::new().fallback(serve)).await;
        });
        Ok(Self { port, authority, tasks: [handshakes, serving] })
    }

    /// The domains somebody would add for a crawl: those that describe themselves at a well-known path.
    pub fn origins() -> Vec<Origin> {
        let described = Web::iter().filter_map(|path| Some(path.split_once("/.well-known/")?.0.to_owned()));
        let domains: BTreeSet<String> = described.collect();
        domains.iter().filter_map(|domain| domain.parse().ok()).collect()
    }

    /// Every host of the demo's web; nobody is bothered by many requests to it.
    pub fn hosts() -> Vec<String> {
        hosts().into_iter().collect()
    }

    /// The overrides that lead its names here.
    pub fn connect_to(&self) -> Vec<ConnectTo> {
        let rule = |host: String| format!("{host}:443:127.0.0.1:{}", self.port).parse().ok();
        hosts().into_iter().filter_map(rule).collect()
    }

    /// Writes the authorities to believe in: its own, and those of `besides`.
    pub fn write_authorities(&self, folder: &Path, besides: Option<&Path>) -> anyhow::Result<PathBuf> {
        let mut pem = self.authority.pem().to_owned();
        if let Some(path) = besides {
            let own = std::fs::read_to_string(path)
                .with_context(|| format!("the CA file `{}` cannot be read", path.display()))?;
            pem.push_str(&own);
        }
        let path = folder.join("demo-ca.pem");
        std::fs::write(&path, pem).with_context(|| format!("`{}` cannot be written", path.display()))?;
        Ok(path)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The hosts that have documents, and those where their servers run.
fn hosts() -> BTreeSet<String> {
    let own = Web::iter().filter_map(|path| path.split('/').next().map(str::to_owned));
    let mut hosts: BTreeSet<String> = own.collect();
    hosts.extend(mcp::hosts());
    hosts
}

async fn serve(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let authority = uri.host().or_else(|| headers.get(header::HOST)?.to_str().ok()).unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    if let Some(answer) = mcp::answer(host, uri.path(), &method, &body) {
        return answer;
    }
    let Some(file) = Web::get(&format!("{host}{}", uri.path())) else {
        return (StatusCode::NOT_FOUND, "nothing is published here\n").into_response();
    };
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CACHE_CONTROL, "public, max-age=3600".to_owned()),
        (header::ETAG, etag),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.data.into_owned()).into_response()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_json_on_a_domain_that_nobody_can_own() {
        assert!(Web::iter().count() >= 8);
        for path in Web::iter() {
            let file = Web::get(&path).expect("it was listed");
            assert!(serde_json::from_slice::<serde_json::Value>(&file.data).is_ok(), "{path}");
        }
        assert!(hosts().iter().all(|host| host.ends_with(".example")));
        assert!(Demo::origins().len() >= 6);
        assert!(mcp::hosts().count() >= 10, "the file of endpoints is read");
    }
}
