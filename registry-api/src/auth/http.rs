//! `http` (contract 4.5): the domain's key stands in a file that its web server serves.

use std::time::Duration;

use registry_core::outbound::{Client, FetchError, Get, Policy, PolicyError};
use registry_core::publisher::Publisher;
use url::Url;

use super::proof::{Domain, Proof, ProofError, ProofKey, Records};
use super::publish;

/// How long the file may take.
const TIME: Duration = Duration::from_secs(10);
/// How large it may be.
const MAX_BYTES: usize = 4096;

/// Asks web servers of strangers.
pub struct Http {
    client: Client,
}

impl Http {
    /// Reaches them as the policy says, but follows no redirect: they may lead to a host of somebody else.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        let policy = Policy {
            user_agent: "mcp-registry/1.0".to_owned(),
            first_byte_timeout: policy.first_byte_timeout.min(TIME),
            total_timeout: policy.total_timeout.min(TIME),
            max_redirects: 0,
            ..policy
        };
        Ok(Self { client: Client::new(policy)? })
    }

    /// Who a proof speaks for: the domain.
    pub async fn publisher(&self, proof: &Proof) -> Result<Publisher, ProofError> {
        let keys = self.keys(&proof.domain).await?;
        proof.verify(&keys)?;
        Ok(Publisher {
            method: "http".to_owned(),
            subject: proof.domain.to_string(),
            permissions: vec![publish(format!("{}/*", proof.domain.reversed()))],
        })
    }

    async fn keys(&self, domain: &Domain) -> Result<Vec<ProofKey>, ProofError> {
        let text = self
            .text(domain)
            .await
            .map_err(|reason| ProofError::Fetch(format!("failed to fetch public key: {reason}")))?;
        Records::of([text.trim()]).keys("HTTP response")
    }

    async fn text(&self, domain: &Domain) -> Result<String, String> {
        let address = format!("https://{domain}/.well-known/mcp-registry-auth");
        let url = Url::parse(&address).map_err(|error| error.to_string())?;
        let fetched = self.client.get(&Get::new(url, "text/plain", MAX_BYTES)).await;
        let fetched = fetched.map_err(|error| match error {
            FetchError::TooLarge { .. } => "HTTP auth key response too large".to_owned(),
            other => other.to_string(),
        })?;
        if fetched.status != 200 {
            return Err(format!("HTTP {}: failed to fetch key from {address}", fetched.status));
        }
        Ok(String::from_utf8_lossy(&fetched.body).into_owned())
    }
}
