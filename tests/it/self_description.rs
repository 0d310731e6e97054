//! The registry describes itself: catalogs that lead to cards, cards that break no rule, searches, and the servers of a domain.

use std::collections::BTreeSet;

use crawler::discover::{self, Document, Expects, Found};
use registry_core::card::sniff::Shape;
use registry_core::lint::{self, Severity};
use serde_json::{Value, json};
use url::Url;

use crate::harness::registry::{Answer, Registry, document, remote_document};

const OWN: &str = "/v0.1/x/org.cardinal-registry";
const BASE: &str = "https://hub.acme.com/registry";

/// A registry below a path, with three servers on the web and one that runs on one's own machine.
async fn sample() -> Registry {
    let registry = Registry::with(|config| config.public_url = BASE.into()).await;
    let alice = registry.publisher("example.com", &["com.example/*", "com.example.eu/*", "org.other/*"]);
    let mut tides = remote_document("com.example/tides", "1.0.0", "https://mcp.example.com/{tenant}/mcp");
    tides["title"] = json!("Tides");
    tides["remotes"][0]["variables"] = json!({ "tenant": { "isRequired": true } });
    for document in [
        tides,
        remote_document("com.example.eu/weather", "2.0.0", "https://eu.example.com/mcp"),
        remote_document("org.other/relay", "1.0.0", "https://relay.other.org/mcp"),
        document("com.example/local", "1.0.0"),
    ] {
        alice.publish(&document).await.expect_status(200);
    }
    registry
}

/// What stands at an address of ours.
async fn at(registry: &Registry, url: &str) -> Answer {
    let path = url.strip_prefix(BASE).unwrap_or_else(|| panic!("{url} is elsewhere"));
    registry.anyone().get(path).await.expect_status(200)
}

fn errors(body: &str, shape: Shape) -> Vec<String> {
    let checked = lint::document::check(body.as_bytes());
    assert_eq!(checked.shape, Some(shape), "{body}");
    let grave = checked.findings.into_iter().filter(|finding| finding.rule.severity == Severity::Error);
    grave.map(|finding| format!("{} {}: {}", finding.rule.id, finding.path, finding.message)).collect()
}

#[tokio::test]
async fn our_own_crawler_finds_the_way_from_the_catalog_to_every_card() {
    let registry = sample().await;
    for start in ["ai-catalog.json", "ard.json"] {
        let mut waiting = vec![(format!("{BASE}/.well-known/{start}"), Expects::Catalog)];
        let (mut names, mut seen) = (BTreeSet::new(), BTreeSet::new());
        while let Some((url, expects)) = waiting.pop() {
            assert!(seen.insert(url.clone()), "{url} is listed twice");
            let answer = at(&registry, &url).await;
            if matches!(expects, Expects::Card) {
                assert_eq!(errors(&answer.body, Shape::V1), [""; 0]);
                names.insert(answer.json()["name"].as_str().expect("a name").to_owned());
                continue;
            }
            assert_eq!(errors(&answer.body, Shape::Catalog), [""; 0]);
            let parsed = Url::parse(&url).expect("an address");
            let document = Document {
                url: &parsed,
                body: answer.body.as_bytes(),
                content_type: answer.header("content-type"),
                links: &[],
            };
            for found in discover::read(&document).expect("it is read") {
                if let Found::Follow(follow) = found {
                    waiting.push((follow.url.to_string(), follow.expects));
                }
            }
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["com.example.eu/weather", "com.example/tides", "org.other/relay"], "{start}");
    }
    let catalog = at(&registry, &format!("{BASE}/.well-known/ai-catalog.json")).await;
    assert_eq!(catalog.header("content-type"), Some("application/ai-catalog+json"));
    let registry_entry = &catalog.json()["entries"][0];
    assert_eq!(registry_entry["type"], "application/ai-registry+json");
    assert_eq!(registry_entry["identifier"], "urn:air:hub.acme.com:registry:cardinal");
    assert_eq!(registry_entry["url"], format!("{BASE}{OWN}/ard"));
}

#[tokio::test]
async fn a_card_is_served_as_hosts_should_serve_cards() {
    let registry = sample().await;
    let path = format!("{OWN}/server-card?name=com.example%2Ftides");
    let card = registry.ask("GET", &path, &[]).await.expect_status(200);
    assert_eq!(card.header("content-type"), Some("application/mcp-server-card+json"));
    assert_eq!(card.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(card.header("access-control-allow-origin"), Some("*"));
    assert_eq!(card.json()["remotes"][0]["variables"]["tenant"]["isRequired"], true);
    let etag = card.header("etag").expect("a tag").to_owned();
    registry.ask("GET", &path, &[("if-none-match", &etag)]).await.expect_status(304);
    registry
        .ask("GET", &format!("{path}&version=1.0.0"), &[("accept", "text/plain")])
        .await
        .expect_status(200);

    let refused = async |query: &str, status: u16| {
        let answer = registry.anyone().get(&format!("{OWN}/server-card{query}")).await.expect_status(status);
        answer.json()["detail"].as_str().expect("a sentence").to_owned()
    };
    let local = refused("?name=com.example/local", 404).await;
    assert!(local.contains("`com.example/local` has no remotes"), "{local}");
    assert_eq!(refused("?name=com.example/none", 404).await, "Server not found");
    assert_eq!(refused("?name=com.example/tides&version=9", 404).await, "Server version not found");
    refused("", 422).await;
}

#[tokio::test]
async fn pages_link_to_what_describes_them() {
    let registry = sample().await;
    let home = registry.ask("GET", "/", &[("accept", "text/html")]).await.expect_status(200);
    let link = home.header("link").expect("links");
    assert!(link.contains("</registry/.well-known/ai-catalog.json>; rel=\"ai-catalog\""), "{link}");
    assert!(link.contains("rel=\"ard\""), "{link}");
    assert!(home.body.contains("<link rel=\"ai-catalog\" href=\"/registry/.well-known/ai-catalog.json\""));
    let page = registry.anyone().get("/servers/com.example/tides").await.expect_status(200);
    let links: Vec<_> = page.headers.get_all("link").iter().filter_map(|link| link.to_str().ok()).collect();
    assert!(links.iter().any(|link| link.contains("rel=\"mcp-server-card\"")), "{links:?}");
    let local = registry.anyone().get("/servers/com.example/local").await.expect_status(200);
    assert!(!local.body.contains("mcp-server-card"));
}

#[tokio::test]
async fn a_domain_has_the_servers_of_its_namespace_and_those_that_run_on_it() {
    let registry = sample().await;
    let alice = registry.publisher("other", &["org.other/*"]);
    alice
        .publish(&remote_document("org.other/guest", "1.0.0", "https://mcp.example.com/guest"))
        .await
        .expect_status(200);
    let names = async |query: &str| {
        let answer =
            registry.anyone().get(&format!("{OWN}/discover?{query}")).await.expect_status(200).json();
        let servers = answer["servers"].as_array().expect("a list").clone();
        let names: Vec<String> =
            servers.iter().map(|s| s["name"].as_str().expect("a name").to_owned()).collect();
        (names.join(" "), answer)
    };
    let (all, answer) = names("domain=Example.com").await;
    assert_eq!(all, "com.example.eu/weather com.example/local com.example/tides org.other/guest");
    assert_eq!(answer["namespace"], "com.example");
    let guest = &answer["servers"][3];
    assert_eq!(
        (&guest["inNamespace"], &guest["remotes"][0]["url"]),
        (&json!(false), &json!("https://mcp.example.com/guest"))
    );
    assert_eq!(answer["servers"][1].get("serverCard"), None);
    assert_eq!(names("domain=eu.example.com").await.0, "com.example.eu/weather");
    assert_eq!(names("domain=nobody.com").await.0, "");
    let (first, answer) = names("domain=example.com&limit=3").await;
    assert_eq!(first, "com.example.eu/weather com.example/local com.example/tides");
    let next = answer["nextCursor"].as_str().expect("another page");
    let (second, answer) = names(&format!("domain=example.com&limit=3&cursor={next}")).await;
    assert_eq!((second.as_str(), answer.get("nextCursor")), ("org.other/guest", None));

    // What is deleted belongs to nobody any more.
    let gone = json!({ "status": "deleted" });
    alice.patch("/v0/servers/org.other%2Fguest/versions/1.0.0/status", &gone).await.expect_status(200);
    assert!(!names("domain=example.com").await.0.contains("guest"));
    for (bad, why) in [("co.uk", "public suffix"), ("127.0.0.1", "IP address"), ("", ""), ("a_b", "")] {
        let answer = registry.anyone().get(&format!("{OWN}/discover?domain={bad}")).await.expect_status(422);
        assert!(
            answer.json()["detail"].as_str().is_some_and(|detail| detail.contains(why)),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn ard_clients_search_with_a_post() {
    let registry = sample().await;
    registry.indexed().await;
    let search = async |path: &str, body: Value| registry.anyone().post(path, &body).await;
    for path in ["/search".to_owned(), format!("{OWN}/ard/search")] {
        let found = search(&path, json!({ "query": { "text": "tides" }, "federation": "none" }))
            .await
            .expect_status(200);
        let found = &found.json()["results"][0];
        assert_eq!(found["identifier"], "urn:air:example.com:mcp:tides");
        assert_eq!(found["displayName"], "Tides");
        at(&registry, found["url"].as_str().expect("an address")).await;
    }
    let count = async |filter: Value| {
        let body = json!({ "query": { "text": "weather", "filter": filter }, "pageSize": 50 });
        search("/search", body).await.expect_status(200).json()["results"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(json!({})).await, 3, "those with a card");
    assert_eq!(
        count(json!({ "type": "application/mcp-server-card+json", "publisher": ["other.org"] })).await,
        1
    );
    assert_eq!(count(json!({ "type": ["application/a2a-agent-card+json"] })).await, 0);
    let bad = [
        json!({}),
        json!({ "query": { "text": " " } }),
        json!({ "query": { "text": "x" }, "pageSize": 0 }),
        json!({ "query": { "text": "x", "filter": { "colour": "red" } } }),
    ];
    for body in bad {
        let refused = search("/search", body.clone()).await;
        assert!(refused.status.is_client_error(), "{body}");
    }
    let refused = search("/search", json!({ "query": 5 })).await.expect_status(422).json();
    assert!(refused.to_string().contains("invalid type: integer `5`, expected an object"), "{refused}");
}
