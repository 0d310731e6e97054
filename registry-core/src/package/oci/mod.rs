//! Container images: the label of the image's configuration names the server.

mod image;
mod pull;
mod reference;
mod registries;

use tokio::time::timeout;
use tracing::warn;

use self::pull::{Pull, Trouble};
use self::reference::Reference;
pub use self::registries::{InvalidOciRegistry, OciRegistry};
use super::claim::Claim;
use super::lookup::is_passing;
use super::refusal::{Refusal, shortened};

/// The label that names the server.
const LABEL: &str = "io.modelcontextprotocol.server.name";

pub(super) async fn prove(claim: &Claim<'_>) -> Result<(), Refusal> {
    let reference = checked(claim)?;
    let pull = Pull::new(claim, &reference).ok_or_else(|| {
        Refusal::new(format!("unsupported OCI registry: {}", shortened(&reference.registry)))
            .advise(registries::admitted(&claim.settings.oci))
    })?;
    let limit = claim.settings.limits.image;
    let labelled = match timeout(limit, image::label(&pull, LABEL)).await {
        Ok(labelled) => labelled,
        Err(_) => {
            return Err(Refusal::new(format!(
                "OCI image validation timed out after {} seconds for '{}'. The registry may be slow or unreachable",
                limit.as_secs_f32(),
                claim.id()
            ))
            .read(&pull.manifest_url(), "no complete answer")
            .missing());
        }
    };
    match labelled {
        Ok((label, url)) => check(claim, label.as_deref(), &url),
        Err(Trouble::Status(url, 429)) => {
            warn!(server.name = %claim.name, %url, "A container registry limits us; an image counts as proved unseen");
            Ok(())
        }
        Err(trouble) => Err(refusal(claim, &pull, trouble)),
    }
}

/// The checks that need no look-up.
fn checked(claim: &Claim<'_>) -> Result<Reference, Refusal> {
    let package = claim.package;
    claim.needs_identifier("OCI")?;
    if !package.registry_base_url.is_empty() {
        return Err(Refusal::new(
            "OCI packages must not have 'registryBaseUrl' field - use canonical reference in 'identifier' instead (e.g., 'docker.io/owner/image:1.0.0')",
        ));
    }
    if !package.version.is_empty() {
        return Err(Refusal::new(
            "OCI packages must not have 'version' field - include version in 'identifier' instead (e.g., 'docker.io/owner/image:1.0.0')",
        ));
    }
    claim.has_no_hash("OCI")?;
    claim.id().parse().map_err(|error: reference::InvalidReference| {
        Refusal::new(format!("invalid OCI reference: {error}"))
            .advise("write it as in 'docker.io/owner/image:1.0.0'")
    })
}

fn check(claim: &Claim<'_>, label: Option<&str>, url: &url::Url) -> Result<(), Refusal> {
    let (id, name) = (claim.id(), claim.name);
    match label.filter(|label| !label.is_empty()) {
        Some(label) if label == name => Ok(()),
        None => Err(Refusal::new(format!(
            "OCI image '{id}' is missing required annotation. Add this to your Dockerfile: LABEL {LABEL}=\"{name}\""
        ))
        .read(url, "no such label in the image's configuration")
        .advise("then build and push the image anew")),
        Some(label) => Err(Refusal::new(format!(
            "OCI image ownership validation failed. Expected annotation '{LABEL}' = '{name}', got '{}'",
            shortened(label)
        ))
        .read(url, format!("the label '{}'", shortened(label)))
        .advise("correct the label, then build and push the image anew")),
    }
}

fn refusal(claim: &Claim<'_>, pull: &Pull<'_>, trouble: Trouble) -> Refusal {
    let id = claim.id();
    match trouble {
        Trouble::Status(url, 404) if url == pull.manifest_url() => {
            Refusal::new(format!("OCI image '{id}' does not exist in the registry"))
                .status(&url, 404)
                .advise("push the image first, or correct the reference")
                .missing()
        }
        // Registries answer the same for an image that is not there (yet) as for one that is hidden.
        Trouble::Status(url, status @ (401 | 403)) => Refusal::new(format!(
            "OCI image '{id}' is private or requires authentication. Only public images are supported"
        ))
        .status(&url, status)
        .advise("make it public; if it does not exist yet, push it first")
        .missing(),
        Trouble::Status(url, status) => {
            let refusal = Refusal::new(format!(
                "failed to fetch OCI image: the registry answered with status {status}"
            ))
            .status(&url, status);
            if is_passing(status) { refusal.missing() } else { refusal }
        }
        Trouble::Lookup(url, error) => Refusal::unread("failed to fetch OCI image", &url, &error),
        Trouble::Unusable(url, why) => {
            Refusal::new(format!("failed to fetch OCI image: {why}")).read(&url, "an unusable answer")
        }
    }
}
