//! Row 17: a name is resolved by searching for it and looking through the first page.

use serde_json::json;

use super::{World, items};
use crate::harness::registry::document;

#[tokio::test]
async fn row_17_a_search_finds_every_part_of_a_name_in_any_case() {
    let world = World::start().await;
    let mcp_lookup = world.client("/v0", &[]);
    for part in [
        "alpha",
        "ALPHA",
        "lph",
        "com.example/alpha",
        "COM.Example%2FAlpha",
        "e/a",
        "example/al",
        "com.example/",
    ] {
        let found =
            mcp_lookup.get(&format!("/servers?search={part}&limit=20")).await.expect_status(200).items();
        assert!(found.contains(&"com.example/alpha:1.1.0".to_owned()), "{part}: {found:?}");
    }
    let gamma = mcp_lookup.get("/servers?search=gAMM&limit=10").await.items();
    assert_eq!(gamma, ["org.example/gamma:0.1.0"]);
    for nothing in ["alzzb", "a%25a", "alpha/com", "com.examplf/"] {
        let found = mcp_lookup.get(&format!("/servers?search={nothing}")).await.expect_status(200).items();
        assert!(!found.iter().any(|item| item.contains("alpha")), "{nothing}: {found:?}");
    }
}

#[tokio::test]
async fn row_17_the_exact_name_stands_first_on_the_first_page() {
    let world = World::empty(|_| {}).await;
    let mut decoys = Vec::new();
    for n in 0..110 {
        let mut decoy = document(&format!("com.example.a{n:03}/copy"), "1.0.0");
        decoy["description"] = json!("Works with com.example/target, the target of it all");
        decoys.push(super::upstream(&decoy));
        decoys.push(super::upstream(&document(&format!("com.example/target-{n:03}"), "1.0.0")));
    }
    world.import(&decoys).await;
    for version in ["1.0.0", "1.2.0", "1.10.0"] {
        world.publish(&document("com.example/target", version)).await;
    }
    world.registry.indexed().await;
    let apm = world.client("/v0.1", &[]);
    for search in ["com.example/target", "com.example%2Ftarget", "COM.EXAMPLE/TARGET"] {
        for limit in [1, 30, 100] {
            let page = apm.get(&format!("/servers?search={search}&limit={limit}")).await.expect_status(200);
            assert_eq!(page.items()[0], "com.example/target:1.0.0", "{search} {limit}");
        }
        let pages = apm.walk(&format!("/servers?search={search}&limit=100")).await;
        let mut all = items(&pages);
        assert_eq!(all[..3], ["1.0.0", "1.10.0", "1.2.0"].map(|v| format!("com.example/target:{v}")));
        assert_eq!(all.len(), 223, "every match is in the result");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 223, "and none twice");
    }
    let latest = apm.get("/servers?search=com.example/target&version=latest&limit=100").await.items();
    assert_eq!(latest[0], "com.example/target:1.10.0");
}
