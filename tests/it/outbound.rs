//! The guarded client against hosts that behave, hosts that do not, and hosts that try to send it inside.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::harness::dns::DnsServer;
use crate::harness::host::{Document, Hosts};
use flate2::Compression;
use flate2::write::GzEncoder;
use registry_core::outbound::{Client, FailureClass, FetchError, Fetched, Get, Policy};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

const CATALOG: &str = "application/ai-catalog+json, application/json;q=0.9, */*;q=0.1";

fn ask(url: &str) -> Get {
    Get::new(Url::parse(url).expect("the test's address is one"), CATALOG, 100_000)
}

async fn get(policy: Policy, url: &str) -> Result<Fetched, FetchError> {
    Client::new(policy).expect("the policy is usable").get(&ask(url)).await
}

async fn refusal(policy: Policy, url: &str) -> (FailureClass, String) {
    let error = get(policy, url).await.expect_err("this is refused");
    (error.class(), error.to_string())
}

/// The strict policy with limits that a test can wait for.
fn impatient(policy: Policy) -> Policy {
    let (first_byte_timeout, total_timeout) = (Duration::from_millis(300), Duration::from_millis(800));
    Policy { connect_timeout: Duration::from_millis(200), first_byte_timeout, total_timeout, ..policy }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn install_provider() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

#[tokio::test]
async fn fetches_a_document_under_its_own_name() {
    let hosts = Hosts::start().await;
    let document = Document::json(&json!({"specVersion": "1.0"}))
        .with_etag("\"v1\"")
        .with_header("last-modified", "Tue, 24 Nov 2026 10:00:00 GMT")
        .with_header("cache-control", "max-age=3600")
        .with_header("link", "<https://a.example/one>; rel=\"service-desc\"")
        .with_header("link", "<https://a.example/two>; rel=\"alternate\"");
    hosts.serve("a.example", "/.well-known/ai-catalog.json", document);

    let fetched = get(hosts.policy(), "https://a.example/.well-known/ai-catalog.json#part").await.unwrap();

    assert_eq!(fetched.status, 200);
    assert_eq!(fetched.body, br#"{"specVersion":"1.0"}"#);
    assert_eq!(fetched.final_url.as_str(), "https://a.example/.well-known/ai-catalog.json");
    assert_eq!(fetched.chain, std::slice::from_ref(&fetched.final_url));
    assert!(!fetched.moved_permanently);
    assert_eq!(fetched.etag.as_deref(), Some("\"v1\""));
    assert_eq!(fetched.last_modified.as_deref(), Some("Tue, 24 Nov 2026 10:00:00 GMT"));
    assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
    assert_eq!(fetched.cache_control.as_deref(), Some("max-age=3600"));
    assert_eq!(fetched.link.len(), 2);
    let requests = hosts.requests();
    let [request] = requests.as_slice() else { panic!("one request, not {requests:?}") };
    assert_eq!((request.domain.as_str(), request.method.as_str()), ("a.example", "GET"));
    assert_eq!(request.header("accept"), Some(CATALOG));
    assert_eq!(request.header("accept-encoding"), Some("gzip, br, zstd"));
    assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("Cardinal/")));
    assert_eq!(request.header("cookie").or(request.header("authorization")), None);
}

#[tokio::test]
async fn an_unchanged_document_is_304_and_empty() {
    let hosts = Hosts::start().await;
    hosts.serve("a.example", "/card", Document::text("hello").with_etag("W/\"7\""));
    let client = Client::new(hosts.policy()).unwrap();

    let first = client.get(&ask("https://a.example/card")).await.unwrap();
    let again =
        Get { etag: first.etag.clone(), last_modified: Some("then".into()), ..ask("https://a.example/card") };
    let second = client.get(&again).await.unwrap();

    assert_eq!((first.status, first.body.as_slice()), (200, b"hello".as_slice()));
    assert_eq!((second.status, second.body.as_slice()), (304, b"".as_slice()));
    assert_eq!(second.etag.as_deref(), Some("W/\"7\""));
    assert_eq!(hosts.requests()[1].header("if-modified-since"), None);
}

#[tokio::test]
async fn an_absent_document_is_an_answer() {
    let hosts = Hosts::start().await;
    let fetched = get(hosts.policy(), "https://a.example/nothing").await.unwrap();
    assert_eq!((fetched.status, fetched.body.as_slice()), (404, b"not found".as_slice()));
}

#[tokio::test]
async fn follows_redirects_without_a_referer_and_keeps_the_chain() {
    let hosts = Hosts::start().await;
    hosts.redirect("a.example", "/one", "/two");
    hosts.redirect("a.example", "/two", "https://b.example/three#there");
    hosts.serve("b.example", "/three", Document::text("found"));

    let fetched = get(hosts.policy(), "https://a.example/one").await.unwrap();

    let chain: Vec<_> = fetched.chain.iter().map(Url::as_str).collect();
    assert_eq!(chain, ["https://a.example/one", "https://a.example/two", "https://b.example/three"]);
    assert_eq!(fetched.final_url.as_str(), "https://b.example/three");
    assert_eq!(fetched.body, b"found");
    assert!(!fetched.moved_permanently);
    assert!(hosts.requests().iter().all(|request| request.header("referer").is_none()));
}

#[tokio::test]
async fn says_when_every_redirect_was_permanent() {
    let hosts = Hosts::start().await;
    hosts.serve("a.example", "/one", Document::status(308).with_header("location", "/two"));
    hosts.serve("a.example", "/two", Document::status(301).with_header("location", "/three"));
    assert!(get(hosts.policy(), "https://a.example/one").await.unwrap().moved_permanently);
}

#[tokio::test]
async fn gives_up_after_five_redirects() {
    let hosts = Hosts::start().await;
    for hop in 0..6 {
        hosts.redirect("a.example", &format!("/{hop}"), &format!("/{}", hop + 1));
    }
    hosts.serve("a.example", "/6", Document::text("found"));

    assert_eq!(get(hosts.policy(), "https://a.example/1").await.unwrap().chain.len(), 6);
    let (class, sentence) = refusal(hosts.policy(), "https://a.example/0").await;
    assert_eq!(class, FailureClass::Protocol);
    assert_eq!(
        sentence,
        "`https://a.example/0` was redirected more than 5 times; let it lead to its document directly"
    );
}

#[tokio::test]
async fn does_not_follow_redirects_inside_or_away_from_https() {
    let hosts = Hosts::start().await;
    for (to, why) in [
        ("https://169.254.169.254/latest/meta-data/", "`169.254.169.254` is a link-local address"),
        ("https://[::1]/", "`::1` is a loopback address"),
        ("http://b.example/", "`http://b.example/` is not an https address"),
        ("https://b.example:8443/", "port 8443 of `b.example` is refused"),
        ("https://me:secret@b.example/", "carries a user name or password"),
    ] {
        hosts.redirect("a.example", "/go", to);
        let (class, sentence) = refusal(hosts.policy(), "https://a.example/go").await;
        assert_eq!(class, FailureClass::Refused, "{to}");
        assert!(sentence.starts_with("`https://a.example/go` redirects to a place that is refused: "));
        assert!(sentence.contains(why) && !sentence.contains("secret"), "{to}: {sentence}");
    }
    assert!(hosts.requests().iter().all(|request| request.domain == "a.example"));
}

#[tokio::test]
async fn a_name_that_leads_to_loopback_is_refused() {
    let hosts = Hosts::start().await;
    hosts.catch_all("*", Document::text("inside"));
    let policy = Policy { connect_to: Vec::new(), ..hosts.policy() };

    let (class, sentence) = refusal(policy.clone(), "https://localhost/").await;
    assert_eq!(class, FailureClass::Refused);
    assert!(sentence.starts_with("`localhost` resolves to `"), "{sentence}");
    assert!(sentence.contains("a loopback address"), "{sentence}");

    // An override that keeps the host is no way around, nor is one that matches addresses.
    let kept = format!("*:443::{}", hosts.port()).parse().unwrap();
    let (class, _) = refusal(Policy { connect_to: vec![kept], ..policy.clone() }, "https://localhost/").await;
    assert_eq!(class, FailureClass::Refused);
    let (class, _) = refusal(hosts.policy(), &format!("https://127.0.0.1:{}/", hosts.port())).await;
    assert_eq!(class, FailureClass::Refused);
    assert!(hosts.requests().is_empty());
}

#[tokio::test]
async fn an_allowed_network_admits_names_on_other_ports() {
    let hosts = Hosts::start().await;
    hosts.serve("localhost", "/", Document::text("inside"));
    let networks = ["127.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap()).to_vec();
    let policy = Policy { connect_to: Vec::new(), allow_networks: networks, ..hosts.policy() };
    let fetched = get(policy, &format!("https://localhost:{}/", hosts.port())).await.unwrap();
    assert_eq!(fetched.body, b"inside");
}

#[tokio::test]
async fn an_override_of_another_port_keeps_the_name_and_the_host_header() {
    let hosts = Hosts::start().await;
    hosts.serve("a.example", "/", Document::text("found"));
    let rule = format!("a.example:8443:127.0.0.1:{}", hosts.port()).parse().unwrap();
    let policy = Policy { connect_to: vec![rule], ..hosts.policy() };

    let fetched = get(policy, "https://a.example:8443/").await.unwrap();

    assert_eq!(fetched.final_url.as_str(), "https://a.example:8443/");
    assert_eq!(hosts.requests()[0].header("host"), Some("a.example:8443"));
}

#[tokio::test]
async fn credentials_in_an_address_are_refused() {
    let hosts = Hosts::start().await;
    let (class, sentence) = refusal(hosts.policy(), "https://me:secret@a.example/").await;
    assert_eq!(class, FailureClass::Refused);
    assert_eq!(sentence, "the address on `a.example` carries a user name or password, or a key; remove it");
}

#[tokio::test]
async fn reads_gzip_up_to_the_limit_and_no_bomb() {
    let hosts = Hosts::start().await;
    let packed = |size: usize| {
        Document::new("application/json", gzip(&vec![b' '; size])).with_header("content-encoding", "gzip")
    };
    hosts.serve("a.example", "/fits", packed(100_000));
    hosts.serve("a.example", "/bomb", packed(50_000_000));

    assert_eq!(get(hosts.policy(), "https://a.example/fits").await.unwrap().body.len(), 100_000);
    let (class, sentence) = refusal(hosts.policy(), "https://a.example/bomb").await;
    assert_eq!(class, FailureClass::TooLarge);
    assert_eq!(sentence, "the answer of `https://a.example/bomb` is larger than 100000 bytes");
}

#[tokio::test]
async fn stops_reading_a_body_at_the_limit() {
    let hosts = Hosts::start().await;
    hosts.serve("a.example", "/declared", Document::new("text/plain", vec![b' '; 100_001]));
    hosts.serve("a.example", "/error", Document::new("text/plain", vec![b' '; 100_001]).with_status(500));
    hosts.endless("a.example", "/endless");

    assert_eq!(refusal(hosts.policy(), "https://a.example/declared").await.0, FailureClass::TooLarge);
    assert_eq!(refusal(hosts.policy(), "https://a.example/endless").await.0, FailureClass::TooLarge);
    let error_page = get(hosts.policy(), "https://a.example/error").await.unwrap();
    assert_eq!((error_page.status, error_page.body.len()), (500, 64 * 1024));
}

#[tokio::test]
async fn waits_no_longer_than_the_policy_says() {
    let hosts = Hosts::start().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    hosts.slow("a.example", "/slow", Duration::from_secs(60), Document::text("late"));
    hosts.dripping("a.example", "/drip", Duration::from_millis(20));
    let rule = format!("silent.example:443:127.0.0.1:{}", silent.local_addr().unwrap().port());
    let mut policy = impatient(hosts.policy());
    policy.connect_to.insert(0, rule.parse().unwrap());

    let started = Instant::now();
    for (url, expected) in [
        ("https://a.example/slow", "`a.example` did not begin to answer within 300ms"),
        ("https://a.example/drip", "`https://a.example/drip` was not answered completely within 800ms"),
        ("https://silent.example/", "no connection to `silent.example` within 200ms"),
    ] {
        let (class, sentence) = refusal(policy.clone(), url).await;
        assert_eq!((class, sentence.as_str()), (FailureClass::TimedOut, expected));
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_a_tls_failure() {
    let hosts = Hosts::start().await;
    let stranger = Hosts::start().await;
    let policy = Policy { ca_file: Some(stranger.ca_file().to_owned()), ..hosts.policy() };
    let (class, sentence) = refusal(policy, "https://a.example/").await;
    assert_eq!(class, FailureClass::Tls);
    assert!(sentence.starts_with("no secure connection to `a.example`: "), "{sentence}");
    assert!(hosts.requests().is_empty());
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    install_provider();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let rule = format!("*:443:127.0.0.1:{closed}").parse().unwrap();
    let (class, sentence) =
        refusal(Policy { connect_to: vec![rule], ..Policy::default() }, "https://a.example/").await;
    assert_eq!(class, FailureClass::Unreachable);
    assert!(sentence.starts_with("no connection to `a.example`: "), "{sentence}");
}

#[tokio::test]
async fn asks_again_for_anything_after_a_406() {
    let hosts = Hosts::start().await;
    hosts.respond("a.example", "/picky", |request| match request.header("accept") {
        Some("*/*") => Document::text("here"),
        _ => Document::status(406),
    });
    hosts.serve("a.example", "/never", Document::status(406));

    assert_eq!(get(hosts.policy(), "https://a.example/picky").await.unwrap().body, b"here");
    assert_eq!(get(hosts.policy(), "https://a.example/never").await.unwrap().status, 406);
    assert_eq!(hosts.paths("a.example"), ["/picky", "/picky", "/never", "/never"]);
}

#[tokio::test]
async fn a_broken_answer_is_a_protocol_failure() {
    let hosts = Hosts::start().await;
    let broken = Document::new("text/plain", "not gzip").with_header("content-encoding", "gzip");
    hosts.serve("a.example", "/broken", broken);
    hosts.redirect("a.example", "/nowhere", "https://");

    assert_eq!(refusal(hosts.policy(), "https://a.example/broken").await.0, FailureClass::Protocol);
    let (class, sentence) = refusal(hosts.policy(), "https://a.example/nowhere").await;
    assert_eq!(class, FailureClass::Protocol);
    assert_eq!(sentence, "`https://a.example/nowhere` redirects to something that is no address");
}

#[tokio::test]
async fn a_useless_ca_file_is_named_at_the_start() {
    let hosts = Hosts::start().await;
    let empty = tempfile::NamedTempFile::new().unwrap();
    let missing = Policy { ca_file: Some("/nowhere/ca.pem".into()), ..hosts.policy() };
    let useless = Policy { ca_file: Some(empty.path().to_owned()), ..hosts.policy() };
    let sentence = Client::new(missing).expect_err("no such file").to_string();
    assert!(sentence.starts_with("the CA file `/nowhere/ca.pem` cannot be read: "), "{sentence}");
    let sentence = Client::new(useless).expect_err("no certificate").to_string();
    assert!(sentence.contains("holds no certificate"), "{sentence}");
}

/// Bytes packed by one of the library's encoders.
macro_rules! packed {
    ($encoder:expr, $bytes:expr) => {{
        let mut encoder = $encoder;
        encoder.write_all($bytes).await.expect("memory takes everything");
        encoder.shutdown().await.expect("memory takes everything");
        encoder.into_inner()
    }};
}

#[tokio::test]
async fn reads_brotli_and_zstd_up_to_the_limit_and_no_bomb() {
    use async_compression::Level;
    use async_compression::tokio::write::{BrotliEncoder, ZstdEncoder};
    use async_compression::zstd::CParameter;
    use tokio::io::AsyncWriteExt;
    let hosts = Hosts::start().await;
    let serve = |path: &str, coding: &str, body: Vec<u8>| {
        hosts.serve(
            "a.example",
            path,
            Document::new("application/json", body).with_header("content-encoding", coding),
        );
    };
    let (fits, bomb) = (vec![b' '; 100_000], vec![b' '; 4_000_000]);
    serve("/br", "br", packed!(BrotliEncoder::with_quality(Vec::new(), Level::Fastest), &fits));
    serve("/zstd", "zstd", packed!(ZstdEncoder::new(Vec::new()), &fits));
    serve("/br-bomb", "br", packed!(BrotliEncoder::with_quality(Vec::new(), Level::Fastest), &bomb));
    serve("/zstd-bomb", "zstd", packed!(ZstdEncoder::new(Vec::new()), &bomb));
    let wide = [CParameter::window_log(27)];
    serve(
        "/wide",
        "zstd",
        packed!(ZstdEncoder::with_quality_and_params(Vec::new(), Level::Fastest, &wide), &bomb),
    );
    serve("/twice", "gzip, br", gzip(b"{}"));
    serve("/odd", "compress", gzip(b"{}"));
    for path in ["/br", "/zstd"] {
        let fetched = get(hosts.policy(), &format!("https://a.example{path}")).await.expect("it fits");
        assert_eq!(fetched.body.len(), 100_000, "{path}");
    }
    for (path, expected, words) in [
        ("/br-bomb", FailureClass::TooLarge, "larger than 100000 bytes"),
        ("/zstd-bomb", FailureClass::TooLarge, "larger than 100000 bytes"),
        ("/wide", FailureClass::Protocol, "unusable"),
        ("/twice", FailureClass::Protocol, "pack it once"),
        ("/odd", FailureClass::Protocol, "none of gzip, br, zstd"),
    ] {
        let (class, sentence) = refusal(hosts.policy(), &format!("https://a.example{path}")).await;
        assert_eq!(class, expected, "{path}: {sentence}");
        assert!(sentence.contains(words), "{path}: {sentence}");
    }
}

#[tokio::test]
async fn a_name_that_moves_inside_is_kept_to_its_first_address_and_then_refused() {
    let (hosts, dns) = (Hosts::start().await, DnsServer::start().await);
    hosts.serve("a.example", "/card", Document::text("found"));
    dns.addresses("a.example", &[[127, 0, 0, 1].into(), [10, 0, 0, 1].into()]);
    let policy = Policy {
        connect_to: vec![format!("*:443::{}", hosts.port()).parse().expect("an override")],
        allow_networks: vec!["127.0.0.1/32".parse().expect("a network")],
        dns: vec![dns.address()],
        ..hosts.policy()
    };
    let client = Client::new(policy.clone()).expect("the policy is usable");
    let request = ask("https://a.example/card");

    assert_eq!(client.address(&request.url).await, Some([127, 0, 0, 1].into()));
    for _ in 0..2 {
        assert_eq!(client.get(&request).await.expect("it is there").body, b"found");
    }
    let asked = |name: &str| dns.asked().iter().filter(|asked| *asked == name).count();
    assert_eq!(asked("a.example"), 2, "once for each kind of address");

    // Whoever asks the name anew is led inside, and does not go.
    let (class, sentence) = refusal(policy, "https://a.example/card").await;
    assert_eq!(class, FailureClass::Refused);
    assert!(sentence.contains("`a.example` resolves to `10.0.0.1`, a private address"), "{sentence}");
    assert_eq!(hosts.requests().len(), 2);
}

#[tokio::test]
async fn an_error_page_that_cannot_be_unpacked_is_still_an_answer() {
    let hosts = Hosts::start().await;
    let missing = || Document::status(404).with_header("content-encoding", "gzip");
    hosts.serve("a.example", "/empty", missing());
    hosts.serve("a.example", "/broken", Document { body: b"no gzip".to_vec(), ..missing() });
    hosts.serve("a.example", "/twice", missing().with_header("content-encoding", "br"));
    for path in ["/empty", "/broken", "/twice"] {
        let fetched = get(hosts.policy(), &format!("https://a.example{path}")).await.expect("an answer");
        assert_eq!((fetched.status, fetched.body.as_slice()), (404, b"".as_slice()), "{path}");
    }
}
