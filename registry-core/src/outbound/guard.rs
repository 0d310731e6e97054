//! Which addresses may be asked at all. Pure: names are resolved and checked in `resolve`, by the same table.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use super::error::FetchError;
use super::policy::Policy;

/// By which way an address that may be asked is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// A name on port 443, to be found at a public address or in an allowed network.
    Public,
    /// Another port or an IP address: in an allowed network only.
    Networks,
    /// By the connect-to override of this number.
    Override(usize),
}

/// Checks all of an address that can be checked before its name is resolved.
pub(super) fn route(url: &Url, policy: &Policy) -> Result<Route, FetchError> {
    if url.scheme() != "https" {
        return Err(FetchError::NotHttps(url.clone()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Credentials(url.host_str().unwrap_or_default().to_owned()));
    }
    let port = url.port().unwrap_or(443);
    let name = match url.host() {
        Some(Host::Domain(name)) => name,
        Some(Host::Ipv4(address)) => return literal(address.into(), policy),
        Some(Host::Ipv6(address)) => return literal(address.into(), policy),
        None => return Err(FetchError::NotHttps(url.clone())),
    };
    if let Some(number) = policy.connect_to.iter().position(|rule| rule.matches(name, port)) {
        return Ok(Route::Override(number));
    }
    match port {
        443 => Ok(Route::Public),
        _ if policy.allow_networks.is_empty() => Err(FetchError::Port { host: name.to_owned(), port }),
        _ => Ok(Route::Networks),
    }
}

fn literal(address: IpAddr, policy: &Policy) -> Result<Route, FetchError> {
    if is_within(address, &policy.allow_networks) {
        return Ok(Route::Networks);
    }
    Err(match refused_as(address) {
        Some(kind) => FetchError::LocalLiteral { address, kind },
        None => FetchError::Literal(address),
    })
}

/// Whether one of the networks contains the address; an IPv4 address written as IPv6 counts as what it is.
pub(super) fn is_within(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// What kind of address this is, if it is of a kind that strangers may not send us to; none for a public address.
pub fn refused_as(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => first(REFUSED_V4, |network| network.contains(&v4)),
        IpAddr::V6(v6) => first(REFUSED_V6, |network| network.contains(&v6))
            .or_else(|| (!GLOBAL_V6.contains(&v6)).then_some("reserved")),
    }
}

fn first<N>(table: &[(N, &'static str)], contains: impl Fn(&N) -> bool) -> Option<&'static str> {
    table.iter().find(|(network, _)| contains(network)).map(|(_, kind)| *kind)
}

const fn v4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = first;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// The IANA special-purpose registry (RFC 6890 and its updates), and what clouds keep on public numbers.
const REFUSED_V4: &[(Ipv4Net, &str)] = &[
    (v4([0, 0, 0, 0], 8), "unspecified"),
    (v4([10, 0, 0, 0], 8), "private"),
    (v4([100, 64, 0, 0], 10), "carrier-grade NAT"),
    (v4([127, 0, 0, 0], 8), "loopback"),
    (v4([168, 63, 129, 16], 32), "cloud metadata"),
    (v4([169, 254, 0, 0], 16), "link-local"),
    (v4([172, 16, 0, 0], 12), "private"),
    (v4([192, 0, 0, 0], 24), "reserved"),
    (v4([192, 0, 2, 0], 24), "documentation"),
    (v4([192, 31, 196, 0], 24), "reserved"),
    (v4([192, 52, 193, 0], 24), "reserved"),
    (v4([192, 88, 99, 0], 24), "translated"),
    (v4([192, 168, 0, 0], 16), "private"),
    (v4([192, 175, 48, 0], 24), "reserved"),
    (v4([198, 18, 0, 0], 15), "benchmarking"),
    (v4([198, 51, 100, 0], 24), "documentation"),
    (v4([203, 0, 113, 0], 24), "documentation"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([240, 0, 0, 0], 4), "reserved"),
];

/// The only IPv6 space handed out for the public internet; all else is refused without being listed.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

const REFUSED_V6: &[(Ipv6Net, &str)] = &[
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), "unspecified"),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "loopback"),
    (Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), "IPv4-mapped"),
    (v6([0, 0, 0], 32), "IPv4-compatible"),
    (v6([0x64, 0xff9b, 0], 96), "translated"),
    (v6([0x64, 0xff9b, 1], 48), "translated"),
    (v6([0x100, 0, 0], 64), "reserved"),
    (v6([0x2001, 0, 0], 32), "translated"),
    (v6([0x2001, 2, 0], 48), "benchmarking"),
    (v6([0x2001, 0, 0], 23), "reserved"),
    (v6([0x2001, 0xdb8, 0], 32), "documentation"),
    (v6([0x2002, 0, 0], 16), "translated"),
    (v6([0x3fff, 0, 0], 20), "documentation"),
    (v6([0xfc00, 0, 0], 7), "private"),
    (v6([0xfe80, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0], 10), "private"),
    (v6([0xff00, 0, 0], 8), "multicast"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(connect_to: &[&str], networks: &[&str]) -> Policy {
        Policy {
            connect_to: connect_to.iter().map(|rule| rule.parse().expect("valid")).collect(),
            allow_networks: networks.iter().map(|network| network.parse().expect("valid")).collect(),
            ..Policy::default()
        }
    }

    fn routed(url: &str, policy: &Policy) -> Result<Route, String> {
        route(&Url::parse(url).expect(url), policy).map_err(|error| error.to_string())
    }

    #[test]
    fn public_addresses_are_admitted() {
        for text in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"] {
            assert_eq!(refused_as(text.parse().expect(text)), None, "{text}");
        }
    }

    #[test]
    fn every_other_kind_is_refused_by_name() {
        for (text, kind) in [
            ("0.0.0.0", "unspecified"),
            ("10.255.0.1", "private"),
            ("100.100.100.200", "carrier-grade NAT"),
            ("127.8.8.8", "loopback"),
            ("168.63.129.16", "cloud metadata"),
            ("169.254.169.254", "link-local"),
            ("172.31.255.255", "private"),
            ("192.0.0.192", "reserved"),
            ("192.0.2.1", "documentation"),
            ("192.168.1.1", "private"),
            ("198.19.0.1", "benchmarking"),
            ("224.0.0.251", "multicast"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "IPv4-mapped"),
            ("::ffff:8.8.8.8", "IPv4-mapped"),
            ("::7f00:1", "IPv4-compatible"),
            ("64:ff9b::a00:1", "translated"),
            ("64:ff9b:1::1", "translated"),
            ("100::1", "reserved"),
            ("2001::1", "translated"),
            ("2001:2::1", "benchmarking"),
            ("2001:20::1", "reserved"),
            ("2001:db8::1", "documentation"),
            ("2002:7f00:1::", "translated"),
            ("3fff::1", "documentation"),
            ("5f00::1", "reserved"),
            ("4000::1", "reserved"),
            ("fd00:ec2::254", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
        ] {
            assert_eq!(refused_as(text.parse().expect(text)), Some(kind), "{text}");
        }
    }

    #[test]
    fn only_https_names_on_443_without_credentials_are_public() {
        let strict = Policy::default();
        assert_eq!(routed("https://example.com/a", &strict), Ok(Route::Public));
        assert_eq!(routed("https://example.com:443/a", &strict), Ok(Route::Public));
        for (url, sentence) in [
            ("http://example.com/", "is not an https address"),
            ("ftp://example.com/", "is not an https address"),
            ("data:text/plain,x", "is not an https address"),
            ("https://me:secret@example.com/", "a user name or password"),
            ("https://example.com:8443/", "port 8443"),
            ("https://93.184.216.34/", "use a host name"),
            ("https://0x7f.1/", "`127.0.0.1` is a loopback address"),
            ("https://2130706433/", "`127.0.0.1` is a loopback address"),
            ("https://[::ffff:10.0.0.1]/", "IPv4-mapped"),
        ] {
            let refused = routed(url, &strict).expect_err(url);
            assert!(refused.contains(sentence) && !refused.contains("secret"), "{url}: {refused}");
        }
    }

    #[test]
    fn allowed_networks_admit_addresses_and_ports() {
        let intranet = policy(&[], &["10.1.0.0/16"]);
        assert_eq!(routed("https://10.1.2.3:8443/", &intranet), Ok(Route::Networks));
        assert_eq!(routed("https://[::ffff:10.1.2.3]/", &intranet), Ok(Route::Networks));
        assert_eq!(routed("https://wiki.corp.example:8443/", &intranet), Ok(Route::Networks));
        assert_eq!(routed("https://wiki.corp.example/", &intranet), Ok(Route::Public));
        assert!(routed("https://10.2.0.1/", &intranet).is_err());
    }

    #[test]
    fn overrides_admit_the_names_and_ports_they_match_but_no_ip_address() {
        let tests = policy(&["a.example:8443:127.0.0.1:1", "*:443:127.0.0.1:2"], &[]);
        assert_eq!(routed("https://a.example:8443/", &tests), Ok(Route::Override(0)));
        assert_eq!(routed("https://b.example/", &tests), Ok(Route::Override(1)));
        assert!(routed("https://b.example:8443/", &tests).is_err());
        assert!(routed("https://169.254.169.254/", &tests).is_err());
    }
}
