//! Which container registries are admitted, and where they are reached.

use std::str::FromStr;

use super::super::base::BaseUrl;
use super::reference::Reference;

const PUBLIC: [&str; 6] =
    ["docker.io", "registry-1.docker.io", "index.docker.io", "ghcr.io", "quay.io", "mcr.microsoft.com"];
const PUBLIC_BELOW: [&str; 2] = [".pkg.dev", ".azurecr.io"];

/// Where Docker Hub answers.
const DOCKER_HUB: &str = "https://registry-1.docker.io";

/// A container registry that the operator names: `HOST`, or `HOST=URL` where it is reached elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OciRegistry {
    host: String,
    base: BaseUrl,
}

/// Text that names no container registry.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no container registry; write HOST or HOST=URL, as in registry.example.com:5000 or ghcr.io=http://mirror.example.com"
)]
pub struct InvalidOciRegistry(String);

/// Where an admitted registry is reached.
pub(super) enum Reached<'a> {
    /// Where the operator says.
    Named(&'a BaseUrl),
    /// At its public host.
    Public(BaseUrl),
}

impl Reached<'_> {
    pub(super) fn base(&self) -> &BaseUrl {
        match self {
            Self::Named(base) => base,
            Self::Public(base) => base,
        }
    }
}

/// Where the registry of a reference is reached; none when it is not admitted.
pub(super) fn reached<'a>(reference: &Reference, named: &'a [OciRegistry]) -> Option<Reached<'a>> {
    let host = reference.registry.as_str();
    let hub = |own: &OciRegistry| own.host == "docker.io" && reference.is_of_docker_hub();
    if let Some(own) = named.iter().find(|own| own.host == host || hub(own)) {
        return Some(Reached::Named(&own.base));
    }
    if reference.is_of_docker_hub() {
        return Some(Reached::Public(BaseUrl::known(DOCKER_HUB)));
    }
    let below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| !rest.is_empty());
    if PUBLIC.contains(&host) || (!host.contains(':') && PUBLIC_BELOW.iter().any(|suffix| below(suffix))) {
        return Some(Reached::Public(format!("https://{host}").parse().ok()?));
    }
    None
}

/// What to write instead of a registry that is not admitted.
pub(super) fn admitted(named: &[OciRegistry]) -> String {
    let own = named.iter().map(|own| own.host.as_str()).filter(|host| !PUBLIC.contains(host));
    let hosts: Vec<_> = ["docker.io", "ghcr.io", "quay.io", "mcr.microsoft.com", "*.pkg.dev", "*.azurecr.io"]
        .into_iter()
        .chain(own)
        .collect();
    format!("push the image to one of {}", hosts.join(", "))
}

impl FromStr for OciRegistry {
    type Err = InvalidOciRegistry;

    fn from_str(text: &str) -> Result<Self, InvalidOciRegistry> {
        let invalid = || InvalidOciRegistry(text.to_owned());
        let (host, base) = match text.trim().split_once('=') {
            Some((host, base)) => (host, base.to_owned()),
            None => (text.trim(), format!("https://{}", text.trim())),
        };
        // The host must be one that a reference would be read with.
        let reference: Reference = format!("{host}/any/image").parse().map_err(|_| invalid())?;
        if reference.registry != host {
            return Err(invalid());
        }
        Ok(Self { host: host.to_owned(), base: base.parse().map_err(|_| invalid())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base_of(reference: &str, named: &[&str]) -> Option<String> {
        let named: Vec<OciRegistry> = named.iter().map(|text| text.parse().expect("valid")).collect();
        let reference = reference.parse().expect(reference);
        reached(&reference, &named).map(|reached| reached.base().to_string())
    }

    #[test]
    fn public_registries_are_reached_at_their_hosts() {
        for (reference, base) in [
            ("acme/tides", "https://registry-1.docker.io"),
            ("docker.io/acme/tides", "https://registry-1.docker.io"),
            ("index.docker.io/acme/tides", "https://registry-1.docker.io"),
            ("ghcr.io/acme/tides", "https://ghcr.io"),
            ("europe-docker.pkg.dev/acme/tides", "https://europe-docker.pkg.dev"),
            ("acme.azurecr.io/tides", "https://acme.azurecr.io"),
        ] {
            assert_eq!(base_of(reference, &[]).as_deref(), Some(base), "{reference}");
        }
    }

    #[test]
    fn others_are_not_admitted() {
        for reference in [
            "gcr.io/a/b",
            "public.ecr.aws/a/b",
            "registry.gitlab.com/a/b",
            "pkg.dev/a/b",
            "ghcr.io:8443/a/b",
            "x.azurecr.io:8443/a/b",
            "ghcr.io.evil.example/a/b",
            "localhost/a/b",
            "127.0.0.1/a/b",
        ] {
            assert_eq!(base_of(reference, &[]), None, "{reference}");
        }
    }

    #[test]
    fn the_operator_admits_more_and_moves_them() {
        let named = ["registry.corp:5000", "docker.io=http://mirror.corp/hub/", "localhost"];
        assert_eq!(base_of("registry.corp:5000/a/b", &named).as_deref(), Some("https://registry.corp:5000"));
        assert_eq!(base_of("index.docker.io/a/b", &named).as_deref(), Some("http://mirror.corp/hub"));
        assert_eq!(base_of("tides", &named).as_deref(), Some("http://mirror.corp/hub"));
        assert_eq!(base_of("localhost/a/b", &named).as_deref(), Some("https://localhost"));
        for text in ["", "corp", "a.example/path", "a b.example", "=http://x.example", "a.example=mirror"] {
            assert_eq!(text.parse::<OciRegistry>(), Err(InvalidOciRegistry(text.to_owned())), "{text}");
        }
    }
}
