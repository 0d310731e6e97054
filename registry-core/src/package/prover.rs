//! Looks up all packages of a document at once, and again those that their registry does not show yet.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use moka::future::Cache;
use tokio::time::{Instant, sleep};
use tracing::debug;

use super::claim::Claim;
use super::kind::PackageKind;
use super::lookup::Web;
use super::nuget::{INDEX_LIFETIME, Services};
use super::refusal::{Refusal, Unproved, shortened};
use super::settings::Settings;
use super::{cargo, mcpb, npm, nuget, oci, pypi, wait};
use crate::outbound::PolicyError;
use crate::server_json::{Package, ServerJson};

/// How many packages of one document are looked up at once.
const AT_ONCE: usize = 8;

/// How many different packages of one document are looked up: each is a request to somebody else.
const MOST: usize = 100;

/// Proves that packages belong to the servers that name them; cheap to clone.
#[derive(Debug, Clone)]
pub struct Prover(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    web: Web,
    services: Cache<(), Arc<Services>>,
}

impl Prover {
    /// A process-wide rustls provider must be installed.
    pub fn new(settings: Settings) -> Result<Self, PolicyError> {
        let web = Web::new(&settings)?;
        let services = Cache::builder().max_capacity(1).time_to_live(INDEX_LIFETIME).build();
        Ok(Self(Arc::new(Shared { settings, web, services })))
    }

    /// Looks up every package of a document once; the refusal is that of the first package that is not proved.
    pub async fn prove(&self, server: &ServerJson) -> Result<(), Unproved> {
        let mut checks = stream::iter(wanted(server)?.into_iter().map(|index| self.check(server, index)))
            .buffered(AT_ONCE);
        while let Some(checked) = checks.next().await {
            checked?;
        }
        Ok(())
    }

    /// Looks up every package, and those that are [missing](Refusal::is_missing) again until the time is over.
    ///
    /// A package that waiting cannot help is refused at once. The last look-up begins when the time is over, so the
    /// whole may take as much longer as one look-up takes.
    pub async fn prove_within(&self, server: &ServerJson, time: Duration) -> Result<(), Unproved> {
        if time.is_zero() {
            return self.prove(server).await;
        }
        let until = Instant::now() + time;
        let mut pending = wanted(server)?;
        let mut pauses = wait::pauses(&self.0.settings.limits);
        loop {
            let missing = self.missing(server, pending).await?;
            let Some(first) = missing.first() else { return Ok(()) };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(first.clone());
            }
            debug!(server.name = %server.name, "Package {} is not there yet", first.index);
            pending = missing.into_iter().map(|unproved| unproved.index).collect();
            sleep(pauses.next().unwrap_or(left).min(left)).await;
        }
    }

    /// Those of these packages that are missing; the refusal is the first that waiting cannot help.
    async fn missing(&self, server: &ServerJson, pending: Vec<usize>) -> Result<Vec<Unproved>, Unproved> {
        let mut checks =
            stream::iter(pending.into_iter().map(|index| self.check(server, index))).buffered(AT_ONCE);
        let mut missing = Vec::new();
        while let Some(checked) = checks.next().await {
            match checked {
                Ok(()) => {}
                Err(unproved) if unproved.is_missing() => missing.push(unproved),
                Err(unproved) => return Err(unproved),
            }
        }
        Ok(missing)
    }

    async fn check(&self, server: &ServerJson, index: usize) -> Result<(), Unproved> {
        let package = &server.packages[index];
        let Shared { settings, web, services } = &*self.0;
        let claim = Claim { name: &server.name, package, settings, web, services };
        check(&claim).await.map_err(|refusal| {
            let identifier = shortened(&package.identifier);
            Unproved { index, identifier, refusal }
        })
    }
}

async fn check(claim: &Claim<'_>) -> Result<(), Refusal> {
    let kind = claim.package.registry_type.parse().map_err(|error: super::UnsupportedKind| {
        let known = PackageKind::ALL.map(PackageKind::as_str).join(", ");
        Refusal::new(error.to_string()).advise(format!("write one of {known}"))
    })?;
    match kind {
        PackageKind::Npm => npm::prove(claim).await,
        PackageKind::Pypi => pypi::prove(claim).await,
        PackageKind::Nuget => nuget::prove(claim).await,
        PackageKind::Oci => oci::prove(claim).await,
        PackageKind::Mcpb => mcpb::prove(claim).await,
        PackageKind::Cargo => cargo::prove(claim).await,
    }
}

/// The packages to look up, unless they are too many.
fn wanted(server: &ServerJson) -> Result<Vec<usize>, Unproved> {
    let wanted = distinct(server);
    let Some(&index) = wanted.get(MOST) else { return Ok(wanted) };
    let refusal = Refusal::new(format!("the document names {} different packages", wanted.len()))
        .advise(format!("name at most {MOST}"));
    Err(Unproved { index, identifier: shortened(&server.packages[index].identifier), refusal })
}

/// The packages that need a look-up of their own, so that one named a thousand times is asked for once.
fn distinct(server: &ServerJson) -> Vec<usize> {
    let mut seen = HashSet::new();
    let looked_up = |p: &Package| {
        let texts = [&p.registry_type, &p.registry_base_url, &p.identifier, &p.version, &p.file_sha256];
        texts.map(ToOwned::to_owned)
    };
    let packages = server.packages.iter().enumerate();
    packages.filter(|(_, package)| seen.insert(looked_up(package))).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_named_twice_is_looked_up_once() {
        let package = |identifier: &str, hint: &str| Package {
            registry_type: "npm".into(),
            identifier: identifier.into(),
            runtime_hint: hint.into(),
            ..Package::default()
        };
        let packages = vec![package("a", ""), package("b", ""), package("a", "bunx"), package("c", "")];
        assert_eq!(distinct(&ServerJson { packages, ..ServerJson::default() }), [0, 1, 3]);
    }

    #[test]
    fn a_document_names_a_hundred_packages_at_most() {
        let package = |number| Package { identifier: format!("p{number}"), ..Package::default() };
        let naming =
            |count| ServerJson { packages: (0..count).map(package).collect(), ..ServerJson::default() };
        assert_eq!(wanted(&naming(100)).map(|wanted| wanted.len()), Ok(100));
        let refused = wanted(&naming(101)).expect_err("too many").to_string();
        assert_eq!(
            refused,
            "registry validation failed for package 100 (p100): the document names 101 different packages (name at most 100)"
        );
    }
}
