//! Who may speak for which name and which endpoint (discovery section 8).

use super::{Expected, Site, World, visit};
use crate::crawl::{CARD, CATALOG, card, catalog};
use crate::harness::host::Document;
use registry_core::store::findings::Outcome;
use serde_json::json;

pub fn sites() -> Vec<Site> {
    vec![
        Site::new("impostor.com", "a catalog that claims a known name for its own endpoint")
            .json(CATALOG, json!({ "specVersion": "1.0", "entries": [{ "identifier": "urn:air:bank.com:x:bank",
                "type": "application/mcp-server-card+json", "data": card("com.bank/bank", "https://impostor.com/mcp") }] }))
            .lists("com.impostor/bank")
            .says(Outcome::Listed, "`com.bank` belongs to `bank.com`"),
        Site::new("stranger.com", "a card for an endpoint of somebody who does not confirm it")
            .json(CARD, card("com.stranger/bank", "https://bank.com/mcp"))
            .says(Outcome::Held, "does not confirm"),
        Site::new("lister.com", "a catalog that lists another's card")
            .json(CATALOG, catalog(&["https://listed.com/card.json"]))
            .elsewhere("listed.com", "/card.json", Document::json(&card("com.listed/tides", "https://listed.com/mcp")))
            .lists("com.listed/tides"),
        Site::new("delegating.com", "a catalog that lends its name to a card on another host")
            .json(CATALOG, catalog(&["https://vendor.org/delegating.json"]))
            .elsewhere("vendor.org", "/delegating.json", Document::json(&card("com.delegating/tides", "https://delegating.com/mcp")))
            .lists("com.delegating/tides"),
        Site::new("tenant.vercel.app", "a tenant of a shared suffix speaks for itself only")
            .json(CARD, card("app.vercel.other/tides", "https://tenant.vercel.app/mcp"))
            .lists("app.vercel.tenant/tides"),
        Site::new("docs.subdomain.com", "a host below a domain does not speak for it")
            .json(CARD, card("com.subdomain/tides", "https://docs.subdomain.com/mcp"))
            .lists("com.subdomain.docs/tides"),
        Site::new("secretive.com", "a card with a credential in it")
            .with(|world: &World| {
                let mut card = card("com.secretive/tides", "https://secretive.com/mcp");
                card["remotes"][0]["headers"] = json!([{ "name": "Authorization", "value": "Bearer sk-live-0123456789abcdef0123456789abcdef" }]);
                world.web.hosts.serve("secretive.com", CARD, Document::json(&card));
            })
            .lists("com.secretive/tides")
            .expects(Expected::Listings(1)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_and_an_endpoint_are_their_owners() {
    let world = World::start().await;
    world.crawl(sites()).await;
    for listing in world.web.listings("com.secretive/tides").await {
        assert!(
            !listing.document.contains("sk-live") && !listing.extensions.contains("sk-live"),
            "{}",
            listing.document
        );
    }
    assert!(world.web.names().await.iter().all(|name| !name.starts_with("com.bank/")));
}

/// Whoever comes first: the endpoint is listed once, for the domain it is on.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_domains_with_one_endpoint_the_one_it_is_on_has_it() {
    for order in [["claims-it.com", "has-it.com"], ["has-it.com", "claims-it.com"]] {
        let world = World::start().await;
        let remote = "https://has-it.com/mcp";
        world.web.hosts.serve("has-it.com", CARD, Document::json(&card("com.has-it/tides", remote)));
        world.web.hosts.serve("claims-it.com", CARD, Document::json(&card("com.claims-it/tides", remote)));
        let crawler = world.crawler();
        for host in order {
            visit(&crawler, host).await;
        }
        assert_eq!(world.web.names().await, ["com.has-it/tides"], "{order:?}");
    }
}
