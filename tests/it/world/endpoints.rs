//! What runs at the addresses that cards name: servers of every era, what only looks like one, and a name that moves inside.

use registry_core::extensions;
use registry_core::outbound::{Dns, Policy};
use registry_core::store::findings::Outcome;
use serde_json::Value;

use super::{Site, World, visit};
use crate::crawl::{CARD, card};
use crate::harness::mcp::{self, Kind};

/// A host with a card, whose endpoint behaves so.
fn endpoint(host: &'static str, what: &'static str, kind: Kind) -> Site {
    let name = name(host);
    let mut card = card(&name, &format!("https://{host}/mcp"));
    if kind == Kind::HttpSse {
        card["remotes"][0]["type"] = "sse".into();
    }
    let tools = [("forecast", "Tells the tides of tomorrow")];
    Site::new(host, what).json(CARD, card).with(move |world| mcp::serve(&world.web.hosts, host, kind, &tools))
}

fn name(host: &str) -> String {
    let labels: Vec<&str> = host.split('.').rev().collect();
    format!("{}/tides", labels.join("."))
}

const STATES: [(&str, &str, Kind, &str); 10] = [
    ("modern.com", "a server of the modern era alone", Kind::Modern, "alive"),
    ("events.com", "one that answers in events", Kind::ModernInEvents, "alive"),
    ("other-version.com", "one that wants another version", Kind::OtherVersion, "alive"),
    ("legacy.com", "a server of the older era alone", Kind::Legacy("2025-06-18"), "alive"),
    ("oldest.com", "a server of HTTP and server-sent events", Kind::HttpSse, "alive"),
    ("sign-in.com", "one that asks to sign in", Kind::Auth, "alive-auth"),
    ("paid.com", "one that asks for payment", Kind::Paid, "alive-paid"),
    ("page.com", "a page for people", Kind::Html, "not-mcp"),
    ("other-rpc.com", "another protocol in JSON-RPC", Kind::OtherRpc, "not-mcp"),
    ("nothing.com", "nothing at all", Kind::NotFound, "not-mcp"),
];

pub fn sites() -> Vec<Site> {
    let mut sites: Vec<Site> =
        STATES.into_iter().map(|(host, what, kind, _)| endpoint(host, what, kind)).collect();
    sites.push(endpoint("rebinding.com", "a name that moves inside after its first answer", Kind::Modern));
    sites
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_is_known_for_what_it_is() {
    let world = World::start().await;
    world.crawl(sites()).await;
    for (host, what, _, expected) in STATES {
        let name = name(host).parse().expect("a name");
        world.crawler().probe_server(&name).await.expect("it is listed");
        let listings = world.web.listings(name.as_str()).await;
        let said = extensions::member(&listings[0].extensions, extensions::LIVENESS).unwrap_or_default();
        assert_eq!(said["state"], expected, "{what}: {said}");
        let tools = extensions::member(&listings[0].extensions, extensions::TOOLS);
        let is_shown = expected == "alive" && host != "oldest.com";
        assert_eq!(tools.is_some(), is_shown, "{what}: {}", tools.unwrap_or(Value::Null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_moves_inside_is_followed_nowhere() {
    let world = World::start().await;
    for site in sites() {
        site.served.into_iter().for_each(|serve| serve(&world));
    }
    let (web, dns) = (&world.web, &world.dns);
    let policy = Policy {
        connect_to: vec![format!("*:443::{}", web.hosts.port()).parse().expect("an override")],
        allow_networks: vec!["127.0.0.1/32".parse().expect("a network")],
        dns: vec![dns.address()],
        ..web.config().policy
    };
    let crawler = || {
        let txt = Some(Dns::new(&[dns.address()]));
        web.crawler_with(crawler::Config { policy: policy.clone(), txt, ..web.config() })
    };
    dns.addresses("rebinding.com", &[[127, 0, 0, 1].into(), [10, 0, 0, 1].into()]);
    let first = visit(&crawler(), "rebinding.com").await;
    assert_eq!(first.with(Outcome::Listed).count(), 1, "one address for the whole visit: {first}");
    let before = web.hosts.paths("rebinding.com").len();
    // Whoever asks the name anew is led inside: neither the crawler nor the prober goes there.
    web.clock.advance(chrono::TimeDelta::days(2));
    visit(&crawler(), "rebinding.com").await;
    crawler().probe_server(&"com.rebinding/tides".parse().expect("a name")).await.expect("it is listed");
    assert_eq!(web.hosts.paths("rebinding.com").len(), before);
    let listings = web.listings("com.rebinding/tides").await;
    let said = extensions::member(&listings[0].extensions, extensions::LIVENESS).unwrap_or_default();
    assert_eq!(said["state"], "unprobed", "{said}");
}
