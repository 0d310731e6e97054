//! `dns` (contract 4.5): the domain's keys stand in TXT records of the domain itself.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use registry_core::publisher::Publisher;

use super::proof::{Domain, Proof, ProofError, ProofKey, Records};
use super::publish;

/// How long the domain's records may take.
const TIME: Duration = Duration::from_secs(5);
/// How long the places may take that are only looked at for a better message.
const PROBE_TIME: Duration = Duration::from_secs(2);
/// Where people put the record by mistake.
const SELECTORS: [&str; 2] = ["_mcp-auth", "_mcp-registry"];

/// Asks DNS servers.
pub struct Dns {
    /// None where the system has no DNS servers.
    resolver: Option<TokioResolver>,
}

#[derive(Debug, thiserror::Error)]
enum LookupError {
    #[error("no such host")]
    NoSuchHost,
    #[error("no answer within {0:?}")]
    Slow(Duration),
    #[error("the DNS server answers `{0}`")]
    Refused(ResponseCode),
    #[error("no DNS server answers")]
    Unreachable,
    #[error("this machine has no DNS servers; the operator names some with MCP_REGISTRY_DNS_RESOLVERS")]
    NoServers,
}

impl From<NetError> for LookupError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Timeout => Self::Slow(TIME),
            NetError::Dns(DnsError::ResponseCode(code)) => Self::Refused(code),
            NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
                ResponseCode::NXDomain => Self::NoSuchHost,
                code => Self::Refused(code),
            },
            _ => Self::Unreachable,
        }
    }
}

impl Dns {
    /// Asks these servers, or the system's where there are none.
    pub fn new(servers: &[SocketAddr]) -> Self {
        let resolver = if servers.is_empty() { system() } else { at(servers) };
        if let Err(error) = &resolver {
            tracing::warn!(
                %error,
                "DNS proofs cannot be checked: the system's DNS servers are unknown; name some with MCP_REGISTRY_DNS_RESOLVERS"
            );
        }
        Self { resolver: resolver.ok() }
    }

    /// Who a proof speaks for: the domain and all below it.
    pub async fn publisher(&self, proof: &Proof) -> Result<Publisher, ProofError> {
        let keys = self.keys(&proof.domain).await?;
        proof.verify(&keys)?;
        let namespace = proof.domain.reversed();
        Ok(Publisher {
            method: "dns".to_owned(),
            subject: proof.domain.to_string(),
            permissions: vec![publish(format!("{namespace}/*")), publish(format!("{namespace}.*"))],
        })
    }

    async fn keys(&self, domain: &Domain) -> Result<Vec<ProofKey>, ProofError> {
        let found = self.records(domain.as_str(), TIME).await.map_err(|error| {
            ProofError::Fetch(format!("failed to lookup DNS TXT records: lookup {domain}: {error}"))
        })?;
        if found.is_empty()
            && let Some(found) = self.misplaced(domain).await
        {
            return Err(ProofError::Selector { domain: domain.to_string(), found });
        }
        found.keys("DNS TXT records")
    }

    /// Where there is a record that is not looked at.
    async fn misplaced(&self, domain: &Domain) -> Option<String> {
        let names = SELECTORS.map(|selector| format!("{selector}.{domain}"));
        let looked = names.each_ref().map(|name| self.records(name, PROBE_TIME));
        let looked = futures_util::future::join_all(looked).await;
        let mut places = names.into_iter().zip(looked);
        places.find(|(_, records)| records.as_ref().is_ok_and(|r| !r.is_empty())).map(|(name, _)| name)
    }

    /// The key records of a name. A name without TXT records has none, which is no failure.
    async fn records(&self, name: &str, limit: Duration) -> Result<Records, LookupError> {
        let resolver = self.resolver.as_ref().ok_or(LookupError::NoServers)?;
        // The final dot: no search domain of ours is ever appended.
        let name = Name::from_ascii(format!("{name}.")).map_err(|_| LookupError::NoSuchHost)?;
        let looked = tokio::time::timeout(limit, resolver.txt_lookup(name)).await;
        let lookup = match looked.map_err(|_| LookupError::Slow(limit))? {
            Ok(lookup) => lookup,
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if none.response_code == ResponseCode::NoError =>
            {
                return Ok(Records::of([]));
            }
            Err(error) => return Err(error.into()),
        };
        let texts = lookup.answers().iter().filter_map(|record| match &record.data {
            // A long text comes in pieces.
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        });
        let texts: Vec<String> = texts.collect();
        Ok(Records::of(texts.iter().map(String::as_str)))
    }
}

fn system() -> Result<TokioResolver, NetError> {
    built(TokioResolver::builder_tokio()?)
}

fn at(servers: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let servers = servers.iter().map(|server| {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = server.port();
            connection
        });
        NameServerConfig::new(server.ip(), true, connections.into())
    });
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
    built(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()))
}

fn built(
    mut builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>,
) -> Result<TokioResolver, NetError> {
    let options = builder.options_mut();
    // A record that was put there a moment ago must be seen: the servers asked have caches enough.
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = PROBE_TIME;
    options.attempts = 2;
    builder.build()
}
