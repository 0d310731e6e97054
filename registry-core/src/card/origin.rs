//! A place on the web that may be asked for documents: [`Origin`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::site;
use crate::name::Namespace;

/// Ends of names that are not on the public web, or not in the DNS at all.
const NOT_PUBLIC: [&str; 8] =
    ["local", "localhost", "internal", "invalid", "onion", "alt", "arpa", "home.arpa"];

/// A host that is crawled over https: lower-case, international names in their ASCII form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(Url);

/// Why a text names no origin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// Not the name of a host.
    #[error("`{0}` is no domain; write one as in `example.com`")]
    Host(String),
    /// An address instead of a name.
    #[error("`{0}` is an IP address, and those own no names; write the domain, as in `example.com`")]
    Ip(String),
    /// This machine, or a name without a dot.
    #[error("`{0}` is not a name on the web; write a whole domain, as in `example.com`")]
    Local(String),
    /// Another scheme.
    #[error("`{0}` documents are not crawled; write `https://example.com` or just `example.com`")]
    Scheme(String),
    /// More than a host.
    #[error("`{0}` is more than a domain; leave out path, query, port and user name, as in `example.com`")]
    More(String),
    /// A suffix under which many people have domains.
    #[error(
        "`{0}` is a public suffix, below which others have their domains; write one of those, as in `example.com`"
    )]
    Suffix(String),
    /// A name that only means something in some network.
    #[error("`{0}` is not a name on the public web; its operator can add it with `cardinal origins add`")]
    NotPublic(String),
}

impl Origin {
    /// The host.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address of a path on it.
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// The origin a document or endpoint lies on.
    pub fn of(url: &Url) -> Result<Self, InvalidOrigin> {
        url.host_str().unwrap_or_default().parse()
    }

    /// Whether it may be what a stranger asks to be crawled: somebody's domain on the public web.
    pub fn check_public(&self) -> Result<(), InvalidOrigin> {
        let host = self.host();
        if NOT_PUBLIC.iter().any(|end| site::is_within(host, end)) {
            return Err(InvalidOrigin::NotPublic(host.to_owned()));
        }
        self.check_domain()
    }

    /// Whether it is somebody's domain and not a suffix that many share.
    pub fn check_domain(&self) -> Result<(), InvalidOrigin> {
        match site::site(self.host()) {
            Some(_) => Ok(()),
            None => Err(InvalidOrigin::Suffix(self.host().to_owned())),
        }
    }

    /// The host, and the domains above it up to the registrable one: whoever owns one of these decides about it.
    pub fn and_above(&self) -> Vec<&str> {
        let host = self.host();
        let site = site::of(host);
        let mut all = vec![host];
        while let Some((_, above)) = all.last().and_then(|name| name.split_once('.'))
            && above.len() >= site.len()
        {
            all.push(above);
        }
        all
    }

    /// The namespace that is its own.
    pub fn namespace(&self) -> Namespace {
        Namespace::of_host(self.host())
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let text = text.trim();
        let shown = || text.chars().take(100).collect::<String>();
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some((scheme, _)) => return Err(InvalidOrigin::Scheme(scheme.chars().take(20).collect())),
            None => text,
        };
        let url = Url::parse(&format!("https://{rest}")).map_err(|_| InvalidOrigin::Host(shown()))?;
        let plain =
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.port().is_none();
        match url.host() {
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(InvalidOrigin::Ip(shown())),
            Some(Host::Domain(_)) if !plain || rest.contains(['@', '\\']) => {
                return Err(InvalidOrigin::More(shown()));
            }
            Some(Host::Domain(_)) => {}
            None => return Err(InvalidOrigin::Host(shown())),
        }
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        if !host.contains('.') || host.ends_with(".localhost") {
            return Err(InvalidOrigin::Local(shown()));
        }
        if host.len() > 253 || !host.split('.').all(is_label) {
            return Err(InvalidOrigin::Host(shown()));
        }
        Url::parse(&format!("https://{host}/")).map(Self).map_err(|_| InvalidOrigin::Host(shown()))
    }
}

fn is_label(label: &str) -> bool {
    let edges = label.starts_with('-') || label.ends_with('-');
    !edges && (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.host().to_owned()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        for text in [
            "Example.com",
            " https://example.com/ ",
            "HTTPS://EXAMPLE.COM",
            "example.com.",
            "example.com:443",
        ] {
            assert_eq!(
                text.parse::<Origin>().map(|o| o.host().to_owned()),
                Ok("example.com".into()),
                "{text}"
            );
        }
        let idn: Origin = "bücher.example".parse().expect("an international name");
        assert_eq!(idn.host(), "xn--bcher-kva.example");
        assert_eq!(idn.namespace().as_str(), "example.xn--bcher-kva");
        assert_eq!(idn.url("/.well-known/x").as_str(), "https://xn--bcher-kva.example/.well-known/x");
    }

    #[test]
    fn strangers_may_submit_domains_of_somebody_only() {
        let check = |text: &str| text.parse::<Origin>().expect("an origin").check_public();
        for domain in ["example.com", "a.b.example.co.uk", "alice.github.io"] {
            assert_eq!(check(domain), Ok(()), "{domain}");
        }
        for suffix in ["co.uk", "github.io", "vercel.app"] {
            assert!(matches!(check(suffix), Err(InvalidOrigin::Suffix(_))), "{suffix}");
        }
        for local in ["printer.local", "a.internal", "1.0.0.10.in-addr.arpa", "abc.onion"] {
            assert!(matches!(check(local), Err(InvalidOrigin::NotPublic(_))), "{local}");
        }
    }

    #[test]
    fn those_above_decide_too() {
        let above = |text: &str| text.parse::<Origin>().expect("an origin").and_above().join(" ");
        assert_eq!(above("a.b.example.co.uk"), "a.b.example.co.uk b.example.co.uk example.co.uk");
        assert_eq!(above("example.com"), "example.com");
        assert_eq!(above("alice.github.io"), "alice.github.io");
    }

    #[test]
    fn refuses_what_is_no_domain() {
        for ip in ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "https://10.0.0.1/"] {
            assert!(matches!(ip.parse::<Origin>(), Err(InvalidOrigin::Ip(_))), "{ip}");
        }
        for local in ["localhost", "intranet", "a.localhost"] {
            assert!(matches!(local.parse::<Origin>(), Err(InvalidOrigin::Local(_))), "{local}");
        }
        for more in
            ["example.com/mcp", "example.com:8443", "u:p@example.com", "example.com?x", "example.com#x"]
        {
            assert!(matches!(more.parse::<Origin>(), Err(InvalidOrigin::More(_))), "{more}");
        }
        for bad in ["", "a b.example", "-a.example.com", "a_b.example.com", "a..example.com"] {
            assert!(matches!(bad.parse::<Origin>(), Err(InvalidOrigin::Host(_))), "{bad}");
        }
        assert!(matches!("http://example.com".parse::<Origin>(), Err(InvalidOrigin::Scheme(_))));
    }
}
