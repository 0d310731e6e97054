//! Every place where a description may lie (discovery sections 1 and 2).

use super::{Expected, Site, World};
use crate::crawl::{CARD, CARD_JSON, CATALOG, card, catalog};
use crate::harness::host::Document;
use serde_json::{Value, json};

/// A document that only has to be found.
fn own(host: &str) -> Value {
    let name = format!("{}/tides", host.split('.').rev().collect::<Vec<_>>().join("."));
    card(&name, &format!("https://{host}/mcp"))
}

/// What `initialize` would answer, written down.
fn sep_1649(host: &str) -> Value {
    json!({
        "serverInfo": { "name": "tides", "version": "1.0.0" }, "description": "Tells the tides",
        "transport": { "type": "streamable-http", "endpoint": format!("https://{host}/mcp") },
    })
}

fn flat(host: &str) -> Value {
    json!({ "name": "tides", "version": "1.0.0", "description": "Tells the tides", "endpoint": format!("https://{host}/mcp") })
}

fn page(head: &str) -> Document {
    Document::new(
        "text/html; charset=utf-8",
        format!("<!doctype html><html><head>{head}</head><body>Welcome</body></html>"),
    )
}

pub fn sites() -> Vec<Site> {
    let mut sites = linked();
    sites.extend(well_known());
    sites.extend(beside());
    sites
}

/// What robots.txt, the home page and DNS lead to.
fn linked() -> Vec<Site> {
    let ard = |host: &str| {
        json!({ "entries": [{ "identifier": format!("urn:air:{host}:x:tides"), "displayName": "Tides",
            "type": "application/mcp-server-card+json", "url": format!("https://{host}/card.json") }] })
    };
    vec![
        Site::new("agentmap.com", "robots.txt names an entry source")
            .document(
                "/robots.txt",
                Document::text("User-agent: *\nAllow: /\nAgentmap: https://agentmap.com/agents.json\n"),
            )
            .json("/agents.json", ard("agentmap.com"))
            .json("/card.json", own("agentmap.com"))
            .lists("com.agentmap/tides"),
        Site::new("link-header.com", "the home page's Link header names a catalog")
            .document(
                "/",
                page("").with_header(
                    "link",
                    "</c.json>; rel=\"ai-catalog\"; type=\"application/ai-catalog+json\"",
                ),
            )
            .json("/c.json", catalog(&["https://link-header.com/card.json"]))
            .json("/card.json", own("link-header.com"))
            .lists("com.link-header/tides"),
        Site::new("link-element.com", "the home page's head names a catalog")
            .document("/", page("<title>x</title><LINK href='/c.json' rel='icon ai-catalog'>"))
            .json("/c.json", catalog(&["https://link-element.com/card.json"]))
            .json("/card.json", own("link-element.com"))
            .lists("com.link-element/tides"),
        Site::new("link-card.com", "the home page's Link header names a card")
            .document("/", page("").with_header("link", "</card.json>; rel=mcp-server-card"))
            .json("/card.json", own("link-card.com"))
            .lists("com.link-card/tides"),
        Site::new("link-ard.com", "the home page names an ARD manifest")
            .document("/", page("<link rel=ard href=/ard-here.json>"))
            .json("/ard-here.json", ard("link-ard.com"))
            .json("/card.json", own("link-ard.com"))
            .lists("com.link-ard/tides"),
        Site::new("json-ld.com", "the home page has ARD entries in JSON-LD")
            .document(
                "/",
                page(&format!(
                    "<script type=\"application/ld+json\">{}</script>",
                    ard("json-ld.com")["entries"][0]
                )),
            )
            .json("/card.json", own("json-ld.com"))
            .lists("com.json-ld/tides"),
        Site::new("link-body.com", "a link in the body of a page is no statement of the site")
            .document(
                "/",
                Document::new(
                    "text/html",
                    "<html><head></head><body><link rel=ai-catalog href=/c.json></body></html>",
                ),
            )
            .json("/c.json", catalog(&["https://link-body.com/card.json"]))
            .json("/card.json", own("link-body.com"))
            .expects(Expected::Listings(0)),
        Site::new("txt-record.com", "a TXT record of _mcp names the endpoint")
            .with(|world: &World| {
                world
                    .dns
                    .texts("_mcp.txt-record.com", &["v=mcp1; endpoint=https://txt-record.com/mcp; auth=none"])
            })
            .json("/mcp/server-card", own("txt-record.com"))
            .lists("com.txt-record/tides"),
        Site::new("txt-key.com", "a registry's key in the TXT record of _mcp names no endpoint")
            .with(|world: &World| world.dns.texts("_mcp.txt-key.com", &["v=MCPv1; k=ed25519; p=AAAA"]))
            .expects(Expected::Listings(0)),
    ]
}

/// Everything below `/.well-known`.
fn well_known() -> Vec<Site> {
    let ard = json!({ "entries": [{ "identifier": "urn:air:ard-manifest.com:x:tides", "displayName": "Tides",
        "type": "application/mcp-server-card+json", "url": "https://ard-manifest.com/card.json" }] });
    let linkset = json!({ "linkset": [{ "anchor": "https://linkset.com/",
        "service-desc": [{ "href": "https://linkset.com/card.json", "type": "application/mcp-server-card+json" }] }] });
    vec![
        Site::new("ai-catalog.com", "an AI Catalog")
            .json(CATALOG, catalog(&["https://ai-catalog.com/card.json"]))
            .json("/card.json", own("ai-catalog.com"))
            .lists("com.ai-catalog/tides"),
        Site::new("ard-manifest.com", "an ARD manifest")
            .json("/.well-known/ard.json", ard)
            .json("/card.json", own("ard-manifest.com"))
            .lists("com.ard-manifest/tides"),
        Site::new("linkset.com", "an API catalog of RFC 9727")
            .json("/.well-known/api-catalog", linkset)
            .json("/card.json", own("linkset.com"))
            .lists("com.linkset/tides"),
        Site::new("card-flat.com", "mcp-server-card")
            .json(CARD, own("card-flat.com"))
            .lists("com.card-flat/tides"),
        Site::new("card-flat-json.com", "mcp-server-card.json")
            .json("/.well-known/mcp-server-card.json", own("card-flat-json.com"))
            .lists("com.card-flat-json/tides"),
        Site::new("card-dir-json.com", "mcp/server-card.json with SEP-1649")
            .json(CARD_JSON, sep_1649("card-dir-json.com"))
            .lists("com.card-dir-json/tides"),
        Site::new("card-dir.com", "mcp/server-card")
            .document(
                "/.well-known/mcp/server-card",
                Document::new("application/octet-stream", own("card-dir.com").to_string()),
            )
            .lists("com.card-dir/tides"),
        Site::new("mcp-json.com", "mcp.json")
            .json("/.well-known/mcp.json", flat("mcp-json.com"))
            .lists("com.mcp-json/tides"),
        Site::new("server-json.com", "mcp/server.json")
            .json("/.well-known/mcp/server.json", own("server-json.com"))
            .lists("com.server-json/tides"),
        Site::new("long-tail.com", "the long tail is asked where something was found")
            .json(CARD, own("long-tail.com"))
            .json(
                "/.well-known/mcp/servers.json",
                json!({ "servers": [{ "name": "gauges", "version": "1.0.0",
                "description": "Reads the gauges", "url": "https://long-tail.com/gauges/mcp" }] }),
            )
            .lists("com.long-tail/tides")
            .lists("com.long-tail/gauges"),
        Site::new("empty.com", "nothing anywhere")
            .expects(Expected::Ends(crawler::frontier::Outcome::Nothing)),
    ]
}

/// What lies beside endpoints, and on siblings of the host.
fn beside() -> Vec<Site> {
    vec![
        Site::new("beside.com", "the endpoint serves its card itself")
            .json(
                "/.well-known/oauth-protected-resource",
                json!({ "resource": "https://beside.com/mcp",
                "authorization_servers": ["https://login.beside.com"] }),
            )
            .json("/mcp/server-card", own("beside.com"))
            .lists("com.beside/tides"),
        Site::new("sibling.com", "the mcp. host of a domain has the card")
            .elsewhere("mcp.sibling.com", CARD, Document::json(&own("mcp.sibling.com")))
            .lists("com.sibling.mcp/tides"),
        Site::new("apex.com", "the apex redirects its card to www")
            .with(|world: &World| {
                world.web.hosts.redirect("apex.com", CARD, "https://www.apex.com/.well-known/mcp-server-card")
            })
            .elsewhere("www.apex.com", CARD, Document::json(&card("com.apex/tides", "https://apex.com/mcp")))
            .lists("com.apex/tides"),
        Site::new("services.com", "a service record of DNS leads to the card")
            .with(|world: &World| {
                world.dns.service("_mcp._agents.services.com", "cards.services.com", "well-known=tides.json")
            })
            .elsewhere(
                "cards.services.com",
                "/.well-known/tides.json",
                Document::json(&card("com.services/tides", "https://services.com/mcp")),
            )
            .lists("com.services/tides"),
        Site::new("data-url.com", "the catalog has the card in a data: address")
            .json("/.well-known/ai-catalog.json", json!({ "specVersion": "1.0", "entries": [{
                "identifier": "urn:air:data-url.com:mcp:tides", "type": "application/mcp-server-card+json",
                "url": format!("data:application/json,{}", own("data-url.com").to_string().replace('%', "%25").replace('#', "%23")),
            }] }))
            .lists("com.data-url/tides"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_location_leads_to_its_server() {
    World::start().await.crawl(sites()).await;
}
