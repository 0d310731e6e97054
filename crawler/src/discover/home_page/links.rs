//! Links, from headers (RFC 8288) and from elements, and which of them lead to descriptions of servers.

use std::panic::catch_unwind;

use registry_core::card::text::clean;
use url::Url;

use super::super::{Expects, Follow, Found, entry, linkset, place};

/// How many links one page's headers give.
const MOST: usize = 200;

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Its relations, in lower case.
    pub(super) relations: Vec<String>,
    /// Its target, as written or absolute.
    pub(super) address: String,
    /// Its `type`, as written.
    pub(super) media_type: String,
    /// Its `title`.
    pub(super) title: Option<String>,
}

/// The links of `Link` headers that speak of the page itself. A header that does not parse is as if it were not there.
pub(super) fn of_headers(headers: &[String], page: &Url) -> Vec<Link> {
    let parse = |header: &String| {
        // The parser is a library that reads strangers' bytes.
        let links = catch_unwind(|| http_link::parse_link_header(header, page)).ok()?.ok()?;
        Some(links)
    };
    let links = headers.iter().filter_map(parse).flatten();
    // A link with another anchor says something of another place, which is not for this page to say.
    let own = links.filter(|link| link.context.host_str() == page.host_str());
    let link = |link: http_link::Link| {
        let attribute = |name: &str| {
            link.attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name)).map(|a| a.value.clone())
        };
        Link {
            relations: vec![link.rel.clone()],
            address: link.target.to_string(),
            media_type: attribute("type").unwrap_or_default(),
            title: attribute("title"),
        }
    };
    own.take(MOST).map(link).collect()
}

/// What a page's links lead to, each document once; `pointer` says where they stand.
pub(super) fn read(links: &[Link], base: &Url, pointer: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let pointer = format!("/{pointer}/{at}");
        for relation in &link.relations {
            let Some(new) = follow(link, relation, base, &pointer) else { continue };
            let is_known = |found: &Found| match (found, &new) {
                (Found::Follow(known), Found::Follow(new)) => known.url == new.url,
                _ => false,
            };
            if !found.iter().any(is_known) {
                found.push(new);
            }
        }
    }
    found
}

/// What one relation of a link leads to; none where it has nothing to do with MCP.
fn follow(link: &Link, relation: &str, base: &Url, pointer: &str) -> Option<Found> {
    let url = match place::of(&link.address, base) {
        Ok(url) => url,
        Err(reason) => {
            let is_ours = relation_of(relation).is_some();
            return is_ours.then(|| Found::Skipped { pointer: pointer.to_owned(), reason });
        }
    };
    let (expects, believed_as) = relation_of(relation).or_else(|| {
        let expects = linkset::leads_to(relation, &link.media_type, &url)?;
        Some((expects, if expects == Expects::Card { "linked-card" } else { "ai-catalog" }))
    })?;
    let mut follow = Follow { believed_as: Some(believed_as), ..Follow::new(url, expects, pointer) };
    follow.entry.media_type = entry::bare(&link.media_type);
    let title = link.title.as_deref().map(|title| clean(title, 200));
    follow.entry.display.fallback_title = title.filter(|title| !title.is_empty());
    Some(Found::Follow(follow))
}

/// What a relation means by itself, and the format that is believed to be there.
fn relation_of(relation: &str) -> Option<(Expects, &'static str)> {
    match relation {
        "ai-catalog" => Some((Expects::Catalog, "ai-catalog")),
        "ard" => Some((Expects::Catalog, "ard")),
        "mcp-catalog" => Some((Expects::Catalog, "mcp-catalog")),
        "api-catalog" => Some((Expects::Catalog, "api-catalog")),
        "mcp-server-card" | "mcp-server" | "mcp" => Some((Expects::Card, "linked-card")),
        _ => None,
    }
}
