//! The website as a person uses it, in a real browser.

use serde_json::json;

use crate::harness::browser::Browser;
use crate::harness::registry::{Registry, document};

async fn sample() -> Registry {
    let registry = Registry::start().await;
    let alice = registry.publisher("example.com", &["com.example/*"]);
    for (name, title, description) in [
        ("com.example/weather", "Weather", "Forecasts for sailors and climbers"),
        ("com.example/chat", "Chat", "Sends a message to a team channel"),
        ("com.example/long-words", "W".repeat(100).as_str(), "x".repeat(100).as_str()),
    ] {
        let mut document = document(name, "1.0.0");
        document["title"] = json!(title);
        document["description"] = json!(description);
        document["remotes"] =
            json!([{ "type": "streamable-http", "url": format!("https://mcp.example.com/{title}") }]);
        alice.publish(&document).await.expect_status(200);
    }
    registry.indexed().await;
    registry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_search_answers_while_somebody_types_and_leads_to_a_server() {
    let Some(browser) = Browser::open(1440, 900).await else { return };
    let registry = sample().await;
    let url = registry.listen().await;

    browser.go(&url).await;
    browser.type_into("#q", "sailors fore").await;
    browser.until("return document.querySelectorAll('.hit').length === 1").await;
    assert_eq!(browser.run("return document.querySelector('.hit-link').textContent").await, "Weather");
    assert_eq!(browser.run("return location.pathname + location.search").await, "/search?q=sailors%20fore");

    browser.run("document.querySelector('.hit-link').click()").await;
    browser.until("return location.pathname === '/servers/com.example/weather'").await;
    browser.until("return document.querySelector('h1')?.textContent === 'Weather'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_page_shows_every_operation() {
    let Some(browser) = Browser::open(1440, 900).await else { return };
    let registry = Registry::start().await;
    browser.go(&format!("{}/docs", registry.listen().await)).await;
    browser.until("return document.querySelectorAll('.opblock').length >= 20").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_fits_a_phone_and_a_desk() {
    let registry = sample().await;
    let url = registry.listen().await;
    for (width, height) in [(390, 844), (1440, 900)] {
        let Some(browser) = Browser::open(width, height).await else { return };
        for path in [
            "/",
            "/search?q=weather",
            "/search",
            "/servers/com.example/weather",
            "/servers/com.example/long-words",
            "/nothing",
        ] {
            browser.go(&format!("{url}{path}")).await;
            let overflow = browser.run("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(
                overflow.as_i64().is_some_and(|pixels| pixels <= 0),
                "{path} is {overflow} pixels too wide at {width}"
            );
            let complaints = browser
                .run("return [...document.images].filter(i => !i.complete || !i.naturalWidth).length")
                .await;
            assert_eq!(complaints, 0, "{path}");
            // `PICTURES=folder` keeps what was seen, for somebody who wants to look.
            if let Some(folder) = std::env::var_os("PICTURES") {
                let file = format!("{width}{}.png", path.replace(['/', '?', '='], "-"));
                browser.picture(&std::path::Path::new(&folder).join(file)).await;
            }
        }
    }
}
