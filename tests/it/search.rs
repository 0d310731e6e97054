//! Search, from the list and from the endpoint of its own, and the website that asks the same.

use serde_json::json;

use crate::harness::registry::{Registry, document};

async fn sample() -> Registry {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*", "org.example/*"]);
    for (name, description) in [
        ("com.example/chat", "Sends a message to a team channel"),
        ("com.example/postgresql-tools", "Queries tables"),
        ("org.example/weather", "Forecasts for <b>sailors</b> & climbers"),
    ] {
        let mut document = document(name, "1.0.0");
        document["description"] = json!(description);
        alice.publish(&document).await.expect_status(200);
    }
    registry.indexed().await;
    registry
}

#[tokio::test]
async fn words_of_a_description_find_a_server_and_the_last_one_may_be_unfinished() {
    let registry = sample().await;
    let anyone = registry.anyone();
    for search in ["message%20channel", "team+chan", "CHAT"] {
        assert_eq!(
            anyone.get(&format!("/v0.1/servers?search={search}")).await.items(),
            ["com.example/chat:1.0.0"],
            "{search}"
        );
        let own =
            anyone.get(&format!("/v0.1/x/org.cardinal-registry/search?q={search}")).await.expect_status(200);
        assert_eq!(own.items(), ["com.example/chat:1.0.0"], "{search}");
    }
    let every_substring = anyone.get("/v0/servers?search=gresql").await;
    assert_eq!(every_substring.items(), ["com.example/postgresql-tools:1.0.0"]);
    assert_eq!(anyone.get("/v0/servers?search=com.EXAMPLE/").await.items().len(), 2);
    assert!(anyone.get("/v0/servers?search=nothing-like-it").await.items().is_empty());
    anyone.get("/v0.1/x/org.cardinal-registry/search?limit=0").await.expect_status(422);
}

#[tokio::test]
async fn search_pages_follow_each_other() {
    let registry = sample().await;
    let first = registry.anyone().get("/v0.1/x/org.cardinal-registry/search?q=&limit=2").await;
    let next = first.next_cursor().expect("another page");
    let second =
        registry.anyone().get(&format!("/v0.1/x/org.cardinal-registry/search?limit=2&cursor={next}")).await;
    assert_eq!((first.items().len(), second.items().len(), second.next_cursor()), (2, 1, None));
}

#[tokio::test]
async fn the_website_shows_what_the_api_answers() {
    let registry = sample().await;
    let anyone = registry.anyone();
    let home = anyone.get("/").await.expect_status(200);
    assert!(home.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert!(
        home.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'"))
    );
    for part in ["<strong>3</strong> servers", "com.example/chat", "action=\"/search\""] {
        assert!(home.body.contains(part), "{part}");
    }
    let found = anyone.get("/search?q=sailors").await.expect_status(200);
    assert!(found.body.contains("/servers/org.example/weather") && !found.body.contains("<b>sailors"));
    let fragment = anyone.get("/search?q=sailors&fragment=1").await.expect_status(200);
    assert!(!fragment.body.contains("<html"));
    let page = anyone.get("/servers/org.example/weather").await.expect_status(200);
    assert!(page.body.contains("org.example/weather") && page.body.contains("Published by its owner"));
    let missing = anyone.get("/servers/org.example/nothing").await.expect_status(404);
    assert!(missing.body.contains("not listed here"));
}

#[tokio::test]
async fn a_text_longer_than_all_texts_is_looked_for_nowhere() {
    let registry = sample().await;
    let anyone = registry.anyone();
    for text in ["a".repeat(1_001), "chat+".repeat(2_000), "com.example/".repeat(200)] {
        assert!(
            anyone.get(&format!("/v0.1/servers?search={text}")).await.expect_status(200).items().is_empty()
        );
        let found =
            anyone.get(&format!("/v0.1/x/org.cardinal-registry/search?q={text}")).await.expect_status(200);
        assert!(found.items().is_empty());
        anyone.get(&format!("/search?q={text}")).await.expect_status(200);
    }
}
