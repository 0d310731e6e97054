//! `dns` (contract 4.5): the domain's keys stand in TXT records of the domain itself.

use std::net::SocketAddr;
use std::time::Duration;

use registry_core::outbound::LookupError;
use registry_core::publisher::Publisher;

use super::proof::{Domain, Proof, ProofError, ProofKey, Records};
use super::publish;

/// How long the places may take that are only looked at for a better message.
const PROBE_TIME: Duration = Duration::from_secs(2);
/// Where people put the record by mistake.
const SELECTORS: [&str; 2] = ["_mcp-auth", "_mcp-registry"];

/// Reads proofs out of DNS.
pub struct Dns(registry_core::outbound::Dns);

impl Dns {
    /// Asks these servers, or the system's where there are none.
    pub fn new(servers: &[SocketAddr]) -> Self {
        Self(registry_core::outbound::Dns::new(servers))
    }

    /// Who a proof speaks for: the domain and all below it.
    pub async fn publisher(&self, proof: &Proof) -> Result<Publisher, ProofError> {
        let keys = self.keys(&proof.domain).await?;
        proof.verify(&keys)?;
        let namespace = proof.domain.reversed();
        Ok(Publisher {
            method: "dns".to_owned(),
            subject: proof.domain.to_string(),
            permissions: vec![publish(format!("{namespace}/*")), publish(format!("{namespace}.*"))],
        })
    }

    async fn keys(&self, domain: &Domain) -> Result<Vec<ProofKey>, ProofError> {
        let found = records(self.0.txt(domain.as_str()).await).map_err(|error| {
            ProofError::Fetch(format!("failed to lookup DNS TXT records: lookup {domain}: {error}"))
        })?;
        if found.is_empty()
            && let Some(found) = self.misplaced(domain).await
        {
            return Err(ProofError::Selector { domain: domain.to_string(), found });
        }
        found.keys("DNS TXT records")
    }

    /// Where there is a record that is not looked at.
    async fn misplaced(&self, domain: &Domain) -> Option<String> {
        let names = SELECTORS.map(|selector| format!("{selector}.{domain}"));
        let looked =
            names.each_ref().map(|name| async { records(self.0.txt_within(name, PROBE_TIME).await) });
        let looked = futures_util::future::join_all(looked).await;
        let mut places = names.into_iter().zip(looked);
        places.find(|(_, records)| records.as_ref().is_ok_and(|r| !r.is_empty())).map(|(name, _)| name)
    }
}

/// The key records among a name's texts.
fn records(texts: Result<Vec<String>, LookupError>) -> Result<Records, LookupError> {
    Ok(Records::of(texts?.iter().map(String::as_str)))
}
