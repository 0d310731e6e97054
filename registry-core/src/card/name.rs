//! What a described server is called: the name it declares, where that is one, or a name made from its host.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{secret, site};
use crate::digest::Digest;
use crate::name::{Namespace, ServerName};

/// The form of names that may be published (rules S3, S4, N1 and N2).
static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-zA-Z0-9][a-zA-Z0-9.-]*[a-zA-Z0-9]/[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9]$")
        .expect("a pattern")
});

/// Path segments that say nothing about a server.
const GENERIC: [&str; 11] =
    ["mcp", "sse", "api", "rpc", "http", "https", "stream", "server", "servers", "message", "messages"];

const LONGEST_NAME: usize = 200;
const LONGEST_SLUG: usize = 64;
/// How much of a hint is looked at.
const LONGEST_TEXT: usize = 4 * LONGEST_SLUG;

/// The name a document declares, where it has the form of one and its namespace is a host reversed.
pub fn declared(text: &str) -> Option<ServerName> {
    if !(3..=LONGEST_NAME).contains(&text.len()) || !FORM.is_match(text) || secret::holds_key(text) {
        return None;
    }
    let labels_are_whole = !text.split('/').next()?.split('.').any(str::is_empty);
    labels_are_whole.then(|| text.parse().ok()).flatten()
}

/// The name a document gets from its own host: `com.example/` and the first usable of `hints`, of the endpoint's path, `mcp`.
///
/// None where the host cannot be a namespace.
pub fn own(namespace: &Namespace, hints: &[&str], endpoint: Option<&Url>) -> Option<ServerName> {
    let slug = hints.iter().find_map(|hint| slug(hint)).or_else(|| endpoint.and_then(path_slug));
    within(namespace, slug.as_deref().unwrap_or("mcp"))
}

/// The namespace of the host a document lies on; `www.` is left out on request.
pub fn namespace(document: &Url, without_www: bool) -> Namespace {
    let host = document.host_str().unwrap_or_default().trim_end_matches('.');
    Namespace::of_host(if without_www { site::without_www(host) } else { host })
}

/// Another name for a server whose own is taken by a different endpoint: a suffix from the endpoint's path, no counter.
pub fn distinguish(name: &ServerName, endpoint: &str) -> Option<ServerName> {
    let key = super::address::key(endpoint)?;
    let url = Url::parse(&key).ok()?;
    let from_path = path_slug(&url).filter(|slug| *slug != name.leaf().to_lowercase());
    let suffix = from_path.unwrap_or_else(|| Digest::of(key.as_bytes()).to_string()[..8].to_owned());
    let room = LONGEST_SLUG.saturating_sub(suffix.len().min(LONGEST_SLUG / 2) + 1);
    let leaf: String = name.leaf().chars().take(room).collect();
    within(&name.namespace(), &slug(&format!("{leaf}-{suffix}"))?)
}

/// The short name inside another namespace.
pub fn within(namespace: &Namespace, leaf: &str) -> Option<ServerName> {
    let room = LONGEST_NAME.checked_sub(namespace.as_str().len() + 1)?;
    let leaf: String = leaf.chars().take(room).collect();
    declared(&format!("{namespace}/{}", leaf.trim_end_matches(is_edge)))
}

/// A text folded to `[a-z0-9._-]`, its edges trimmed; none where fewer than two characters remain.
///
/// Of a namespaced name only the short name counts, as the namespace may be anybody's.
pub fn slug(text: &str) -> Option<String> {
    if secret::holds_key(text.get(..LONGEST_TEXT).unwrap_or(text)) {
        return None;
    }
    let text = match declared(text) {
        Some(name) => name.leaf().to_owned(),
        None => text.chars().take(LONGEST_TEXT).collect(),
    };
    let mut folded = String::new();
    for c in text.to_lowercase().chars() {
        let c = if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else if c == '.' {
            '.'
        } else {
            '-'
        };
        // Rows of dots and dashes are no words, and `..` is a path.
        if c.is_ascii_alphanumeric() || !folded.ends_with(is_edge) {
            folded.push(c);
        }
    }
    let slug: String = folded.trim_matches(is_edge).chars().take(LONGEST_SLUG).collect();
    let slug = slug.trim_end_matches(is_edge);
    (slug.len() >= 2).then(|| slug.to_owned())
}

fn is_edge(c: char) -> bool {
    matches!(c, '.' | '_' | '-')
}

/// The last segment of a path that says something.
fn path_slug(endpoint: &Url) -> Option<String> {
    let mut segments = endpoint.path_segments()?.rev();
    segments.find_map(|segment| {
        let version = segment.strip_prefix(['v', 'V']).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        let generic = GENERIC.contains(&segment.to_lowercase().as_str());
        let open = segment.contains(['%', '{', '}']);
        if version || generic || open { None } else { slug(segment) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_name(hints: &[&str], endpoint: &str) -> String {
        let endpoint = Url::parse(endpoint).expect("an address");
        let namespace = Namespace::of_host("acme.com");
        own(&namespace, hints, Some(&endpoint)).expect("a name").to_string()
    }

    #[test]
    fn a_declared_name_has_the_publishable_form() {
        for good in ["com.acme/weather", "io.github.Alice/My_Server.v2", "in.acme/a1"] {
            assert!(declared(good).is_some(), "{good}");
        }
        let long = format!("com.acme/{}", "x".repeat(10_000));
        for bad in [
            "",
            "weather",
            "../..",
            "com.acme/../x",
            "com.acme/a b",
            "com.acme/a\0",
            "com.acme/a\n",
            "a/bb",
            "com.acme/a",
            "-com/x1",
            "com..acme/x1",
            "com.acme/x1/y",
            "com.acme/ä1",
            &long,
        ] {
            assert!(declared(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn synthesised_names_are_folded_onto_the_host() {
        assert_eq!(own_name(&["Weather & Climate!"], "https://acme.com/mcp"), "com.acme/weather-climate");
        assert_eq!(own_name(&["@scope/pkg"], "https://acme.com/mcp"), "com.acme/scope-pkg");
        assert_eq!(own_name(&["com.other/tides"], "https://acme.com/mcp"), "com.acme/tides");
        assert_eq!(
            own_name(&["../..", "\0\0", "天気"], "https://acme.com/forecast/v1/mcp"),
            "com.acme/forecast"
        );
        assert_eq!(own_name(&[], "https://acme.com/api/mcp"), "com.acme/mcp");
        assert_eq!(own_name(&["a"], "https://acme.com/{tenant}/mcp"), "com.acme/mcp");
        assert_eq!(
            own_name(&[&"x".repeat(10_000)], "https://acme.com/").len(),
            "com.acme/".len() + LONGEST_SLUG
        );
        assert_eq!(own_name(&["../../etc/passwd"], "https://acme.com/"), "com.acme/etc-passwd");
    }

    #[test]
    fn hosts_that_cannot_be_namespaces_give_no_name() {
        let long = Namespace::of_host(&vec!["x".repeat(60); 4].join("."));
        assert_eq!(own(&long, &["weather"], None), None);
        assert_eq!(own(&Namespace::of_host("a_b.acme.com"), &["weather"], None), None);
        let www = Url::parse("https://www.acme.com/x").expect("an address");
        assert_eq!(namespace(&www, true).as_str(), "com.acme");
        assert_eq!(namespace(&www, false).as_str(), "com.acme.www");
    }

    #[test]
    fn a_collision_is_told_apart_by_the_endpoint() {
        let name: ServerName = "com.acme/weather".parse().expect("a name");
        let other = |endpoint: &str| distinguish(&name, endpoint).expect("a name").to_string();
        assert_eq!(other("https://acme.com/eu-west/mcp"), "com.acme/weather-eu-west");
        let (one, two) = (other("https://acme.com/mcp"), other("https://two.acme.com/mcp"));
        assert!(one.starts_with("com.acme/weather-") && one.len() == "com.acme/weather-".len() + 8);
        assert_ne!(one, two);
        assert_eq!(one, other("https://acme.com/mcp/"), "the same endpoint keeps its name");
    }
}
