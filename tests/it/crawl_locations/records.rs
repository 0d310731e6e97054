//! TXT records that name an endpoint.

use super::*;
use crate::harness::dns::DnsServer;
use crawler::TxtLookup;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// Asks a name server for TXT records, as a resolver would.
fn lookup(server: SocketAddr) -> TxtLookup {
    TxtLookup::new(move |name| {
        Box::pin(async move {
            let socket = UdpSocket::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
            let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            for label in name.split('.') {
                question.push(u8::try_from(label.len()).map_err(|error| error.to_string())?);
                question.extend(label.as_bytes());
            }
            question.extend([0, 0, 16, 0, 1]);
            socket.send_to(&question, server).await.map_err(|error| error.to_string())?;
            let mut answer = [0; 1500];
            let length = socket.recv(&mut answer).await.map_err(|error| error.to_string())?;
            Ok(texts(&answer[..length], question.len()))
        })
    })
}

/// The records of an answer whose names are pointers of two bytes, as [`DnsServer`] writes them.
fn texts(answer: &[u8], mut at: usize) -> Vec<String> {
    let mut records = Vec::new();
    for _ in 0..u16::from_be_bytes([answer[6], answer[7]]) {
        let end = at + 12 + usize::from(u16::from_be_bytes([answer[at + 10], answer[at + 11]]));
        let mut text = Vec::new();
        at += 12;
        while at < end {
            let length = usize::from(answer[at]);
            text.extend(&answer[at + 1..at + 1 + length]);
            at += 1 + length;
        }
        records.push(String::from_utf8(text).expect("UTF-8"));
    }
    records
}

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
    let crawler = web.crawler_with(crawler::Config { txt: Some(lookup(dns.address())), ..web.config() });
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
