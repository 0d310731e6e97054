//! Which hosts of a site are asked, how often, and which answers count.

use super::*;
use chrono::TimeDelta;
use crawler::frontier::Outcome as Visit;
use registry_core::store::origins;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_site_that_sends_visitors_to_its_www_is_asked_there() {
    let web = Web::start().await;
    web.hosts.redirect("acme.com", "/", "https://www.acme.com/");
    web.hosts.serve("www.acme.com", "/", Document::new("text/html", "<html><head></head></html>"));
    serve(&web.hosts, "www.acme.com", CARD, &own_card("acme"));
    let report = web.crawl("acme.com").await;
    assert_eq!(report.with(Outcome::Listed).count(), 1, "{report}");
    assert_eq!(
        web.hosts.paths("www.acme.com").iter().filter(|path| *path == "/").count(),
        1,
        "its home page was read"
    );

    web.crawl("other.com").await;
    assert_eq!(web.hosts.paths("www.other.com"), [""; 0], "a host that answers has no sibling");
}

#[tokio::test]
async fn the_mcp_host_of_a_site_is_a_host_of_its_own() {
    let web = Web::start().await;
    serve(&web.hosts, "mcp.acme.com", CARD, &card("com.acme.mcp/tides", "https://mcp.acme.com/"));
    let report = web.crawl("acme.com").await;
    assert_eq!(listed(&report), ["com.acme.mcp/tides added"], "{report}");
    assert_eq!(web.hosts.paths("mcp.acme.com")[0], "/robots.txt");
    web.hosts.serve("mcp.closed.com", "/robots.txt", Document::text("User-agent: *\nDisallow: /"));
    let closed = web.crawl("closed.com").await;
    assert_eq!(
        (web.hosts.paths("mcp.closed.com"), closed.outcome),
        (vec!["/robots.txt".to_owned()], Visit::Nothing)
    );
    assert_eq!(closed.servers.len(), 0, "nobody said that there is such a host: {closed}");
    web.crawl("docs.acme.com").await;
    assert_eq!(web.hosts.paths("mcp.docs.acme.com"), [""; 0]);
}

#[tokio::test]
async fn a_host_that_is_the_first_by_another_name_is_not_asked_twice() {
    let web = Web::start().await;
    let page = || Document::new("text/html", "<html><head><title>Acme</title></head></html>");
    web.hosts.serve("acme.com", "/", page());
    web.hosts.serve("mcp.acme.com", "/", page());
    web.hosts.redirect("mcp.other.com", "/", "https://other.com/");
    for host in ["acme", "other"] {
        web.crawl(&format!("{host}.com")).await;
        assert_eq!(web.hosts.paths(&format!("mcp.{host}.com")), ["/robots.txt", "/"]);
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_costs_one_try_and_has_a_sibling() {
    let web = Web::start().await;
    // Only `www` leads to the hosts of this test; the other names are nowhere.
    let policy = registry_core::outbound::Policy {
        connect_to: vec![
            format!("www.acme.invalid:443:127.0.0.1:{}", web.hosts.port()).parse().expect("well formed"),
        ],
        ..web.config().policy
    };
    let crawler =
        web.crawler_with(crawler::Config { policy, own_hosts: vec!["*.invalid".into()], ..web.config() });
    serve(&web.hosts, "www.acme.invalid", CARD, &card("invalid.acme/tides", "https://www.acme.invalid/mcp"));
    let report = crawler.crawl(&"acme.invalid".parse().expect("a domain"), false).await.expect("a report");
    assert!(web.hosts.paths("www.acme.invalid").contains(&CARD.to_owned()), "{report}");
    let found = report.documents.iter().any(|asked| asked.url == format!("https://www.acme.invalid{CARD}"));
    assert!(found, "{report}");
}

#[tokio::test]
async fn a_catch_all_says_nothing_although_its_home_page_may() {
    let web = Web::start().await;
    let page = r#"<html><head><link rel="mcp-server-card" href="/real/card"></head></html>"#;
    web.hosts.catch_all("acme.com", Document::new("text/html", page));
    web.hosts.serve("acme.com", "/robots.txt", Document::status(404));
    serve(&web.hosts, "acme.com", "/real/card", &own_card("acme"));
    assert_eq!(listed(&web.crawl("acme.com").await), ["com.acme/tides added"]);
    web.hosts.catch_all("json.com", Document::json(&catalog(&["/real/card"])));
    web.hosts.serve("json.com", "/robots.txt", Document::status(404));
    let json = web.crawl("json.com").await;
    assert_eq!((json.outcome, json.servers.len()), (Visit::Nothing, 0), "{json}");
}

impl Web {
    /// One visit by the crawler itself.
    async fn visit(&self, host: &str) {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        let origin = host.parse().expect("a domain");
        origins::add(&mut conn, &origin, "test", registry_core::clock::Clock::now(&self.clock))
            .await
            .expect("added");
        sqlx::query("UPDATE origins SET due_at = '2000-01-01', crawled_at = NULL WHERE host = $1")
            .bind(host)
            .execute(&mut *conn)
            .await
            .expect("an origin");
        let stop = CancellationToken::new();
        let config = crawler::Config { schedule: "0 0 0 1 1 *".to_owned(), ..self.config() };
        let crawler = self.crawler_with(config);
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { crawler.run(stop).await }
        });
        let crawled = async {
            while origins::get(&mut conn, &origin)
                .await
                .expect("origins")
                .expect("known")
                .crawled_at
                .is_none()
            {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), crawled).await.expect("the visit ends");
        stop.cancel();
        running.await.expect("no panic").expect("it stops");
    }

    fn asked_for(&self, host: &str, path: &str) -> usize {
        self.hosts.paths(host).iter().filter(|asked| *asked == path).count()
    }
}

#[tokio::test]
async fn rare_places_are_asked_where_something_was_found_and_weekly() {
    const RARE: &str = "/.well-known/mcp-server.json";
    const MANIFEST: &str = "/.well-known/mcp-manifest.json";
    let web = Web::start().await;
    serve(&web.hosts, "empty.com", RARE, &own_card("empty"));
    web.visit("empty.com").await;
    assert_eq!(web.asked_for("empty.com", RARE), 0, "nothing says that there is anything");

    serve(&web.hosts, "acme.com", CARD, &own_card("acme"));
    serve(&web.hosts, "acme.com", MANIFEST, &card("com.acme/berths", "https://acme.com/berths/mcp"));
    web.visit("acme.com").await;
    assert_eq!(web.names().await, ["com.acme/berths", "com.acme/tides"]);
    web.clock.advance(TimeDelta::days(2));
    web.visit("acme.com").await;
    let asked = |path| web.asked_for("acme.com", path);
    assert_eq!(
        (asked(RARE), asked(MANIFEST), asked(CARD)),
        (1, 2, 2),
        "what is there is asked for at every visit"
    );
    web.clock.advance(TimeDelta::days(6));
    web.visit("acme.com").await;
    assert_eq!((asked(RARE), asked(MANIFEST), asked(CARD)), (2, 3, 3));
    assert_eq!(web.names().await, ["com.acme/berths", "com.acme/tides"]);
}
