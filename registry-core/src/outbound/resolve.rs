//! Name resolution that hands the connection only addresses that may be reached.
//!
//! The connection is made to exactly the addresses returned here, so a name that answers differently the second
//! time (DNS rebinding) gains nothing.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use super::connect_to::ConnectTo;
use super::dns::Dns;
use super::guard;

/// Which of a name's addresses are handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admission {
    /// Public ones, and those in these networks.
    Public(Arc<[IpNet]>),
    /// Those in these networks.
    Networks(Arc<[IpNet]>),
    /// All: the operator named the place.
    Trusted,
}

/// A name none of whose addresses may be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{address}` may not be reached")]
pub(super) struct AddressRefused {
    /// The first of the name's addresses.
    pub(super) address: IpAddr,
    /// What kind of address that is; none for a public one where only allowed networks are.
    pub(super) kind: Option<&'static str>,
}

/// The resolver of one route.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    admission: Admission,
    host: Option<Host>,
    port: Option<u16>,
    /// None for the system's resolver.
    dns: Option<Dns>,
}

impl Resolver {
    pub(super) fn new(admission: Admission, dns: Option<Dns>) -> Self {
        Self { admission, host: None, port: None, dns }
    }

    /// For one override: its target is trusted; where it keeps the host, the usual rule holds.
    pub(super) fn overriding(rule: &ConnectTo, networks: Arc<[IpNet]>, dns: Option<Dns>) -> Self {
        let host = rule.to_host().cloned();
        let admission = if host.is_some() { Admission::Trusted } else { Admission::Public(networks) };
        Self { admission, host, port: rule.to_port(), dns }
    }
}

impl Resolver {
    /// The first address of a name that may be reached.
    pub(super) async fn first(&self, name: &str) -> Option<IpAddr> {
        let found = addresses(self.dns.as_ref(), name).await.ok()?;
        self.admission.admit(found).ok()?.into_iter().next()
    }
}

async fn addresses(dns: Option<&Dns>, name: &str) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
    Ok(match dns {
        Some(dns) => dns.addresses(name).await?,
        None => tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect(),
    })
}

impl Admission {
    fn admits(&self, address: IpAddr) -> bool {
        match self {
            Self::Public(networks) => {
                guard::refused_as(address).is_none() || guard::is_within(address, networks)
            }
            Self::Networks(networks) => guard::is_within(address, networks),
            Self::Trusted => true,
        }
    }

    /// Those that may be reached; an error when there were some and none may.
    fn admit(&self, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, AddressRefused> {
        let first = found.first().copied();
        let admitted: Vec<_> = found.into_iter().filter(|address| self.admits(*address)).collect();
        match first {
            Some(address) if admitted.is_empty() => {
                Err(AddressRefused { address, kind: guard::refused_as(address) })
            }
            _ => Ok(admitted),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { admission, host, port, dns } = self.clone();
        let host = host.unwrap_or_else(|| Host::Domain(name.as_str().to_owned()));
        Box::pin(async move {
            let found = match host {
                Host::Ipv4(address) => vec![address.into()],
                Host::Ipv6(address) => vec![address.into()],
                Host::Domain(name) => addresses(dns.as_ref(), &name).await?,
            };
            // Port 0 leaves the URL's own.
            let port = port.unwrap_or(0);
            let admitted = admission.admit(found)?;
            let addresses: Addrs = Box::new(admitted.into_iter().map(move |ip| SocketAddr::new(ip, port)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().expect("valid")).collect()
    }

    fn networks(texts: &[&str]) -> Arc<[IpNet]> {
        texts.iter().map(|text| text.parse().expect("valid")).collect()
    }

    #[test]
    fn drops_local_addresses_and_keeps_public_ones() {
        let public = Admission::Public(networks(&[]));
        let kept = public.admit(parsed(&["127.0.0.1", "1.1.1.1", "::1"]));
        assert_eq!(kept, Ok(parsed(&["1.1.1.1"])));
    }

    #[test]
    fn refuses_a_name_with_local_addresses_only() {
        let public = Admission::Public(networks(&["10.0.0.0/8"]));
        let refused = AddressRefused { address: [127, 0, 0, 1].into(), kind: Some("loopback") };
        assert_eq!(public.admit(parsed(&["127.0.0.1", "192.168.0.1"])), Err(refused));
        assert_eq!(public.admit(parsed(&["10.9.9.9"])), Ok(parsed(&["10.9.9.9"])));
    }

    #[test]
    fn refuses_public_addresses_where_only_networks_are_allowed() {
        let inside = Admission::Networks(networks(&["10.0.0.0/8"]));
        let refused = AddressRefused { address: [1, 1, 1, 1].into(), kind: None };
        assert_eq!(inside.admit(parsed(&["1.1.1.1"])), Err(refused));
    }

    #[test]
    fn an_override_without_a_host_is_no_way_around_the_rule() {
        let kept: ConnectTo = "*:443::8443".parse().expect("valid");
        let named: ConnectTo = "*:443:127.0.0.1:8443".parse().expect("valid");
        assert_eq!(
            Resolver::overriding(&kept, networks(&[]), None).admission,
            Admission::Public(networks(&[]))
        );
        assert_eq!(Resolver::overriding(&named, networks(&[]), None).admission, Admission::Trusted);
    }
}
