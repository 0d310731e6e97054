//! Bodies that are too large, too slow or wait to be asked for.

use std::time::{Duration, Instant};

use super::{Target, anonymous};

fn head(target: &Target, more: &str) -> String {
    format!(
        "POST /v0/publish HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer x\r\n{more}\r\n",
        target.address()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_are_refused_sent_or_not() {
    let target = Target::start();
    let mut declared = target.raw(head(&target, "Content-Length: 10000000\r\n")).await;
    assert_eq!(declared.status().await, 413, "the length alone is enough");
    // Clients that read no answer before they have sent everything get it too.
    let mut sent = target.raw(head(&target, "Content-Length: 10000000\r\n")).await;
    sent.write(&vec![b' '; 10_000_000]).await;
    assert_eq!(sent.status().await, 413);
    let mut absurd = target.raw(head(&target, "Content-Length: 99999999999999999999\r\n")).await;
    assert_eq!(absurd.status().await, 400, "and a length beyond all numbers is none");

    // Nobody says how long this one is; it is refused as soon as it is over the limit.
    let mut chunked = target.raw(head(&target, "Transfer-Encoding: chunked\r\n")).await;
    let chunk = [b"10000\r\n", &vec![b' '; 0x10000][..], b"\r\n"].concat();
    for _ in 0..16 {
        chunked.write(&chunk).await;
    }
    chunked.write(b"1\r\n \r\n").await;
    assert_eq!(chunked.status().await, 413);

    let exact = format!("{}{}", head(&target, "Content-Length: 1048576\r\n"), " ".repeat(1 << 20));
    assert_eq!(target.raw(exact).await.status().await, 400, "what is as large as allowed is read");
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_given_up() {
    let target = Target::start();
    let begun = Instant::now();
    let mut stalled = target.raw(head(&target, "Content-Length: 100\r\n") + "{\"name\":").await;
    let mut silent = target.raw(head(&target, "Content-Length: 100\r\n")).await;
    let mut chunked = target.raw(head(&target, "Transfer-Encoding: chunked\r\n") + "1\r\n{\r\n").await;
    assert_eq!((stalled.status().await, silent.status().await, chunked.status().await), (408, 408, 408));
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(4) && took < Duration::from_secs(15), "{took:?}");
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_asked_for_only_when_it_is_wanted() {
    let target = Target::start();
    let body = anonymous("waiting").to_string();
    let more = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", body.len());
    let head = |more: &str, token: &str| head(&target, more).replace("Bearer x", &format!("Bearer {token}"));
    let mut waiting = target.raw(head(&more, &target.token().await)).await;
    assert_eq!(waiting.status().await, 100);
    waiting.write(body.as_bytes()).await;
    assert_eq!(waiting.status().await, 200);
    let mut large = target.raw(head("Expect: 100-continue\r\nContent-Length: 10000000\r\n", "x")).await;
    assert_eq!(large.status().await, 413, "nobody asks for this one");
    let mut wrong = target.raw(head(&format!("{more}Content-Type: text/plain\r\n"), "x")).await;
    assert_eq!(wrong.status().await, 415);
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_two_readers_would_split_differently_are_refused() {
    let target = Target::start();
    for more in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Bad Header: x\r\n",
    ] {
        let mut odd = target.raw(head(&target, more) + "0\r\n\r\n").await;
        assert_eq!(odd.status().await, 400, "{more}");
    }
    target.assert_well().await;
}
