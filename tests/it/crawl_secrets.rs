//! Keys that people paste into public documents: nothing of them reaches the database, and visits go on as usual.

use registry_core::digest::Digest;
use registry_core::store::findings::Outcome;
use serde_json::json;

use crate::crawl::{CARD, CARD_JSON, CATALOG, V1, Web, card, listed, serve};
use crate::harness::host::Document;

/// Keys of several kinds, in the places where they are found.
const KEYS: [&str; 4] =
    ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "hunter2hunter", "abcd1234efgh5678", "s3cretw0rd"];

fn leaky() -> String {
    let [known, password, key, word] = KEYS;
    json!({
        "$schema": V1, "name": "com.acme/tides", "version": "1.0.0",
        "description": format!("Tells the tides, with {known}"),
        "websiteUrl": format!("https://acme.com/?token={password}"),
        "apiKey": key,
        "remotes": [
            { "type": "streamable-http", "url": "https://acme.com/mcp", "headers": [
                { "name": "Authorization", "value": format!("Bearer {known}") },
                { "name": "X-API-Key", "value": word, "default": word, "placeholder": known },
            ] },
            { "type": "sse", "url": format!("https://me:{password}@acme.com/sse") },
            { "type": "websocket", "url": format!("wss://acme.com/ws?api_key={key}") },
        ],
        "tools": [{ "name": known, "inputSchema": { "default": known } }],
        "env": { "ACME_TOKEN": word },
    })
    .to_string()
}

#[tokio::test]
async fn a_pasted_key_is_stored_nowhere_and_the_document_stays_known() {
    let web = Web::start().await;
    let body = leaky();
    web.hosts.serve(
        "acme.com",
        CARD_JSON,
        Document::new("application/json", body.clone()).with_etag("\"1\""),
    );

    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"]);
    let rows = everything(&web).await;
    for key in KEYS {
        assert!(rows.contains("com.acme/tides") && !rows.contains(key), "`{key}` is stored");
    }
    let (sha256, kept): (Vec<u8>, Vec<u8>) =
        sqlx::query_as("SELECT sha256, body FROM documents WHERE url LIKE '%card.json'")
            .fetch_one(&web.database.pool())
            .await
            .expect("the document");
    assert_eq!(sha256, Digest::of(body.as_bytes()).as_bytes(), "the hash is that of what was served");
    assert!(String::from_utf8_lossy(&kept).contains("[redacted]"));

    let again = web.crawl("acme.com").await;
    assert_eq!((listed(&again), again.changes), (vec!["com.acme/tides unchanged".to_owned()], 0));
    web.hosts.serve("acme.com", CARD_JSON, Document::new("application/json", body).with_etag("\"2\""));
    assert_eq!(
        web.crawl("acme.com").await.changes,
        0,
        "the same bytes under another tag are the same document"
    );
}

#[tokio::test]
async fn an_address_with_a_key_is_not_followed() {
    let web = Web::start().await;
    let url = format!("https://acme.com/card.json?access_token={}", KEYS[1]);
    let catalog = json!({ "specVersion": "1.0", "entries": [
        { "identifier": "urn:air:acme.com:x:tides", "type": "application/mcp-server-card+json", "url": url },
    ] });
    web.hosts.serve("acme.com", CATALOG, Document::json(&catalog));
    let report = web.crawl("acme.com").await;
    let reasons: Vec<_> = report.with(Outcome::Skipped).filter_map(|d| d.reason.as_deref()).collect();
    assert_eq!(reasons, ["`url` carries a credential; leave it out, and withdraw it"]);
    assert!(!everything(&web).await.contains(KEYS[1]));
}

/// Every row of every table, as text.
async fn everything(web: &Web) -> String {
    let pool = web.database.pool();
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&pool)
            .await
            .expect("tables");
    let mut rows = String::new();
    for table in tables {
        // Bytes as text, where they are any: `\x…` would hide what they say.
        let columns: Vec<String> = sqlx::query_scalar(
            "SELECT CASE udt_name WHEN 'bytea' THEN format('encode(%I, ''escape'')', column_name)
                    ELSE format('%I::text', column_name) END
             FROM information_schema.columns WHERE table_schema = 'public' AND format('%I', table_name) = $1",
        )
        .bind(&table)
        .fetch_all(&pool)
        .await
        .expect("columns");
        let query = format!("SELECT concat_ws(' ', {}) FROM {table}", columns.join(", "));
        let lines: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&pool).await.expect("rows");
        rows.push_str(&lines.join("\n"));
    }
    rows
}

#[tokio::test]
async fn a_redirect_to_an_address_with_a_key_is_not_followed() {
    let web = Web::start().await;
    let key = "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg";
    for (host, to) in [("query.com", format!("/real?token={key}")), ("path.com", format!("/real/{key}/card"))]
    {
        web.hosts.redirect(host, CARD, &to);
        let name = format!("com.{}/tides", host.trim_end_matches(".com"));
        serve(
            &web.hosts,
            host,
            to.split('?').next().unwrap_or_default(),
            &card(&name, &format!("https://{host}/mcp")),
        );
        let report = web.crawl(host).await;
        assert!(web.names().await.is_empty(), "{report}");
        assert!(!web.hosts.paths(host).contains(&to), "it is not even asked for");
        assert!(!report.to_string().contains(key), "{report}");
    }
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT url FROM fetches UNION ALL SELECT url FROM documents UNION ALL SELECT coalesce(reason, '') FROM findings",
    )
    .fetch_all(&web.database.pool())
    .await
    .expect("rows");
    assert!(rows.iter().all(|row| !row.contains(key)), "{rows:?}");
}

#[tokio::test]
async fn a_refused_redirect_and_a_challenge_say_nothing_of_a_key() {
    let web = Web::start().await;
    let key = "hunter2hunter22";
    web.hosts.redirect("plain.com", CARD, &format!("http://plain.com/real?token={key}"));
    web.hosts.redirect("robots.com", "/robots.txt", &format!("https://robots.com/rules?token={key}"));
    let challenge = format!("Bearer resource_metadata=\"https://locked.com/meta?token={key}\"");
    web.hosts.serve(
        "locked.com",
        "/mcp",
        Document::text("").with_status(401).with_header("www-authenticate", &challenge),
    );
    serve(&web.hosts, "locked.com", CARD, &card("com.locked/tides", "https://locked.com/mcp"));
    for host in ["plain.com", "robots.com", "locked.com"] {
        let report = web.crawl(host).await;
        assert!(!report.to_string().contains(key), "{report}");
    }
    let name = "com.locked/tides".parse().expect("a name");
    web.crawler().probe_server(&name).await.expect("it is listed");
    assert!(!web.hosts.requests().iter().any(|request| request.path.contains(key)), "nobody uses it");
    assert!(!everything(&web).await.contains(key));
}
