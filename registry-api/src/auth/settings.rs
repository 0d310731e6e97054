//! What the operator decides about the ways in.

use std::net::SocketAddr;

use registry_core::outbound::Policy;
use serde_json::{Map, Value};

/// Where GitHub's API is.
pub const GITHUB_API: &str = "https://api.github.com";
/// Who signs the identities of GitHub's workflows.
pub const GITHUB_OIDC_ISSUER: &str = "https://token.actions.githubusercontent.com";
/// The audience that `mcp-publisher` asks GitHub for.
pub const GITHUB_OIDC_AUDIENCE: &str = "mcp-registry";

/// The settings of all ways in. The default is that of a fresh installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The base URL of GitHub's API, without a slash at the end.
    pub github_api: String,
    /// GitHub's workflows.
    pub actions: Actions,
    /// The operator's own provider.
    pub oidc: Option<Oidc>,
    /// The DNS servers to ask; the system's if there are none.
    pub dns_resolvers: Vec<SocketAddr>,
    /// How strangers' hosts are reached.
    pub outbound: Policy,
    /// Namespaces for whose publishers there are no tokens.
    pub blocked_namespaces: Vec<String>,
}

/// The identities of GitHub's workflows.
#[derive(Debug, Clone)]
pub struct Actions {
    /// Who signs them.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// The audiences that mean this registry; without any, nobody is let in.
    pub audiences: Vec<String>,
}

/// The operator's own OpenID provider (contract 4.4).
#[derive(Debug, Clone)]
pub struct Oidc {
    /// Its issuer URL.
    pub issuer: String,
    /// The client id: the audience of its tokens.
    pub client_id: String,
    /// What else must stand in a token; each member of each object.
    pub extra_claims: Vec<Map<String, Value>>,
    /// What its users may publish.
    pub publish: Vec<String>,
    /// What its users may edit.
    pub edit: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            github_api: GITHUB_API.to_owned(),
            actions: Actions {
                issuer: GITHUB_OIDC_ISSUER.to_owned(),
                jwks_url: Actions::jwks_url(GITHUB_OIDC_ISSUER),
                audiences: vec![GITHUB_OIDC_AUDIENCE.to_owned()],
            },
            oidc: None,
            dns_resolvers: Vec::new(),
            outbound: Policy::default(),
            blocked_namespaces: Vec::new(),
        }
    }
}

impl Actions {
    /// Where an issuer of workflow identities has its keys.
    pub fn jwks_url(issuer: &str) -> String {
        format!("{}/.well-known/jwks", issuer.trim_end_matches('/'))
    }
}
