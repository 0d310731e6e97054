//! NuGet: the README embedded in the version holds the token.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::base::{BaseUrl, segment};
use super::claim::Claim;
use super::kind::PackageKind;
use super::lookup::{Ask, LookupError, Page};
use super::refusal::Refusal;
use super::status;
use super::token::{self, Token};

/// The public service index.
pub const PUBLIC_BASE: &str = "https://api.nuget.org/v3/index.json";

/// How long a service index is believed.
pub(super) const INDEX_LIFETIME: Duration = Duration::from_secs(3600);

const README: &str = "ReadmeUriTemplate/6.13.0";
const CONTENT: &str = "PackageBaseAddress/3.0.0";

/// What the service index says of where things are.
#[derive(Debug)]
pub(super) struct Services {
    readme: String,
    content: String,
}

pub(super) async fn prove(claim: &Claim<'_>) -> Result<(), Refusal> {
    claim.needs_identifier("NuGet")?;
    claim.has_no_hash("NuGet")?;
    let base = &claim.settings.nuget;
    claim.is_at(PackageKind::Nuget, base)?;
    claim.needs_version("NuGet")?;
    let id = claim.id().to_lowercase();
    let version = claim.version().split('+').next().unwrap_or_default().to_lowercase();
    let (Some(id_part), Some(version_part)) = (segment(&id), segment(&version)) else {
        return Err(Refusal::new(format!("NuGet package '{}' does not exist in the registry", claim.id()))
            .advise("no package can have this identifier and version; correct them"));
    };
    let services = services(claim).await?;
    let readme = services.readme.replace("{lower_id}", &id_part).replace("{lower_version}", &version_part);
    let readme = address(&readme, base)?;
    let page = ask(claim, &readme, "*/*").await;
    let page = page.map_err(|error| Refusal::unread("failed to fetch NuGet README", &readme, &error))?;
    match page.status() {
        200 => check(claim, &page),
        404 => {
            let content = services.content.trim_end_matches('/');
            let versions = address(&format!("{content}/{id_part}/index.json"), base)?;
            Err(absent(claim, &page, &versions, &version).await)
        }
        _ => Err(status::unexpected("NuGet README request", &page)),
    }
}

fn check(claim: &Claim<'_>, page: &Page) -> Result<(), Refusal> {
    let Claim { name, .. } = *claim;
    let failed = format!(
        "NuGet package '{}' ownership validation for version {} failed.",
        claim.id(),
        claim.version()
    );
    match token::find(&page.text(), name) {
        Token::Found => Ok(()),
        Token::Absent => Err(Refusal::new(format!(
            "{failed} The server name '{name}' must appear as 'mcp-name: {name}' in the package README. Add it to your README and publish a new package version"
        ))
        .read(&page.url, "a README without it")),
        Token::Glued(next) => Err(Refusal::new(format!("{failed} {}", token::glued(name, next)))
            .read(&page.url, "a README with a longer name")
            .advise("correct the README and publish a new version of the package")),
    }
}

/// What it means that there is no README: no package, no such version, or a version without one.
async fn absent(claim: &Claim<'_>, readme: &Page, versions: &Url, version: &str) -> Refusal {
    let package = format!("NuGet package '{}'", claim.id());
    let page = match ask(claim, versions, "application/json").await {
        Ok(page) => page,
        Err(error) => {
            return Refusal::unread("failed to fetch NuGet package index", versions, &error);
        }
    };
    let refusal = match page.status() {
        200 if lists(&page, version) => Refusal::new(format!(
            "{package} ownership validation for version {} failed because it does not have an embedded README. Add a README with 'mcp-name: {}' to the package and publish a new package version",
            claim.version(),
            claim.name
        )),
        200 => Refusal::new(format!(
            "{package} exists but version {} does not exist in the registry. If you recently published this version, wait for validation to complete",
            claim.version()
        ))
        .missing(),
        404 => Refusal::new(format!(
            "{package} does not exist in the registry. If you recently published the package for the first time, wait for validation to complete"
        ))
        .missing(),
        _ => status::unexpected("NuGet package index request", &page),
    };
    refusal.status(&readme.url, 404).status(&page.url, page.status())
}

fn lists(page: &Page, version: &str) -> bool {
    let document = page.json().unwrap_or_default();
    let listed = document.get("versions").and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(Value::as_str).any(|listed| listed.to_lowercase() == version)
}

/// The service index, read at most once an hour.
async fn services(claim: &Claim<'_>) -> Result<Arc<Services>, Refusal> {
    let read = claim.services.try_get_with((), async { read_services(claim).await.map(Arc::new) });
    read.await.map_err(|refusal| (*refusal).clone())
}

async fn read_services(claim: &Claim<'_>) -> Result<Services, Refusal> {
    let base = &claim.settings.nuget;
    let Ok(url) = Url::parse(base.as_str()) else {
        return Err(Refusal::new("the address of the NuGet service index is none"));
    };
    let page = claim.get(base, &url, "application/json").await;
    let page = page.map_err(|error| Refusal::unread("failed to fetch NuGet service index", &url, &error))?;
    if page.status() != 200 {
        return Err(status::unexpected("NuGet service index request", &page));
    }
    let document = page.json().map_err(|error| {
        Refusal::new(format!("failed to parse NuGet service index: {error}")).read(&page.url, "no JSON")
    })?;
    let find = |kind: &str| {
        resource(&document, kind).ok_or_else(|| {
            Refusal::new(format!("NuGet service index does not list {kind}"))
                .read(&page.url, "a service index without it")
                .advise("tell the operator of this registry")
        })
    };
    Ok(Services { readme: find(README)?, content: find(CONTENT)? })
}

/// The address of the first resource of a type; a resource may have several types.
fn resource(index: &Value, kind: &str) -> Option<String> {
    let mut resources = index.get("resources")?.as_array()?.iter();
    let is_kind = |types: &Value| match types {
        Value::Array(types) => types.iter().any(|own| own == kind),
        own => own == kind,
    };
    let found = resources.find(|resource| resource.get("@type").is_some_and(is_kind))?;
    found.get("@id")?.as_str().map(str::to_owned)
}

/// What the index names, read against the index' own address.
fn address(text: &str, base: &BaseUrl) -> Result<Url, Refusal> {
    let url = Url::parse(base.as_str()).and_then(|base| base.join(text));
    url.map_err(|_| Refusal::new(format!("NuGet service index {base} names an address that is none")))
}

async fn ask(claim: &Claim<'_>, url: &Url, accept: &'static str) -> Result<Page, LookupError> {
    claim.web.ask(Ask::get(url.clone(), accept, claim.settings).of(&claim.settings.nuget)).await
}
