//! What is asked of an endpoint, and what never is.

use chrono::TimeDelta;
use serde_json::Value;

use super::{liveness, probe, probed};
use crate::crawl::{CARD, Web, card, serve};
use crate::harness::host::Request;
use crate::harness::mcp::{self, Kind};

/// The requests of one domain's endpoint, as `METHOD message`.
fn asked(web: &Web, domain: &str) -> Vec<String> {
    let of_endpoint = |request: &Request| request.domain == format!("{domain}.com") && request.path == "/mcp";
    let word = |request: Request| {
        let message: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        format!("{} {}", request.method, message["method"].as_str().unwrap_or("-"))
    };
    web.hosts.requests().into_iter().filter(of_endpoint).map(word).collect()
}

#[tokio::test]
async fn two_questions_and_a_polite_end() {
    let web = Web::start().await;
    for (domain, kind, questions) in [
        ("modern", Kind::Modern, vec!["POST server/discover", "POST tools/list"]),
        (
            "legacy",
            Kind::Legacy("2025-06-18"),
            vec![
                "POST server/discover",
                "POST initialize",
                "POST notifications/initialized",
                "POST tools/list",
                "DELETE -",
            ],
        ),
        ("auth", Kind::Auth, vec!["POST server/discover"]),
        ("paid", Kind::Paid, vec!["POST server/discover"]),
        ("page", Kind::Html, vec!["POST server/discover", "POST initialize"]),
        ("busy", Kind::Busy, vec!["POST server/discover"]),
        ("private", Kind::ToPrivate, vec!["POST server/discover"]),
    ] {
        probed(&web, domain, kind, &[("forecast", "")]).await;
        assert_eq!(asked(&web, domain), questions, "{domain}");
    }
}

#[tokio::test]
async fn a_server_is_asked_the_way_it_answered_before() {
    let web = Web::start().await;
    probed(&web, "legacy", Kind::Legacy("2025-11-25"), &[]).await;
    let before = asked(&web, "legacy").len();
    web.clock.advance(TimeDelta::days(1));
    probe(&web, "legacy").await;
    assert_eq!(asked(&web, "legacy")[before], "POST initialize");
}

#[tokio::test]
async fn nothing_is_called_and_nobody_is_impersonated() {
    let web = Web::start().await;
    for (domain, kind) in [
        ("modern", Kind::Modern),
        ("legacy", Kind::Legacy("2025-03-26")),
        ("auth", Kind::Auth),
        ("page", Kind::Html),
    ] {
        probed(&web, domain, kind, &[("drop_everything", "Deletes your files")]).await;
    }
    for request in web.hosts.requests() {
        for header in ["origin", "cookie", "authorization"] {
            assert_eq!(request.header(header), None, "{} {}", request.domain, request.path);
        }
        assert!(!String::from_utf8_lossy(&request.body).contains("tools/call"));
        assert!(
            request
                .header("user-agent")
                .is_some_and(|agent| agent.contains("Cardinal") || agent.contains("cardinal"))
        );
    }
}

#[tokio::test]
async fn what_needs_something_of_ones_own_is_not_asked() {
    let web = Web::start().await;
    let mut variable = card("com.tide/tides", "https://tide.com/{tenant}/mcp");
    variable["remotes"][0]["variables"] =
        serde_json::json!({ "tenant": { "description": "Yours", "isRequired": true } });
    serve(&web.hosts, "tide.com", CARD, &variable);
    web.crawl("tide.com").await;
    let said = probe(&web, "tide").await;
    assert_eq!(said["state"], "unprobed", "{said}");
    assert!(said["endpoints"][0]["reason"].is_string(), "{said}");
    assert!(web.hosts.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn who_does_not_want_robots_is_not_asked() {
    let web = Web::start().await;
    mcp::serve(&web.hosts, "tide.com", Kind::Modern, &[]);
    let robots = "User-agent: *\nDisallow: /mcp\n";
    web.hosts.serve("tide.com", "/robots.txt", crate::harness::host::Document::text(robots));
    serve(&web.hosts, "tide.com", CARD, &card("com.tide/tides", "https://tide.com/mcp"));
    web.crawl("tide.com").await;
    probe(&web, "tide").await;
    let said = liveness(&web, "tide").await;
    assert_eq!(said["state"], "unprobed", "{said}");
    assert!(asked(&web, "tide").is_empty());
}
