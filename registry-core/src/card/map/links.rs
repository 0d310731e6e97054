//! Icons, repository and home page, as far as a registry may show them.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::{Host, Url};

use crate::card::secret;
use crate::card::sniff::Shape;
use crate::card::text::clean;
use crate::server_json::{Icon, Repository};

const MAX_ICONS: usize = 10;

static REPOSITORY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^/([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+?)(?:\.git)?(?:/.*)?$").expect("a pattern")
});
static SIZE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:[0-9]{1,5}x[0-9]{1,5}|any)$").expect("a pattern"));

/// An address people may follow: https, a host name, no credentials, at most `max` bytes.
fn link(text: &str, document: Option<&Url>, max: usize) -> Option<String> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let url = match document {
        Some(document) => document.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    let named = matches!(url.host(), Some(Host::Domain(host)) if host.contains('.'));
    let plain = url.username().is_empty() && url.password().is_none();
    let written = if document.is_some() { url.as_str() } else { text };
    let fits = written.len() <= max && written.is_ascii() && !secret::holds_key(written);
    (url.scheme() == "https" && named && plain && fits).then(|| written.to_owned())
}

/// The home page.
pub(super) fn website(card: &Value, shape: Shape, endpoints: &[&str]) -> String {
    let members: &[&str] = match shape {
        Shape::V1 | Shape::Registry => &["/websiteUrl"],
        _ => &[
            "/websiteUrl",
            "/serverInfo/websiteUrl",
            "/homepage",
            "/serverInfo/homepage",
            "/website",
            "/documentationUrl",
            "/documentation",
            "/documentation/url",
            "/docs",
            "/provider/url",
            "/url",
        ],
    };
    let texts = members.iter().filter_map(|m| card.pointer(m)?.as_str());
    let mut links = texts.filter_map(|text| link(text, None, 2048));
    links.find(|link| !endpoints.contains(&link.as_str())).unwrap_or_default()
}

/// The icons that can be shown.
pub(super) fn icons(card: &Value, shape: Shape, document: &Url) -> Vec<Icon> {
    let members: &[&str] = match shape {
        Shape::V1 | Shape::Registry => &["/icons"],
        _ => &["/icons", "/serverInfo/icons", "/iconUrl", "/icon", "/logo", "/logo_url", "/logoUrl"],
    };
    for member in members {
        let icons: Vec<Icon> = match card.pointer(member) {
            Some(Value::Array(list)) => {
                list.iter().filter_map(|i| icon(i, document)).take(MAX_ICONS).collect()
            }
            Some(one) => icon(one, document).into_iter().collect(),
            None => continue,
        };
        if !icons.is_empty() {
            return icons;
        }
    }
    Vec::new()
}

fn icon(value: &Value, document: &Url) -> Option<Icon> {
    let src = value.as_str().or_else(|| ["src", "url"].iter().find_map(|m| value.get(*m)?.as_str()))?;
    let src = link(src, Some(document), 255)?;
    let declared = ["mimeType", "mime_type", "type"].iter().find_map(|m| value.get(*m)?.as_str());
    let mime_type = declared.and_then(known_type).or_else(|| type_of(&src)).unwrap_or_default().to_owned();
    let is_size = |size: &&str| SIZE.is_match(size);
    let sizes = match value.get("sizes") {
        Some(Value::Array(sizes)) => {
            sizes.iter().filter_map(Value::as_str).filter(is_size).map(str::to_owned).collect()
        }
        Some(Value::String(sizes)) => sizes.split_whitespace().filter(is_size).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let theme = value.get("theme").and_then(Value::as_str).filter(|t| ["light", "dark"].contains(t));
    Some(Icon { src, mime_type, sizes, theme: theme.unwrap_or_default().to_owned() })
}

fn known_type(text: &str) -> Option<&'static str> {
    const TYPES: [&str; 5] = ["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"];
    TYPES.into_iter().find(|t| t.eq_ignore_ascii_case(text))
}

fn type_of(src: &str) -> Option<&'static str> {
    let path = Url::parse(src).ok()?.path().to_ascii_lowercase();
    match path.rsplit_once('.')?.1 {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "svg" => Some("image/svg+xml"),
        "webp" => Some("image/webp"),
        _ => None,
    }
}

/// Where the source lives, if that is a place a registry lists; otherwise the address as a fact.
pub(super) fn repository(card: &Value, shape: Shape) -> (Option<Repository>, Option<String>) {
    let members: &[&str] = match shape {
        Shape::V1 | Shape::Registry => &["/repository"],
        _ => &["/repository", "/serverInfo/repository", "/repositoryUrl", "/github", "/source", "/repo"],
    };
    let mut elsewhere = None;
    for value in members.iter().filter_map(|m| card.pointer(m)) {
        let Some(text) = value.as_str().or_else(|| value.get("url")?.as_str()) else { continue };
        let Some(address) = web_address(text) else { continue };
        let Some((url, source)) = listed(&address) else {
            elsewhere = elsewhere.or_else(|| Some(address.into()));
            continue;
        };
        let part = |member: &str| clean(value.get(member).and_then(Value::as_str).unwrap_or_default(), 200);
        let subfolder = Some(part("subfolder")).filter(|s| is_subfolder(s)).unwrap_or_default();
        return (Some(Repository { url, source: source.to_owned(), id: part("id"), subfolder }), None);
    }
    (None, elsewhere)
}

/// The https address behind the many spellings of git.
fn web_address(text: &str) -> Option<Url> {
    let text = text.trim().trim_start_matches("git+");
    let text = match text.strip_prefix("git@").and_then(|t| t.split_once(':')) {
        Some((host, path)) => format!("https://{host}/{path}"),
        None => text
            .replacen("git://", "https://", 1)
            .replacen("ssh://git@", "https://", 1)
            .replacen("http://", "https://", 1),
    };
    Url::parse(&link(&text, None, 500)?).ok()
}

fn listed(address: &Url) -> Option<(String, &'static str)> {
    let source = match address.host_str()?.trim_start_matches("www.") {
        "github.com" => "github",
        "gitlab.com" => "gitlab",
        _ => return None,
    };
    let parts = REPOSITORY.captures(address.path())?;
    // A nested group on GitLab is no owner; without `/-/` a third segment is part of the name.
    let tail = address.path().trim_end_matches('/').split('/').count();
    if source == "gitlab" && tail > 3 && !address.path().contains("/-/") {
        return None;
    }
    let (owner, name) = (&parts[1], &parts[2]);
    let dots = |part: &str| part.bytes().all(|b| b == b'.');
    (!dots(owner) && !dots(name)).then(|| (format!("https://{source}.com/{owner}/{name}"), source))
}

fn is_subfolder(path: &str) -> bool {
    let segment = |s: &str| {
        !s.is_empty()
            && s != "."
            && s != ".."
            && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    !path.is_empty() && path.split('/').all(segment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Url {
        Url::parse("https://acme.com/.well-known/mcp.json").expect("an address")
    }

    #[test]
    fn repositories_in_every_spelling() {
        for text in [
            "https://github.com/acme/weather",
            "git+https://github.com/acme/weather.git",
            "git@github.com:acme/weather.git",
            "https://www.github.com/acme/weather/tree/main/server",
            "http://github.com/acme/weather#readme",
        ] {
            let (found, _) = repository(&json!({ "repository": text }), Shape::Flat);
            let found = found.unwrap_or_default();
            assert_eq!(
                (found.url.as_str(), found.source.as_str()),
                ("https://github.com/acme/weather", "github"),
                "{text}"
            );
        }
        let (none, elsewhere) =
            repository(&json!({ "repository": { "url": "https://git.acme.com/a/b" } }), Shape::V1);
        assert_eq!((none, elsewhere.as_deref()), (None, Some("https://git.acme.com/a/b")));
        assert_eq!(repository(&json!({ "repository": "https://gitlab.com/a/b/c" }), Shape::Flat).0, None);
        assert_eq!(repository(&json!({ "repository": "javascript:alert(1)" }), Shape::Flat), (None, None));
        let sub =
            json!({ "repository": { "url": "https://github.com/acme/weather", "subfolder": "../etc" } });
        assert_eq!(repository(&sub, Shape::V1).0.unwrap_or_default().subfolder, "");
    }

    #[test]
    fn icons_are_https_and_of_a_known_type() {
        let card = json!({ "icons": [
            { "src": "data:image/png;base64,AAAA" },
            { "src": "http://acme.com/a.png" },
            { "src": "/b.svg", "sizes": "any 48x48 huge", "theme": "pink" },
            { "src": "https://acme.com/c", "mimeType": "image/gif" },
            { "src": format!("https://acme.com/{}", "x".repeat(300)) },
        ] });
        let icons = icons(&card, Shape::Flat, &document());
        let shown: Vec<_> = icons.iter().map(|i| (i.src.as_str(), i.mime_type.as_str())).collect();
        assert_eq!(shown, [("https://acme.com/b.svg", "image/svg+xml"), ("https://acme.com/c", "")]);
        assert_eq!(
            (icons[0].sizes.clone(), icons[0].theme.as_str()),
            (vec!["any".to_owned(), "48x48".to_owned()], "")
        );
    }

    #[test]
    fn the_home_page_is_https_and_no_endpoint() {
        let card = json!({ "websiteUrl": "http://acme.com", "homepage": "https://acme.com/about" });
        assert_eq!(website(&card, Shape::Flat, &[]), "https://acme.com/about");
        assert_eq!(website(&card, Shape::V1, &[]), "");
        let card = json!({ "url": "https://acme.com/mcp" });
        assert_eq!(website(&card, Shape::Flat, &["https://acme.com/mcp"]), "");
        assert_eq!(website(&json!({ "websiteUrl": "https://u:p@acme.com" }), Shape::V1, &[]), "");
    }
}
