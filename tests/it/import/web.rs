//! Sources on the web: another registry's list, page after page, and files.

use serde_json::{Value, json};
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Here, counts, entry, lines};

/// The second page's name, which a careless client sends as it is.
const CURSOR: &str = "com.example/a:1.0.0+b&c=d";

fn page(entries: &[Value], next: Option<&str>) -> ResponseTemplate {
    let mut metadata = json!({ "count": entries.len() });
    if let Some(next) = next {
        metadata["nextCursor"] = json!(next);
    }
    ResponseTemplate::new(200).set_body_json(json!({ "servers": entries, "metadata": metadata }))
}

async fn first_page(upstream: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(at))
        .and(query_param_is_missing("cursor"))
        .respond_with(answer)
        .mount(upstream)
        .await;
}

#[tokio::test]
async fn a_list_is_followed_to_its_end_with_the_operators_own_query() {
    let here = Here::start().await;
    let upstream = MockServer::start().await;
    let list = "/mirror/v0/servers";
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    Mock::given(path(list)).respond_with(busy).up_to_n_times(1).mount(&upstream).await;
    Mock::given(path(list))
        .and(query_param("cursor", CURSOR))
        .and(query_param("search", "a b"))
        .respond_with(page(&[entry("com.example/b", "1.0.0", true), json!({ "server": {} })], Some("last")))
        .mount(&upstream)
        .await;
    Mock::given(path(list))
        .and(query_param("cursor", "last"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(2)
        .mount(&upstream)
        .await;
    Mock::given(path(list))
        .and(query_param("cursor", "last"))
        .respond_with(page(&[], None))
        .mount(&upstream)
        .await;
    first_page(&upstream, list, page(&[entry("com.example/a", "1.0.0", true)], Some(CURSOR))).await;

    let summary = here.try_import(&format!("{}{list}?search=a%20b", upstream.uri())).await.unwrap();

    assert_eq!(counts(&summary), (2, 0, 0, 0, 1));
    assert_eq!(here.latest().await, ["com.example/a 1.0.0", "com.example/b 1.0.0"]);
    let bad = &here.report()[0];
    assert_eq!((&bad["page"], &bad["entry"]), (&json!(2), &json!(3)));
    let asked = upstream.received_requests().await.unwrap();
    assert_eq!(asked.len(), 6);
    let queries: Vec<_> = asked.iter().map(|request| request.url.query().unwrap_or_default()).collect();
    assert_eq!(queries[1], "search=a%20b", "nothing is added");
    assert_eq!(queries[2], "search=a%20b&cursor=com.example%2Fa%3A1.0.0%2Bb%26c%3Dd");
}

#[tokio::test]
async fn a_cursor_that_comes_twice_is_an_error_and_what_was_read_stays() {
    let here = Here::start().await;
    let upstream = MockServer::start().await;
    Mock::given(path("/v0.1/servers"))
        .respond_with(page(&[entry("com.example/a", "1.0.0", true)], Some("again")))
        .mount(&upstream)
        .await;

    let error = here.try_import(&format!("{}/v0.1/servers", upstream.uri())).await.unwrap_err().to_string();

    assert!(error.contains("gave the cursor `again` twice"), "{error}");
    assert!(error.ends_with("2 entries were imported before"), "{error}");
    assert_eq!(here.latest().await, ["com.example/a 1.0.0"]);
    assert_eq!(upstream.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_registry_is_asked_for_the_list_it_has() {
    let here = Here::start().await;
    let upstream = MockServer::start().await;
    first_page(&upstream, "/v0/servers", page(&[entry("com.example/a", "1.0.0", true)], None)).await;

    assert_eq!(counts(&here.try_import(&upstream.uri()).await.unwrap()), (1, 0, 0, 0, 0));

    let asked = upstream.received_requests().await.unwrap();
    let paths: Vec<_> = asked.iter().map(|request| request.url.path()).collect();
    assert_eq!(paths, ["/v0.1/servers", "/v0/servers"]);
}

#[tokio::test]
async fn a_file_on_the_web_is_read_in_any_form() {
    let here = Here::start().await;
    let upstream = MockServer::start().await;
    let dump = lines(&[entry("com.example/a", "1.0.0", true)]);
    let answer = ResponseTemplate::new(200).set_body_raw(dump, "application/x-ndjson");
    Mock::given(path("/dump.ndjson")).respond_with(answer).mount(&upstream).await;
    first_page(&upstream, "/catalog", page(&[entry("com.example/b", "1.0.0", true)], Some("two"))).await;
    Mock::given(path("/catalog"))
        .and(query_param("cursor", "two"))
        .respond_with(page(&[entry("com.example/c", "1.0.0", true)], None))
        .mount(&upstream)
        .await;

    let dump = here.try_import(&format!("{}/dump.ndjson", upstream.uri())).await.unwrap();
    assert_eq!(counts(&dump), (1, 0, 0, 0, 0));
    let list = here.try_import(&format!("{}/catalog", upstream.uri())).await.unwrap();
    assert_eq!(counts(&list), (2, 0, 0, 0, 0));
    assert_eq!(here.latest().await.len(), 3);
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_is_told_with_its_status() {
    let here = Here::start().await;
    let upstream = MockServer::start().await;
    Mock::given(path("/v0/servers"))
        .respond_with(ResponseTemplate::new(500))
        .expect(6)
        .mount(&upstream)
        .await;
    let list = format!("{}/v0/servers", upstream.uri());
    let error = here.try_import(&list).await.unwrap_err().to_string();
    assert_eq!(error, format!("`{list}` answered with status 500; 0 entries were imported before"));
    let page = ResponseTemplate::new(200).set_body_raw(vec![b' '; 10 * 1024 * 1024 + 1], "application/json");
    Mock::given(path("/big/v0/servers")).respond_with(page).mount(&upstream).await;
    let error = here.try_import(&format!("{}/big/v0/servers", upstream.uri())).await.unwrap_err().to_string();
    assert!(error.contains("a page of more than 10 MiB"), "{error}");
}
