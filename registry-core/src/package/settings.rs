//! Where the package registries are reached, and how long they may take.

use std::time::Duration;

use super::base::BaseUrl;
use super::oci::OciRegistry;
use super::{cargo, npm, nuget, pypi};
use crate::outbound::Policy;

/// The settings of a [`Prover`](super::Prover). The default is the public package registries and the strict policy.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The npm registry.
    pub npm: BaseUrl,
    /// The Python Package Index.
    pub pypi: BaseUrl,
    /// NuGet's service index.
    pub nuget: BaseUrl,
    /// The Rust crate registry.
    pub cargo: BaseUrl,
    /// The host of the Rust crate registry's files.
    pub cargo_files: BaseUrl,
    /// Container registries beside the public ones, and other places where those are reached.
    pub oci: Vec<OciRegistry>,
    /// Hosts, perhaps with a port, whose addresses are like GitHub's, beside GitHub itself.
    pub github_hosts: Vec<String>,
    /// Hosts, perhaps with a port, whose addresses are like GitLab's, beside GitLab itself.
    pub gitlab_hosts: Vec<String>,
    /// How the look-ups call themselves.
    pub user_agent: String,
    /// Where those who run this can be found; the Rust crate registry asks for it.
    pub contact: String,
    /// How long everything may take.
    pub limits: Limits,
    /// For addresses that documents and answers name. Its user agent and time-outs are not used.
    pub policy: Policy,
}

/// How long look-ups may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One request, redirects and body included.
    pub request: Duration,
    /// The question whether a package exists at all.
    pub probe: Duration,
    /// All requests for one container image.
    pub image: Duration,
    /// Until a missing package is first looked up again.
    pub first_wait: Duration,
    /// The longest time from one look-up of a missing package to the next.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(10),
            probe: Duration::from_secs(3),
            image: Duration::from_secs(30),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(15),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            npm: BaseUrl::known(npm::PUBLIC_BASE),
            pypi: BaseUrl::known(pypi::PUBLIC_BASE),
            nuget: BaseUrl::known(nuget::PUBLIC_BASE),
            cargo: BaseUrl::known(cargo::PUBLIC_BASE),
            cargo_files: BaseUrl::known(cargo::PUBLIC_FILES),
            oci: Vec::new(),
            github_hosts: Vec::new(),
            gitlab_hosts: Vec::new(),
            user_agent: "MCP-Registry-Validator/1.0".to_owned(),
            contact: "https://registry.modelcontextprotocol.io".to_owned(),
            limits: Limits::default(),
            policy: Policy::default(),
        }
    }
}
