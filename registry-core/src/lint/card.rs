//! A Server Card v1 (C1–C29).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::members::{Object, address, check_length, kind, shown};
use super::table::{C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C24, C25, C26, C28, C29};
use super::{Found, remote};
use crate::card::name;
use crate::card::sniff::V1_SCHEMA;
use crate::server_json::rules::is_specific;

static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$").expect("a pattern"));

static SIZE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^([0-9]+x[0-9]+|any)$").expect("a pattern"));

static META_KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z0-9][a-zA-Z0-9-]*)+/[a-zA-Z0-9]?[a-zA-Z0-9._-]*$")
        .expect("a pattern")
});

/// What older cards say, and what only the running server knows.
const NOT_OF_V1: [&str; 13] = [
    "serverInfo",
    "protocolVersion",
    "transport",
    "transports",
    "endpoint",
    "endpoints",
    "authentication",
    "auth",
    "capabilities",
    "tools",
    "resources",
    "prompts",
    "packages",
];

/// The types of icons a registry keeps.
const ICON_TYPES: [&str; 5] = ["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"];

/// Everything that is wrong with a card; `path` is where it stands, empty for the whole document.
pub(super) fn check(card: &Map<String, Value>, path: &str, found: &mut Found) {
    let card = Object { members: card, path };
    if let Some(schema) = card.required("$schema", &C1, found)
        && schema != V1_SCHEMA
    {
        found.add(&C1, card.at("$schema"), format!("`$schema` is `{}`", shown(schema)));
    }
    check_name(card, found);
    check_version(card, found);
    if let Some(description) = card.required("description", &C7, found) {
        check_length(description, 100, &C7, card.at("description"), "description", found);
    }
    if let Some(title) = card.text("title", &C8, found) {
        check_length(title, 100, &C8, card.at("title"), "title", found);
    }
    check_website(card, found);
    check_repository(card, found);
    check_icons(card, found);
    remote::check_remotes(card, found);
    if card.get("remotes").is_none_or(|remotes| remotes.as_array().is_some_and(Vec::is_empty)) {
        found.add(&C28, card.at("remotes"), "the card names no place where the server runs");
    }
    check_meta(card, found);
    for member in NOT_OF_V1.iter().filter(|member| card.get(member).is_some()) {
        found.add(&C26, card.at(member), format!("`{member}` is no member of Server Card v1"));
    }
}

fn check_name(card: Object<'_>, found: &mut Found) {
    let Some(name) = card.required("name", &C2, found) else { return };
    let length = name.chars().count();
    if !(3..=200).contains(&length) {
        let message = format!("`name` has {length} characters; it has 3 to 200");
        return found.add(&C2, card.at("name"), message);
    }
    if !NAME.is_match(name) {
        return found.add(&C2, card.at("name"), format!("`{}` is no name of a server", shown(name)));
    }
    let namespace = name.split('/').next().unwrap_or_default();
    let is_domain = namespace.contains('.') && namespace.split('.').all(|label| !label.is_empty());
    if !is_domain {
        found.add(&C3, card.at("name"), format!("`{}` is no domain in reverse order", shown(namespace)));
    } else if name::declared(name).is_none() {
        found.add(&C29, card.at("name"), format!("`{}` is no name that a registry publishes", shown(name)));
    }
}

fn check_version(card: Object<'_>, found: &mut Found) {
    let Some(version) = card.required("version", &C4, found) else { return };
    if !check_length(version, 255, &C4, card.at("version"), "version", found) {
        return;
    }
    if !is_specific(version) {
        found.add(&C5, card.at("version"), format!("`{}` is a range and no version", shown(version)));
    } else if semver::Version::parse(version).is_err() {
        let message = format!("`{}` is no semantic version", shown(version));
        found.add(&C6, card.at("version"), message);
    }
}

fn check_website(card: Object<'_>, found: &mut Found) {
    let Some(text) = card.text("websiteUrl", &C9, found) else { return };
    match address(text) {
        None => found.add(&C9, card.at("websiteUrl"), format!("`{}` is no address", shown(text))),
        Some(url) if url.scheme() != "https" => {
            found.add(&C10, card.at("websiteUrl"), format!("`{}` is not https", shown(text)));
        }
        Some(_) => {}
    }
}

fn check_repository(card: Object<'_>, found: &mut Found) {
    let Some(repository) = card.object("repository", &C11, found) else { return };
    let path = card.at("repository");
    let repository = Object { members: repository, path: &path };
    if let Some(url) = repository.required("url", &C11, found)
        && address(url).is_none()
    {
        found.add(&C11, repository.at("url"), format!("`{}` is no address", shown(url)));
    }
    if repository.required("source", &C11, found).is_some_and(|source| source.trim().is_empty()) {
        found.add(&C11, repository.at("source"), "`source` is empty");
    }
    for member in ["subfolder", "id"] {
        repository.text(member, &C11, found);
    }
}

fn check_icons(card: Object<'_>, found: &mut Found) {
    for (path, icon) in card.objects("icons", &C12, found) {
        let icon = Object { members: icon, path: &path };
        let source = icon.required("src", &C12, found);
        let url = source.and_then(address);
        let scheme = url.as_ref().map(|url| url.scheme()).unwrap_or_default();
        if let Some(source) = source {
            if !matches!(scheme, "http" | "https" | "data") {
                let message = format!("`{}` is no http(s) or `data:` address", shown(source));
                found.add(&C12, icon.at("src"), message);
            } else if scheme != "https" || source.len() > 255 {
                let message =
                    "this icon is not kept: its address is not https, or longer than 255 characters";
                found.add(&C14, icon.at("src"), message);
            }
        }
        check_icon_members(icon, found);
    }
}

fn check_icon_members(icon: Object<'_>, found: &mut Found) {
    if let Some(media) = icon.text("mimeType", &C13, found).filter(|media| !ICON_TYPES.contains(media)) {
        found.add(&C14, icon.at("mimeType"), format!("`{}` is no type of icon that is kept", shown(media)));
    }
    for (number, size) in icon.list("sizes", &C13, found).iter().enumerate() {
        let path = format!("{}[{number}]", icon.at("sizes"));
        match size.as_str() {
            Some(size) if SIZE.is_match(size) => {}
            Some(size) => found.add(&C13, path, format!("`{}` is no size", shown(size))),
            None => found.add(&C13, path, format!("a size is {}, not a text", kind(size))),
        }
    }
    if let Some(theme) = icon.text("theme", &C13, found).filter(|theme| !matches!(*theme, "light" | "dark")) {
        found.add(&C13, icon.at("theme"), format!("`theme` is `{}`; it is `light` or `dark`", shown(theme)));
    }
}

fn check_meta(card: Object<'_>, found: &mut Found) {
    let Some(meta) = card.object("_meta", &C24, found) else { return };
    for key in meta.keys().filter(|key| !META_KEY.is_match(key)) {
        let message = format!("`{}` does not begin with a reversed domain and a slash", shown(key));
        found.add(&C25, format!("{}.{key}", card.at("_meta")), message);
    }
}
