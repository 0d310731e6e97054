//! What pages and robots.txt lead to.

use super::*;

#[tokio::test]
async fn a_home_page_leads_to_descriptions_by_header_head_and_linked_data() {
    let web = Web::start().await;
    let page = |head: &str, body: &str| {
        Document::new("text/html", format!("<html><head>{head}</head><body>{body}</body></html>"))
    };
    let data = r#"<script type="application/ld+json">{ "@graph": [{ "identifier": "urn:air:data.com:x:tides",
        "type": "application/mcp-server-card+json", "url": "/hidden/card" }] }</script>"#;
    let inline = r#"<script type="application/ld+json">{ "identifier": "urn:air:inline.com:x:tides",
        "type": "application/mcp-server-card+json", "data": { "name": "com.inline/tides", "version": "1.0.0", "description": "Tides",
        "remotes": [{ "type": "sse", "url": "https://inline.com/sse" }] } }</script>"#;
    let header = Document::text("hello").with_header("link", r#"</hidden/card>; rel="mcp-server-card""#);
    let catalog_header = Document::text("hello").with_header("link", r#"</hidden/all>; rel="ai-catalog""#);
    let pages = [
        ("header", header),
        ("through", catalog_header),
        ("head", page(r#"<link rel="mcp-server-card" href="hidden/card">"#, "")),
        (
            "typed",
            page(
                r#"<link rel="service-desc" type="application/mcp-server-card+json" href="/hidden/card">"#,
                "",
            ),
        ),
        ("data", page("", data)),
        ("inline", page("", inline)),
    ];
    for (word, page) in pages {
        let host = format!("{word}.com");
        web.hosts.serve(&host, "/", page);
        serve(&web.hosts, &host, "/hidden/card", &own_card(word));
        serve(&web.hosts, &host, "/hidden/all", &catalog(&["/hidden/card"]));
        let report = web.crawl(&host).await;
        assert_eq!(listed(&report), [format!("com.{word}/tides added")], "{report}");
        let again = web.crawl(&host).await;
        assert_eq!(
            (listed(&again), again.changes),
            (vec![format!("com.{word}/tides unchanged")], 0),
            "{again}"
        );
    }
}

#[tokio::test]
async fn a_large_or_closed_home_page_is_in_nobodys_way() {
    let web = Web::start().await;
    let head = r#"<html><head><link rel="mcp-server-card" href="/hidden/card"></head>"#;
    let page = format!("{head}<body>{}</body>", "<p>words</p>".repeat(60_000));
    web.hosts.serve("large.com", "/", Document::new("text/html", page));
    serve(&web.hosts, "large.com", "/hidden/card", &own_card("large"));
    assert_eq!(listed(&web.crawl("large.com").await), ["com.large/tides added"]);

    web.hosts.serve("closed.com", "/", Document::status(403));
    let closed = web.crawl("closed.com").await;
    assert_eq!(closed.outcome, crawler::frontier::Outcome::Nothing, "{closed}");
}

#[tokio::test]
async fn robots_txt_names_entry_sources() {
    let web = Web::start().await;
    let robots = "User-agent: *\nDisallow: /private/\nAgentmap: https://acme.com/maps/ard.json\nAgentmap: https://acme.com/private/ard.json";
    web.hosts.serve("acme.com", "/robots.txt", Document::text(robots));
    serve(&web.hosts, "acme.com", "/maps/ard.json", &catalog(&["/cards/tides"]));
    serve(&web.hosts, "acme.com", "/private/ard.json", &catalog(&["/cards/secret"]));
    serve(&web.hosts, "acme.com", "/cards/tides", &own_card("acme"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    let paths = web.hosts.paths("acme.com");
    assert_eq!(paths[..2], ["/robots.txt", "/"]);
    assert!(!paths.contains(&"/private/ard.json".to_owned()), "{paths:?}");
    assert!(reasons(&report, Outcome::Refused)[0].contains("robots.txt disallows"), "{report}");
}

#[tokio::test]
async fn catalogs_that_lead_to_each_other_end() {
    let web = Web::start().await;
    let nested = |url: &str| {
        json!({ "entries": [
            { "identifier": "urn:x", "type": "application/ai-catalog+json", "url": url },
            { "identifier": "urn:y", "type": "application/mcp-server-card+json", "url": "/cards/tides" },
        ] })
    };
    let page = r#"<link rel="ai-catalog" href="/one.json">"#;
    web.hosts.serve("acme.com", "/", Document::new("text/html", page));
    serve(&web.hosts, "acme.com", "/one.json", &nested("https://acme.com/two.json"));
    serve(&web.hosts, "acme.com", "/two.json", &nested("https://acme.com/one.json"));
    serve(&web.hosts, "acme.com", "/cards/tides", &own_card("acme"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    assert!(reasons(&report, Outcome::Refused)[0].contains("leads back"), "{report}");
    let paths = web.hosts.paths("acme.com");
    for once in ["/one.json", "/two.json", "/cards/tides"] {
        assert_eq!(paths.iter().filter(|path| *path == once).count(), 1, "{once}: {paths:?}");
    }
}
