//! Bundles: a public release asset at GitHub or GitLab, which its owner alone can put there.
//!
//! The file itself is not read: control of the place and of the name is the proof.

use url::Url;

use super::base::BaseUrl;
use super::claim::Claim;
use super::lookup::{Ask, Follow, is_passing};
use super::refusal::{Refusal, shortened};
use super::settings::Settings;

const GITHUB_HOSTS: [&str; 2] = ["github.com", "www.github.com"];
const GITLAB_HOSTS: [&str; 2] = ["gitlab.com", "www.gitlab.com"];

pub(super) async fn prove(claim: &Claim<'_>) -> Result<(), Refusal> {
    let package = claim.package;
    if package.file_sha256.is_empty() {
        return Err(Refusal::new("must include a fileSha256 hash for integrity verification")
            .advise("write the SHA-256 of the bundle in 'fileSha256', 64 lower-case hex digits"));
    }
    claim.needs_identifier("MCPB")?;
    if !package.registry_base_url.is_empty() {
        return Err(Refusal::new(
            "MCPB packages must not have 'registryBaseUrl' field - use the full download URL in 'identifier' instead",
        ));
    }
    let url = address(claim.id(), claim.settings)?;
    let host = authority(claim.id());
    let named = operators_host(&host, claim.settings).then(|| format!("https://{host}").parse::<BaseUrl>());
    let named = named.and_then(Result::ok);
    let ask = Ask::head(url.clone(), claim.settings.limits.request, claim.settings);
    let ask = Ask { follow: Follow::Anywhere, named: named.as_ref(), ..ask };
    let page = claim.web.ask(ask).await.map_err(|error| {
        Refusal::unread(
            &format!("MCPB package '{}' is not publicly accessible", shortened(claim.id())),
            &url,
            &error,
        )
    })?;
    match page.status() {
        200 => Ok(()),
        status => {
            let refusal = Refusal::new(format!(
                "MCPB package '{}' is not publicly accessible (status: {status})",
                shortened(claim.id())
            ))
            .status(&page.url, status)
            .advise("publish the release and its file first, in a public repository");
            Err(if status == 404 || is_passing(status) { refusal.missing() } else { refusal })
        }
    }
}

/// The download's address, if bundles may be there.
fn address(identifier: &str, settings: &Settings) -> Result<Url, Refusal> {
    let url = Url::parse(identifier).map_err(|error| {
        Refusal::new(format!("invalid MCPB package URL: {error}"))
            .advise("write the full download URL of the release asset in 'identifier'")
    })?;
    let host = authority(identifier);
    let is_of = |public: &[&str], own: &[String]| {
        public.contains(&host.as_str()) || own.iter().any(|own| own.eq_ignore_ascii_case(&host))
    };
    if is_of(&GITHUB_HOSTS, &settings.github_hosts) {
        if !is_github_asset(url.path()) {
            return Err(Refusal::new(
                "GitHub MCPB packages must be release assets following the pattern '/owner/repo/releases/download/tag/filename'",
            )
            .advise(found_path(&url)));
        }
    } else if is_of(&GITLAB_HOSTS, &settings.gitlab_hosts) {
        if !is_gitlab_asset(url.path()) {
            return Err(Refusal::new(
                "GitLab MCPB packages must be release assets following patterns '/owner/repo/-/releases/tag/downloads/filename' or '/owner/repo/-/package_files/id/download'",
            )
            .advise(found_path(&url)));
        }
    } else {
        return Err(Refusal::new(format!(
            "MCPB packages must be hosted on allowlisted providers (GitHub or GitLab). Host '{}' is not allowed",
            shortened(&host)
        ))
        .advise("upload the bundle as a release asset there"));
    }
    if url.scheme() != "https" {
        return Err(Refusal::new(format!(
            "invalid MCPB package URL, must use HTTPS: {}",
            shortened(identifier)
        )));
    }
    if !identifier.to_ascii_lowercase().contains("mcp") {
        return Err(Refusal::new(format!("MCPB package URL must contain 'mcp': {}", shortened(identifier)))
            .advise("give the file a name such as 'server.mcpb'"));
    }
    Ok(url)
}

fn found_path(url: &Url) -> String {
    format!("its path is '{}'", shortened(url.path()))
}

/// Host and port as they are written, lower-cased: `https://github.com@other.example` and a default port are not GitHub.
fn authority(identifier: &str) -> String {
    let rest = identifier.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase()
}

fn operators_host(host: &str, settings: &Settings) -> bool {
    settings.github_hosts.iter().chain(&settings.gitlab_hosts).any(|own| own.eq_ignore_ascii_case(host))
}

fn is_github_asset(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let ["", owner, repository, "releases", "download", tag, file] = parts[..] else { return false };
    is_owner(owner) && is_name(repository) && !tag.is_empty() && !file.is_empty()
}

fn is_gitlab_asset(path: &str) -> bool {
    let Some((project, rest)) = path.strip_prefix('/').and_then(|path| path.split_once("/-/")) else {
        return false;
    };
    let project: Vec<&str> = project.split('/').collect();
    let is_project = project.len() >= 2 && project.into_iter().all(is_name);
    let is_asset = match rest.split('/').collect::<Vec<_>>()[..] {
        ["releases", tag, "downloads", file] => !tag.is_empty() && !file.is_empty(),
        ["package_files", id, "download"] => !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    is_project && is_asset
}

fn is_owner(text: &str) -> bool {
    let inner = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    inner && (1..=39).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(identifier: &str) -> Option<String> {
        let settings = Settings { github_hosts: vec!["git.corp.example:8443".into()], ..Settings::default() };
        address(identifier, &settings).err().map(|refusal| refusal.sentence().to_owned())
    }

    #[test]
    fn release_assets_of_both_hosts_are_admitted() {
        for identifier in [
            "https://github.com/acme/tides.mcp/releases/download/v1.0.0/tides.mcpb",
            "https://www.github.com/a/b_c/releases/download/a%2Fb/MCP.zip",
            "https://GitHub.com/acme/mcp/releases/download/1/x",
            "https://gitlab.com/acme/tides/-/releases/v1/downloads/tides.mcpb",
            "https://www.gitlab.com/acme/deep/er/mcp/-/releases/v1/downloads/x",
            "https://gitlab.com/acme/mcp/-/package_files/123/download",
            "https://git.corp.example:8443/acme/mcp/releases/download/1/x",
        ] {
            assert_eq!(sentence(identifier), None, "{identifier}");
        }
    }

    #[test]
    fn only_these_hosts_as_they_are_written() {
        for (identifier, host) in [
            ("https://example.com/mcp", "example.com"),
            ("https://github.com:443/a/mcp/releases/download/1/x", "github.com:443"),
            ("https://github.com:8443/a/mcp/releases/download/1/x", "github.com:8443"),
            ("https://raw.github.com/a/mcp/releases/download/1/x", "raw.github.com"),
            ("https://github.com@evil.example/a/mcp/releases/download/1/x", "github.com@evil.example"),
            ("https://me:x@github.com/a/mcp/releases/download/1/x", "me:x@github.com"),
            ("https://github.com\\@evil.example/a/mcp/releases/download/1/x", "github.com\\@evil.example"),
            ("https://git.corp.example/acme/mcp/releases/download/1/x", "git.corp.example"),
            ("https:github.com/a/mcp/releases/download/1/x", ""),
        ] {
            let expected = format!(
                "MCPB packages must be hosted on allowlisted providers (GitHub or GitLab). Host '{host}' is not allowed"
            );
            assert_eq!(sentence(identifier), Some(expected), "{identifier}");
        }
    }

    #[test]
    fn only_release_assets() {
        let github = "GitHub MCPB packages must be release assets following the pattern '/owner/repo/releases/download/tag/filename'";
        let gitlab = "GitLab MCPB packages must be release assets following patterns '/owner/repo/-/releases/tag/downloads/filename' or '/owner/repo/-/package_files/id/download'";
        let long = format!("https://github.com/{}/mcp/releases/download/1/x", "a".repeat(40));
        for (identifier, expected) in [
            ("https://github.com/a/mcp/archive/main.zip", github),
            ("https://github.com/a/mcp/releases/download/1/x/y", github),
            ("https://github.com/a/mcp/releases/download//x", github),
            ("https://github.com/a/mcp/releases/download/../../x", github),
            ("https://github.com/-a/mcp/releases/download/1/x", github),
            ("https://github.com/a_b/mcp/releases/download/1/x", github),
            ("https://github.com/a/m%63p/releases/download/1/x", github),
            (&long, github),
            ("https://gitlab.com/mcp/-/releases/v1/downloads/x", gitlab),
            ("https://gitlab.com/a/mcp/-/package_files/x1/download", gitlab),
            ("https://gitlab.com/a/mcp/releases/download/1/x", gitlab),
            ("https://gitlab.com/a//mcp/-/releases/v1/downloads/x", gitlab),
        ] {
            assert_eq!(sentence(identifier).as_deref(), Some(expected), "{identifier}");
        }
    }

    #[test]
    fn only_https_and_only_what_speaks_of_mcp() {
        for (identifier, expected) in [
            (
                "http://github.com/a/mcp/releases/download/1/x",
                "invalid MCPB package URL, must use HTTPS: http://github.com/a/mcp/releases/download/1/x",
            ),
            (
                "https://github.com/a/b/releases/download/1/x",
                "MCPB package URL must contain 'mcp': https://github.com/a/b/releases/download/1/x",
            ),
            ("tides.mcpb", "invalid MCPB package URL: relative URL without a base"),
        ] {
            assert_eq!(sentence(identifier).as_deref(), Some(expected), "{identifier}");
        }
    }
}
