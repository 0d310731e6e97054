//! Rust crates: the README of the version, as the registry renders it, shows the token.

use url::Url;

use super::base::BaseUrl;
use super::claim::Claim;
use super::kind::PackageKind;
use super::lookup::{Ask, Follow, LookupError, Page, is_passing};
use super::refusal::{Refusal, shortened};
use super::settings::Settings;
use super::status;
use super::token::{self, Token};

/// The public registry.
pub const PUBLIC_BASE: &str = "https://crates.io";

/// The host of its files.
pub const PUBLIC_FILES: &str = "https://static.crates.io";

pub(super) async fn prove(claim: &Claim<'_>) -> Result<(), Refusal> {
    claim.needs_identifier("Cargo")?;
    claim.needs_version("Cargo")?;
    claim.has_no_hash("cargo")?;
    let base = &claim.settings.cargo;
    claim.is_at(PackageKind::Cargo, base)?;
    let whole = ["api", "v1", "crates", claim.id(), claim.version()];
    let crate_url = claim.url("cargo", base, &whole)?;
    let url = claim.url("cargo", base, &[whole.as_slice(), &["readme"]].concat())?;
    let page = ask(claim, &url, "application/json", base).await;
    let page =
        page.map_err(|error| Refusal::unread("failed to fetch cargo README location", &url, &error))?;
    match page.status() {
        200 => {}
        404 => return Err(absent(claim, &page)),
        _ => return Err(status::unexpected("cargo README location request", &page)),
    }
    let readme = location(&page, claim.settings)?;
    let files = if claim.settings.cargo_files.has(&readme) { &claim.settings.cargo_files } else { base };
    let page = ask(claim, &readme, "text/html", files).await;
    let page = page.map_err(|error| Refusal::unread("failed to fetch cargo README", &readme, &error))?;
    match page.status() {
        200 => check(claim, &page),
        403 | 404 => Err(unrendered(claim, &page, &crate_url).await),
        _ => Err(status::unexpected("cargo README request", &page)),
    }
}

/// The registry wants to know who asks. Its public host of files is reached by the guarded client, since an answer names
/// the address; a host of files that the operator named is reached as it is.
async fn ask(
    claim: &Claim<'_>,
    url: &Url,
    accept: &'static str,
    base: &BaseUrl,
) -> Result<Page, LookupError> {
    let settings = claim.settings;
    let user_agent = format!("{} ({})", settings.user_agent, settings.contact);
    let admitted = |url: &Url| is_of_registry(url, settings);
    let named = (base.as_str() != PUBLIC_FILES).then_some(base);
    let ask = Ask::get(url.clone(), accept, settings);
    let ask = Ask { follow: Follow::Where(&admitted), user_agent: Some(&user_agent), named, ..ask };
    claim.web.ask(ask).await
}

/// Whether an address is of the crate registry or the host of its files: the public ones or the operator's.
fn is_of_registry(url: &Url, settings: &Settings) -> bool {
    let public = [PUBLIC_BASE, PUBLIC_FILES].map(BaseUrl::known);
    let bases = public.iter().chain([&settings.cargo, &settings.cargo_files]);
    url.username().is_empty() && url.password().is_none() && bases.into_iter().any(|base| base.has(url))
}

/// Where the rendered README is.
fn location(page: &Page, settings: &Settings) -> Result<Url, Refusal> {
    let document = page.json().map_err(|error| {
        Refusal::new(format!("failed to parse cargo README location: {error}")).read(&page.url, "no JSON")
    })?;
    let text = document.get("url").and_then(|url| url.as_str()).unwrap_or_default();
    let url = page.url.join(text).ok().filter(|url| !text.is_empty() && is_of_registry(url, settings));
    url.ok_or_else(|| {
        let found = shortened(text);
        Refusal::new(format!("cargo README location '{found}' is not on a host of the crate registry"))
            .read(&page.url, format!("\"url\": \"{found}\""))
            .advise("tell the operator of this registry")
    })
}

fn check(claim: &Claim<'_>, page: &Page) -> Result<(), Refusal> {
    let Claim { name, .. } = *claim;
    let failed = format!("cargo package '{}' ownership validation failed.", claim.id());
    let refusal = match token::find(&page.text(), name) {
        Token::Found => return Ok(()),
        Token::Absent => Refusal::new(format!(
            "{failed} The server name '{name}' must appear as 'mcp-name: {name}' in the package README"
        ))
        .read(&page.url, "a rendered README without it")
        .advise("write it as visible text, since HTML comments are not rendered, and publish a new version of the package"),
        Token::Glued(next) => Refusal::new(format!("{failed} {}", token::glued(name, next)))
            .read(&page.url, "a rendered README with a longer name")
            .advise("correct the README and publish a new version of the package"),
    };
    Err(refusal)
}

/// The host of files does not tell a version without README from none: the registry does.
async fn unrendered(claim: &Claim<'_>, readme: &Page, crate_url: &Url) -> Refusal {
    let package = format!("cargo package '{}' version '{}'", claim.id(), claim.version());
    let page = match ask(claim, crate_url, "application/json", &claim.settings.cargo).await {
        Ok(page) => page,
        Err(error) => {
            return Refusal::unread(&format!("failed to look up {package}"), crate_url, &error)
                .status(&readme.url, readme.status());
        }
    };
    let refusal = match page.status() {
        404 => return absent(claim, &page).status(&readme.url, readme.status()),
        200 => Refusal::new(format!("{package} exists on crates.io, but its rendered README could not be retrieved"))
            .advise(format!(
                "wait a minute if the version is new; else add a README with 'mcp-name: {}' and publish a new version",
                claim.name
            ))
            // Rendering follows publication by a while.
            .missing(),
        status if is_passing(status) => Refusal::new(format!(
            "{package} could not be looked up; whether it exists is inconclusive (status: {status}). Likely transient, retry later"
        ))
        .missing(),
        status => Refusal::new(format!("cargo package request returned status {status}")),
    };
    refusal.status(&readme.url, readme.status()).status(&page.url, page.status())
}

fn absent(claim: &Claim<'_>, page: &Page) -> Refusal {
    Refusal::new(format!(
        "cargo package '{}' version '{}' not found on crates.io",
        claim.id(),
        claim.version()
    ))
    .status(&page.url, page.status())
    .advise("publish this version of the package first, or correct its identifier and version")
    .missing()
}
