//! Connect-to overrides, as in curl's `--connect-to`: which host and port are reached where instead.

use std::fmt;
use std::str::FromStr;

use url::Host;

/// One override, `HOST:PORT:HOST2:PORT2`: whatever is addressed to HOST:PORT is connected to HOST2:PORT2.
///
/// An empty or `*` HOST or PORT matches all names and ports; an empty HOST2 or PORT2 keeps the address's own. The
/// TLS server name and the `Host` header stay those of the address. HOST is a name: an IP address in a URL is
/// admitted by allowing its network, never by an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    host: Option<String>,
    port: Option<u16>,
    to_host: Option<Host>,
    to_port: Option<u16>,
}

/// Text that is no connect-to override.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no connect-to override: {reason}; write HOST:PORT:HOST2:PORT2, as in `*:443:127.0.0.1:8443`"
)]
pub struct InvalidConnectTo {
    text: String,
    reason: &'static str,
}

impl ConnectTo {
    /// Whether connections to `host` and `port` are made elsewhere by this override.
    pub fn matches(&self, host: &str, port: u16) -> bool {
        self.host.as_deref().is_none_or(|own| own == without_final_dot(host))
            && self.port.is_none_or(|own| own == port)
    }

    /// The host to reach instead; none when the address's own is kept.
    pub fn to_host(&self) -> Option<&Host> {
        self.to_host.as_ref()
    }

    /// The port to reach instead; none when the address's own is kept.
    pub fn to_port(&self) -> Option<u16> {
        self.to_port
    }

    /// Whether it matches no port but https' own.
    pub(super) fn only_https_port(&self) -> bool {
        self.port == Some(443)
    }
}

impl FromStr for ConnectTo {
    type Err = InvalidConnectTo;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|reason| InvalidConnectTo { text: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<ConnectTo, &'static str> {
    let parts = split(text.trim());
    let [host, port, to_host, to_port] = parts[..] else {
        return Err("it does not have four parts (an IPv6 address goes in brackets)");
    };
    let host = match any(host).map(parse_host).transpose()? {
        Some(Host::Domain(name)) => Some(without_final_dot(&name).to_owned()),
        Some(_) => return Err("the first part is an IP address; allow its network instead"),
        None => None,
    };
    if to_host == "*" || to_port == "*" {
        return Err("`*` is no place to connect to");
    }
    let to_host = (!to_host.is_empty()).then_some(to_host).map(parse_host).transpose()?;
    let port = any(port).map(parse_port).transpose()?;
    let to_port = any(to_port).map(parse_port).transpose()?;
    Ok(ConnectTo { host, port, to_host, to_port })
}

/// Parts at colons, except those within brackets.
fn split(text: &str) -> Vec<&str> {
    let mut within = false;
    text.split(|character| {
        match character {
            '[' => within = true,
            ']' => within = false,
            _ => {}
        }
        character == ':' && !within
    })
    .collect()
}

fn any(part: &str) -> Option<&str> {
    (!part.is_empty() && part != "*").then_some(part)
}

fn parse_host(text: &str) -> Result<Host, &'static str> {
    Host::parse(text).map_err(|_| "a host in it is neither a name nor an address")
}

fn parse_port(text: &str) -> Result<u16, &'static str> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| text.parse().ok()).flatten();
    port.filter(|port| *port != 0).ok_or("a port in it is not a number from 1 to 65535")
}

/// The name as rules compare it: `example.com.` is `example.com`.
fn without_final_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_deref().unwrap_or("*"))?;
        match self.port {
            Some(port) => write!(f, ":{port}:")?,
            None => f.write_str(":*:")?,
        }
        if let Some(host) = &self.to_host {
            write!(f, "{host}")?;
        }
        f.write_str(":")?;
        match self.to_port {
            Some(port) => write!(f, "{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_curl_reads_and_writes_it_back() {
        for (text, shown) in [
            ("*:443:127.0.0.1:8443", "*:443:127.0.0.1:8443"),
            (":443:127.0.0.1:8443", "*:443:127.0.0.1:8443"),
            ("::[::1]:8443", "*:*:[::1]:8443"),
            ("Example.COM.:443:inner.example:", "example.com:443:inner.example:"),
            ("example.com:8443::", "example.com:8443::"),
            ("*:*::8443", "*:*::8443"),
            ("bücher.example:443:[fd00::2]:1", "xn--bcher-kva.example:443:[fd00::2]:1"),
        ] {
            let read: ConnectTo = text.parse().expect(text);
            assert_eq!(read.to_string(), shown, "{text}");
            assert_eq!(shown.parse(), Ok(read), "{shown}");
        }
    }

    #[test]
    fn refuses_everything_else_in_one_sentence() {
        for (text, reason) in [
            ("", "four parts"),
            ("example.com:443", "four parts"),
            ("a:443:::1:443", "four parts"),
            ("a:443:b:443:c", "four parts"),
            ("a:0:b:443", "1 to 65535"),
            ("a:443:b:65536", "1 to 65535"),
            ("a:+443:b:443", "1 to 65535"),
            ("a:https:b:443", "1 to 65535"),
            ("a b:443:c:443", "neither a name nor an address"),
            ("a:443:[::zz]:443", "neither a name nor an address"),
            ("10.0.0.1:443:b:443", "allow its network"),
            ("[::1]:443:b:443", "allow its network"),
            ("a:443:*:443", "no place to connect to"),
            ("a:443:b:*", "no place to connect to"),
        ] {
            let sentence = text.parse::<ConnectTo>().expect_err(text).to_string();
            assert!(
                sentence.contains(reason) && sentence.contains(&format!("`{text}`")),
                "{text}: {sentence}"
            );
        }
    }

    #[test]
    fn matches_names_and_ports_as_written() {
        let all: ConnectTo = "*:443:127.0.0.1:8443".parse().expect("valid");
        assert!(all.matches("anything.example", 443));
        assert!(!all.matches("anything.example", 8443));
        let one: ConnectTo = "a.example:*:127.0.0.1:8443".parse().expect("valid");
        assert!(one.matches("a.example", 1) && one.matches("a.example.", 443));
        assert!(!one.matches("b.a.example", 443));
    }
}
