//! A registry's address, and which registry a command means.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Url};

use crate::credentials::Credentials;

/// Where a registry listens when nobody says otherwise.
const DEFAULT: &str = "http://localhost:8080";

/// The address of a registry: http or https, without user name, query and fragment; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryUrl(Arc<Url>);

/// Why a text is no registry's address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegistryUrl {
    /// No address of the web.
    #[error("`{0}` is no address of a registry; write it as in `https://registry.example.com`")]
    NotOfTheWeb(String),
    /// A user name or password.
    #[error("the address of a registry carries no user name or password; sign in with `cardinal login`")]
    Credentials,
    /// A query or fragment.
    #[error(
        "the address of a registry ends before `?` and `#`; write it as in `https://registry.example.com`"
    )]
    Query,
}

impl RegistryUrl {
    /// The address below it whose path has these segments; each is encoded as the API decodes it (contract 1.2).
    pub(crate) fn below(&self, segments: &[&str]) -> Url {
        let mut url = Url::clone(&self.0);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            for segment in segments {
                // The API decodes twice; and dots alone would not be taken as a name.
                match *segment {
                    "." => path.push("%2e"),
                    ".." => path.push("%2e%2e"),
                    plain => path.push(&plain.replace('%', "%25")),
                };
            }
        }
        url
    }

    /// Whether what is sent there can be read on the way.
    pub(crate) fn is_exposed(&self) -> bool {
        let local = match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.0.scheme() == "http" && !local
    }
}

impl FromStr for RegistryUrl {
    type Err = InvalidRegistryUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRegistryUrl> {
        let no_address = || InvalidRegistryUrl::NotOfTheWeb(text.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| no_address())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(no_address());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidRegistryUrl::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidRegistryUrl::Query);
        }
        Ok(Self(Arc::new(url)))
    }
}

impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Which registry is meant.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RegistryArg {
    /// The registry's address [default: the one signed in to, else http://localhost:8080]
    #[arg(long = "registry", env = "MCP_REGISTRY_URL", value_name = "URL")]
    pub url: Option<RegistryUrl>,
}

impl RegistryArg {
    /// The registry named, else the one signed in to, else the one on this machine.
    pub(crate) fn resolve(self, stored: Option<&Credentials>) -> Result<RegistryUrl, InvalidRegistryUrl> {
        match (self.url, stored) {
            (Some(url), _) => Ok(url),
            (None, Some(stored)) => Ok(stored.registry.clone()),
            (None, None) => DEFAULT.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str) -> RegistryUrl {
        text.parse().expect("an address")
    }

    #[test]
    fn a_name_is_one_segment_that_survives_two_decodings() {
        let below = |base: &str, version| {
            registry(base).below(&["v0.1", "servers", "com.example/a", "versions", version]).to_string()
        };
        assert_eq!(
            below("https://r.example/", "1.0.0+b"),
            "https://r.example/v0.1/servers/com.example%2Fa/versions/1.0.0+b"
        );
        assert_eq!(
            below("https://r.example/mcp", "1%2"),
            "https://r.example/mcp/v0.1/servers/com.example%2Fa/versions/1%25252"
        );
        assert!(below("https://r.example", "..").ends_with("/versions/%252e%252e"));
    }

    #[test]
    fn prints_without_its_last_slash() {
        assert_eq!(registry("https://r.example/").to_string(), "https://r.example");
        assert_eq!(registry("http://localhost:8080").to_string(), "http://localhost:8080");
    }

    #[test]
    fn refuses_what_is_no_registry() {
        for text in ["", "localhost:8080", "registry", "ftp://r.example", "file:///etc"] {
            assert_eq!(text.parse::<RegistryUrl>(), Err(InvalidRegistryUrl::NotOfTheWeb(text.to_owned())));
        }
        assert_eq!("https://a:b@r.example".parse::<RegistryUrl>(), Err(InvalidRegistryUrl::Credentials));
        assert_eq!("https://r.example/?a".parse::<RegistryUrl>(), Err(InvalidRegistryUrl::Query));
    }

    #[test]
    fn only_plain_http_to_other_machines_is_exposed() {
        let exposed = |text| registry(text).is_exposed();
        assert!(exposed("http://registry.corp") && exposed("http://10.0.0.1:8080"));
        assert!(
            !exposed("http://localhost:8080") && !exposed("http://[::1]") && !exposed("https://r.example")
        );
    }
}
