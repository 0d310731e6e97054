//! DNS: TXT and SVCB records, which prove and locate; and the addresses of names, where an operator names the servers to ask.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::svcb::{SVCB, SvcParamKey, SvcParamValue};
use hickory_resolver::proto::rr::{Name, RData, RecordType};

/// How long a name's records may take.
const TIME: Duration = Duration::from_secs(5);

/// How long one server may take before it is asked again.
const ATTEMPT: Duration = Duration::from_secs(2);

/// How many addresses of a name are taken.
const MAX_ADDRESSES: usize = 100;

/// How many service records of a name are taken.
const MAX_SERVICES: usize = 20;

/// Where a service is (SVCB, RFC 9460), as far as it leads to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Lower ones come first; 0 is another name for the same.
    pub priority: u16,
    /// The host, without the final dot.
    pub target: String,
    /// Its port, where it is not the usual one.
    pub port: Option<u16>,
    /// Texts under keys for private use, where drafts keep the path of a document.
    pub texts: Vec<String>,
}

impl Service {
    fn of(record: &SVCB) -> Self {
        let is_private = |key: &SvcParamKey| matches!(key, SvcParamKey::Key(65_280..=65_534));
        let texts =
            record.svc_params.iter().filter(|(key, _)| is_private(key)).filter_map(
                |(_, value)| match value {
                    SvcParamValue::Unknown(text) => String::from_utf8(text.0.clone()).ok(),
                    _ => None,
                },
            );
        let port = record.svc_params.iter().find_map(|(_, value)| match value {
            SvcParamValue::Port(port) => Some(*port),
            _ => None,
        });
        let target = record.target_name.to_ascii();
        Self {
            priority: record.svc_priority,
            target: target.trim_end_matches('.').to_owned(),
            port,
            texts: texts.collect(),
        }
    }
}

/// Asks DNS servers; cheap to clone.
#[derive(Debug, Clone)]
pub struct Dns {
    /// None where the system has no DNS servers.
    resolver: Option<TokioResolver>,
    is_system: bool,
}

/// Why a name has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The name does not exist.
    #[error("no such host")]
    NoSuchHost,
    /// Nobody answers in time.
    #[error("no answer within {0:?}")]
    Slow(Duration),
    /// The server does not want to, or cannot.
    #[error("the DNS server answers `{0}`")]
    Refused(ResponseCode),
    /// No server is there.
    #[error("no DNS server answers")]
    Unreachable,
    /// The system has none.
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
                "TXT records cannot be read: the system's DNS servers are unknown; name some with MCP_REGISTRY_DNS_RESOLVERS"
            );
        }
        Self { resolver: resolver.ok(), is_system: servers.is_empty() }
    }

    /// Whether the system's servers are asked.
    pub fn is_system(&self) -> bool {
        self.is_system
    }

    /// The TXT records of a name, each in one piece. A name without any has none, which is no failure.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, LookupError> {
        self.txt_within(name, TIME).await
    }

    /// The same in this time.
    pub async fn txt_within(&self, name: &str, limit: Duration) -> Result<Vec<String>, LookupError> {
        let resolver = self.resolver.as_ref().ok_or(LookupError::NoServers)?;
        let looked = tokio::time::timeout(limit, resolver.txt_lookup(absolute(name)?)).await;
        let lookup = match looked.map_err(|_| LookupError::Slow(limit))? {
            Ok(lookup) => lookup,
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if none.response_code == ResponseCode::NoError =>
            {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let texts = lookup.answers().iter().filter_map(|record| match &record.data {
            // A long text comes in pieces.
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        });
        Ok(texts.collect())
    }

    /// The service records of a name, the preferred first. A name without any has none, which is no failure.
    pub async fn services(&self, name: &str) -> Result<Vec<Service>, LookupError> {
        let resolver = self.resolver.as_ref().ok_or(LookupError::NoServers)?;
        let looked = tokio::time::timeout(TIME, resolver.lookup(absolute(name)?, RecordType::SVCB)).await;
        let lookup = match looked.map_err(|_| LookupError::Slow(TIME))? {
            Ok(lookup) => lookup,
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if none.response_code == ResponseCode::NoError =>
            {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let records = lookup.answers().iter().take(MAX_SERVICES).filter_map(|record| match &record.data {
            RData::SVCB(service) => Some(Service::of(service)),
            _ => None,
        });
        let mut services: Vec<Service> = records.collect();
        services.sort_by_key(|service| service.priority);
        Ok(services)
    }

    /// The addresses of a name.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, LookupError> {
        let resolver = self.resolver.as_ref().ok_or(LookupError::NoServers)?;
        let looked = tokio::time::timeout(TIME, resolver.lookup_ip(absolute(name)?)).await;
        match looked.map_err(|_| LookupError::Slow(TIME))? {
            Ok(lookup) => Ok(lookup.iter().take(MAX_ADDRESSES).collect()),
            Err(NetError::Dns(DnsError::NoRecordsFound(_))) => Err(LookupError::NoSuchHost),
            Err(error) => Err(error.into()),
        }
    }
}

/// With the final dot, so that no search domain of ours is ever appended.
fn absolute(name: &str) -> Result<Name, LookupError> {
    Name::from_ascii(format!("{}.", name.trim_end_matches('.'))).map_err(|_| LookupError::NoSuchHost)
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
    options.timeout = ATTEMPT;
    options.attempts = 2;
    builder.build()
}
