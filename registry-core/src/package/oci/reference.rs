//! References of container images, as people write them.

use std::str::FromStr;

use super::super::refusal::shortened;

const DOCKER_HUB: &str = "docker.io";
const DOCKER_HUB_NAMES: [&str; 3] = [DOCKER_HUB, "index.docker.io", "registry-1.docker.io"];

/// `registry/repository:tag@digest`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Host, perhaps with a port.
    pub(super) registry: String,
    /// The path of the repository below it.
    pub(super) repository: String,
    /// The digest where there is one, else the tag.
    pub(super) version: String,
}

/// Text that is no reference.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not parse reference: {text}: {reason}")]
pub(super) struct InvalidReference {
    text: String,
    reason: &'static str,
}

impl Reference {
    /// Whether it is an image of Docker Hub, under any of its names.
    pub(super) fn is_of_docker_hub(&self) -> bool {
        DOCKER_HUB_NAMES.contains(&self.registry.as_str())
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        parse(text).map_err(|reason| InvalidReference { text: shortened(text), reason })
    }
}

fn parse(text: &str) -> Result<Reference, &'static str> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Err("the digest is not sha256: and 64 lower-case hex digits");
    }
    let (path, tag) = match rest.rsplit_once(':') {
        // A colon before a slash belongs to the host's port.
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err("the tag is not 1 to 128 letters, digits, `_`, `.` and `-`");
    }
    let (registry, repository) = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
        _ => (DOCKER_HUB, path),
    };
    if !is_host(registry) {
        return Err("the registry is no host name");
    }
    if !is_repository(repository) {
        return Err("the repository is not 2 to 255 lower-case letters, digits, `_`, `.`, `-` and `/`");
    }
    let version = digest.or(tag).unwrap_or("latest").to_owned();
    let mut reference = Reference { registry: registry.into(), repository: repository.into(), version };
    if reference.is_of_docker_hub() && !repository.contains('/') {
        reference.repository = format!("library/{repository}");
    }
    Ok(reference)
}

/// `sha256:` and 64 lower-case hex digits.
pub(super) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn is_tag(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with(['.', '-'])
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    is_name && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_repository(text: &str) -> bool {
    let is_part = |part: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        !matches!(part, "" | "." | "..") && part.bytes().all(plain)
    };
    (2..=255).contains(&text.len()) && text.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn parts(text: &str) -> [String; 3] {
        let Reference { registry, repository, version } = text.parse().expect(text);
        [registry, repository, version]
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(parts("ghcr.io/acme/tides:1.0.0"), ["ghcr.io", "acme/tides", "1.0.0"]);
        assert_eq!(parts(&format!("ghcr.io/acme/tides@{DIGEST}")), ["ghcr.io", "acme/tides", DIGEST]);
        assert_eq!(parts(&format!("ghcr.io/a/b:1@{DIGEST}")), ["ghcr.io", "a/b", DIGEST]);
        assert_eq!(parts("acme/tides"), ["docker.io", "acme/tides", "latest"]);
        assert_eq!(parts("tides"), ["docker.io", "library/tides", "latest"]);
        assert_eq!(parts("index.docker.io/tides:2"), ["index.docker.io", "library/tides", "2"]);
        assert_eq!(parts("ghcr.io/tides"), ["ghcr.io", "tides", "latest"]);
        assert_eq!(parts("registry.corp:5000/a/b/c:1"), ["registry.corp:5000", "a/b/c", "1"]);
        assert_eq!(parts("localhost/tides"), ["localhost", "tides", "latest"]);
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "repository"),
            ("a", "repository"),
            ("ghcr.io/Acme/tides:1", "repository"),
            ("ghcr.io/acme/../tides", "repository"),
            ("ghcr.io//tides", "repository"),
            ("https://ghcr.io/acme/tides", "host"),
            ("ghcr.io/acme/tides:", "tag"),
            ("ghcr.io/acme/tides:a b", "tag"),
            ("ghcr.io/acme/tides:.hidden", "tag"),
            ("ghcr.io/acme/tides@sha256:abc", "digest"),
            ("ghcr.io/acme/tides@sha512:abc", "digest"),
            ("a@b@c", "digest"),
            ("ghcr.io:x/acme/tides", "host"),
            ("ghcr.io?x.y/acme/tides", "host"),
        ] {
            let error = text.parse::<Reference>().expect_err(text);
            assert!(error.reason.contains(reason), "{text}: {error}");
        }
    }
}
