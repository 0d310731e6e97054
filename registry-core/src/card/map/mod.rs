//! From a card as the web serves it to the `server.json` this registry lists.
//!
//! Whatever comes out passes [`rules`](crate::server_json::rules); what would not is dropped or made up, and both are said.

mod auth;
mod check;
mod facts;
mod inputs;
mod links;
mod packages;
mod words;

use chrono::NaiveDate;
use serde_json::{Map, Value};
use url::Url;

use super::endpoint::{self, Endpoint, Endpoints};
use super::sniff::Shape;
use super::text::{clean, shorten};
use super::{address, name};
use crate::name::ServerName;
use crate::server_json::{CURRENT_SCHEMA, Remote, ServerJson};
use auth::Auth;

/// What is known of a document beside its content.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Where it was at last fetched from; relative addresses start here.
    pub document_url: &'a Url,
    /// The day it was first seen, for a version that never changes by itself.
    pub first_seen: NaiveDate,
    /// What the catalog of its own site calls it; another site's words are not used.
    pub display: Option<&'a Display>,
}

/// How a catalog entry presents a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Display {
    /// Before the card's own title.
    pub title: Option<String>,
    /// After it: the last segment of the entry's identifier.
    pub fallback_title: Option<String>,
    /// Before the card's own description.
    pub description: Option<String>,
    /// Before the card's own version.
    pub version: Option<String>,
}

/// A card on its way to a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// The document; its name is the declared one, where there is one, or [`Self::own_name`].
    pub server: ServerJson,
    /// The name the card claims, if it has the form of one; whether it may is for [`owner`](super::owner) to say.
    pub declared_name: Option<ServerName>,
    /// The name it has by its host alone.
    pub own_name: ServerName,
    /// Members that the card did not give: `name`, `description`, `version`, …
    pub synthesised: Vec<&'static str>,
    /// What else it says, for the registry's own `_meta` member.
    pub facts: Map<String, Value>,
    /// Where it runs; among them what may be published only after a look, see [`Endpoint::was_http`].
    pub endpoints: Vec<Endpoint>,
    /// Remotes that are written `http://`: each is one of the server once its endpoint has answered by https.
    pub unproved: Vec<Remote>,
    /// Which shape it was read as.
    pub shape: Shape,
}

impl Mapped {
    /// The document under the name it is listed by, see [`verdict`](super::verdict).
    pub fn named(&self, name: &ServerName) -> ServerJson {
        ServerJson { name: name.to_string(), ..self.server.clone() }
    }

    /// Those of its endpoints that are among the document's remotes.
    pub fn published(&self) -> Vec<Endpoint> {
        let remotes = self.server.remotes.iter();
        let keys: Vec<String> = remotes.filter_map(|remote| address::key(&remote.url)).collect();
        self.endpoints.iter().filter(|endpoint| keys.contains(&endpoint.key)).cloned().collect()
    }
}

/// Why a document becomes no listing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Not a card of a known shape.
    #[error("a document of the kind `{0}` does not describe one server")]
    NotACard(Shape),
    /// A host that cannot be a namespace.
    #[error(
        "`{0}` cannot be turned into a namespace; serve the card from a host of letters, digits and hyphens"
    )]
    Host(String),
    /// A stdio server.
    #[error("the card describes a program for one's own machine; publish its package, or add a remote")]
    Local,
    /// Endpoints, but none to use.
    #[error("no endpoint of the card can be used: {0}")]
    Remotes(String),
    /// A flat document without an endpoint.
    #[error("the document names no endpoint; add `remotes` with the server's address")]
    NoEndpoint,
    /// A rule that no repair can meet.
    #[error("the card breaks a rule of server.json: {0}")]
    Rule(String),
}

/// Maps a card of this shape.
pub fn to_server_json(raw: &Value, shape: Shape, context: &Context<'_>) -> Result<Mapped, MapError> {
    if !shape.is_card() {
        return Err(MapError::NotACard(shape));
    }
    let document = context.document_url;
    let host = document.host_str().unwrap_or_default();
    let endpoints = endpoint::extract(raw, shape, document);
    let packages = packages::packages(raw, shape);
    refuse_dead_ends(shape, &endpoints, packages.is_empty())?;

    let mut synthesised = Vec::new();
    let (declared_name, own_name) = names(raw, shape, document, &endpoints)?;
    if declared_name.is_none() {
        synthesised.push("name");
    }
    let title = title(raw, shape, context.display);
    let (description, full) = description(raw, shape, context.display);
    let description = description.unwrap_or_else(|| {
        synthesised.push("description");
        words::stand_in(title.as_deref(), host)
    });
    let version = version(raw, shape, context.display).unwrap_or_else(|| {
        synthesised.push("version");
        words::version_of_day(context.first_seen)
    });
    let auth = Auth::of(raw).filter(|_| !matches!(shape, Shape::V1 | Shape::Registry));
    let mut facts = facts::collect(raw, shape, &endpoints, auth.as_ref());
    facts.extend(full.map(|full| ("description".to_owned(), full.into())));
    let (repository, elsewhere) = links::repository(raw, shape);
    facts.extend(elsewhere.map(|url| ("repositoryUrl".to_owned(), url.into())));

    let remotes = endpoints.found.iter().map(|e| remote(e, auth.as_ref(), shape)).collect();
    let addresses: Vec<&str> = endpoints.found.iter().map(|e| e.url.as_str()).collect();
    let server = ServerJson {
        schema: CURRENT_SCHEMA.to_owned(),
        name: declared_name.as_ref().unwrap_or(&own_name).to_string(),
        description,
        title: title.unwrap_or_default(),
        repository,
        version,
        website_url: links::website(raw, shape, &addresses),
        icons: links::icons(raw, shape, document),
        packages,
        remotes,
        meta: None,
    };
    let mut server = check::repair(server, &mut facts)?;
    let endpoints = endpoints.found;
    let is_unproved = |remote: &mut Remote| endpoints.iter().any(|e| e.was_http && e.url == remote.url);
    let unproved = server.remotes.extract_if(.., is_unproved).collect();
    Ok(Mapped { server, declared_name, own_name, synthesised, facts, endpoints, unproved, shape })
}

fn refuse_dead_ends(shape: Shape, endpoints: &Endpoints, no_packages: bool) -> Result<(), MapError> {
    if !endpoints.found.is_empty() || !no_packages {
        return Ok(());
    }
    if let Some(dropped) = endpoints.dropped.iter().find(|dropped| !dropped.is_own_machine) {
        return Err(MapError::Remotes(dropped.reason.clone()));
    }
    if endpoints.local {
        return Err(MapError::Local);
    }
    // A card and a mirrored `initialize` may leave the endpoint out; a home-made document is nothing without.
    if matches!(shape, Shape::Flat | Shape::Sep1960) { Err(MapError::NoEndpoint) } else { Ok(()) }
}

/// The declared name, where there is one, and the one the host gives.
fn names(
    raw: &Value,
    shape: Shape,
    document: &Url,
    endpoints: &Endpoints,
) -> Result<(Option<ServerName>, ServerName), MapError> {
    let members: &[&str] = match shape {
        Shape::Sep1649 => &["/serverInfo/name", "/name"],
        Shape::Hybrid => &["/name", "/serverInfo/name"],
        Shape::V1 | Shape::Registry => &["/name", "/title"],
        _ => &["/name", "/server_name", "/id", "/display_name", "/displayName", "/title"],
    };
    let hints: Vec<&str> = members.iter().filter_map(|m| raw.pointer(m)?.as_str()).collect();
    let claims = ["/name", "/serverInfo/name", "/server_name", "/id"];
    let declared = claims.iter().filter_map(|m| raw.pointer(m)?.as_str()).find_map(name::declared);
    let endpoint =
        endpoints.found.first().map(|e| &e.resolved).filter(|_| endpoints.found[0].variables.is_empty());
    let own = name::own(&name::namespace(document, true), &hints, endpoint);
    let own = own.ok_or_else(|| MapError::Host(clean(document.host_str().unwrap_or_default(), 253)))?;
    Ok((declared, own))
}

fn title(raw: &Value, shape: Shape, display: Option<&Display>) -> Option<String> {
    let from = |text: Option<&String>| text.map(|t| shorten(&clean(t, 400), 100)).filter(|t| !t.is_empty());
    let given = from(display.and_then(|d| d.title.as_ref())).or_else(|| words::title(raw, shape));
    given.or_else(|| from(display.and_then(|d| d.fallback_title.as_ref())))
}

/// The short description and, where that is cut, the full one.
fn description(raw: &Value, shape: Shape, display: Option<&Display>) -> (Option<String>, Option<String>) {
    let listed =
        display.and_then(|d| d.description.as_ref()).map(|d| clean(d, 4000)).filter(|d| !d.is_empty());
    match listed {
        Some(full) if full.chars().count() > 100 => (Some(shorten(&full, 100)), Some(full)),
        Some(short) => (Some(short), None),
        None => {
            let said = words::description(raw, shape);
            (said.short, said.full)
        }
    }
}

fn version(raw: &Value, shape: Shape, display: Option<&Display>) -> Option<String> {
    let listed = display.and_then(|d| d.version.clone());
    listed.into_iter().chain(words::versions(raw, shape)).find(|v| check::is_version(v))
}

/// A remote with the headers declared beside it, else with those its own or the card's authentication implies.
fn remote(endpoint: &Endpoint, auth: Option<&Auth>, shape: Shape) -> Remote {
    let beside = endpoint.beside.as_ref();
    let mut headers = inputs::headers(beside.and_then(|b| b.get("headers")));
    if headers.is_empty() {
        let is_plain = matches!(shape, Shape::V1 | Shape::Registry);
        let own = beside.filter(|_| !is_plain).and_then(Auth::of_members);
        headers = own.as_ref().or(auth).map(|a| a.headers.clone()).unwrap_or_default();
    }
    Remote {
        kind: endpoint.transport.as_str().to_owned(),
        url: endpoint.url.clone(),
        headers,
        variables: inputs::variables(endpoint),
    }
}

#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;
