//! Section 8, one fact a test.

use super::*;
use crate::card::endpoint::extract;
use crate::card::sniff::Shape;
use serde_json::json;

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

fn name_on(host: &str) -> ServerName {
    format!("{}/tides", Namespace::of_host(host)).parse().expect("a name")
}

fn from<'a>(
    document: &'a Url,
    redirects: &'a [Url],
    listed_by: &'a [Url],
    confirmed: &'a [Confirmed],
) -> Provenance<'a> {
    Provenance { redirects, listed_by, confirmed, ..Provenance::of(document, DateTime::UNIX_EPOCH) }
}

fn remotes(addresses: &[&str]) -> Vec<Endpoint> {
    let remotes: Vec<_> = addresses.iter().map(|a| json!({ "type": "sse", "url": a })).collect();
    extract(&json!({ "remotes": remotes }), Shape::V1, &url("https://acme.com/")).found
}

fn level(document: &str, namespace_of: &str, remote: &str) -> u8 {
    let document = url(document);
    claim(&name_on(namespace_of), &remotes(&[remote]), &from(&document, &[], &[], &[])).level.number()
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
    let of = |host: &str, remote: &str| claim(&name_on(host), &remotes(&[remote]), &listed).level.number();
    assert_eq!(of("acme.com", "https://host.net/mcp"), 2);
    assert_eq!(of("acme.com", "https://acme.com/mcp"), 3);
    assert_eq!(of("host.net", "https://host.net/mcp"), 3);
    assert_eq!(of("other.org", "https://host.net/mcp"), 0);
    let claim = claim(&name_on("host.net"), &[], &listed);
    let what: Vec<_> = claim.evidence.iter().map(|e| (e.what.as_str(), e.by.as_str())).collect();
    assert_eq!(what, [("namespace", "host.net"), ("listed-by", "acme.com")]);
}

#[test]
fn a_redirect_from_a_card_path_vouches_and_a_link_redirector_does_not() {
    let document = url("https://www.acme.com/.well-known/mcp-server-card");
    let of = |hop: &str| {
        let hops = [url(hop)];
        claim(&name_on("acme.com"), &[], &from(&document, &hops, &[], &[])).level.number()
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
        claim(&name_on("acme.com"), &remotes(&[remote]), &from(&document, &[], &[], confirmed)).level
    };
    assert_eq!(of(&confirmed("https://host.net/mcp/server-card")), Level::EndpointBound);
    assert_eq!(of(&confirmed("https://evil.net/mcp/server-card")), Level::HostBound);
    let both = remotes(&[remote, "https://third.net/mcp"]);
    let one = confirmed("https://host.net/mcp/server-card");
    let claim = claim(&name_on("acme.com"), &both, &from(&document, &[], &[], &one));
    assert_eq!(claim.level, Level::HostBound, "every remote must be bound");
}

#[test]
fn www_is_transparent_once_the_domain_leads_there() {
    let document = url("https://www.acme.com/.well-known/mcp-server-card");
    let of = |apex: Option<&str>, host: &str| {
        let apex = apex.map(url);
        let from = Provenance { apex: apex.as_ref(), ..from(&document, &[], &[], &[]) };
        claim(&name_on(host), &[], &from).level.number()
    };
    assert_eq!(of(None, "acme.com"), 1);
    assert_eq!(of(Some("https://acme.com/"), "acme.com"), 2);
    assert_eq!(of(Some("https://acme.com/"), "api.acme.com"), 2);
    assert_eq!(of(Some("https://other.com/"), "acme.com"), 1);
    assert_eq!(of(Some("https://other.com/"), "other.com"), 0);
    let leads = |from: &str, to: &str| leads_to_www(&url(from), &url(to));
    assert!(leads("https://acme.com/", "https://www.acme.com/en/"));
    assert!(leads("https://acme.com/a/b?c", "https://www.acme.com/a/b?c"));
    assert!(!leads("https://acme.com/out?to=x", "https://www.acme.com/x"));
    assert!(!leads("https://acme.com/", "https://docs.acme.com/"));
    assert!(!leads("https://vercel.app/", "https://www.vercel.app/"));
}

#[test]
fn a_registry_speaks_for_a_name_only_where_the_endpoint_does_too() {
    let alice: ServerName = "io.github.alice/tides".parse().expect("a name");
    let registered = [Registered { name: alice.clone(), key: "https://mcp.acme.com/mcp".to_owned() }];
    let of = |document: &str, name: &ServerName, remote: &str| {
        let document = url(document);
        let from = Provenance { registered: &registered, ..from(&document, &[], &[], &[]) };
        claim(name, &remotes(&[remote]), &from).level.number()
    };
    let remote = "https://mcp.acme.com/mcp";
    assert_eq!(of(CARD, &alice, remote), 4, "a custom domain through the registry");
    assert_eq!(of("https://mcp.acme.com/mcp/server-card", &alice, remote), 4);
    assert_eq!(of("https://evil.org/card", &alice, remote), 0, "anybody can copy an entry");
    assert_eq!(
        of("https://tenant.acme.com/card", &alice, remote),
        0,
        "a neighbour is not above the endpoint"
    );
    assert_eq!(of("https://alice.github.io/card", &alice, remote), 2, "the endpoint does not confirm it");
    assert_eq!(of(CARD, &alice, "https://acme.com/other"), 0, "another remote");
    assert_eq!(of(CARD, &"io.github.alice/other".parse().expect("a name"), remote), 0, "another name");
}

#[test]
fn a_signature_binds_what_its_signer_may_speak_for() {
    let document = url("https://host.net/card");
    let signed = |who: &str| {
        [Signed {
            who: who.to_owned(),
            how: "signed".to_owned(),
            url: url("https://acme.com/.well-known/did.json"),
            until: None,
        }]
    };
    let of = |who: &str, remote: &str| {
        let signatures = signed(who);
        let from = Provenance { signatures: &signatures, ..from(&document, &[], &[], &[]) };
        claim(&name_on("acme.com"), &remotes(&[remote]), &from).level.number()
    };
    assert_eq!(of("acme.com", "https://host.net/mcp"), 4);
    assert_eq!(of("other.org", "https://host.net/mcp"), 0);
    assert_eq!(of("mcp.acme.com", "https://host.net/mcp"), 0, "DNS control does not flow up");
    assert_eq!(
        of("acme.com", "https://third.org/mcp"),
        0,
        "the remote is on ground that does not stand by it"
    );
}

#[test]
fn a_github_account_is_bound_by_its_pages_and_not_by_where_they_redirect() {
    let document = url("https://acme.com/.well-known/mcp-server-card");
    let pages = [url("https://alice.github.io/.well-known/mcp-server-card")];
    let alice = name_on("alice.github.io");
    assert_eq!(claim(&alice, &[], &from(&document, &pages, &[], &[])).level, Level::Claimed);
    assert_eq!(
        claim(&alice, &[], &from(&document, &[], &pages, &[])).level,
        Level::HostBound,
        "a catalog there"
    );
    assert_eq!(claim(&alice, &[], &from(&pages[0], &[], &[], &[])).level, Level::HostBound);
}

#[test]
fn the_whole_chain_of_redirects_is_kept() {
    let document = url("https://c.org/.well-known/mcp-server-card");
    let hops = [url("https://a.com/.well-known/mcp-server-card"), url("https://b.net/x")];
    let claim = claim(&name_on("c.org"), &[], &from(&document, &hops, &[], &[]));
    let chain = claim.evidence.iter().find(|item| item.what == "redirect").expect("the chain");
    assert_eq!(
        chain.how,
        "redirected: `https://a.com/.well-known/mcp-server-card` → `https://b.net/x` → `https://c.org/.well-known/mcp-server-card`"
    );
    assert_eq!((claim.level, chain.by.as_str()), (Level::HostBound, "a.com"));
}

#[test]
fn inline_data_is_its_catalogs_word() {
    let catalog = url("https://b.net/.well-known/ai-catalog.json");
    let of = |host: &str, remote: &str| {
        claim(&name_on(host), &remotes(&[remote]), &from(&catalog, &[], &[], &[])).level.number()
    };
    assert_eq!(of("b.net", "https://b.net/mcp"), 3);
    assert_eq!(of("acme.com", "https://b.net/mcp"), 0, "whatever its identifier says");
}
