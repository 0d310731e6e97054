//! Bodies that are complete, and odd.

use super::{Target, anonymous};

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_nest_ten_thousand_deep_are_no_json() {
    let target = Target::start();
    let lists = "[".repeat(10_000) + &"]".repeat(10_000);
    let objects = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    let inside = anonymous("deep").to_string().replacen('{', &format!("{{\"_meta\":{objects},"), 1);
    let status = "/v0/servers/io.modelcontextprotocol.anonymous%2Fdeep/status";
    for body in [lists.clone(), objects, inside, "[".repeat(500_000)] {
        let (code, problem) = target.post("/v0/publish", body.clone()).await;
        assert_eq!((code, &problem["code"]), (400, &"body-not-json".into()), "{:.200}", problem.to_string());
    }
    let (code, _) = target.post(status, lists).await;
    assert_eq!(code, 404, "POST is no method of a status");
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_texts_are_mended_or_refused_as_the_contract_says() {
    let target = Target::start();
    let body = anonymous("twice").to_string();
    let twice = body.replacen('{', "{\"name\":\"com.example/other\",\"version\":[1],", 1);
    let (code, published) = target.post("/v0/publish", twice).await;
    assert_eq!(
        (code, &published["server"]["version"]),
        (200, &"1.0.0".into()),
        "of repeated members the last counts"
    );

    let text = "Tells the weather";
    let bytes = |name: &str, words: &[u8]| {
        let body = anonymous(name).to_string();
        let (before, after) = body.split_once(text).expect("it is in there");
        [before.as_bytes(), words, after.as_bytes()].concat()
    };
    for (name, words, described) in [
        ("invalid-utf8", &b"a\xff\xc3b"[..], "a\u{fffd}\u{fffd}b"),
        ("overlong", b"\xc0\x80", "\u{fffd}\u{fffd}"),
        ("high-surrogate", br"a\ud800b", "a\u{fffd}b"),
        ("low-surrogate", br"\udc00", "\u{fffd}"),
        ("swapped-pair", br"\udc00\ud83d", "\u{fffd}\u{fffd}"),
        ("pair", br"\ud83d\ude00", "\u{1f600}"),
    ] {
        let (code, published) = target.post("/v0/publish", bytes(name, words)).await;
        assert_eq!(
            (code, &published["server"]["description"]),
            (200, &described.into()),
            "{name} {published}"
        );
    }
    for (name, words, expected) in [
        ("nul", &br"a\u0000b"[..], 400),
        ("raw-nul", b"a\0b", 400),
        ("raw-newline", b"a\nb", 400),
        ("bad-escape", br"\x", 400),
        ("half-escape", br"\ud8", 400),
    ] {
        let (code, refused) = target.post("/v0/publish", bytes(name, words)).await;
        assert_eq!(code, expected, "{name} {refused}");
    }
    let mut nul = anonymous("x");
    nul["name"] = "io.modelcontextprotocol.anonymous/a\0b".into();
    let (code, refused) = target.post("/v0/publish", nul.to_string()).await;
    assert_eq!((code, &refused["errors"][0]["location"]), (422, &"body.name".into()), "{refused}");
    target.assert_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_document_is_refused() {
    let target = Target::start();
    let good = anonymous("good").to_string();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        [b"\xef\xbb\xbf", good.as_bytes()].concat(),
        utf16,
        b"{".to_vec(),
        b"{}{}".to_vec(),
        b"null x".to_vec(),
        b"NaN".to_vec(),
        good.replace('"', "'").into_bytes(),
        format!("{good},").into_bytes(),
        vec![0; 1000],
        vec![b' '; 1000],
    ] {
        let (code, refused) = target.post("/v0/publish", body.clone()).await;
        assert_eq!(
            (code, &refused["code"]),
            (400, &"body-not-json".into()),
            "{:.40}",
            String::from_utf8_lossy(&body)
        );
    }
    for body in ["null", "true", "7", "\"x\"", "[]", "1e999999"] {
        let (code, refused) = target.post("/v0/publish", body).await;
        assert!(code == 422 || code == 400, "{body}: {code} {refused}");
    }
    for kind in [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "json",
        "*/*",
    ] {
        let (code, refused) = target.post_as(kind, "/v0/publish", good.clone()).await;
        assert_eq!(code, 415, "{kind}: {refused}");
        assert_eq!(refused["errors"][0]["message"], format!("unknown content type: {kind}"));
    }
    for kind in
        ["APPLICATION/JSON", "application/json;charset=x", "application/a+json", "application/json; =;"]
    {
        let (code, refused) = target.post_as(kind, "/v0/publish", "{}").await;
        assert_eq!(code, 422, "{kind}: {refused}");
    }
    target.assert_well().await;
}
