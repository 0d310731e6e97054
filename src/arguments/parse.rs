//! Settings that are more than a word.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::num::NonZeroU32;

use ipnet::IpNet;
use registry_api::token::TokenKey;
use url::Url;

/// `127.0.0.1:8080`, `localhost:8080`, or the official registry's `:8080`: every address of the machine.
pub(super) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix(':') {
        let port = port.parse().map_err(|_| format!("`{port}` is no port; write a number up to 65535"))?;
        return Ok(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port));
    }
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let found = text.to_socket_addrs().ok().and_then(|mut found| {
        let any = found.next();
        found.find(SocketAddr::is_ipv4).or(any)
    });
    found.ok_or_else(|| {
        format!("`{text}` is no address to listen on; write one as in {}:8080", Ipv4Addr::LOCALHOST)
    })
}

/// An http(s) address, perhaps with a path; without a slash at the end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text)
        .map_err(|_| format!("`{text}` is no address; write one as in https://registry.example.com"))?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !plain {
        return Err(format!("`{text}` must be an http or https address without query, fragment and user"));
    }
    // Below such a path, the registry's own routes and their full addresses could not be told apart.
    if url.path().trim_end_matches('/').ends_with("/v0")
        || url.path().trim_end_matches('/').ends_with("/v0.1")
    {
        return Err(format!(
            "`{text}` must end before the API's generation; write it without `/v0` or `/v0.1`"
        ));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A value, or nothing where nothing stands, as in an empty list from the environment.
pub(super) fn or_nothing<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: &str,
) -> Result<Option<T>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: T::Err| error.to_string())
}

pub(super) fn resolver(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse().ok();
    let address = with_port.or_else(|| text.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, 53)));
    address.ok_or_else(|| {
        format!("`{text}` is no address of a DNS server; write one as in 10.0.0.53 or 10.0.0.53:5353")
    })
}

/// A host of one's own, or `*.` before a domain for all below it.
pub(super) fn own_host(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_lowercase();
    let host = text.strip_prefix("*.").unwrap_or(&text);
    let labels = host.split('.');
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    if labels.clone().all(is_label) && host.len() <= 253 {
        return Ok(text);
    }
    Err(format!(
        "`{text}` is no host; write one as in intranet.example.com, or *.example.com for all below a domain"
    ))
}

/// Whom people write to: an address of the web or of mail.
pub(super) fn contact(text: &str) -> Result<String, String> {
    let is_ours = |url: &Url| matches!(url.scheme(), "https" | "http" | "mailto");
    let is_plain = text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    match Url::parse(text) {
        Ok(url) if is_ours(&url) && is_plain => Ok(text.to_owned()),
        _ => Err(format!(
            "`{text}` is no address; write one as in https://example.com/crawler or mailto:crawler@example.com"
        )),
    }
}

/// A cron expression with seconds.
pub(super) fn schedule(text: &str) -> Result<String, String> {
    if crawler::config::is_schedule(text) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no schedule; write a cron expression with seconds, as in `0 */5 * * * *`"))
}

/// `10.0.0.0/8`, or one address.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>().or_else(|_| one()).map_err(|_| {
        format!("`{text}` is no network; write one as in 10.0.0.0/8, or an address as in 192.0.2.7")
    })
}

/// A number of requests a minute; `off` is none at all.
pub(super) fn per_minute(text: &str) -> Result<u32, String> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(0);
    }
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
        format!("`{text}` is no number of requests a minute; write one as in 180, or `off` for no limit")
    })
}

/// A number above zero.
pub(super) fn above_zero(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| format!("`{text}` must be a whole number above 0; write one as in 3"))
}

/// A token key, or the fact that it is none: what is wrong with a secret is told without repeating it.
#[derive(Debug, Clone)]
pub struct GivenKey(Option<TokenKey>);

impl GivenKey {
    /// The key.
    pub fn key(&self) -> anyhow::Result<&TokenKey> {
        let sentence = "MCP_REGISTRY_JWT_PRIVATE_KEY must be 64 hex digits (32 random bytes), as `openssl rand -hex 32` makes";
        self.0.as_ref().ok_or_else(|| anyhow::anyhow!(sentence))
    }
}

impl std::str::FromStr for GivenKey {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_short_form_listens_everywhere() {
        assert_eq!(listen_address(":8080").map(|a| a.to_string()), Ok("[::]:8080".to_owned()));
        assert_eq!(listen_address("127.0.0.1:1").map(|a| a.port()), Ok(1));
        assert!(listen_address("8080").is_err() && listen_address(":x").is_err());
    }

    #[test]
    fn a_public_url_has_no_slash_at_its_end() {
        assert_eq!(public_url("https://h.example/mcp/"), Ok("https://h.example/mcp".to_owned()));
        assert_eq!(public_url("http://localhost:8080"), Ok("http://localhost:8080".to_owned()));
        assert!(
            public_url("https://h.example/v0.1/").is_err() && public_url("https://h.example/v0").is_err()
        );
        assert!(public_url("h.example").is_err() && public_url("https://h.example/?x").is_err());
    }

    #[test]
    fn the_crawlers_settings_are_checked_before_anything_starts() {
        assert_eq!(resolver("10.0.0.53"), Ok("10.0.0.53:53".parse().expect("an address")));
        assert_eq!(resolver("[::1]:5353"), Ok("[::1]:5353".parse().expect("an address")));
        assert!(resolver("dns.example").expect_err("a name").contains("10.0.0.53:5353"));
        assert_eq!(own_host(" *.Example.com "), Ok("*.example.com".to_owned()));
        for bad in ["a b", "", "*.", "https://example.com", "*"] {
            assert!(own_host(bad).is_err(), "{bad}");
        }
        assert!(
            contact("mailto:crawler@example.com").is_ok() && contact("https://example.com/crawler").is_ok()
        );
        for bad in ["javascript:alert(1)", "crawler", "https://example.com/a b", ""] {
            assert!(contact(bad).is_err(), "{bad}");
        }
        assert!(schedule("0 */5 * * * *").is_ok() && schedule("often").is_err());
    }

    #[test]
    fn a_network_may_be_one_address_and_a_rate_off() {
        assert_eq!(network("192.0.2.7").map(|n| n.to_string()), Ok("192.0.2.7/32".to_owned()));
        assert!(network("10.0.0.0/8").is_ok() && network("::1").is_ok() && network("proxy").is_err());
        assert_eq!((per_minute("180"), per_minute("off")), (Ok(180), Ok(0)));
        assert!(per_minute("0").is_err() && above_zero("0").is_err());
        assert!(per_minute("-1").is_err() && per_minute("many").is_err());
    }
}
