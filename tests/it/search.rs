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

const SEARCH: &str = "/v0.1/x/org.cardinal-registry/search";

/// Servers that can be had in different ways.
async fn varied() -> Registry {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*", "org.example/*"]);
    let mut npm = document("com.example/mail", "1.0.0");
    npm["description"] = json!("Sends letters by mail");
    npm["packages"] = json!([{
        "registryType": "npm", "identifier": "@example/mail", "version": "1.0.0", "transport": { "type": "stdio" },
    }]);
    let mut remote = document("org.example/letters", "1.0.0");
    remote["title"] = json!("Letters");
    remote["description"] = json!("Writes letters for you");
    remote["remotes"] = json!([{ "type": "streamable-http", "url": "https://mcp.example.org/letters" }]);
    for document in [npm, remote] {
        alice.publish(&document).await.expect_status(200);
    }
    registry.indexed().await;
    registry
}

#[tokio::test]
async fn an_answer_says_what_matches_how_much_there_is_and_why() {
    let registry = varied().await;
    let answer =
        registry.anyone().get(&format!("{SEARCH}?q=letters&facets=1&explain=1")).await.expect_status(200);
    assert_eq!(answer.items(), ["org.example/letters:1.0.0", "com.example/mail:1.0.0"]);
    let json = answer.json();
    let first = &json["servers"][0]["match"];
    assert_eq!(first["rank"], 1);
    assert_eq!(
        first["highlights"]["name"],
        json!([{ "text": "org.example/" }, { "text": "letters", "hit": true }])
    );
    assert_eq!(
        first["highlights"]["description"],
        json!([{ "text": "Writes " }, { "text": "letters", "hit": true }, { "text": " for you" }])
    );
    assert_eq!(first["why"][0]["what"], "the name is what was typed");
    assert!(first["score"].as_f64() > json["servers"][1]["match"]["score"].as_f64());
    assert_eq!(json["facets"]["registry_type"], json!([{ "value": "npm", "count": 1 }]));
    assert_eq!(
        json["facets"]["namespace"],
        json!([{ "value": "com.example", "count": 1 }, { "value": "org.example", "count": 1 }])
    );
    assert_eq!((&json["metadata"]["total"], &json["metadata"]["count"]), (&json!(2), &json!(2)));
    assert!(json["metadata"]["tookMicros"].is_u64());
    let plain = registry.anyone().get(&format!("{SEARCH}?q=letters")).await.json();
    assert!(plain.get("facets").is_none() && plain["servers"][0]["match"].get("why").is_none());
}

#[tokio::test]
async fn filters_narrow_a_search_and_bad_ones_are_told() {
    let registry = varied().await;
    let anyone = registry.anyone();
    for (query, names) in [
        ("q=letters&registry_type=npm", vec!["com.example/mail:1.0.0"]),
        (
            "q=letters&transport=stdio,streamable-http",
            vec!["org.example/letters:1.0.0", "com.example/mail:1.0.0"],
        ),
        ("q=letters&namespace=org.example", vec!["org.example/letters:1.0.0"]),
        ("has=remote,title", vec!["org.example/letters:1.0.0"]),
        ("has=remote,package", vec![]),
        ("liveness=unprobed", vec!["org.example/letters:1.0.0"]),
        ("auth=none&sort=name", vec!["com.example/mail:1.0.0", "org.example/letters:1.0.0"]),
        ("status=deprecated", vec![]),
        ("updated_since=2030-01-01T00:00:00Z", vec![]),
        ("q=package:npm%20letters", vec!["com.example/mail:1.0.0"]),
        ("q=letters%20-writes", vec!["com.example/mail:1.0.0"]),
    ] {
        assert_eq!(
            anyone.get(&format!("{SEARCH}?{query}")).await.expect_status(200).items(),
            names,
            "{query}"
        );
    }
    for query in ["registry_type=brew", "sort=best", "facets=maybe", "limit=101", "liveness=alive,gone"] {
        let refused = anyone.get(&format!("{SEARCH}?{query}")).await.expect_status(422);
        let name = query.split('=').next().unwrap_or_default();
        assert!(refused.body.contains(&format!("query.{name}")), "{}", refused.body);
    }
    anyone.get(&format!("{SEARCH}?updated_since=yesterday")).await.expect_status(400);
}

#[tokio::test]
async fn a_cursor_carries_text_filters_and_order() {
    let registry = varied().await;
    let first = registry.anyone().get(&format!("{SEARCH}?q=letters&auth=none&sort=name&limit=1")).await;
    assert_eq!(first.items(), ["com.example/mail:1.0.0"]);
    let next = first.next_cursor().expect("another page");
    assert!(next.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{next}");
    let second = registry.anyone().get(&format!("{SEARCH}?limit=1&cursor={next}")).await;
    assert_eq!((second.items(), second.next_cursor()), (vec!["org.example/letters:1.0.0".to_owned()], None));
    assert_eq!(second.json()["servers"][0]["match"]["rank"], 2);
    assert_eq!(
        registry.anyone().get(&format!("{SEARCH}?cursor=s1.nonsense")).await.expect_status(200).items().len(),
        2
    );
}

#[tokio::test]
async fn suggestions_go_on_as_the_text_began() {
    let registry = varied().await;
    let suggest = async |text: &str| {
        registry
            .anyone()
            .get(&format!("/v0.1/x/org.cardinal-registry/suggest?q={text}"))
            .await
            .expect_status(200)
            .json()
    };
    let found = suggest("lett").await;
    assert_eq!(
        found["suggestions"][0],
        json!({ "kind": "server", "text": "Letters", "name": "org.example/letters" })
    );
    assert!(
        found["suggestions"]
            .as_array()
            .is_some_and(|all| all.contains(&json!({ "kind": "query", "text": "letters" })))
    );
    assert_eq!(suggest("com.example/m").await["suggestions"][0]["name"], "com.example/mail");
    for nothing in ["", &"x".repeat(5_000)] {
        assert_eq!(suggest(nothing).await["suggestions"], json!([]));
    }
}

#[tokio::test]
async fn odd_queries_are_answered() {
    let registry = sample().await;
    for text in [
        "%22%22%22",
        "-",
        "%F0%9F%A6%80",
        "%E2%80%AEtahc",
        ".*%5B",
        "(((",
        "the%20of",
        "chat%20%22",
        "-chat",
        "package:",
    ] {
        for path in [SEARCH, "/v0.1/servers", "/search"] {
            let name = if path == "/v0.1/servers" { "search" } else { "q" };
            registry.anyone().get(&format!("{path}?{name}={text}")).await.expect_status(200);
        }
    }
    let refused = registry.anyone().get(&format!("{SEARCH}?q=%00")).await.expect_status(400);
    assert!(refused.body.contains("null bytes"), "{}", refused.body);
}

/// An entry of a registry's list.
fn entry(name: &str, description: &str) -> serde_json::Value {
    let mut document = document(name, "1.0.0");
    document["description"] = json!(description);
    json!({ "server": document, "_meta": { "io.modelcontextprotocol.registry/official": {
        "status": "active", "publishedAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "isLatest": true } } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_past_a_large_family_ends_and_meets_everybody_once() {
    use crate::harness::program::{Serving, client, data_dir};
    let data = data_dir();
    let file = data.path().join("entries.ndjson");
    let mill = (0..900).map(|n| {
        entry(&format!("com.mill/zeppelin{n:03}"), &format!("Pack {n} that wraps the zeppelin API of a city"))
    });
    let others = (0..60).map(|n| {
        let words = ["blue", "green", "old", "new", "tiny"][n % 5];
        entry(&format!("com.alone{n:02}/sky"), &format!("A {words} zeppelin number {n} over lake {}", n * 7))
    });
    let lines: String = mill.chain(others).map(|entry| format!("{entry}\n")).collect();
    std::fs::write(&file, lines).expect("a file");
    let serving = Serving::start(data.path(), &["--seed-from", file.to_str().expect("a path")]);
    let page = async |query: &str| -> serde_json::Value {
        serde_json::from_str(&serving.get(&format!("{SEARCH}?{query}")).await).expect("JSON")
    };
    while page("q=&limit=1").await["metadata"]["total"] != 960 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for query in ["q=zeppelin", "q=zeppelin&sort=published", "q=&sort=updated", "q=z"] {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        for _ in 0..60 {
            let page = page(&format!("{query}&limit=100{cursor}")).await;
            let servers = page["servers"].as_array().expect("servers");
            names.extend(servers.iter().map(|s| s["server"]["name"].as_str().expect("a name").to_owned()));
            match page["metadata"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    cursor.clear();
                    break;
                }
            }
        }
        assert!(cursor.is_empty(), "{query} does not end");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{query}: nobody comes twice");
        let alone = names.iter().filter(|name| name.starts_with("com.alone")).count();
        assert_eq!(alone, if query == "q=z" { 0 } else { 60 }, "{query}");
        let mill = count - alone;
        // The likeliest ends of what was typed are shown in any case.
        // With less of a word, more of its ends are likely.
        let shown = if query.contains("sort") { 900..=900 } else { 3..=60 };
        assert!(shown.contains(&mill), "{query}: {mill}");
    }
    let forged = "s1.eyJxIjoid2VhdGhlciIsIm8iOjE4NDQ2NzQ0MDczNzA5NTUxNjE1fQ";
    let answer = client().get(format!("{}{SEARCH}?cursor={forged}", serving.url)).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
    assert!(serving.terminate().success());
}
