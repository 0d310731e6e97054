//! Addresses of endpoints as documents write them: relative, with `{variables}`, with hints in place of values.

use std::sync::LazyLock;

use regex::Regex;
use url::{Host, Url};

use super::secret;
use super::site;

static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{[A-Za-z_][A-Za-z0-9_.-]*\}").expect("a pattern"));
static HINT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[<>$]|(?:YOUR|Your|your)[_-]|/:[A-Za-z]").expect("a pattern"));

/// Names that never lead to a server on the web.
const NOWHERE: [&str; 14] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "lan",
    "home.arpa",
    "invalid",
    "test",
    "example",
    "onion",
    "arpa",
    "example.com",
    "example.org",
    "example.net",
];

/// An endpoint's address that can be published, once it is reached over https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// As it is published: absolute, variables as written.
    pub text: String,
    /// The same with each variable filled in by a made-up word.
    pub url: Url,
    /// The variables, in order.
    pub variables: Vec<String>,
    /// Whether the document wrote `http://`; `text` says https, which must be tried before it is published.
    pub was_http: bool,
}

/// Why an address is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nothing there.
    #[error("the address is empty")]
    Empty,
    /// Over 2,048 bytes.
    #[error("the address has {0} bytes; at most 2048 are kept")]
    Long(usize),
    /// No URL.
    #[error("`{0}` is no address; write the whole `https://` address")]
    Broken(String),
    /// `<host>`, `${host}`, `:id`, `YOUR_…`.
    #[error("`{0}` has a hint in place of a value; declare it as a `{{variable}}`")]
    Hint(String),
    /// Not reachable over https.
    #[error("`{0}` is no https address")]
    Scheme(String),
    /// User name or key in the address.
    #[error(
        "the address carries a credential; use a header with a `{{variable}}`, and withdraw the credential"
    )]
    Credential,
    /// An IP address.
    #[error("`{0}` is an IP address; use a host name")]
    Ip(String),
    /// localhost and its like.
    #[error("`{0}` is not a host on the web")]
    Nowhere(String),
    /// A variable decides the domain.
    #[error("`{0}` leaves the domain to a variable; nobody can say whose server that is")]
    OpenHost(String),
}

impl Unusable {
    /// Whether the address is one of one's own machine: where a program runs, and no server on the web.
    pub fn is_own_machine(&self) -> bool {
        match self {
            Self::Ip(host) => {
                let ip: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
                ip.is_some_and(|ip| ip.is_loopback() || ip.is_unspecified())
            }
            Self::Nowhere(host) => site::is_within(host, "localhost"),
            _ => false,
        }
    }
}

/// Reads an address; a relative one lies on the document's own host.
pub fn resolve(text: &str, document: &Url) -> Result<Address, Unusable> {
    let text = text.trim();
    let shown = || super::text::clean(text, 120);
    // Some write out that there is nothing.
    if text.is_empty() || ["null", "none", "n/a", "undefined"].iter().any(|w| text.eq_ignore_ascii_case(w)) {
        return Err(Unusable::Empty);
    }
    if text.len() > 2048 {
        return Err(Unusable::Long(text.len()));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(Unusable::Broken(shown()));
    }
    let text = match text.strip_prefix("mcp://") {
        Some(rest) => format!("https://{rest}"),
        None if text.starts_with("//") => format!("https:{text}"),
        None => text.to_owned(),
    };
    if HINT.is_match(&text) {
        return Err(Unusable::Hint(shown()));
    }
    // A colon before it makes `https:x://y`, which is relative to whoever reads it.
    let is_scheme = |scheme: &str| !scheme.is_empty() && !scheme.contains([':', '/', '?', '#']);
    let absolute = text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme));
    if !absolute && !text.starts_with(['/', '.']) {
        return Err(Unusable::Broken(shown()));
    }
    let filled = Filled::of(&text)?;
    let mut url = document.join(&filled.text).map_err(|_| Unusable::Broken(shown()))?;
    let was_http = absolute && url.scheme() == "http";
    if was_http {
        url.set_scheme("https").map_err(|()| Unusable::Scheme(shown()))?;
    }
    if url.scheme() != "https" {
        return Err(Unusable::Scheme(shown()));
    }
    check_host(&url, document, &filled)?;
    check_credentials(&url, &filled)?;
    let rewritten = !absolute || was_http || url.fragment().is_some();
    url.set_fragment(None);
    let text = if rewritten { filled.restore(url.as_str()) } else { text };
    Ok(Address { text, url, variables: filled.variables, was_http })
}

/// An address whose variables are filled in by words that survive parsing.
struct Filled {
    text: String,
    variables: Vec<String>,
}

impl Filled {
    fn of(text: &str) -> Result<Self, Unusable> {
        let (mut filled, mut variables, mut from) = (String::new(), Vec::new(), 0);
        for found in VARIABLE.find_iter(text) {
            let before = &text[from..found.start()];
            filled.push_str(before);
            let is_port = before.ends_with(':') && !before.ends_with("/:");
            let name = text[found.start() + 1..found.end() - 1].to_owned();
            let at = variables.iter().position(|v| *v == name).unwrap_or_else(|| {
                variables.push(name);
                variables.len() - 1
            });
            filled.push_str(&if is_port { "8443".to_owned() } else { word(at) });
            from = found.end();
        }
        filled.push_str(&text[from..]);
        if filled.contains(['{', '}']) {
            return Err(Unusable::Hint(super::text::clean(text, 120)));
        }
        Ok(Self { text: filled, variables })
    }

    fn restore(&self, url: &str) -> String {
        let names = self.variables.iter().enumerate();
        names.fold(url.to_owned(), |url, (at, name)| url.replace(&word(at), &format!("{{{name}}}")))
    }

    /// Whether a part of an address was left to a variable.
    fn is_open(&self, part: &str) -> bool {
        (0..self.variables.len()).any(|at| part.contains(&word(at)))
    }
}

fn word(at: usize) -> String {
    format!("zv{at}q7vz")
}

fn check_host(url: &Url, document: &Url, filled: &Filled) -> Result<(), Unusable> {
    let host = match url.host() {
        Some(Host::Domain(host)) => host.trim_end_matches('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => {
            return Err(Unusable::Ip(url.host_str().unwrap_or_default().into()));
        }
        None => return Err(Unusable::Broken(filled.restore(url.as_str()))),
    };
    let shown = || filled.restore(host);
    let is_nowhere = |host: &str| NOWHERE.iter().any(|n| site::is_within(host, n));
    // On a closed network, documents may name the hosts there.
    let closed = document.host_str().is_some_and(is_nowhere);
    let local = site::is_within(host, "localhost") || (!host.contains('.') && !filled.is_open(host));
    if local || (is_nowhere(host) && !closed) {
        return Err(Unusable::Nowhere(shown()));
    }
    match site::site(host) {
        Some(domain) if !filled.is_open(domain) => Ok(()),
        Some(_) => Err(Unusable::OpenHost(shown())),
        None if filled.is_open(host) => Err(Unusable::OpenHost(shown())),
        None => Err(Unusable::Nowhere(shown())),
    }
}

fn check_credentials(url: &Url, filled: &Filled) -> Result<(), Unusable> {
    let secret = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let literal = !value.is_empty() && !filled.is_open(&value);
        literal && secret::is_key_of_endpoint(&name, &value)
    };
    let userinfo = !url.username().is_empty() || url.password().is_some();
    let is_blotted = url.as_str().contains(secret::REDACTED);
    let holds_key = is_blotted || userinfo || url.query_pairs().any(secret) || secret::path_holds_key(url);
    if holds_key { Err(Unusable::Credential) } else { Ok(()) }
}

/// What makes two addresses one endpoint: fragment and trailing slash dropped, the rest in its canonical spelling.
pub fn key(text: &str) -> Option<String> {
    let filled = Filled::of(text).ok()?;
    let mut url = Url::parse(&filled.text).ok()?;
    url.host_str()?;
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Some(filled.restore(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<Address, Unusable> {
        let document = Url::parse("https://acme.com/.well-known/mcp/server-card.json").expect("an address");
        resolve(text, &document)
    }

    #[test]
    fn relative_addresses_lie_on_the_documents_host() {
        assert_eq!(at("/mcp").expect("usable").text, "https://acme.com/mcp");
        assert_eq!(at("//api.acme.com/mcp").expect("usable").text, "https://api.acme.com/mcp");
        assert_eq!(at("mcp://acme.com/x").expect("usable").text, "https://acme.com/x");
        for odd in ["https:mcp://acme.com/x", "https:/mcp://x", "://acme.com/x", "https:acme.com"] {
            assert!(matches!(at(odd), Err(Unusable::Broken(_))), "{odd}");
        }
        assert_eq!(
            at("/go?to=https://acme.com/x").expect("usable").text,
            "https://acme.com/go?to=https://acme.com/x"
        );
        assert_eq!(at("/{tenant}/mcp").expect("usable").text, "https://acme.com/{tenant}/mcp");
    }

    #[test]
    fn variables_are_kept_and_hints_are_not_variables() {
        let address = at("https://{tenant}.acme.com:{port}/mcp?team={team}").expect("usable");
        assert_eq!(address.variables, ["tenant", "port", "team"]);
        assert_eq!(address.text, "https://{tenant}.acme.com:{port}/mcp?team={team}");
        for hint in [
            "https://<host>/mcp",
            "https://${host}/mcp",
            "https://acme.com/:id/mcp",
            "https://acme.com/YOUR_ID",
            "https://acme.com/{a b}",
        ] {
            assert!(matches!(at(hint), Err(Unusable::Hint(_) | Unusable::Broken(_))), "{hint}");
        }
        assert!(matches!(at("https://{host}/mcp"), Err(Unusable::OpenHost(_))));
        assert!(matches!(at("https://{name}.com/mcp"), Err(Unusable::OpenHost(_))));
        assert!(at("{base}/mcp").is_err());
    }

    #[test]
    fn addresses_that_lead_nowhere_are_refused() {
        for nowhere in [
            "https://localhost/mcp",
            "https://LOCALHOST:8/",
            "https://a.local/",
            "https://mcp/",
            "https://example.com/mcp",
        ] {
            assert!(matches!(at(nowhere), Err(Unusable::Nowhere(_))), "{nowhere}");
        }
        for ip in ["https://127.0.0.1/mcp", "https://[::1]/mcp", "https://0x7f.1/", "https://8.8.8.8/mcp"] {
            assert!(matches!(at(ip), Err(Unusable::Ip(_))), "{ip}");
        }
        for bad in [
            "",
            "dynamic",
            "ws://acme.com/mcp",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://a b/",
            "https://acme.com/\u{0}",
        ] {
            assert!(at(bad).is_err(), "{bad}");
        }
        let intranet = Url::parse("https://cards.corp.local/x").expect("an address");
        assert!(
            resolve("https://mcp.corp.local/mcp", &intranet).is_ok(),
            "a closed network names its own hosts"
        );
    }

    #[test]
    fn credentials_in_addresses_are_refused() {
        for leak in [
            "https://u:p@acme.com/mcp",
            "https://acme.com/mcp?api_key=abc",
            "https://acme.com/mcp?x=ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        ] {
            assert_eq!(at(leak), Err(Unusable::Credential), "{leak}");
        }
        assert!(at("https://acme.com/mcp?api_key={key}").is_ok());
        assert!(at("https://acme.com/mcp?region=eu").is_ok());
    }

    #[test]
    fn http_becomes_https_and_says_so() {
        let address = at("http://acme.com/mcp").expect("usable");
        assert_eq!((address.text.as_str(), address.was_http), ("https://acme.com/mcp", true));
    }

    #[test]
    fn one_endpoint_has_one_key() {
        let same = ["https://Acme.com/mcp", "https://acme.com:443/mcp/", "https://acme.com/mcp#top"];
        for text in same {
            assert_eq!(key(text).as_deref(), Some("https://acme.com/mcp"), "{text}");
        }
        assert_eq!(key("https://acme.com").as_deref(), Some("https://acme.com/"));
        assert_eq!(key("https://acme.com/{a}/?q=1").as_deref(), Some("https://acme.com/{a}?q=1"));
        assert_eq!(key("nonsense"), None);
    }
}
