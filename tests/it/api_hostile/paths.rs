//! Paths and queries that no client means.

use super::Target;

async fn status(target: &Target, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target.address());
    let head = target.raw(request).await.head().await;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no status: {head:?}")), head)
}

#[tokio::test(flavor = "multi_thread")]
async fn tricks_with_encodings_lead_nowhere() {
    let target = Target::start();
    for (path, expected) in [
        ("/v0/servers/a%00b", 400),
        ("/v0/servers/a%2500b/versions", 400),
        ("/v0/servers/a%252500b/versions", 404),
        ("/v0/servers?search=a%00b", 400),
        ("/v0/servers?search=a%2500b", 200),
        ("/v0/servers?%00", 400),
        ("/v0/servers?cursor=%2500", 200),
        ("/v0/servers/a%2Fb/versions", 404),
        ("/v0/servers/a%252Fb/versions", 404),
        ("/v0/servers/a%25252Fb/versions", 404),
        ("/v0/servers/a%25zz/versions", 400),
        ("/v0/servers/%25ff/versions", 400),
        ("/v0/servers/a%2Fb/versions/%25", 400),
        ("/v0/servers/..%2F..%2Fetc%2Fpasswd/versions", 404),
        ("/v0/servers/%2E%2E/%2E%2E/etc", 404),
        ("/static/..%2F..%2Fetc%2Fpasswd", 404),
        ("/static/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/v0/servers?limit=1%00", 400),
        ("/v0/servers?search=%ff%fe", 200),
        ("/v0/servers?search=%", 200),
        ("/v0/servers?cursor=c1.%F0%9F%98%80", 200),
        ("/v0/servers?cursor=c1.eyJuIjoxfQ", 200),
        ("/v0/servers?version=%F0%9F%98%80", 200),
        ("/v0/servers?", 200),
        ("/v0/servers?&&&=&==", 200),
    ] {
        let (got, head) = status(&target, path).await;
        assert_eq!(got, expected, "{path}: {head}");
    }
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_never_leads_to_another_host() {
    let target = Target::start();
    for path in [
        "//evil.example/",
        "//evil.example",
        "/\\evil.example/",
        "/\\/evil.example/",
        "/%2F/evil.example/",
        "/v0//evil.example/../",
        "/v0/%0d%0aX:%20y/",
        "/.//evil.example",
        "/..//evil.example/",
    ] {
        let (code, head) = status(&target, path).await;
        let location = head.lines().find_map(|line| line.strip_prefix("location: "));
        let Some(location) = location else {
            assert!(code == 404 || code == 400, "{path}: {head}");
            continue;
        };
        assert!(location.starts_with('/'), "{path}: {head}");
        assert!(!location.starts_with("//") && !location.starts_with("/\\"), "{path}: {head}");
        assert!(!head.contains("\nX:"), "{head}");
    }
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_addresses_are_read_or_refused() {
    let target = Target::start();
    let name = "a".repeat(8_000);
    assert_eq!(status(&target, &format!("/v0/servers/{name}/versions")).await.0, 404);
    assert_eq!(status(&target, &format!("/v0/servers/{}", "a/".repeat(4_000))).await.0, 308);
    assert_eq!(status(&target, &format!("/v0/{}x", "y/".repeat(4_000))).await.0, 404);
    assert_eq!(status(&target, &format!("/v0/servers?search={}", "b".repeat(60_000))).await.0, 200);
    assert_eq!(status(&target, &format!("/v0/servers?search={}", "b%20".repeat(15_000))).await.0, 200);
    assert_eq!(status(&target, &format!("/v0/servers?cursor=c1.{}", "e".repeat(60_000))).await.0, 200);
    assert_eq!(status(&target, &format!("/v0/servers?{}", "a=b&".repeat(15_000))).await.0, 200);
    for path in [format!("/v0/servers?search={}", "b".repeat(64 << 10)), format!("/{}", "c".repeat(100_000))]
    {
        assert_eq!(status(&target, &path).await.0, 414);
    }
    target.assert_well().await;
}
