//! `X-Forwarded-For`, `-Proto`, `-Host`, `-Prefix`, and `Forwarded` (RFC 7239): read only when a trusted proxy sent them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

use super::Base;

/// What proxies said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The nearest address that is no trusted proxy's.
    pub client: Option<IpAddr>,
    scheme: Option<String>,
    host: Option<String>,
    prefix: Option<String>,
}

impl Said {
    /// The base they describe; what they do not say is as `own` has it.
    pub(super) fn base(&self, own: &Base) -> Base {
        let (own_scheme, own_host) =
            own.url[..own.path_at].split_once("://").unwrap_or(("http", &own.url[..own.path_at]));
        let scheme = self.scheme.as_deref().unwrap_or(own_scheme);
        let host = self.host.as_deref().unwrap_or(own_host);
        let prefix = self.prefix.as_deref().unwrap_or(own.prefix());
        Base::new(&format!("{scheme}://{host}{prefix}"))
    }
}

/// Whether the request says that it was passed on.
pub(super) fn speaks_for_others(headers: &HeaderMap) -> bool {
    headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED)
}

/// Reads them. Proxies append, so the words nearest to us stand last; further left anybody may have written.
pub(super) fn read(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Said {
    // A proxy that writes one kind passes the other on as it came from the client: the kinds are not mixed.
    let is_plain = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let said = if is_plain { plain(headers, is_trusted) } else { standard(headers, is_trusted) };
    Said {
        scheme: said.scheme.filter(|scheme| scheme == "http" || scheme == "https"),
        host: said.host.filter(|host| is_host(host)),
        prefix: said.prefix.and_then(|prefix| clean_prefix(&prefix)),
        ..said
    }
}

fn plain(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Said {
    let last = |name: &str| list(headers, name).pop();
    Said {
        client: nearest_stranger(list(headers, "x-forwarded-for").into_iter(), is_trusted),
        scheme: last("x-forwarded-proto").map(|scheme| scheme.to_ascii_lowercase()),
        host: last("x-forwarded-host"),
        prefix: last("x-forwarded-prefix"),
    }
}

fn standard(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Said {
    let hops = list(headers, header::FORWARDED.as_str());
    let part = |hop: &str, wanted: &str| {
        hop.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let last = |wanted: &str| part(hops.last()?, wanted);
    // A hop without `for` says nothing of who came before it: it stands there as a stranger without address.
    let addresses = hops.iter().map(|hop| part(hop, "for").unwrap_or_default());
    Said {
        client: nearest_stranger(addresses, is_trusted),
        scheme: last("proto").map(|scheme| scheme.to_ascii_lowercase()),
        host: last("host"),
        prefix: None,
    }
}

/// From the right, the first address that is no trusted proxy's; the leftmost when all are.
fn nearest_stranger(
    hops: impl DoubleEndedIterator<Item = String>,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut nearest = None;
    for hop in hops.rev() {
        // What cannot be read (`unknown`, `_hidden`) ends what is known.
        let Some(address) = address(&hop) else { break };
        nearest = Some(address);
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || {
        let inside = text.strip_prefix('[')?.strip_suffix(']')?;
        inside.parse::<Ipv6Addr>().ok().map(IpAddr::from)
    };
    bare.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

fn is_host(host: &str) -> bool {
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    plain && host.parse::<Authority>().is_ok_and(|authority| !authority.host().is_empty())
}

/// A path that may stand in front of every link; a second slash at its beginning would make it another host.
fn clean_prefix(prefix: &str) -> Option<String> {
    let prefix = prefix.trim_end_matches('/');
    if prefix.is_empty() {
        return Some(String::new());
    }
    let plain = |segment: &str| {
        let letters = segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        !segment.is_empty() && segment != "." && segment != ".." && letters
    };
    prefix.strip_prefix('/').filter(|inside| inside.split('/').all(plain)).map(|_| prefix.to_owned())
}

fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|item| item.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[(&'static str, &str)]) -> Said {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a header"));
        }
        read(&headers, |address| address.to_string().starts_with("10."))
    }

    fn client(lines: &[(&'static str, &str)]) -> Option<String> {
        said(lines).client.map(|address| address.to_string())
    }

    #[test]
    fn the_client_is_the_nearest_address_that_no_trusted_proxy_has() {
        let forged = "198.51.100.9, 192.0.2.7, 10.0.0.2";
        assert_eq!(client(&[("x-forwarded-for", forged)]).as_deref(), Some("192.0.2.7"));
        assert_eq!(
            client(&[("x-forwarded-for", "203.0.113.5"), ("x-forwarded-for", "192.0.2.7:4711")]).as_deref(),
            Some("192.0.2.7")
        );
        assert_eq!(client(&[("x-forwarded-for", "10.0.0.3, 10.0.0.2")]).as_deref(), Some("10.0.0.3"));
        assert_eq!(
            client(&[("x-forwarded-for", "192.0.2.7, nonsense, 10.0.0.2")]).as_deref(),
            Some("10.0.0.2")
        );
        assert_eq!(client(&[("x-forwarded-for", "nonsense")]), None);
    }

    #[test]
    fn the_standard_header_is_read_too() {
        let lines = [(
            "forwarded",
            "for=\"[2001:db8::17]:4711\";proto=HTTPS;host=h.example, for=10.0.0.2;proto=http",
        )];
        assert_eq!(client(&lines).as_deref(), Some("2001:db8::17"));
        assert_eq!(said(&lines).scheme.as_deref(), Some("http"), "the nearest proxy's word");
        let both = [("forwarded", "for=203.0.113.5;host=evil.example"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(
            (client(&both).as_deref(), said(&both).host),
            (Some("192.0.2.7"), None),
            "kinds do not mix"
        );
        assert_eq!(client(&[("forwarded", "for=_hidden")]), None);
    }

    #[test]
    fn a_base_is_made_of_what_was_said() {
        let own = Base::new("http://localhost:8080/own");
        let base = said(&[
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "h.example:8443"),
            ("x-forwarded-prefix", "/team-a/"),
        ])
        .base(&own);
        assert_eq!(base.url(), "https://h.example:8443/team-a");
        assert_eq!(said(&[("x-forwarded-for", "192.0.2.7")]).base(&own), own);
        assert_eq!(said(&[("x-forwarded-prefix", "/")]).base(&own).url(), "http://localhost:8080");
    }

    #[test]
    fn words_that_could_lead_elsewhere_are_not_taken() {
        let own = Base::new("http://localhost:8080/own");
        for (name, value) in [
            ("x-forwarded-prefix", "//evil.example"),
            ("x-forwarded-prefix", "/a/../b"),
            ("x-forwarded-prefix", "/a\"><script>"),
            ("x-forwarded-prefix", "evil"),
            ("x-forwarded-host", "user@evil.example"),
            ("x-forwarded-host", "evil.example/path"),
            ("x-forwarded-host", ""),
            ("x-forwarded-proto", "javascript"),
        ] {
            assert_eq!(said(&[(name, value)]).base(&own), own, "{value}");
        }
    }
}
