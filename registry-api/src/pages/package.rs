//! A package, as a server's page shows it.

use registry_core::package::PackageKind;
use registry_core::run_command::{RunCommand, run_command};
use registry_core::server_json::Package;

use super::hit::kind_label;
use super::input::{self, InputRow};
use super::view::{WebLink, component};

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageView {
    /// `npm`, `PyPI`, … .
    pub kind: String,
    /// Its name in its registry.
    pub identifier: String,
    /// Its version; empty when it is part of the name.
    pub version: String,
    /// Where its registry describes it.
    pub link: Option<WebLink>,
    /// Where it is to be downloaded, for bundles.
    pub download: Option<WebLink>,
    /// How to talk to it: `stdio`, … .
    pub transport: String,
    /// Where it listens once it runs, for those that are not talked to by stdio.
    pub transport_url: String,
    /// What to type.
    pub command: Option<RunCommand>,
    /// The environment variables it reads.
    pub environment: Vec<InputRow>,
    /// Its arguments and those of its runtime.
    pub arguments: Vec<InputRow>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

impl From<&Package> for PackageView {
    fn from(package: &Package) -> Self {
        let mut arguments = input::arguments(&package.runtime_arguments);
        arguments.extend(input::arguments(&package.package_arguments));
        let bundle = package.registry_type == "mcpb";
        Self {
            kind: kind_label(&package.registry_type).to_owned(),
            identifier: package.identifier.clone(),
            version: package.version.clone(),
            link: home(package),
            download: bundle.then(|| WebLink::parse(&package.identifier)).flatten(),
            transport: transport_label(&package.transport.kind).to_owned(),
            transport_url: package.transport.url.clone(),
            command: run_command(package),
            environment: input::keyed(&package.environment_variables),
            arguments,
            sha256: package.file_sha256.clone(),
        }
    }
}

impl PackageView {
    /// The variables that must be set before the command can work.
    pub fn needed(&self) -> Vec<&str> {
        let known = |row: &InputRow| row.hints.iter().any(|hint| hint.label == "Default");
        let variable = |row: &InputRow| row.name.starts_with('{');
        let needed = self.environment.iter().filter(|row| row.required && !known(row) && !variable(row));
        needed.map(|row| row.name.as_str()).collect()
    }
}

/// How people write a transport; the word itself where there is no better one.
pub fn transport_label(kind: &str) -> &str {
    match kind {
        "streamable-http" => "Streamable HTTP",
        "sse" => "SSE",
        "" => "stdio",
        other => other,
    }
}

/// The page of a package in its type's own registry; none when it lives in another one.
fn home(package: &Package) -> Option<WebLink> {
    let base = package.registry_base_url.trim_end_matches('/');
    let id = package.identifier.split('/').map(component).collect::<Vec<_>>().join("/");
    let version = component(&package.version);
    let kind: PackageKind = package.registry_type.parse().ok()?;
    let page = match kind {
        PackageKind::Npm if version.is_empty() => format!("https://www.npmjs.com/package/{id}"),
        PackageKind::Npm => format!("https://www.npmjs.com/package/{id}/v/{version}"),
        PackageKind::Pypi => format!("https://pypi.org/project/{id}/{version}"),
        PackageKind::Nuget => format!("https://www.nuget.org/packages/{id}/{version}"),
        PackageKind::Cargo => format!("https://crates.io/crates/{id}/{version}"),
        PackageKind::Oci | PackageKind::Mcpb => return None,
    };
    let here = !id.is_empty() && (base.is_empty() || Some(base) == kind.public_base());
    here.then(|| WebLink::parse(page.trim_end_matches('/'))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn view(package: Value) -> PackageView {
        PackageView::from(&serde_json::from_value::<Package>(package).expect("a package"))
    }

    #[test]
    fn a_package_of_the_usual_registry_has_a_page() {
        let npm = view(json!({"registryType":"npm","identifier":"@a/b","version":"1.0.0"}));
        assert_eq!(npm.link.map(|l| l.href).as_deref(), Some("https://www.npmjs.com/package/%40a/b/v/1.0.0"));
        let pypi = view(json!({"registryType":"pypi","identifier":"b"}));
        assert_eq!(pypi.link.map(|l| l.href).as_deref(), Some("https://pypi.org/project/b"));
    }

    #[test]
    fn a_package_of_another_registry_has_none() {
        assert_eq!(
            view(json!({"registryType":"npm","identifier":"b","registryBaseUrl":"https://npm.corp"})).link,
            None
        );
        assert_eq!(view(json!({"registryType":"oci","identifier":"a/b:1"})).link, None);
    }

    #[test]
    fn a_bundle_is_downloaded_only_from_the_web() {
        let bundle = |identifier| view(json!({"registryType":"mcpb","identifier":identifier})).download;
        assert!(bundle("https://example.com/mcp.mcpb").is_some());
        assert_eq!(bundle("javascript:alert(1)"), None);
    }

    #[test]
    fn what_has_a_usual_value_is_not_needed() {
        let package = view(json!({"registryType":"npm","identifier":"b","environmentVariables":[
            {"name":"A","isRequired":true}, {"name":"B","isRequired":true,"default":"x"}, {"name":"C"}]}));
        assert_eq!(package.needed(), ["A"]);
    }
}
