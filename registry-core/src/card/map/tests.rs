use super::*;
use crate::card::sniff::{V1_SCHEMA, sniff};
use serde_json::json;

fn map(card: &Value) -> Result<Mapped, MapError> {
    let document = Url::parse("https://acme.com/.well-known/mcp/server-card.json").expect("an address");
    let first_seen = NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
    to_server_json(card, sniff(card), &Context { document_url: &document, first_seen, display: None })
}

fn v1() -> Value {
    json!({
        "$schema": V1_SCHEMA,
        "name": "com.acme/weather",
        "version": "1.2.0",
        "description": "Tells the weather",
        "title": "Acme Weather",
        "websiteUrl": "https://acme.com/weather",
        "repository": { "url": "https://github.com/acme/weather", "source": "github", "subfolder": "server" },
        "icons": [{ "src": "https://acme.com/i.png", "mimeType": "image/png", "sizes": ["48x48"] }],
        "remotes": [{
            "type": "streamable-http",
            "url": "https://{region}.acme.com/mcp",
            "headers": [{ "name": "X-Units", "value": "metric" }],
            "variables": { "region": { "description": "Where", "default": "eu", "choices": ["eu", "us"] } },
            "supportedProtocolVersions": ["2026-07-28"],
        }],
        "tools": [{ "name": "forecast" }],
    })
}

#[test]
fn a_v1_card_maps_member_by_member() {
    let mapped = map(&v1()).expect("a card");
    let served = serde_json::to_value(&mapped.server).expect("JSON");
    assert_eq!(
        served,
        json!({
            "$schema": CURRENT_SCHEMA,
            "name": "com.acme/weather",
            "description": "Tells the weather",
            "title": "Acme Weather",
            "repository": { "url": "https://github.com/acme/weather", "source": "github", "subfolder": "server" },
            "version": "1.2.0",
            "websiteUrl": "https://acme.com/weather",
            "icons": [{ "src": "https://acme.com/i.png", "mimeType": "image/png", "sizes": ["48x48"] }],
            "remotes": [{
                "type": "streamable-http",
                "url": "https://{region}.acme.com/mcp",
                "headers": [{ "value": "metric", "name": "X-Units" }],
                "variables": { "region": { "description": "Where", "default": "eu", "choices": ["eu", "us"] } },
            }],
        })
    );
    assert!(mapped.synthesised.is_empty());
    assert_eq!(mapped.facts["protocolVersions"], json!(["2026-07-28"]));
    assert_eq!(mapped.facts["sourceSchema"], V1_SCHEMA);
}

#[test]
fn a_sep_1649_card_maps_by_its_own_members() {
    let mapped = map(&json!({
        "version": "1.0",
        "protocolVersion": "2025-06-18",
        "serverInfo": { "name": "acme-weather", "title": "Acme Weather", "version": "0.8.1" },
        "description": "Tells the weather",
        "documentationUrl": "https://docs.acme.com/mcp",
        "transport": { "type": "http", "endpoint": "/mcp" },
        "authentication": { "required": true, "schemes": ["bearer"] },
        "capabilities": { "tools": {}, "prompts": false },
        "tools": ["dynamic"],
    }))
    .expect("a card");
    assert_eq!((mapped.declared_name.as_ref(), mapped.own_name.as_str()), (None, "com.acme/acme-weather"));
    assert_eq!(
        (mapped.server.name.as_str(), mapped.server.version.as_str()),
        ("com.acme/acme-weather", "0.8.1")
    );
    assert_eq!(mapped.server.website_url, "https://docs.acme.com/mcp");
    let remote = &mapped.server.remotes[0];
    assert_eq!((remote.kind.as_str(), remote.url.as_str()), ("streamable-http", "https://acme.com/mcp"));
    assert_eq!(remote.headers[0].input.value, "Bearer {token}");
    assert_eq!(mapped.synthesised, ["name"]);
    assert_eq!(mapped.facts["auth"], json!({ "required": true, "schemes": ["bearer"] }));
    assert_eq!(mapped.facts["capabilities"], json!(["tools"]));
}

#[test]
fn in_a_hybrid_the_v1_members_win() {
    let mut card = v1();
    card["serverInfo"] = json!({ "name": "other", "version": "9.9.9", "title": "Other" });
    card["transport"] = json!({ "type": "streamable-http", "endpoint": "https://acme.com/other" });
    let mapped = map(&card).expect("a card");
    assert_eq!((mapped.server.version.as_str(), mapped.server.title.as_str()), ("1.2.0", "Acme Weather"));
    assert_eq!(mapped.server.remotes.len(), 2);
    let mapped = map(&json!({
        "$schema": V1_SCHEMA,
        "serverInfo": { "name": "uploads", "version": "0.6.0" },
        "transport": { "type": "streamable-http", "endpoint": "/mcp" },
    }))
    .expect("a card");
    assert_eq!((mapped.server.name.as_str(), mapped.server.version.as_str()), ("com.acme/uploads", "0.6.0"));
    assert_eq!(mapped.server.description, "MCP server at acme.com");
}

#[test]
fn what_is_missing_is_made_up_and_said() {
    let mapped = map(
        &json!({ "$schema": V1_SCHEMA, "version": "^1.0", "remotes": [{ "type": "sse", "url": "/sse" }] }),
    );
    let mapped = mapped.expect("a card");
    assert_eq!(mapped.synthesised, ["name", "description", "version"]);
    assert_eq!(
        (mapped.server.name.as_str(), mapped.server.version.as_str()),
        ("com.acme/mcp", "0.0.0-20260309")
    );
}

#[test]
fn hostile_words_never_come_out_raw() {
    let long = "a".repeat(10_000);
    for name in [
        "../..",
        "com.acme/../../etc",
        "x\0y",
        "com.acme/we\nather",
        &long,
        "\u{202E}evil",
        "<script>",
        "com.acme/a/b",
    ] {
        let mut card = v1();
        card["name"] = name.into();
        card["title"] = name.into();
        card["description"] = name.into();
        let mapped = map(&card).expect("a card");
        assert!(
            mapped.server.name.starts_with("com.acme/") && mapped.server.name.len() <= 100,
            "{}",
            mapped.server.name
        );
        assert!(name::declared(&mapped.server.name).is_some(), "{}", mapped.server.name);
        assert_eq!(mapped.declared_name, None);
        for text in [&mapped.server.title, &mapped.server.description] {
            assert!(
                text.chars().count() <= 100 && !text.chars().any(|c| c.is_control() || c == '\u{202E}'),
                "{text:?}"
            );
        }
    }
}

#[test]
fn credentials_are_kept_nowhere() {
    let leak = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let mut card = v1();
    card["description"] = format!("Send {leak} along").into();
    card["tools"] = json!([leak]);
    card["remotes"][0]["headers"] = json!([
        { "name": "Authorization", "value": format!("Bearer {leak}") },
        { "name": "X-API-Key", "value": "hunter2", "placeholder": leak, "description": leak },
    ]);
    card["remotes"][0]["variables"] = json!({ "region": { "default": leak } });
    let mapped = map(&card).expect("a card");
    let kept = format!("{}{}", mapped.server.to_canonical(), Value::Object(mapped.facts));
    assert!(!kept.contains("ghp_") && !kept.contains("hunter2"), "{kept}");
}

#[test]
fn unusable_remotes_are_dropped_or_refuse_the_card() {
    let mut card = v1();
    card["remotes"] = json!([{ "type": "streamable-http", "url": "https://10.0.0.1/mcp" }]);
    assert!(matches!(map(&card), Err(MapError::Remotes(why)) if why.contains("IP address")));
    for own in
        ["https://127.0.0.1/mcp", "http://localhost:3000/mcp", "http://[::1]/mcp", "http://0.0.0.0:8080"]
    {
        card["remotes"] = json!([{ "type": "streamable-http", "url": own }]);
        assert_eq!(map(&card), Err(MapError::Local), "{own}");
    }
    card["remotes"] = json!([{ "type": "streamable-http", "url": "http://acme.com/mcp" }]);
    let http = map(&card).expect("a card");
    assert!(http.server.remotes.is_empty() && http.endpoints[0].was_http);
    card["remotes"] = json!([]);
    assert!(map(&card).expect("a card without remotes is one").server.remotes.is_empty());
    let local = json!({ "serverInfo": { "name": "x" }, "transport": { "type": "stdio", "command": "npx" } });
    assert_eq!(map(&local), Err(MapError::Local));
    assert_eq!(map(&json!({ "name": "x", "url": "https://acme.com" })), Err(MapError::NoEndpoint));
    assert_eq!(map(&json!({ "entries": [] })), Err(MapError::NotACard(Shape::Catalog)));
}

#[test]
fn a_catalog_of_the_same_site_may_present_the_card() {
    let document = Url::parse("https://acme.com/card").expect("an address");
    let display = Display {
        title: Some("Forecasts".into()),
        description: Some("Shown instead".into()),
        version: Some("latest".into()),
        fallback_title: None,
    };
    let first_seen = NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
    let context = Context { document_url: &document, first_seen, display: Some(&display) };
    let mapped = to_server_json(&v1(), Shape::V1, &context).expect("a card");
    assert_eq!(
        (mapped.server.title.as_str(), mapped.server.description.as_str()),
        ("Forecasts", "Shown instead")
    );
    assert_eq!(mapped.server.version, "1.2.0", "an unusable version is passed over");
}

#[test]
fn whatever_is_listed_passes_the_rules() {
    let mut card = v1();
    card["serverInfo"] = json!({ "name": "\u{0}", "icons": ["//x", "https://acme.com/\u{7f}"] });
    card["title"] = json!("\u{3000}");
    card["remotes"] = json!([
        { "type": "sse", "url": "https://{a b}.acme.com/%zz" },
        { "type": "sse", "url": "https://acme.com/%zz" },
        { "type": "sse", "url": "https://acme.com/{}", "variables": { "": {}, "x.y": { "format": "int" } } },
        { "type": "streamable-http", "url": "https://{t}.acme.com/mcp", "headers": [{ "name": "A", "value": "{u}" }] },
    ]);
    let mut packaged = card.clone();
    packaged["$schema"] = CURRENT_SCHEMA.into();
    packaged["packages"] = json!([
        { "registryType": "npm", "identifier": "a", "version": "^1", "transport": { "type": "stdio" } },
        { "registryType": "npm", "identifier": "b", "version": "1.0.0", "transport": { "type": "sse", "url": "http://localhost:{P}" } },
        { "registryType": "npm", "identifier": "c", "version": "1.0.0", "transport": { "type": "stdio" },
          "runtimeArguments": [{ "type": "named", "name": "-p", "value": "-path" }] },
    ]);
    for card in [card, packaged] {
        let mapped = map(&card).expect("a card");
        let document = serde_json::to_value(&mapped.server).expect("JSON");
        let server = crate::server_json::shape::read(&document).expect("its shape is right");
        assert_eq!(crate::server_json::rules::check(&server), []);
        assert!(
            server.packages.is_empty() && server.remotes.iter().any(|r| r.url.contains("{t}")),
            "{document}"
        );
    }
}
