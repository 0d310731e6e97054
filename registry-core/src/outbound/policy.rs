//! What the guarded client may do: limits for strangers, and what an operator admits beyond the public web.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::connect_to::ConnectTo;

/// The name to use in robots.txt (RFC 9309).
pub const ROBOTS_TOKEN: &str = "Cardinal";

/// The client's rules. The default is the strict one for the public web.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Connections made to another place than the address says; the first match counts.
    pub connect_to: Vec<ConnectTo>,
    /// Certificate authorities (PEM) believed in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// Networks that may be reached although they are not public, by address and on any port too.
    pub allow_networks: Vec<IpNet>,
    /// DNS servers that say where names are; the system's resolver where there are none.
    pub dns: Vec<SocketAddr>,
    /// Product and version, and where the crawler explains itself.
    pub user_agent: String,
    /// For name resolution, TCP and TLS together.
    pub connect_timeout: Duration,
    /// From asking to the answer's head, connecting included.
    pub first_byte_timeout: Duration,
    /// For everything, redirects and body included.
    pub total_timeout: Duration,
    /// How many redirects are followed; with none, a redirect is an answer like any other.
    pub max_redirects: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_to: Vec::new(),
            ca_file: None,
            allow_networks: Vec::new(),
            dns: Vec::new(),
            user_agent: concat!("Cardinal/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(20),
            max_redirects: 5,
        }
    }
}

/// Why no client can be made of a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The CA file cannot be read.
    #[error("the CA file `{}` cannot be read: {source}", path.display())]
    CaFile {
        /// The file named in the settings.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The CA file has nothing to believe in.
    #[error("the CA file `{}` holds no certificate; name a file of PEM certificates", .0.display())]
    NoCertificates(PathBuf),
    /// Something else is unusable: the user agent, a certificate, the system's certificates.
    #[error("the HTTP client cannot be made: {0}")]
    Unusable(String),
}
