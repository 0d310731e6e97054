//! How somebody proves who they are before this registry gives them a token (contract section 4), one file a way.
//!
//! - [`github`]: a GitHub access token · [`actions`]: the identity of a GitHub workflow · [`oidc`]: the operator's own provider
//! - [`dns`], [`http`]: a signature ([`proof`]) by a key that the domain publishes
//! - [`id_token`], [`keys`], [`peer`]: what they share
//! - [`settings`]: what the operator decides

pub mod actions;
pub mod dns;
pub mod github;
pub mod http;
pub mod id_token;
pub mod keys;
pub mod oidc;
pub mod peer;
pub mod proof;
pub mod settings;

use registry_core::outbound::PolicyError;
use registry_core::publisher::{Action, Permission, Publisher};

pub use settings::Settings;

/// Every way in, ready to be used.
pub struct Exchanges {
    /// GitHub access tokens.
    pub github: github::Github,
    /// GitHub workflows.
    pub actions: actions::Actions,
    /// The operator's provider, where there is one.
    pub oidc: Option<oidc::Oidc>,
    /// Domains, by a TXT record.
    pub dns: dns::Dns,
    /// Domains, by a file they serve.
    pub http: http::Http,
    blocked: Vec<String>,
}

/// Why the ways in cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] PolicyError),
    /// The operator's provider does not describe itself.
    #[error(transparent)]
    Oidc(#[from] oidc::DiscoveryError),
}

/// Somebody whose namespace the operator has blocked (contract 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "your namespace is blocked. raise an issue at https://github.com/modelcontextprotocol/registry/ if you think this is a mistake"
)]
pub struct Blocked;

impl Exchanges {
    /// Opens them; asks the operator's OIDC issuer, where there is one, to describe itself.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        let peers = peer::client()?;
        let oidc = match &settings.oidc {
            Some(settings) => Some(oidc::Oidc::discover(settings.clone(), peers.clone()).await?),
            None => None,
        };
        Ok(Self {
            github: github::Github::new(&settings.github_api, peers.clone()),
            actions: actions::Actions::new(&settings.actions, peers),
            oidc,
            dns: dns::Dns::new(&settings.dns_resolvers),
            http: http::Http::new(settings.outbound.clone())?,
            blocked: settings.blocked_namespaces.clone(),
        })
    }

    /// Whether this publisher may have a token.
    pub fn admit(&self, publisher: &Publisher) -> Result<(), Blocked> {
        let blocked = self.blocked.iter().any(|namespace| publisher.publishes_in(namespace));
        if blocked { Err(Blocked) } else { Ok(()) }
    }
}

/// The permission to publish what a pattern names.
fn publish(resource: String) -> Permission {
    Permission { action: Action::Publish, resource }
}

/// Whether a text is an account of GitHub: letters, digits and hyphens.
fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
