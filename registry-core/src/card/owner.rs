//! Whose server a document may speak for: from where it was served, to the level of a claim and its evidence.
//!
//! DNS control flows down: a host speaks for its own namespace and those below it, never for the one above.

use chrono::{DateTime, Utc};
use url::Url;

use super::endpoint::Endpoint;
use super::map::Mapped;
use super::site;
use crate::digest::Digest;
use crate::evidence::{Evidence, Level};
use crate::name::Namespace;

/// How a document came here.
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

/// How far a claim to a namespace is proved, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// How far.
    pub level: Level,
    /// By what.
    pub evidence: Vec<Evidence>,
}

impl Provenance<'_> {
    /// The document's host.
    pub fn host(&self) -> &str {
        host_of(self.document)
    }

    /// Hosts that vouch for the document by leading to it: their redirects and their catalogs.
    fn vouchers(&self) -> impl Iterator<Item = (&Url, Voucher)> {
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

/// Whether a host may speak for a namespace: its own, or one below it.
pub fn may_speak(host: &str, namespace: &Namespace) -> bool {
    site::speaks_for_itself(host) && site::is_within(&namespace.host(), host)
}

/// How far the document's claim to the namespace is proved.
pub fn claim(namespace: &Namespace, endpoints: &[Endpoint], from: &Provenance<'_>) -> Claim {
    let mut evidence = Vec::new();
    let mut level = Level::Claimed;
    if let Some(bound) = binding(namespace, from) {
        level = Level::HostBound;
        evidence.push(bound);
    } else if site::same_site(from.host(), &namespace.host()) {
        level = Level::SameSite;
        let how = format!("the document is served by `{}`, on the same site as `{namespace}`", from.host());
        evidence.push(from.evidence("namespace", how, from.host(), from.document));
    }
    if level == Level::HostBound
        && let Some(proofs) = endpoints_bound(namespace, endpoints, from)
    {
        level = Level::EndpointBound;
        evidence.extend(proofs);
    }
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
    let (url, voucher) = from.vouchers().find(|(url, _)| may_speak(host_of(url), namespace))?;
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
mod tests {
    use super::*;
    use crate::card::endpoint::extract;
    use crate::card::sniff::Shape;
    use serde_json::json;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn from<'a>(
        document: &'a Url,
        redirects: &'a [Url],
        listed_by: &'a [Url],
        confirmed: &'a [Confirmed],
    ) -> Provenance<'a> {
        Provenance { document, redirects, listed_by, confirmed, sha256: None, at: DateTime::UNIX_EPOCH }
    }

    fn remotes(addresses: &[&str]) -> Vec<Endpoint> {
        let remotes: Vec<_> = addresses.iter().map(|a| json!({ "type": "sse", "url": a })).collect();
        extract(&json!({ "remotes": remotes }), Shape::V1, &url("https://acme.com/")).found
    }

    fn level(document: &str, namespace_of: &str, remote: &str) -> u8 {
        let document = url(document);
        claim(&Namespace::of_host(namespace_of), &remotes(&[remote]), &from(&document, &[], &[], &[]))
            .level
            .number()
    }

    const CARD: &str = "https://acme.com/.well-known/mcp/server-card.json";

    #[test]
    fn a_host_speaks_for_itself_and_what_is_below() {
        assert_eq!(level(CARD, "acme.com", "https://mcp.acme.com/mcp"), 3);
        assert_eq!(level(CARD, "api.acme.com", "https://acme.com/mcp"), 3);
        assert_eq!(level(CARD, "acme.com", "https://other.org/mcp"), 2);
        assert_eq!(level("https://docs.acme.com/x", "acme.com", "https://acme.com/mcp"), 1);
        assert_eq!(level(CARD, "other.org", "https://acme.com/mcp"), 0);
    }

    #[test]
    fn tenants_of_a_suffix_do_not_speak_for_each_other() {
        assert_eq!(level("https://evil.vercel.app/x", "acme.vercel.app", "https://evil.vercel.app/mcp"), 0);
        assert_eq!(level("https://evil.vercel.app/x", "vercel.app", "https://evil.vercel.app/mcp"), 0);
        assert_eq!(level("https://github.io/x", "acme.github.io", "https://acme.github.io/mcp"), 0);
        assert_eq!(level("https://acme.github.io/x", "acme.github.io", "https://acme.github.io/mcp"), 3);
        assert_eq!(
            level(CARD, "acme.github.io", "https://acme.com/mcp"),
            0,
            "a custom domain is no GitHub account"
        );
        assert_eq!(
            level("https://raw.githubusercontent.com/x", "raw.githubusercontent.com", "https://acme.com/mcp"),
            1
        );
    }

    #[test]
    fn a_catalog_delegates_its_own_namespace_only() {
        let (document, catalog) =
            (url("https://host.net/card"), [url("https://acme.com/.well-known/ai-catalog.json")]);
        let listed = from(&document, &[], &catalog, &[]);
        let of = |host: &str, remote: &str| {
            claim(&Namespace::of_host(host), &remotes(&[remote]), &listed).level.number()
        };
        assert_eq!(of("acme.com", "https://host.net/mcp"), 2);
        assert_eq!(of("acme.com", "https://acme.com/mcp"), 3);
        assert_eq!(of("host.net", "https://host.net/mcp"), 3);
        assert_eq!(of("other.org", "https://host.net/mcp"), 0);
        let claim = claim(&Namespace::of_host("host.net"), &[], &listed);
        let what: Vec<_> = claim.evidence.iter().map(|e| (e.what.as_str(), e.by.as_str())).collect();
        assert_eq!(what, [("namespace", "host.net"), ("listed-by", "acme.com")]);
    }

    #[test]
    fn a_redirect_from_a_card_path_vouches_and_a_link_redirector_does_not() {
        let document = url("https://www.acme.com/.well-known/mcp-server-card");
        let of = |hop: &str| {
            let hops = [url(hop)];
            claim(&Namespace::of_host("acme.com"), &[], &from(&document, &hops, &[], &[])).level.number()
        };
        assert_eq!(of("https://acme.com/.well-known/mcp-server-card"), 2);
        assert_eq!(of("https://acme.com/mcp/server-card"), 2);
        assert_eq!(of("https://acme.com/out?to=https://www.acme.com/"), 1);
    }

    #[test]
    fn an_endpoint_binds_itself_by_serving_the_card() {
        let document = url(CARD);
        let remote = "https://host.net/mcp";
        let confirmed = |card: &str| [Confirmed { key: remote.into(), url: url(card) }];
        let of = |confirmed: &[Confirmed]| {
            claim(&Namespace::of_host("acme.com"), &remotes(&[remote]), &from(&document, &[], &[], confirmed))
                .level
        };
        assert_eq!(of(&confirmed("https://host.net/mcp/server-card")), Level::EndpointBound);
        assert_eq!(of(&confirmed("https://evil.net/mcp/server-card")), Level::HostBound);
        let both = remotes(&[remote, "https://third.net/mcp"]);
        let one = confirmed("https://host.net/mcp/server-card");
        let claim = claim(&Namespace::of_host("acme.com"), &both, &from(&document, &[], &[], &one));
        assert_eq!(claim.level, Level::HostBound, "every remote must be bound");
    }
}
