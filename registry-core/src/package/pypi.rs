//! PyPI: the README of the version holds the token.

use super::claim::Claim;
use super::kind::PackageKind;
use super::lookup::Page;
use super::refusal::Refusal;
use super::status;
use super::token::{self, Token};

/// The public index.
pub const PUBLIC_BASE: &str = "https://pypi.org";

pub(super) async fn prove(claim: &Claim<'_>) -> Result<(), Refusal> {
    claim.needs_identifier("PyPI")?;
    claim.needs_version("PyPI")?;
    claim.has_no_hash("PyPI")?;
    let base = &claim.settings.pypi;
    claim.is_at(PackageKind::Pypi, base)?;
    let whole = claim.url("PyPI", base, &["pypi", claim.id(), "json"])?;
    let url = claim.url("PyPI", base, &["pypi", claim.id(), claim.version(), "json"])?;
    let page = claim.get(base, &url, "application/json").await;
    let page =
        page.map_err(|error| Refusal::unread("failed to fetch PyPI package metadata", &url, &error))?;
    if page.status() != 200 {
        return Err(status::refuse(claim, "PyPI", base, &page, &whole).await);
    }
    check(claim, &page)
}

fn check(claim: &Claim<'_>, page: &Page) -> Result<(), Refusal> {
    let Claim { name, .. } = *claim;
    let document = page.json().map_err(|error| {
        Refusal::new(format!("failed to parse PyPI package metadata: {error}")).read(&page.url, "no JSON")
    })?;
    let readme = document.pointer("/info/description").and_then(|value| value.as_str()).unwrap_or_default();
    let failed = format!("PyPI package '{}' ownership validation failed.", claim.id());
    let refusal = match token::find(readme, name) {
        Token::Found => return Ok(()),
        Token::Absent => Refusal::new(format!(
            "{failed} The server name '{name}' must appear as 'mcp-name: {name}' in the package README"
        ))
        .read(&page.url, if readme.is_empty() { "an empty README" } else { "a README without it" }),
        Token::Glued(next) => Refusal::new(format!("{failed} {}", token::glued(name, next)))
            .read(&page.url, "a README with a longer name"),
    };
    Err(refusal.advise("correct the README and publish a new version of the package"))
}
