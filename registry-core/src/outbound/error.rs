//! Everything that can come of asking a stranger's address instead of an answer, one sentence each.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use super::resolve::AddressRefused;

/// Why an address gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Another scheme than https.
    #[error("`{}` is not an https address; only https is fetched", shown(.0))]
    NotHttps(Url),
    /// A user name, a password or a key in the address of this host.
    #[error("the address on `{0}` carries a user name or password, or a key; remove it")]
    Credentials(String),
    /// A port other than 443 that nothing admits.
    #[error(
        "port {port} of `{host}` is refused; only port 443 is fetched unless the operator admits another"
    )]
    Port {
        /// The host of the address.
        host: String,
        /// Its port.
        port: u16,
    },
    /// A public IP address in the place of a name.
    #[error("`{0}` is an IP address; use a host name")]
    Literal(IpAddr),
    /// An IP address that is not public in the place of a name.
    #[error(
        "`{address}` is a {kind} address; only public hosts are fetched unless the operator allows the network"
    )]
    LocalLiteral {
        /// The address.
        address: IpAddr,
        /// What kind of address it is.
        kind: &'static str,
    },
    /// A name that resolves to addresses that are not public.
    #[error(
        "`{host}` resolves to `{address}`, a {kind} address; only public hosts are fetched unless the operator \
         allows the network"
    )]
    LocalAddress {
        /// The name.
        host: String,
        /// The first of its addresses.
        address: IpAddr,
        /// What kind of address it is.
        kind: &'static str,
    },
    /// A redirect to something that is refused.
    #[error("`{from}` redirects to a place that is refused: {refusal}")]
    Redirect {
        /// The address that redirected.
        from: Url,
        /// Why its target is not asked.
        refusal: Box<FetchError>,
    },
    /// More redirects than are followed.
    #[error("`{url}` was redirected more than {limit} times; let it lead to its document directly")]
    TooManyRedirects {
        /// The address first asked.
        url: Url,
        /// How many are followed.
        limit: usize,
    },
    /// A redirect whose target is no address.
    #[error("`{url}` redirects to something that is no address")]
    InvalidRedirect {
        /// The address that redirected.
        url: Url,
    },
    /// A name without addresses.
    #[error("the name `{host}` cannot be resolved: {reason}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection.
    #[error("no connection to `{host}`: {reason}")]
    Connect {
        /// The host, with its port where that is not 443.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// No connection in time.
    #[error("no connection to `{host}` within {limit:?}")]
    ConnectTimeout {
        /// The host, with its port where that is not 443.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// No answer in time.
    #[error("`{host}` did not begin to answer within {limit:?}")]
    FirstByteTimeout {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// An answer that did not end in time.
    #[error("`{url}` was not answered completely within {limit:?}")]
    TotalTimeout {
        /// The address first asked.
        url: Url,
        /// The limit.
        limit: Duration,
    },
    /// A body beyond the limit.
    #[error("the answer of `{url}` is larger than {limit} bytes")]
    TooLarge {
        /// The address.
        url: Url,
        /// The limit, counted after decompression.
        limit: usize,
    },
    /// A certificate or handshake that is not accepted.
    #[error("no secure connection to `{host}`: {reason}")]
    Tls {
        /// The host, with its port where that is not 443.
        host: String,
        /// What TLS said.
        reason: String,
    },
    /// Bytes that are not HTTP, or an answer that broke off.
    #[error("the answer of `{url}` is unusable: {reason}")]
    Protocol {
        /// The address.
        url: Url,
        /// What was wrong.
        reason: String,
    },
}

/// The kinds of failure that lead to different decisions; stored and counted by [`FailureClass::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// Not asked: asking again changes nothing until the address or the policy does.
    Refused,
    /// No such name, or nobody there.
    Unreachable,
    /// Too slow.
    TimedOut,
    /// Too large.
    TooLarge,
    /// A certificate that is not accepted.
    Tls,
    /// No usable HTTP.
    Protocol,
}

impl FailureClass {
    /// Short and stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::Tls => "tls",
            Self::Protocol => "protocol",
        }
    }
}

impl FetchError {
    /// What kind of failure this is.
    pub fn class(&self) -> FailureClass {
        match self {
            Self::NotHttps(_)
            | Self::Credentials(_)
            | Self::Port { .. }
            | Self::Literal(_)
            | Self::LocalLiteral { .. }
            | Self::LocalAddress { .. }
            | Self::Redirect { .. } => FailureClass::Refused,
            Self::Resolve { .. } | Self::Connect { .. } => FailureClass::Unreachable,
            Self::ConnectTimeout { .. } | Self::FirstByteTimeout { .. } | Self::TotalTimeout { .. } => {
                FailureClass::TimedOut
            }
            Self::TooLarge { .. } => FailureClass::TooLarge,
            Self::Tls { .. } => FailureClass::Tls,
            Self::TooManyRedirects { .. } | Self::InvalidRedirect { .. } | Self::Protocol { .. } => {
                FailureClass::Protocol
            }
        }
    }

    /// The same failure after a redirect: a refusal names the address that led to it.
    pub(super) fn redirected_by(self, from: Option<&Url>) -> Self {
        match from {
            Some(from) if self.class() == FailureClass::Refused => {
                Self::Redirect { from: from.clone(), refusal: Box::new(self) }
            }
            _ => self,
        }
    }

    /// What went wrong between asking `url` and its answer.
    pub(super) fn of(error: &reqwest::Error, url: &Url, connect_timeout: Duration) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        let place = || place(url).to_owned();
        let refused = causes(error).find_map(|cause| cause.downcast_ref::<AddressRefused>());
        if let Some(AddressRefused { address, kind }) = refused {
            return match kind {
                Some(kind) => Self::LocalAddress { host, address: *address, kind },
                None => Self::Port { host, port: url.port().unwrap_or(443) },
            };
        }
        if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return Self::Tls { host: place(), reason: tls_reason(tls) };
        }
        let reason = innermost(error);
        if error.is_timeout() {
            Self::ConnectTimeout { host: place(), limit: connect_timeout }
        } else if error.is_dns() {
            Self::Resolve { host, reason }
        } else if error.is_connect() {
            Self::Connect { host: place(), reason }
        } else {
            Self::Protocol { url: url.clone(), reason }
        }
    }
}

/// Host and port of an address, the port only where it is not the usual one.
pub fn place(url: &Url) -> &str {
    &url[url::Position::BeforeHost..url::Position::AfterPort]
}

/// An address as it is shown: its query says nothing here and may hold what is nobody's business.
fn shown(url: &Url) -> &str {
    &url[..url::Position::AfterPath]
}

/// What TLS says; not the names of a certificate, of which there may be hundreds.
fn tls_reason(error: &rustls::Error) -> String {
    use rustls::{CertificateError, Error};
    match error {
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for other names".to_owned(),
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is not valid yet".to_owned(),
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate is by nobody this machine trusts, or the chain is not complete".to_owned()
        }
        other => other.to_string().chars().take(200).collect(),
    }
}

/// What the cause of all said.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// The error and all below it. An `io::Error` made of another error does not list that one as its source.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |&cause| {
        match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => cause.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("valid")
    }

    #[test]
    fn only_refusals_name_the_redirect_that_led_to_them() {
        let from = url("https://a.example/x");
        let refusal = FetchError::LocalLiteral { address: [169, 254, 169, 254].into(), kind: "link-local" };
        assert_eq!(
            refusal.redirected_by(Some(&from)).to_string(),
            "`https://a.example/x` redirects to a place that is refused: `169.254.169.254` is a link-local address; \
             only public hosts are fetched unless the operator allows the network"
        );
        let large = FetchError::TooLarge { url: from.clone(), limit: 3 };
        assert_eq!(large.clone().redirected_by(Some(&from)), large);
    }

    #[test]
    fn a_refused_redirect_stays_a_refusal() {
        let http = FetchError::NotHttps(url("http://b.example/"));
        let redirected = http.redirected_by(Some(&url("https://a.example/")));
        assert_eq!(redirected.class(), FailureClass::Refused);
        assert_eq!(redirected.class().as_str(), "refused");
    }
}
