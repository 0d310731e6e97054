//! Rows 6, 19, 20, 22, 26, 27: what stands in an entry.

use chrono::{DateTime, Utc};
use registry_core::wire::servers::ServerList;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ALPHA, World, official, upstream};
use crate::harness::registry::document;

/// An entry as the Python kit reads it: one bad one, and the whole page is lost.
#[track_caller]
fn assert_strict(entry: &Value) {
    let server = &entry["server"];
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let name = server["name"].as_str().expect("a name");
    assert_eq!(name.matches('/').count(), 1, "{name}");
    assert!((3..=200).contains(&length(&server["name"])), "{entry}");
    assert!((1..=100).contains(&length(&server["description"])), "{entry}");
    assert!((1..=255).contains(&length(&server["version"])), "{entry}");
    if let Some(repository) =
        server.get("repository").filter(|r| r.as_object().is_some_and(|r| !r.is_empty()))
    {
        assert!(length(&repository["url"]) > 0 && length(&repository["source"]) > 0, "{entry}");
    }
    for icon in server["icons"].as_array().into_iter().flatten() {
        assert!((1..=255).contains(&length(&icon["src"])), "{entry}");
    }
    for package in server["packages"].as_array().into_iter().flatten() {
        assert!(length(&package["transport"]["type"]) > 0 && length(&package["identifier"]) > 0, "{entry}");
        if let Some(hash) = package.get("fileSha256").and_then(Value::as_str) {
            assert!(hash.len() == 64 && hash.bytes().all(|b| b"0123456789abcdef".contains(&b)), "{entry}");
        }
    }
    for remote in server["remotes"].as_array().into_iter().flatten() {
        assert!(length(&remote["type"]) > 0 && length(&remote["url"]) > 0, "{entry}");
    }
}

/// Documents that some registry has accepted, each with something that a strict reader stumbles over.
fn sloppy() -> Vec<Value> {
    let with = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut document = document(&format!("com.example/{name}"), "1.0.0");
        change(&mut document);
        upstream(&document)
    };
    vec![
        with("no-description", &|d| {
            d.as_object_mut().expect("an object").remove("description");
        }),
        with("blank-description", &|d| d["description"] = json!(" ")),
        with("number-description", &|d| d["description"] = json!(7)),
        with("long-description", &|d| d["description"] = json!("word ".repeat(90))),
        with("half-repository", &|d| d["repository"] = json!({ "url": "https://git.example.com/a/b" })),
        with("empty-repository", &|d| d["repository"] = json!({})),
        with("long-icon", &|d| {
            d["icons"] = json!([{ "src": format!("https://i.example/{}", "x".repeat(300)) }])
        }),
        with("bare-package", &|d| d["packages"] = json!([{ "registryType": "npm", "identifier": "x" }])),
        with("bad-hash", &|d| {
            d["packages"] = json!([{
                "registryType": "mcpb", "identifier": "https://example.com/mcp", "fileSha256": "ABC",
                "transport": { "type": "stdio" },
            }]);
        }),
        with("nulls", &|d| {
            for member in ["packages", "remotes", "icons", "repository", "title", "websiteUrl", "_meta"] {
                d[member] = Value::Null;
            }
        }),
        with("remote-without-url", &|d| d["remotes"] = json!([{ "type": "sse" }])),
    ]
}

#[tokio::test]
async fn row_06_name_version_and_description_are_never_missing() {
    let world = World::start().await;
    let publisher = world.registry.publisher("everybody", &["*"]);
    for (member, value) in [
        ("description", json!("")),
        ("description", Value::Null),
        ("name", json!("")),
        ("version", Value::Null),
    ] {
        let mut document = document("com.example/bad", "1.0.0");
        document[member] = value;
        publisher.publish(&document).await.expect_status(422);
        document.as_object_mut().expect("an object").remove(member);
        publisher.publish(&document).await.expect_status(422);
    }
    world.import(&sloppy()).await;
    let vs_code = world.client("/v0.1", &[]);
    let list = vs_code.get("/servers?limit=100&version=latest").await.expect_status(200).json();
    let entries = list["servers"].as_array().expect("a list");
    assert_eq!(entries.len(), 3 + sloppy().len());
    for entry in entries {
        for member in ["name", "version", "description"] {
            let text = entry["server"][member].as_str().unwrap_or_default();
            assert!(!text.trim().is_empty(), "{member}: {entry}");
        }
    }
}

/// What the LangChain reader cannot do without.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Required {
    status: String,
    published_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    is_latest: bool,
}

#[tokio::test]
async fn row_19_the_four_official_fields_are_always_there() {
    let world = World::start().await;
    world.import(&sloppy()).await;
    let publisher = world.registry.publisher("everybody", &["*"]);
    let status = "/v0/servers/com.example%2Fbeta/status";
    publisher.patch(status, &json!({ "status": "deprecated" })).await.expect_status(200);
    let client = world.client("/v0.1", &[]);
    let list = client.get("/servers?limit=100&include_deleted=true").await.expect_status(200).json();
    let versions = client.get(&format!("/servers/{ALPHA}/versions")).await.json();
    let entries = [&list, &versions].into_iter().flat_map(|list| list["servers"].as_array().expect("a list"));
    for entry in entries {
        let required: Required = serde_json::from_value(official(entry).clone()).expect("all four");
        assert!(["active", "deprecated", "deleted"].contains(&required.status.as_str()));
        assert!(required.updated_at >= required.published_at, "{entry}");
        let extra: Vec<_> = official(entry).as_object().expect("an object").keys().collect();
        let known = ["status", "statusChangedAt", "statusMessage", "publishedAt", "updatedAt", "isLatest"];
        assert!(extra.iter().all(|key| known.contains(&key.as_str())), "no key of ours: {extra:?}");
    }
    let of_alpha = versions["servers"].as_array().expect("a list");
    let required =
        |entry: &Value| serde_json::from_value::<Required>(official(entry).clone()).expect("all four");
    let newest = of_alpha.iter().max_by_key(|entry| required(entry).updated_at).expect("a version");
    assert_eq!(newest["server"]["version"], "1.1.0", "the Copilot program takes the greatest updatedAt");
    assert_eq!(of_alpha.iter().filter(|entry| required(entry).is_latest).count(), 1);
}

#[tokio::test]
async fn row_20_a_strict_reader_gets_through_every_page() {
    let world = World::start().await;
    world.import(&sloppy()).await;
    let publisher = world.registry.publisher("everybody", &["*"]);
    for (member, value) in [
        ("description", json!("x".repeat(101))),
        ("icons", json!([{ "src": "https://i.example/".to_owned() + &"x".repeat(300) }])),
        ("repository", json!({ "url": "https://github.com/a/b" })),
        ("packages", json!([{ "registryType": "npm", "identifier": "x" }])),
        ("remotes", json!([{ "type": "sse" }])),
        ("status", json!("active")),
    ] {
        let mut document = document("com.example/bad", "1.0.0");
        document[member] = value;
        publisher.publish(&document).await.expect_status(422);
    }
    let sdk = world.client("/v0.1", &[]);
    for page in sdk.walk("/servers?limit=2").await {
        serde_json::from_str::<ServerList>(&page.body).expect("it has our own strict shape");
        page.json()["servers"].as_array().expect("a list").iter().for_each(assert_strict);
    }
}

/// The first `null`, empty list or empty map of a value, but for those that are told apart from absent ones.
fn empty_member(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(path.to_owned()),
        Value::Array(items) if items.is_empty() => Some(path.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| empty_member(item, &format!("{path}[]"))),
        Value::Object(members) => {
            members.iter().find_map(|(name, member)| empty_member(member, &format!("{path}.{name}")))
        }
        Value::String(text) if text.is_empty() => Some(path.to_owned()),
        _ => None,
    }
}

#[tokio::test]
async fn row_22_absent_fields_are_left_out() {
    let world = World::empty(|_| {}).await;
    let mut bare = document("com.example/bare", "1.0.0");
    for member in ["title", "websiteUrl", "repository", "icons", "packages", "remotes", "_meta"] {
        bare[member] = Value::Null;
    }
    world.publish(&bare).await;
    let mut hollow = document("com.example/hollow", "1.0.0");
    for member in ["icons", "packages", "remotes"] {
        hollow[member] = json!([]);
    }
    world.publish(&hollow).await;
    let mut sparse = document("com.example/sparse", "1.0.0");
    sparse["packages"] = json!([{
        "registryType": "npm", "identifier": "x", "version": "1.0.0", "runtimeHint": "", "transport": { "type": "stdio", "url": "", "headers": [] },
        "runtimeArguments": [], "packageArguments": null,
        "environmentVariables": [{ "name": "A", "description": "", "isRequired": false, "choices": [], "default": "" }],
    }]);
    world.publish(&sparse).await;
    let list = world.client("/v0.1", &[]).get("/servers").await.expect_status(200).json();
    assert_eq!(list["servers"].as_array().map(Vec::len), Some(3));
    assert_eq!(empty_member(&list, ""), None, "{list}");
    let variables = &list["servers"][2]["server"]["packages"][0]["environmentVariables"];
    assert_eq!(*variables, json!([{ "name": "A" }]), "what is false is left out as well");
}

/// A document whose lists are in no order but the publisher's.
fn ordered() -> Value {
    let mut document = document("com.example/ordered", "1.0.0");
    let argument = |name: &str| json!({ "type": "named", "name": name, "value": "x" });
    let variable = |name: &str| json!({ "name": name });
    let package = |kind: &str, identifier: &str| {
        json!({
            "registryType": kind, "identifier": identifier, "version": "1.0.0", "transport": { "type": "stdio" },
            "runtimeArguments": [argument("--zeta"), argument("--alpha"), argument("--mid")],
            "packageArguments": [argument("--two"), argument("--one")],
            "environmentVariables": [variable("ZETA"), variable("ALPHA"), variable("MID")],
        })
    };
    document["packages"] = json!([package("pypi", "zeta"), package("npm", "alpha"), package("pypi", "mid")]);
    let remote =
        |url: &str| json!({ "type": "sse", "url": url, "headers": [variable("Zeta"), variable("Alpha")] });
    document["remotes"] = json!([remote("https://z.example/mcp"), remote("https://a.example/mcp")]);
    document["icons"] = json!([{ "src": "https://z.example/z.png" }, { "src": "https://a.example/a.png" }]);
    document
}

#[tokio::test]
async fn row_26_lists_keep_the_publishers_order() {
    let world = World::empty(|_| {}).await;
    world.publish(&ordered()).await;
    let client = world.client("/v0.1", &[]);
    let latest = client.get("/servers/com.example/ordered/versions/latest").await.expect_status(200).json();
    for member in ["packages", "remotes", "icons"] {
        assert_eq!(latest["server"][member], ordered()[member], "{member}");
    }
    let first =
        client.get("/servers?limit=1").await.json()["servers"][0]["server"]["remotes"][0]["url"].clone();
    assert_eq!(first, "https://z.example/mcp", "the first remote is the one that is used");
}

#[tokio::test]
async fn row_27_no_registry_base_url_is_invented() {
    let world = World::empty(|_| {}).await;
    let kinds = [("npm", "@example/x"), ("pypi", "x"), ("oci", "docker.io/example/x:1"), ("nuget", "X")];
    let mut document = document("com.example/packages", "1.0.0");
    let packages = kinds.map(|(kind, identifier)| {
        json!({ "registryType": kind, "identifier": identifier, "transport": { "type": "stdio" } })
    });
    document["packages"] = json!(packages);
    world.publish(&document).await;
    document["name"] = json!("com.example/taken-over");
    world.import(&[upstream(&document)]).await;
    let list = world.client("/v0.1", &[]).get("/servers").await.expect_status(200);
    assert_eq!(list.items().len(), 2);
    assert!(!list.body.contains("registryBaseUrl"), "{}", list.body);
}
