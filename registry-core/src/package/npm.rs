//! npm: the published `package.json` of the version names the server in `mcpName`.

use serde_json::Value;

use super::claim::Claim;
use super::kind::PackageKind;
use super::lookup::Page;
use super::refusal::{Refusal, shortened};
use super::status;

/// The public registry.
pub const PUBLIC_BASE: &str = "https://registry.npmjs.org";

pub(super) async fn prove(claim: &Claim<'_>) -> Result<(), Refusal> {
    claim.needs_identifier("NPM")?;
    claim.needs_version("NPM")?;
    claim.has_no_hash("NPM")?;
    let base = &claim.settings.npm;
    claim.is_at(PackageKind::Npm, base)?;
    let whole = claim.url("NPM", base, &[claim.id()])?;
    let url = claim.url("NPM", base, &[claim.id(), claim.version()])?;
    let page = claim.get(base, &url, "application/json").await;
    let page = page.map_err(|error| Refusal::unread("failed to fetch NPM package metadata", &url, &error))?;
    if page.status() != 200 {
        return Err(status::refuse(claim, "NPM", base, &page, &whole).await);
    }
    check(claim, &page)
}

fn check(claim: &Claim<'_>, page: &Page) -> Result<(), Refusal> {
    let Claim { name, .. } = *claim;
    let package = format!("NPM package '{}' version '{}'", claim.id(), claim.version());
    let document = page.json().map_err(|error| {
        Refusal::new(format!("failed to parse NPM package metadata: {error}")).read(&page.url, "no JSON")
    })?;
    match document.get("mcpName") {
        Some(Value::String(found)) if found == name => Ok(()),
        None | Some(Value::Null) => Err(absent(&package, name, page)),
        Some(Value::String(found)) if found.is_empty() => Err(absent(&package, name, page)),
        Some(found) => {
            let found = shortened(found.as_str().unwrap_or(&found.to_string()));
            Err(Refusal::new(format!(
                "{package} ownership validation failed. Expected mcpName '{name}', got '{found}'"
            ))
            .read(&page.url, format!("\"mcpName\": \"{found}\""))
            .advise("correct package.json and publish a new version of the package"))
        }
    }
}

fn absent(package: &str, name: &str, page: &Page) -> Refusal {
    Refusal::new(format!(
        "{package} is missing required 'mcpName' field. Add this to your package.json: \"mcpName\": \"{name}\""
    ))
    .read(&page.url, "no \"mcpName\"")
    .advise("then publish a new version of the package")
}
