//! Rows 5, 7–10, 16, 18, 25, 29: pages and the way from one to the next.

use std::collections::HashSet;

use serde_json::json;

use super::{ALPHA, World, items};
use crate::harness::registry::{Answer, document};

fn is_url_safe(cursor: &str) -> bool {
    cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[tokio::test]
async fn row_05_metadata_and_meta_are_always_objects() {
    let vs_code = "/v0.1/servers?limit=50&version=latest";
    let nothing = World::empty(|_| {}).await;
    let empty = nothing.client("", &[]).get(vs_code).await.expect_status(200);
    assert_eq!(empty.json(), json!({ "servers": [], "metadata": { "count": 0 } }));

    let world = World::start().await;
    world.import(&[json!({ "server": document("com.example/bare", "1.0.0"), "_meta": {} })]).await;
    let client = world.client("", &[]);
    let nowhere = client.get(&format!("{vs_code}&search=no.such/name")).await;
    assert_eq!(nowhere.json()["metadata"], json!({ "count": 0 }));
    for path in [vs_code, "/v0/servers", &format!("/v0.1/servers/{ALPHA}/versions")] {
        let list = client.get(path).await.expect_status(200).json();
        let entries = list["servers"].as_array().expect("a list");
        assert!(list["metadata"].is_object() && !entries.is_empty());
        assert!(entries.iter().all(|entry| entry["_meta"].is_object()), "{list}");
        assert_eq!(list["metadata"]["count"], entries.len());
    }
    let one = client.get("/v0.1/servers/com.example/bare/versions/latest").await.expect_status(200);
    assert!(one.json()["_meta"].is_object());
}

#[tokio::test]
async fn row_07_cursors_are_url_safe() {
    let world = World::start().await;
    let vs_code = world.client("/v0.1", &[]);
    for query in [
        "",
        "&version=latest",
        "&search=example.",
        "&search=%26%3F%23%2B%20%C3%A9%20example.",
        "&search=the%20weather",
    ] {
        let pages = vs_code.walk(&format!("/servers?limit=1{query}")).await;
        let cursors: Vec<String> = pages.iter().filter_map(Answer::next_cursor).collect();
        assert!(cursors.iter().all(|cursor| is_url_safe(cursor)), "{cursors:?}");
        assert_eq!(cursors.len() + 1, pages.len());
    }
    world.publish(&document("com.example/odd", "1.0.0+build.7")).await;
    world.publish(&document("com.example/odd", "über 1/2?&#")).await;
    world.publish(&document("com.example/odd", "z")).await;
    let lang_chain_4j = world.client("/v0", &[]);
    let pages = lang_chain_4j.walk("/servers?limit=1&search=example/odd").await;
    assert!(pages.iter().filter_map(Answer::next_cursor).all(|cursor| is_url_safe(&cursor)));
    let all = ["com.example/odd:1.0.0+build.7", "com.example/odd:z", "com.example/odd:über 1/2?&#"];
    assert_eq!(items(&pages), all, "also past versions that need encoding");
}

#[tokio::test]
async fn row_08_a_cursor_carries_its_own_query() {
    let world = World::start().await;
    let vs_code = world.client("/v0.1", &[]);
    let page = |search: &str| format!("/servers?limit=1&version=latest{search}");
    // The search stands on the first page's address only.
    for search in ["com.example", "EXAMPLE/", "weather"] {
        let whole = vs_code.get(&format!("/servers?limit=100&version=latest&search={search}")).await;
        let pages = vs_code.walk_with(&page(&format!("&search={search}")), &page("")).await;
        assert_eq!(items(&pages), whole.items(), "{search}");
    }
    let since =
        vs_code.walk_with("/servers?limit=1&updated_since=2026-11-24T12:00:00Z", "/servers?limit=1").await;
    let later = ["com.example/alpha:1.1.0", "com.example/beta:1.0.0", "org.example/gamma:0.1.0"];
    assert_eq!(items(&since), later, "the moment is carried too");
}

#[tokio::test]
async fn row_09_the_last_page_has_no_cursor_and_none_comes_twice() {
    let world = World::start().await;
    let sdk = world.client("/v0.1", &[("accept", "application/json")]);
    for limit in 1..=5 {
        let pages = sdk.walk(&format!("/servers?limit={limit}")).await;
        assert_eq!(items(&pages).len(), 4);
        assert_eq!(pages.len(), 4_usize.div_ceil(limit), "no empty page after a full last one");
        let last = pages.last().expect("a page");
        assert!(last.json()["metadata"].get("nextCursor").is_none(), "{}", last.body);
        let cursors: Vec<String> = pages.iter().filter_map(Answer::next_cursor).collect();
        assert_eq!(cursors.iter().collect::<HashSet<_>>().len(), cursors.len(), "{cursors:?}");
    }
}

#[tokio::test]
async fn row_10_unknown_parameters_are_ignored() {
    let world = World::start().await;
    let client = world.client("/v0.1", &[]);
    let list = "/servers?version=latest&limit=100&search=alpha";
    let known = client.get(list).await.expect_status(200);
    for unknown in ["source=cli", "repo=owner/repo", "visibility=public", "limits=x", "Limit=x", "a[]=1&=&&b"]
    {
        let answer = client.get(&format!("{list}&{unknown}")).await.expect_status(200);
        assert_eq!(answer.body, known.body, "{unknown}");
    }
    let one = format!("/servers/{ALPHA}/versions/latest");
    let bare = client.get(&one).await.expect_status(200);
    assert_eq!(client.get(&format!("{one}?repo=owner/repo")).await.expect_status(200).body, bare.body);
}

#[tokio::test]
async fn row_16_versions_come_newest_first() {
    let world = World::start().await;
    // A fix of an old line is published last: it is the newest, though not the latest.
    world.publish(&document("com.example/alpha", "1.0.1")).await;
    let lightnow = world.client("/v0.1", &[("content-type", "application/json"), ("x-tenant", "acme")]);
    let versions = lightnow.get(&format!("/servers/{ALPHA}/versions?limit=1")).await.expect_status(200);
    let all = ["com.example/alpha:1.0.1", "com.example/alpha:1.1.0", "com.example/alpha:1.0.0"];
    assert_eq!(versions.items(), all);
}

#[tokio::test]
async fn row_18_a_walk_one_entry_a_page_meets_every_server_once() {
    let world = World::empty(|_| {}).await;
    let mut names = Vec::new();
    for n in 0..60 {
        let name = format!("com.example/server-{n:02}");
        world.publish(&document(&name, "1.0.0")).await;
        names.push(format!("{name}:1.0.0"));
    }
    world.publish(&document("com.example/server-00", "0.9.0")).await;
    let tool_hive = world.client("/v0.1", &[("accept", "application/json")]);
    let probe = tool_hive.get("/servers?limit=1&version=latest").await.expect_status(200);
    assert!(probe.header("content-type").is_some_and(|kind| kind.contains("application/json")));
    let pages = tool_hive.walk("/servers?limit=1&version=latest").await;
    assert!(pages.iter().all(|page| page.items().len() == 1));
    assert_eq!(items(&pages), names);
    let again = tool_hive.walk("/servers?limit=1&version=latest").await;
    let cursors = |pages: &[Answer]| pages.iter().map(Answer::next_cursor).collect::<Vec<_>>();
    assert_eq!(cursors(&again), cursors(&pages), "cursors are stable");
}

#[tokio::test]
async fn row_25_page_sizes_in_use_are_served_and_others_are_refused() {
    let world = World::start().await;
    let client = world.client("/v0.1", &[]);
    for limit in [1, 2, 10, 20, 30, 50, 60, 100] {
        let page = client.get(&format!("/servers?limit={limit}")).await.expect_status(200);
        assert_eq!(page.items().len(), limit.min(4));
    }
    for (limit, message) in [
        ("101", "expected number <= 100"),
        ("0", "expected number >= 1"),
        ("-1", "expected number >= 1"),
        ("99999999999999999999", "invalid integer"),
        ("ten", "invalid integer"),
    ] {
        let refused = client.get(&format!("/servers?limit={limit}")).await.expect_status(422).json();
        assert_eq!(refused["errors"][0]["message"], message);
        assert_eq!(refused["errors"][0]["location"], "query.limit");
    }
}

/// The smallest body any client reads.
const SMALLEST_READ: usize = 10 << 20;

#[tokio::test]
async fn row_29_a_page_stays_below_ten_mebibytes_and_five_seconds() {
    let world = World::empty(|_| {}).await;
    let mut names = Vec::new();
    for n in 0..14 {
        let mut large = document(&format!("com.example/large-{n:02}"), "1.0.0");
        large["packages"] = json!([{
            "registryType": "npm", "identifier": "@example/large", "version": "1.0.0", "transport": { "type": "stdio" },
            "environmentVariables": [{ "name": "WORDS", "description": "x".repeat(1_000_000) }],
        }]);
        world.publish(&large).await;
        names.push(format!("com.example/large-{n:02}:1.0.0"));
    }
    world.registry.indexed().await;
    let client = world.client("", &[]);
    for list in [
        "/v0.1/servers?limit=100",
        "/v0.1/servers?limit=100&search=large",
        "/v0/servers?limit=100&search=e/large",
    ] {
        let begun = std::time::Instant::now();
        let pages = client.walk(list).await;
        let mut found = items(&pages);
        found.sort();
        assert_eq!(found, names, "{list}");
        assert!(pages.len() > 1 && pages.iter().all(|page| page.body.len() < SMALLEST_READ), "{list}");
        let each = begun.elapsed() / u32::try_from(pages.len()).expect("few pages");
        assert!(each < std::time::Duration::from_secs(5), "{each:?}");
    }
}
