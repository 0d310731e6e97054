//! Whose server a document may speak for: from where it was served, to the level of a claim and its evidence (discovery
//! section 8).
//!
//! - DNS control flows down: a host speaks for its own namespace and those below it, never for the one above. `www.` is as good
//!   as the domain once the domain itself leads there.
//! - Who leads to a document (a catalog, a redirect of a card path) lends it the namespace they may speak for themselves, and
//!   nothing more: what they say of others are claims, and so is what a document says of itself.
//! - An ownership key (`v=MCPv1`, in DNS or at `/.well-known/mcp-registry-auth`) confirms no document: it names none, and whoever
//!   may put a file on a subdomain could point to it. It counts through what was published with it: [`Registered`].
//! - A document whose remotes are on ground that does not stand by it stays at level 2 at most, whatever else is proved.

use chrono::{DateTime, Utc};
use url::Url;

use super::endpoint::Endpoint;
use super::map::Mapped;
use super::site;
use crate::digest::Digest;
use crate::evidence::{Evidence, Level};
use crate::name::{Namespace, ServerName};

/// How a document came here, and what others say of it.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// Where it was at last fetched from; of inline data, the catalog's address.
    pub document: &'a Url,
    /// The addresses that redirected there, oldest first.
    pub redirects: &'a [Url],
    /// The catalogs and pages that list it, each by its own last address.
    pub listed_by: &'a [Url],
    /// Its endpoints whose own host says the same, see [`same_card`].
    pub confirmed: &'a [Confirmed],
    /// Where the domain without `www.` was seen to lead to the document's host, see [`leads_to_www`].
    pub apex: Option<&'a Url>,
    /// What upstream registries list.
    pub registered: &'a [Registered],
    /// Who signed for it, by verified publisher manifests.
    pub signatures: &'a [Signed],
    /// SHA-256 of its bytes.
    pub sha256: Option<Digest>,
    /// When it was fetched.
    pub at: DateTime<Utc>,
}

/// An endpoint that serves the same card itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Which, by [`key`](super::address::key).
    pub key: String,
    /// The address of its card.
    pub url: Url,
}

/// A remote that an upstream registry lists under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The name.
    pub name: ServerName,
    /// The remote, by [`key`](super::address::key).
    pub key: String,
}

/// A verified signature of a publisher with authority over what it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The domain that signed.
    pub who: String,
    /// How that was verified, in a sentence.
    pub how: String,
    /// The document with the key.
    pub url: Url,
    /// Until when the signature holds, where it says so.
    pub until: Option<DateTime<Utc>>,
}

/// How far a claim to a namespace is proved, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// How far.
    pub level: Level,
    /// By what.
    pub evidence: Vec<Evidence>,
}

impl<'a> Provenance<'a> {
    /// A document of which nobody says anything.
    pub fn of(document: &'a Url, at: DateTime<Utc>) -> Self {
        Self {
            document,
            redirects: &[],
            listed_by: &[],
            confirmed: &[],
            apex: None,
            registered: &[],
            signatures: &[],
            sha256: None,
            at,
        }
    }

    /// The document's host.
    pub fn host(&self) -> &'a str {
        host_of(self.document)
    }

    /// Hosts that vouch for the document by leading to it: their redirects and their catalogs.
    fn vouchers(&self) -> impl Iterator<Item = (&'a Url, Voucher)> {
        let redirects =
            self.redirects.iter().filter(|url| is_card_path(url)).map(|url| (url, Voucher::Redirect));
        redirects.chain(self.listed_by.iter().map(|url| (url, Voucher::Listing)))
    }

    /// Whether the endpoint is on this document's own ground, or its host stands by the document.
    pub fn is_related(&self, endpoint: &Endpoint) -> bool {
        let on_ground_of =
            |host: &str| site::speaks_for_itself(host) && site::same_site(host, endpoint.host());
        on_ground_of(self.host())
            || self.vouchers().any(|(url, _)| on_ground_of(host_of(url)))
            || self.confirmation(endpoint).is_some()
    }

    /// Whether the endpoint's own host, or one above it, is behind the document: closer than [`Self::is_related`].
    fn is_endpoints_own(&self, endpoint: &Endpoint) -> bool {
        let above = site::speaks_for_itself(self.host()) && site::is_within(endpoint.host(), self.host());
        above || self.confirmation(endpoint).is_some()
    }

    fn confirmation(&self, endpoint: &Endpoint) -> Option<&Confirmed> {
        self.confirmed.iter().find(|c| c.key == endpoint.key && host_of(&c.url) == endpoint.host())
    }

    fn evidence(&self, what: &str, how: String, by: &str, url: &Url) -> Evidence {
        Evidence {
            what: what.to_owned(),
            how,
            by: by.to_owned(),
            url: Some(url.to_string()),
            sha256: self.sha256.filter(|_| url == self.document).map(|d| d.to_string()),
            at: self.at,
            until: None,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Voucher {
    Redirect,
    Listing,
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}

/// Whether a redirect from here is the site's statement about its card, and not some link redirector's.
fn is_card_path(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    url.query().is_none() && (path.starts_with("/.well-known/") || path.ends_with("/server-card"))
}

/// Whether this hop of a redirect is a domain leading to its `www.`: the home page, or the same address there. Anything else may
/// be a link redirector's work.
pub fn leads_to_www(from: &Url, to: &Url) -> bool {
    let (host, www) = (host_of(from), host_of(to));
    let is_www = site::speaks_for_itself(host) && www.strip_prefix("www.") == Some(host);
    let is_same =
        from.path().trim_end_matches('/') == to.path().trim_end_matches('/') && from.query() == to.query();
    is_www && (is_same || (from.path() == "/" && from.query().is_none()))
}

/// Whether a host may speak for a namespace: its own, or one below it.
pub fn may_speak(host: &str, namespace: &Namespace) -> bool {
    site::speaks_for_itself(host) && site::is_within(&namespace.host(), host)
}

/// How far the document's claim to the name is proved.
pub fn claim(name: &ServerName, endpoints: &[Endpoint], from: &Provenance<'_>) -> Claim {
    let namespace = name.namespace();
    let mut evidence = Vec::new();
    let mut level = Level::Claimed;
    if let Some(bound) = binding(&namespace, from) {
        level = Level::HostBound;
        evidence.push(bound);
    } else if site::same_site(from.host(), &namespace.host()) {
        level = Level::SameSite;
        let how = format!("the document is served by `{}`, on the same site as `{namespace}`", from.host());
        evidence.push(from.evidence("namespace", how, from.host(), from.document));
    }
    if level == Level::HostBound
        && let Some(proofs) = endpoints_bound(&namespace, endpoints, from)
    {
        level = Level::EndpointBound;
        evidence.extend(proofs);
    }
    let strongest: Vec<Evidence> = registry_proof(name, level, endpoints, from)
        .into_iter()
        .chain(signature(&namespace, endpoints, from))
        .collect();
    if !strongest.is_empty() {
        level = Level::Registry;
        evidence.extend(strongest);
    }
    evidence.extend(chain(from));
    for catalog in from.listed_by {
        let how = format!("`{}` lists the document", host_of(catalog));
        evidence.push(from.evidence("listed-by", how, host_of(catalog), catalog));
    }
    Claim { level, evidence }
}

/// The host that binds the namespace: the document's own, or one that leads to the document.
fn binding(namespace: &Namespace, from: &Provenance<'_>) -> Option<Evidence> {
    if may_speak(from.host(), namespace) {
        let how = format!("the document is served by `{}`, which may speak for `{namespace}`", from.host());
        return Some(from.evidence("namespace", how, from.host(), from.document));
    }
    if let Some(apex) = from.apex.filter(|apex| may_speak(host_of(apex), namespace))
        && site::without_www(from.host()) == host_of(apex)
    {
        let (host, apex_host) = (from.host(), host_of(apex));
        let how = format!(
            "`{apex_host}`, which may speak for `{namespace}`, leads to `{host}`, which serves the document"
        );
        return Some(from.evidence("namespace", how, apex_host, apex));
    }
    let may_vouch = |url: &Url, voucher| {
        // GitHub redirects an account's pages to whatever domain was once set there: no statement of the account's.
        let is_automatic = voucher == Voucher::Redirect && host_of(url).ends_with(".github.io");
        may_speak(host_of(url), namespace) && !is_automatic
    };
    let (url, voucher) = from.vouchers().find(|(url, voucher)| may_vouch(url, *voucher))?;
    let leads = if voucher == Voucher::Redirect { "redirects to" } else { "lists" };
    let how = format!("`{}`, which may speak for `{namespace}`, {leads} the document", host_of(url));
    Some(from.evidence("namespace", how, host_of(url), url))
}

/// Proofs that every endpoint is the namespace's too; none if one is not, or there is none.
fn endpoints_bound(
    namespace: &Namespace,
    endpoints: &[Endpoint],
    from: &Provenance<'_>,
) -> Option<Vec<Evidence>> {
    let domain = namespace.host();
    let proof = |endpoint: &Endpoint| {
        if let Some(confirmed) = from.confirmation(endpoint) {
            let how = format!("`{}` serves the same card itself", endpoint.url);
            return Some(from.evidence("endpoint", how, endpoint.host(), &confirmed.url));
        }
        let site = site::site(&domain)?;
        let how = format!("`{}` is inside `{site}`", endpoint.url);
        site::is_within(endpoint.host(), site)
            .then(|| from.evidence("endpoint", how, from.host(), from.document))
    };
    let proofs: Option<Vec<Evidence>> = endpoints.iter().map(proof).collect();
    proofs.filter(|proofs| !proofs.is_empty())
}

/// That an upstream registry lists every endpoint under this very name. Anybody can copy that, so the namespace's host or each
/// endpoint's own has to be behind the document: this is how a custom domain speaks for a GitHub account.
fn registry_proof(
    name: &ServerName,
    level: Level,
    endpoints: &[Endpoint],
    from: &Provenance<'_>,
) -> Option<Evidence> {
    let is_registered = |endpoint: &Endpoint| {
        let is_this = |known: &Registered| known.name == *name && known.key == endpoint.key;
        from.registered.iter().any(is_this)
    };
    let is_behind = |endpoint: &Endpoint| {
        let of_namespace = level >= Level::HostBound && from.is_related(endpoint);
        of_namespace || from.is_endpoints_own(endpoint)
    };
    let proved = !endpoints.is_empty() && endpoints.iter().all(|e| is_registered(e) && is_behind(e));
    proved.then(|| {
        let how = format!("an upstream registry lists `{}` under the name `{name}`", endpoints[0].url);
        Evidence { url: None, ..from.evidence("registry", how, "upstream registry", from.document) }
    })
}

/// That a publisher who may speak for the namespace has signed for the document.
fn signature(namespace: &Namespace, endpoints: &[Endpoint], from: &Provenance<'_>) -> Option<Evidence> {
    let signed = from.signatures.iter().find(|signed| may_speak(&signed.who, namespace))?;
    let is_confirmed = endpoints.iter().all(|endpoint| from.is_related(endpoint));
    is_confirmed.then(|| Evidence {
        until: signed.until,
        ..from.evidence("signature", signed.how.clone(), &signed.who, &signed.url)
    })
}

/// The redirects that led to the document, all of them.
fn chain(from: &Provenance<'_>) -> Option<Evidence> {
    let first = from.redirects.first()?;
    let hops = from.redirects.iter().chain([from.document]).map(|url| format!("`{url}`"));
    let how = format!("redirected: {}", hops.collect::<Vec<_>>().join(" → "));
    Some(from.evidence("redirect", how, host_of(first), first))
}

/// Whether the card that an endpoint serves itself says the same as a document about that endpoint.
pub fn same_card(document: &Mapped, served_by_endpoint: &Mapped, key: &str) -> bool {
    let names_it = |mapped: &Mapped| mapped.endpoints.iter().any(|e| e.key == key);
    let one_name = match (&document.declared_name, &served_by_endpoint.declared_name) {
        (Some(one), Some(other)) => one == other,
        (None, None) => document.own_name.leaf() == served_by_endpoint.own_name.leaf(),
        _ => false,
    };
    one_name && names_it(document) && names_it(served_by_endpoint)
}

#[cfg(test)]
mod tests;
