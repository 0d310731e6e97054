//! Repository, home page and icons (P, W, I).

use std::sync::LazyLock;

use regex::Regex;

use super::Finding;
use super::table::{I1, I2, P1, P2, W1, W2, W3};
use crate::server_json::address::Address;
use crate::server_json::{Icon, Repository};

static GITHUB: LazyLock<Regex> = LazyLock::new(|| repository_at(r"github\.com"));
static GITLAB: LazyLock<Regex> = LazyLock::new(|| repository_at(r"gitlab\.com"));

fn repository_at(host: &str) -> Regex {
    Regex::new(&format!(r"^https?://(?:www\.)?{host}/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/?$")).expect("a pattern")
}

pub(super) fn check_repository(repository: &Repository, found: &mut Vec<Finding>) {
    let Repository { url, source, subfolder, .. } = repository;
    if url.is_empty() && source.is_empty() {
        return;
    }
    let is_listed = match source.as_str() {
        "github" => GITHUB.is_match(url),
        "gitlab" => GITLAB.is_match(url),
        _ => false,
    };
    if !is_listed {
        found.push(Finding::new(&P1, "repository.url", format!("invalid repository URL: {url}")));
    }
    if !subfolder.is_empty() && !is_subfolder(subfolder) {
        let message = format!("invalid subfolder path: {subfolder}");
        found.push(Finding::new(&P2, "repository.subfolder", message));
    }
}

fn is_subfolder(path: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    path.split('/').all(|segment| !matches!(segment, "" | "." | "..") && segment.bytes().all(letter))
}

pub(super) fn check_website(url: &str, found: &mut Vec<Finding>) {
    if url.is_empty() {
        return;
    }
    let mut refuse = |rule, message: String| found.push(Finding::new(rule, "websiteUrl", message));
    let address = match Address::parse(url) {
        Ok(address) => address,
        Err(why) => return refuse(&W3, format!("invalid websiteUrl: parse {url:?}: {why}")),
    };
    if !address.is_absolute() {
        refuse(&W1, format!("websiteUrl must be absolute (include scheme): {url}"));
    }
    if address.scheme() != "https" {
        refuse(&W2, format!("websiteUrl must use https scheme: {url}"));
    }
}

pub(super) fn check_icons(icons: &[Icon], found: &mut Vec<Finding>) {
    for (i, Icon { src, .. }) in icons.iter().enumerate() {
        let path = format!("icons[{i}].src");
        let scheme = Address::parse(src).map(|address| address.scheme()).unwrap_or_default();
        if scheme.is_empty() {
            let message = format!("icon src must be an absolute URL (include scheme): {src}");
            found.push(Finding::new(&I1, path, message));
        } else if scheme != "https" {
            let message = format!("icon src must use https scheme (got {scheme}): {src}");
            found.push(Finding::new(&I2, path, message));
        }
    }
}
