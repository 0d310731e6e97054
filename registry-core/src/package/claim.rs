//! A package that a document claims, and the checks that several types share.

use std::sync::Arc;

use url::Url;

use super::base::BaseUrl;
use super::kind::PackageKind;
use super::lookup::{Ask, LookupError, Page, Web};
use super::nuget::Services;
use super::refusal::{Refusal, shortened};
use super::settings::Settings;
use crate::server_json::Package;

/// One package of one document, with what is needed to look it up.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    /// The server's name.
    pub(super) name: &'a str,
    pub(super) package: &'a Package,
    pub(super) settings: &'a Settings,
    pub(super) web: &'a Web,
    /// NuGet's service index, as it was last read.
    pub(super) services: &'a moka::future::Cache<(), Arc<Services>>,
}

impl<'a> Claim<'a> {
    pub(super) fn id(&self) -> &'a str {
        &self.package.identifier
    }

    pub(super) fn version(&self) -> &'a str {
        &self.package.version
    }

    pub(super) fn needs_identifier(&self, label: &str) -> Result<(), Refusal> {
        if self.package.identifier.is_empty() {
            return Err(Refusal::new(format!("package identifier is required for {label} packages"))
                .advise("write the package's name in 'identifier'"));
        }
        Ok(())
    }

    pub(super) fn needs_version(&self, label: &str) -> Result<(), Refusal> {
        if self.package.version.is_empty() {
            return Err(Refusal::new(format!("package version is required for {label} packages"))
                .advise("write the package's exact version in 'version'"));
        }
        Ok(())
    }

    pub(super) fn has_no_hash(&self, label: &str) -> Result<(), Refusal> {
        if !self.package.file_sha256.is_empty() {
            return Err(Refusal::new(format!(
                "{label} packages must not have 'fileSha256' field - this is only for MCPB packages"
            ))
            .advise("remove it"));
        }
        Ok(())
    }

    /// Documents name the public registry or the one that stands in for it here.
    pub(super) fn is_at(&self, kind: PackageKind, base: &BaseUrl) -> Result<(), Refusal> {
        let named = self.package.registry_base_url.as_str();
        let public = kind.public_base().unwrap_or_default();
        if named.is_empty() || named == public || named == base.as_str() {
            return Ok(());
        }
        let other = if base.as_str() == public { String::new() } else { format!(" or {}", base.as_str()) };
        Err(Refusal::new(format!(
            "registry type and base URL do not match: '{}' is not valid for registry type '{kind}'. Expected: {public}{other}",
            shortened(named)
        ))
        .advise("write it so, or leave 'registryBaseUrl' out"))
    }

    /// An address below a base; a refusal where an identifier or version cannot be in one.
    pub(super) fn url(&self, label: &str, base: &BaseUrl, parts: &[&str]) -> Result<Url, Refusal> {
        base.at(parts).ok_or_else(|| {
            Refusal::new(format!("{label} package '{}' not found", shortened(self.id())))
                .advise("no package can have this identifier and version; correct them")
        })
    }

    /// Asks a registry that the operator named.
    pub(super) async fn get(
        &self,
        base: &BaseUrl,
        url: &Url,
        accept: &'static str,
    ) -> Result<Page, LookupError> {
        self.web.ask(Ask::get(url.clone(), accept, self.settings).of(base)).await
    }

    /// Asks it whether something is there; none where that remains open.
    pub(super) async fn probe(&self, base: &BaseUrl, url: &Url) -> Option<u16> {
        let ask = Ask::head(url.clone(), self.settings.limits.probe, self.settings);
        self.web.ask(ask.of(base)).await.ok().map(|page| page.status())
    }
}
