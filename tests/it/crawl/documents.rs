//! Which documents are found, followed, kept and listed.

use super::*;
use registry_core::evidence::Level;
use registry_core::store::{documents, endpoints, origins};

#[tokio::test]
async fn a_catalog_leads_to_cards_by_address_and_holds_others_itself() {
    let web = Web::start().await;
    let mut list = catalog(&["/cards/tides.json"]);
    let inline = json!({
        "identifier": "urn:air:acme.com:x:inline", "type": "application/mcp-server-card+json",
        "displayName": "Berths for everyone", "tags": ["harbour"], "data": card("com.acme/berths", "https://acme.com/berths/mcp"),
    });
    list["entries"].as_array_mut().expect("entries").push(inline);
    serve(&web.hosts, "acme.com", CATALOG, &list);
    serve(&web.hosts, "acme.com", "/cards/tides.json", &card("com.acme/tides", "https://mcp.acme.com/tides"));

    let report = web.crawl("acme.com").await;

    assert_eq!(listed(&report), ["com.acme/berths added", "com.acme/tides added"]);
    assert_eq!(web.changes().await, 2);
    let listings = web.listings("com.acme/berths").await;
    assert!(listings[0].document.contains(r#""title":"Berths for everyone""#), "{}", listings[0].document);
    let members: Value = serde_json::from_str(&listings[0].extensions).expect("JSON");
    let evidence = &members["org.cardinal-registry/evidence"];
    assert_eq!((&evidence["level"], &evidence["levelNumber"]), (&json!("endpoint-bound"), &json!(3)));
    assert_eq!(evidence["items"][0]["what"], "namespace");
    let crawl = &members["org.cardinal-registry/crawl"];
    assert_eq!(crawl["source"], "https://acme.com/.well-known/ai-catalog.json");
    assert_eq!((&crawl["format"], &crawl["pointer"]), (&json!("ai-catalog"), &json!("/entries/1/data")));
    assert_eq!((&crawl["shape"], &crawl["keywords"]), (&json!("server-card-v1"), &json!(["harbour"])));

    let pool = web.database.pool();
    let mut conn = pool.acquire().await.expect("a connection");
    let rows = endpoints::of(&mut conn, "com.acme/tides").await.expect("endpoints");
    assert_eq!((rows[0].url.as_str(), rows[0].state.as_str()), ("https://mcp.acme.com/tides", "unprobed"));
    let tides = web.hosts.paths("acme.com").into_iter().filter(|path| path == "/cards/tides.json").count();
    assert_eq!(tides, 1, "no document is asked for twice");
}

#[tokio::test]
async fn well_known_cards_of_both_main_shapes_are_listed() {
    let web = Web::start().await;
    serve(&web.hosts, "one.com", CARD, &card("com.one/tides", "https://one.com/mcp"));
    let legacy = json!({
        "serverInfo": { "name": "Tide Tables", "version": "2.1.0" }, "description": "Tells the tides",
        "transport": { "type": "streamable-http", "endpoint": "/mcp" },
        "tools": [{ "name": "look", "inputSchema": {} }, { "name": "find" }],
    });
    serve(&web.hosts, "two.com", CARD_JSON, &legacy);

    assert_eq!(listed(&web.crawl("one.com").await), ["com.one/tides added"]);
    assert_eq!(listed(&web.crawl("two.com").await), ["com.two/tide-tables added"]);

    let listing = &web.listings("com.two/tide-tables").await[0];
    assert!(listing.document.contains(r#""url":"https://two.com/mcp""#), "{}", listing.document);
    let members: Value = serde_json::from_str(&listing.extensions).expect("JSON");
    let crawl = &members["org.cardinal-registry/crawl"];
    assert_eq!((&crawl["toolCount"], &crawl["tools"][1]["name"]), (&json!(2), &json!("find")));
    assert_eq!(crawl["synthesised"], json!(["name"]));
}

#[tokio::test]
async fn the_card_beside_an_endpoint_is_believed_first_and_confirms_others() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://mcp.hosted.org/acme"));
    let before = web.crawl("acme.com").await;
    assert_eq!(listed(&before), [""; 0]);
    assert!(
        reasons(&before, Outcome::Held)[0].contains("https://mcp.hosted.org/acme/server-card"),
        "{before}"
    );

    let same = card("com.acme/tides", "https://mcp.hosted.org/acme");
    serve(&web.hosts, "mcp.hosted.org", "/acme/server-card", &same);
    let after = web.crawl("acme.com").await;

    assert_eq!(listed(&after), ["com.acme/tides added"]);
    let listing = after.with(Outcome::Listed).next().expect("a listing");
    assert_eq!(listing.level, Some(Level::EndpointBound));
    assert!(reasons(&after, Outcome::Skipped)[0].contains("it confirms `com.acme/tides`"), "{after}");
    assert_eq!(listed(&web.crawl("mcp.hosted.org").await), [""; 0], "one endpoint is one listing");
    assert_eq!(web.names().await, ["com.acme/tides"]);
}

#[tokio::test]
async fn a_second_visit_changes_nothing_and_asks_only_for_what_is_new() {
    let web = Web::start().await;
    let served = Document::json(&card("com.acme/tides", "https://acme.com/mcp")).with_etag("\"one\"");
    web.hosts.serve("acme.com", CARD, served);
    web.hosts.serve(
        "acme.com",
        CATALOG,
        Document::json(&catalog(&["https://acme.com/.well-known/mcp-server-card"])),
    );
    web.crawl("acme.com").await;
    let before = web.listings("com.acme/tides").await.remove(0);
    web.clock.advance(chrono::TimeDelta::days(2));

    let again = web.crawl("acme.com").await;

    assert_eq!(listed(&again), ["com.acme/tides unchanged"]);
    assert_eq!((again.changes, web.changes().await), (0, 1));
    let after = web.listings("com.acme/tides").await.remove(0);
    assert_eq!((&after.document, &after.extensions), (&before.document, &before.extensions));
    assert_eq!(after.standing, before.standing);
    let requests = web.hosts.requests();
    let last = requests
        .iter()
        .rfind(|request| request.path == CARD && request.domain == "acme.com")
        .expect("a request");
    assert_eq!(last.header("if-none-match"), Some("\"one\""));
    let state = again.documents.iter().find(|asked| asked.url.ends_with(CARD)).map(|asked| asked.state);
    assert_eq!(state, Some(crawler::State::Unchanged));
}

#[tokio::test]
async fn a_document_that_changes_in_nothing_that_counts_is_no_change() {
    let web = Web::start().await;
    let mut document = card("com.acme/tides", "https://acme.com/mcp");
    for generated in ["2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"] {
        document["generatedAt"] = generated.into();
        serve(&web.hosts, "acme.com", CARD, &document);
        web.crawl("acme.com").await;
    }
    assert_eq!(web.changes().await, 1);
}

#[tokio::test]
async fn a_changed_card_is_a_revision_and_a_new_version_a_new_row() {
    let web = Web::start().await;
    let mut document = card("com.acme/tides", "https://acme.com/mcp");
    serve(&web.hosts, "acme.com", CARD, &document);
    web.crawl("acme.com").await;
    web.clock.advance(chrono::TimeDelta::hours(1));

    document["description"] = "Tells tides and currents".into();
    serve(&web.hosts, "acme.com", CARD, &document);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides changed"]);
    let listing = web.listings("com.acme/tides").await.remove(0);
    assert!(listing.standing.updated_at > listing.standing.published_at);

    document["version"] = "1.1.0".into();
    serve(&web.hosts, "acme.com", CARD, &document);
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    let versions = web.listings("com.acme/tides").await;
    let latest: Vec<_> = versions.iter().map(|v| (v.version.as_str(), v.standing.is_latest)).collect();
    assert_eq!(latest, [("1.0.0", false), ("1.1.0", true)]);
    assert_eq!(web.changes().await, 3);
}

#[tokio::test]
async fn what_is_gone_or_out_of_reach_takes_nothing_away() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    web.crawl("acme.com").await;
    let found = web.findings("acme.com").await;

    web.hosts.serve("acme.com", CARD, Document::status(503));
    let unsure = web.crawl("acme.com").await;
    assert_eq!(unsure.outcome, crawler::frontier::Outcome::Inconclusive);
    assert_eq!(web.findings("acme.com").await, found, "nobody can tell, so what was known stays");

    web.hosts.remove("acme.com", CARD);
    let gone = web.crawl("acme.com").await;
    assert!(reasons(&gone, Outcome::Stale)[0].contains("the answer is 404"), "{gone}");
    assert_eq!(web.names().await, ["com.acme/tides"]);
    assert_eq!(web.changes().await, 2, "the listing says since when it is looked for in vain");
    let pool = web.database.pool();
    let mut conn = pool.acquire().await.expect("a connection");
    let id = origins::id(&mut conn, &"acme.com".parse().expect("a domain"))
        .await
        .expect("origins")
        .expect("known");
    assert_eq!(documents::known(&mut conn, id).await.expect("documents").len(), 1, "evidence is kept");
    let row = origins::get(&mut conn, &"acme.com".parse().expect("a domain"))
        .await
        .expect("origins")
        .expect("known");
    assert_eq!((row.outcome.as_deref(), row.leased_until), (Some("nothing"), None));
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_writes_nothing() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));

    let tried = web.crawler().crawl(&"acme.com".parse().expect("a domain"), true).await.expect("a report");

    assert_eq!(
        (listed(&tried), tried.changes, tried.dry_run),
        (vec!["com.acme/tides added".to_owned()], 1, true)
    );
    assert_eq!(web.changes().await, 0);
    let pool = web.database.pool();
    for table in ["origins", "documents", "findings", "endpoints", "hosts", "servers", "versions"] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&pool)
            .await
            .expect("a table");
        assert_eq!(count, 0, "{table}");
    }
    let text = tried.to_string();
    assert!(text.contains("listed com.acme/tides 1.0.0 (added) [level 3]"), "{text}");
    let json = serde_json::to_value(&tried).expect("JSON");
    assert_eq!((&json["origin"], &json["servers"][0]["outcome"]), (&json!("acme.com"), &json!("listed")));
}

#[tokio::test]
async fn a_catalog_that_lists_what_is_missing_is_told() {
    let web = Web::start().await;
    serve(
        &web.hosts,
        "acme.com",
        CATALOG,
        &catalog(&["https://acme.com/gone.json", "http://acme.com/plain.json"]),
    );
    let report = web.crawl("acme.com").await;
    let refused = reasons(&report, Outcome::Refused);
    assert!(refused[0].contains("https://acme.com/.well-known/ai-catalog.json"), "{refused:?}");
    assert!(refused[0].contains("the answer is 404"), "{refused:?}");
    assert!(reasons(&report, Outcome::Skipped)[0].contains("is not an https address"), "{report}");
}
