//! Where package registries are reached to prove that publishers own their packages.

use clap::Args;
use clap::builder::BoolishValueParser;
use registry_core::outbound::{Policy, PolicyError};
use registry_core::package::{BaseUrl, OciRegistry, Prover, Settings, cargo, npm, nuget, pypi};

/// Where packages are looked up.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Packages")]
pub struct PackageArguments {
    /// Whether ownership of packages must be proved before they are listed.
    #[arg(long, env = "MCP_REGISTRY_ENABLE_REGISTRY_VALIDATION", value_parser = BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value = "true", action = clap::ArgAction::Set)]
    pub enable_registry_validation: bool,
    /// Where npm packages are looked up: the registry or a mirror of it.
    #[arg(long = "package-npm-url", env = "MCP_REGISTRY_NPM_URL", default_value = npm::PUBLIC_BASE, value_name = "URL")]
    pub npm: BaseUrl,
    /// Where Python packages are looked up: the index' site or a mirror with its JSON API.
    #[arg(long = "package-pypi-url", env = "MCP_REGISTRY_PYPI_URL", default_value = pypi::PUBLIC_BASE, value_name = "URL")]
    pub pypi: BaseUrl,
    /// Where NuGet packages are looked up: a service index.
    #[arg(long = "package-nuget-url", env = "MCP_REGISTRY_NUGET_URL", default_value = nuget::PUBLIC_BASE, value_name = "URL")]
    pub nuget: BaseUrl,
    /// Where Rust crates are looked up.
    #[arg(long = "package-cargo-url", env = "MCP_REGISTRY_CARGO_URL", default_value = cargo::PUBLIC_BASE, value_name = "URL")]
    pub cargo: BaseUrl,
    /// Where the rendered READMEs of Rust crates are.
    #[arg(long = "package-cargo-files-url", env = "MCP_REGISTRY_CARGO_FILES_URL", default_value = cargo::PUBLIC_FILES, value_name = "URL")]
    pub cargo_files: BaseUrl,
    /// Container registries admitted beside the public ones, several with commas: HOST, or HOST=URL where one (also
    /// docker.io and the like) is reached elsewhere.
    #[arg(
        long = "package-oci-registries",
        env = "MCP_REGISTRY_OCI_REGISTRIES",
        value_name = "HOST[=URL]",
        value_delimiter = ','
    )]
    pub oci: Vec<OciRegistry>,
    /// Hosts of GitHub Enterprise whose release assets may be bundles, several with commas.
    #[arg(
        long = "package-github-hosts",
        env = "MCP_REGISTRY_MCPB_GITHUB_HOSTS",
        value_name = "HOST",
        value_parser = host,
        value_delimiter = ','
    )]
    pub github_hosts: Vec<String>,
    /// Hosts of GitLab's own kind whose release assets may be bundles, several with commas.
    #[arg(
        long = "package-gitlab-hosts",
        env = "MCP_REGISTRY_MCPB_GITLAB_HOSTS",
        value_name = "HOST",
        value_parser = host,
        value_delimiter = ','
    )]
    pub gitlab_hosts: Vec<String>,
    /// What the Rust crate registry is told about who asks; by default the contract's address.
    #[arg(long = "package-contact", env = "MCP_REGISTRY_PACKAGE_CONTACT", value_name = "URL", value_parser = contact)]
    pub package_contact: Option<String>,
}

impl PackageArguments {
    /// What proves ownership of packages, unless the operator asks for no proof.
    pub fn prover(&self, policy: Policy) -> Result<Option<Prover>, PolicyError> {
        self.enable_registry_validation.then(|| Prover::new(self.settings(policy))).transpose()
    }

    /// The settings; `policy` says how addresses that documents and answers name are reached.
    pub fn settings(&self, policy: Policy) -> Settings {
        let usual = Settings::default();
        Settings {
            npm: self.npm.clone(),
            pypi: self.pypi.clone(),
            nuget: self.nuget.clone(),
            cargo: self.cargo.clone(),
            cargo_files: self.cargo_files.clone(),
            oci: self.oci.clone(),
            github_hosts: self.github_hosts.clone(),
            gitlab_hosts: self.gitlab_hosts.clone(),
            contact: self.package_contact.clone().unwrap_or(usual.contact),
            policy,
            ..usual
        }
    }
}

/// A host, perhaps with a port, as it stands in the address of a bundle.
fn host(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    let is_host =
        !text.is_empty() && text.bytes().all(plain) && format!("https://{text}").parse::<BaseUrl>().is_ok();
    if !is_host {
        return Err(format!("`{text}` is no host; write one as in git.example.com"));
    }
    Ok(text.to_ascii_lowercase())
}

/// Anything that can stand in a header.
fn contact(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("`{text}` is no address; write one as in https://registry.example.com"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        packages: PackageArguments,
    }

    fn parsed(arguments: &[&str]) -> Result<Settings, String> {
        let arguments = ["test"].iter().chain(arguments);
        let parsed = Only::try_parse_from(arguments).map_err(|error| error.to_string())?;
        Ok(parsed.packages.settings(Policy::default()))
    }

    #[test]
    fn nothing_said_is_the_public_registries() {
        let (settings, usual) = (parsed(&[]).expect("valid"), Settings::default());
        assert_eq!(settings.npm, usual.npm);
        assert_eq!(settings.pypi, usual.pypi);
        assert_eq!(settings.nuget, usual.nuget);
        assert_eq!((settings.cargo, settings.cargo_files), (usual.cargo, usual.cargo_files));
        assert_eq!((settings.oci, settings.contact), (usual.oci, usual.contact));
    }

    #[test]
    fn what_is_said_is_taken() {
        let settings = parsed(&[
            "--package-npm-url=https://npm.corp.example/",
            "--package-oci-registries=registry.corp.example:5000,docker.io=http://mirror.corp.example",
            "--package-github-hosts=Git.corp.example:8443",
            "--package-contact=https://registry.corp.example",
        ])
        .expect("valid");
        assert_eq!(settings.npm.as_str(), "https://npm.corp.example");
        assert_eq!(settings.oci.len(), 2);
        assert_eq!(settings.github_hosts, ["git.corp.example:8443"]);
        assert_eq!(settings.contact, "https://registry.corp.example");
    }

    #[test]
    fn a_bad_value_is_refused_with_what_to_write() {
        for (argument, sentence) in [
            ("--package-npm-url=npm.corp", "must be an http or https address"),
            ("--package-oci-registries=corp", "names no container registry; write HOST or HOST=URL"),
            ("--package-gitlab-hosts=https://git.corp", "is no host; write one as in git.example.com"),
            ("--package-contact=a b", "is no address; write one as in"),
        ] {
            let refused = parsed(&[argument]).expect_err(argument);
            assert!(refused.contains(sentence), "{argument}: {refused}");
        }
    }
}
