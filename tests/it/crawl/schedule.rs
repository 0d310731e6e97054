//! The crawl that runs by itself: who visits what, and what becomes of a visit that is cut off.

use super::*;
use chrono::TimeDelta;
use registry_core::card::origin::Origin;
use registry_core::clock::Clock;
use registry_core::store::origins;
use tokio_util::sync::CancellationToken;

fn origin(host: &str) -> Origin {
    host.parse().expect("a domain")
}

impl Web {
    async fn add(&self, host: &str) {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        origins::add(&mut conn, &origin(host), "test", self.clock.now()).await.expect("added");
    }

    async fn row(&self, host: &str) -> origins::Row {
        let mut conn = self.database.pool().acquire().await.expect("a connection");
        origins::get(&mut conn, &origin(host)).await.expect("origins").expect("a known origin")
    }

    /// Waits until these origins have been crawled.
    async fn until_crawled(&self, hosts: &[String]) {
        let crawled = async {
            for host in hosts {
                while self.row(host).await.crawled_at.is_none() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), crawled).await.expect("the crawl comes to an end");
    }
}

/// A schedule that does not come round while a test runs.
fn rarely(web: &Web) -> Config {
    Config { schedule: "0 0 0 1 1 *".to_owned(), ..web.config() }
}

#[tokio::test]
async fn two_crawlers_share_the_work_and_visit_nothing_twice() {
    let web = Web::start().await;
    let hosts: Vec<String> = (0..12).map(|number| format!("host{number}.com")).collect();
    for host in &hosts {
        let name = format!("com.{}/tides", host.trim_end_matches(".com"));
        serve(&web.hosts, host, CARD, &card(&name, &format!("https://{host}/mcp")));
        web.add(host).await;
    }
    let stop = CancellationToken::new();
    let config = || Config { concurrency: 3, ..rarely(&web) };
    let (one, other) = (web.crawler_with(config()), web.crawler_with(config()));
    let running = async { tokio::join!(one.run(stop.clone()), other.run(stop.clone())) };
    let waiting = async {
        web.until_crawled(&hosts).await;
        stop.cancel();
    };
    let ((first, second), ()) = tokio::join!(running, waiting);
    assert!(first.is_ok() && second.is_ok());
    assert_eq!((web.names().await.len(), web.changes().await), (12, 12));
    for host in &hosts {
        let asked = web.hosts.paths(host).iter().filter(|path| *path == CARD).count();
        assert_eq!(asked, 1, "{host}");
    }
}

#[tokio::test]
async fn an_origin_that_is_added_is_crawled_at_once() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    let stop = CancellationToken::new();
    let crawler = web.crawler_with(rarely(&web));
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { crawler.run(stop).await }
    });
    web.add("acme.com").await;
    web.until_crawled(&["acme.com".to_owned()]).await;
    assert_eq!(web.names().await, ["com.acme/tides"]);
    let due = web.row("acme.com").await.due_at;
    assert!(due >= web.clock.now() + TimeDelta::days(1), "a document without a header is fresh for a day");
    stop.cancel();
    running.await.expect("no panic").expect("it stops");
}

#[tokio::test]
async fn a_dead_crawlers_origin_is_taken_over_when_its_lease_ends() {
    let web = Web::start().await;
    serve(&web.hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));
    web.add("acme.com").await;
    let mut conn = web.database.pool().acquire().await.expect("a connection");
    let now = web.clock.now();
    let claim = async |conn: &mut sqlx::PgConnection, now: chrono::DateTime<chrono::Utc>| {
        origins::claim(conn, now, now + TimeDelta::minutes(15), 10).await.expect("claims")
    };
    let dead = claim(&mut conn, now).await;
    assert_eq!(dead.len(), 1);
    assert_eq!(claim(&mut conn, now + TimeDelta::minutes(14)).await, [], "it is held");
    web.clock.advance(TimeDelta::minutes(16));
    let living = claim(&mut conn, web.clock.now()).await;
    assert_eq!(living.len(), 1);
    assert!(
        !origins::still_held(&mut conn, &dead[0]).await.expect("origins"),
        "the dead one may write no more"
    );
    assert!(origins::still_held(&mut conn, &living[0]).await.expect("origins"));
    origins::release(&mut conn, &dead[0]).await.expect("origins");
    assert!(web.row("acme.com").await.leased_until.is_some(), "nor give it back");
}

#[tokio::test]
async fn a_visit_that_is_cut_off_leaves_nothing_and_gives_its_origin_back() {
    let web = Web::start().await;
    let late = Document::json(&card("com.acme/tides", "https://acme.com/mcp"));
    web.hosts.slow("acme.com", CARD, Duration::from_secs(60), late);
    web.add("acme.com").await;
    let stop = CancellationToken::new();
    let policy = Policy { first_byte_timeout: Duration::from_secs(60), ..web.config().policy };
    let crawler = web.crawler_with(Config { policy, ..rarely(&web) });
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { crawler.run(stop).await }
    });
    let asked = async {
        while !web.hosts.paths("acme.com").contains(&CARD.to_owned()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("the visit begins");
    stop.cancel();
    running.await.expect("no panic").expect("it stops");
    let row = web.row("acme.com").await;
    assert_eq!((row.leased_until, row.crawled_at), (None, None), "it is due at once");
    assert_eq!(web.changes().await, 0);
}

#[tokio::test]
async fn a_schedule_that_is_none_is_refused() {
    let web = Web::start().await;
    let config = Config { schedule: "every now and then".to_owned(), ..web.config() };
    let refused =
        Crawler::new(config, web.database.pool(), Arc::new(web.clock.clone())).err().expect("no schedule");
    assert!(refused.to_string().contains("`every now and then` is no schedule"), "{refused}");
}
