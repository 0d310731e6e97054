use super::*;
use crate::discover::{Expects, FoundCard};

fn page(links: &[&str], content_type: &str, body: &str) -> Vec<String> {
    let url = Url::parse("https://acme.com/").expect("an address");
    let links: Vec<String> = links.iter().map(|&link| link.to_owned()).collect();
    let document =
        Document { url: &url, body: body.as_bytes(), content_type: Some(content_type), links: &links };
    let line = |found: Found| match found {
        Found::Follow(follow) => {
            let word = if follow.expects == Expects::Catalog { "catalog" } else { "card" };
            format!("{word} {} as {}", follow.url, follow.believed_as.unwrap_or("-"))
        }
        Found::Card(FoundCard { pointer, shape, .. }) => format!("{pointer} {shape}"),
        other => format!("{other:?}"),
    };
    read(&document).into_iter().map(line).collect()
}

#[test]
fn headers_name_catalogs_and_cards() {
    let links = [
        r#"</catalogs/all.json>; rel="ai-catalog"; type="application/ai-catalog+json", <https://acme.com/x.css>; rel=stylesheet"#,
        r#"<ard.json>; rel="ARD start""#,
        r#"<https://cards.acme.com/tides.json>; rel=service-desc; type="application/mcp-server-card+json""#,
        r#"</openapi.json>; rel="service-desc"; type="application/openapi+json""#,
        r#"</theirs.json>; rel="ai-catalog"; anchor="https://other.org/""#,
        "broken",
        "<x",
        r#"<\">; rel="é"#,
        "",
        "<https://acme.com/ü>; rel*=UTF-8''%E0",
    ];
    assert_eq!(
        page(&links, "text/plain", "not a page"),
        [
            "catalog https://acme.com/catalogs/all.json as ai-catalog",
            "catalog https://acme.com/ard.json as ard",
            "card https://cards.acme.com/tides.json as linked-card",
        ]
    );
}

#[test]
fn elements_count_in_the_head_only() {
    let body = r#"<!doctype html><html><head><title><link rel="mcp" href="/title"></title>
        <!-- <link rel="mcp" href="/comment"> --><script>"<link rel='mcp' href='/script'>"</script>
        <LINK REL='Mcp-Catalog' HREF=mcp/catalog.json><link href="/card?a=1&amp;b=2#top" rel="icon mcp-server-card">
        <link rel=api-catalog href=/.well-known/api-catalog><link rel=mcp href="http://acme.com/plain">
        <link rel=stylesheet href="ftp://x"></head><body><link rel="mcp" href="/body"></body></html>"#;
    let found = page(&[], "text/html; charset=utf-8", body);
    assert_eq!(
        found[..3],
        [
            "catalog https://acme.com/mcp/catalog.json as mcp-catalog",
            "card https://acme.com/card?a=1&b=2 as linked-card",
            "catalog https://acme.com/.well-known/api-catalog as api-catalog",
        ]
    );
    assert!(found[3].contains("is not an https address") && found.len() == 4, "{found:?}");
}

#[test]
fn a_base_moves_relative_links() {
    let body = r#"<head><base href="/app/"><link rel=ard href=ard.json></head>"#;
    assert_eq!(page(&[], "", body), ["catalog https://acme.com/app/ard.json as ard"]);
}

#[test]
fn linked_data_holds_entries_anywhere_in_the_page() {
    let body = r#"<html><head></head><body><p>Tides</p>
        <script type="application/ld+json">{ "@context": ["https://schema.org", { "ard": "https://agenticresourcediscovery.org/context/v1#" }],
          "@graph": [
            { "@type": "Organization", "identifier": "acme", "url": "https://acme.com" },
            { "ard:identifier": "urn:air:acme.com:x:tides", "ard:type": "application/mcp-server-card+json", "ard:url": "/tides.json" },
            { "@type": "WebPage", "mainEntity": { "identifier": "urn:air:acme.com:x:berths", "type": "application/mcp-server-card+json",
              "data": { "name": "com.acme/berths", "version": "1.0.0", "description": "Berths", "remotes": [] } } } ] }</script>
        <script type="application/ld+json">{ broken</script></body></html>"#;
    assert_eq!(
        page(&[], "text/html", body),
        [
            "card https://acme.com/tides.json as linked-data",
            "/script/0/@graph/2/mainEntity/data server-card-v1"
        ]
    );
}

#[test]
fn pages_that_say_nothing_are_absence() {
    let url = Url::parse("https://acme.com/").expect("an address");
    for body in [
        "",
        "<html><head><title>x</title></head></html>",
        "{\"name\":\"api\"}",
        "<link",
        "<script type=application/ld+json>{",
    ] {
        let document =
            Document { url: &url, body: body.as_bytes(), content_type: Some("text/html"), links: &[] };
        assert!(HomePage.read(&document).expect_err("nothing").is_absence(), "{body}");
    }
}

#[test]
fn hostile_pages_end_soon() {
    let towers =
        format!("<script type=application/ld+json>{}{}</script>", "[".repeat(60), "]".repeat(60)).repeat(900);
    assert_eq!(page(&[], "text/html", &towers), [""; 0]);
    let links = "<link rel='mcp ard mcp-catalog' href='/x'>".repeat(100_000);
    assert_eq!(page(&[], "text/html", &links).len(), 1);
    let late = format!("{}<link rel=ard href=/late.json>", " ".repeat(MAX_BYTES));
    assert_eq!(page(&[], "text/html", &format!("<html>{late}")), [""; 0]);
    let attributes: String = (0..20_000).map(|n| format!(" a{n}=b")).collect();
    assert_eq!(page(&[], "text/html", &format!("<link{attributes}")), [""; 0]);
}
