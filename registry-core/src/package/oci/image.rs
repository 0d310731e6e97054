//! From a manifest to the labels of an image, on the platform everybody has.

use serde_json::Value;
use url::Url;

use super::super::lookup::Page;
use super::pull::{Pull, Trouble};
use super::reference::is_digest;

/// The kinds of configuration that container images have; charts and other artefacts have others.
const CONFIGURATIONS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// The value of a label of the image, and where it was read.
pub(super) async fn label(pull: &Pull<'_>, name: &str) -> Result<(Option<String>, Url), Trouble> {
    let mut page = pull.manifest().await?;
    let mut manifest = json(&page)?;
    if let Some(entries) = manifest.get("manifests").and_then(Value::as_array) {
        let digest = platform(entries)
            .ok_or_else(|| unusable(&page, "the index of the image names no platform".to_owned()))?;
        page = pull.manifest_of(&digest).await?;
        manifest = json(&page)?;
    }
    let digest = configuration(&manifest).map_err(|why| unusable(&page, why))?;
    let page = pull.blob(digest).await?;
    let configuration = json(&page)?;
    let label = configuration.get("config").and_then(|config| config.get("Labels")?.get(name)?.as_str());
    // Redirects of blobs lead to addresses that are signed for the moment; the registry's own says more.
    Ok((label.map(str::to_owned), pull.blob_url(digest)))
}

/// The digest of linux/amd64, else of the first platform.
fn platform(entries: &[Value]) -> Option<String> {
    let of = |entry: &Value, member: &str| {
        entry.get("platform").and_then(|platform| platform.get(member)?.as_str()).map(str::to_owned)
    };
    let is = |entry: &&Value, member: &str, value: &str| of(entry, member).as_deref() == Some(value);
    let usual = entries.iter().find(|entry| is(entry, "os", "linux") && is(entry, "architecture", "amd64"));
    // Attestations stand among the images as `unknown/unknown`.
    let any = || entries.iter().find(|entry| of(entry, "os").is_some_and(|os| os != "unknown"));
    let digest = usual.or_else(any)?.get("digest")?.as_str()?;
    is_digest(digest).then(|| digest.to_owned())
}

/// The digest of an image's configuration.
fn configuration(manifest: &Value) -> Result<&str, String> {
    let Some(config) = manifest.get("config") else {
        return Err("its manifest is neither an OCI image nor a Docker image of schema 2".to_owned());
    };
    let text = |member: &str| config.get(member).and_then(Value::as_str).unwrap_or_default();
    if !CONFIGURATIONS.contains(&text("mediaType")) {
        let found = super::shortened(text("mediaType"));
        return Err(format!("it is no container image: its configuration is '{found}'"));
    }
    let digest = text("digest");
    is_digest(digest).then_some(digest).ok_or_else(|| "its manifest names no configuration".to_owned())
}

fn json(page: &Page) -> Result<Value, Trouble> {
    page.json().map_err(|error| unusable(page, format!("the registry sent no JSON: {error}")))
}

fn unusable(page: &Page, why: String) -> Trouble {
    Trouble::Unusable(page.url.clone(), why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn digest(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    fn entry(os: &str, architecture: &str, digit: &str) -> Value {
        json!({ "digest": digest(digit), "platform": { "os": os, "architecture": architecture } })
    }

    #[test]
    fn the_usual_platform_is_preferred_and_attestations_are_not_images() {
        let arm = entry("linux", "arm64", "1");
        let amd = entry("linux", "amd64", "2");
        let unknown = entry("unknown", "unknown", "3");
        let bare = json!({ "digest": digest("4") });
        assert_eq!(platform(&[arm.clone(), amd]), Some(digest("2")));
        assert_eq!(platform(&[unknown.clone(), bare.clone(), arm]), Some(digest("1")));
        assert_eq!(platform(&[unknown, bare]), None);
        assert_eq!(platform(&[json!({ "digest": "sha256:../../x", "platform": { "os": "linux" } })]), None);
    }

    #[test]
    fn only_container_images_have_a_configuration_to_read() {
        for kind in CONFIGURATIONS {
            let manifest = json!({ "config": { "mediaType": kind, "digest": digest("a") } });
            assert_eq!(configuration(&manifest), Ok(digest("a").as_str()));
        }
        let chart = json!({ "config": { "mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest("a") } });
        assert!(configuration(&chart).is_err_and(|why| why.contains("helm")));
        assert!(configuration(&json!({ "schemaVersion": 1 })).is_err());
        let odd = json!({ "config": { "mediaType": CONFIGURATIONS[0], "digest": "sha256:../x" } });
        assert!(configuration(&odd).is_err());
    }
}
