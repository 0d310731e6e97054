//! TXT records that name an endpoint.

use super::*;
use crate::harness::dns::DnsServer;
use registry_core::outbound::Dns;

#[tokio::test]
async fn a_record_leads_to_the_card_beside_its_endpoint() {
    let (web, dns) = (Web::start().await, DnsServer::start().await);
    dns.texts("_mcp.acme.com", &["v=spf1 -all", "v=mcp1; endpoint=https://acme.com/hidden/mcp; auth=none"]);
    dns.texts(
        "_mcp.other.com",
        &["v=mcp1; url=https://other.com/mcp; proto=streamable-http; pk=ed25519:AA=="],
    );
    dns.texts("_mcp.key.com", &["v=MCPv1; k=ed25519; p=AAAA"]);
    dns.texts("_mcp.wrong.com", &["v=mcp1; endpoint=http://wrong.com/mcp"]);
    dns.code("_mcp.broken.com", 2);
    serve(
        &web.hosts,
        "acme.com",
        "/hidden/mcp/server-card",
        &card("com.acme/tides", "https://acme.com/hidden/mcp"),
    );
    let crawler = web.crawler_with(crawler::Config { txt: Some(Dns::new(&[dns.address()])), ..web.config() });
    let crawl =
        async |host: &str| crawler.crawl(&host.parse().expect("a domain"), false).await.expect("a report");

    let report = crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme/tides added"], "{report}");
    assert_eq!((report.leads[0].how, &report.leads[0].by), ("txt", &None));
    assert_eq!(crawl("other.com").await.leads[0].url, "https://other.com/mcp");
    assert_eq!(crawl("key.com").await.leads.len(), 0, "a key names no endpoint");
    let wrong = crawl("www.wrong.com").await;
    assert!(reasons(&wrong, Outcome::Skipped)[0].contains("`_mcp.wrong.com` in DNS"), "{wrong}");
    assert_eq!(crawl("broken.com").await.servers.len(), 0);
}
