//! H1–H14.

use url::Url;

use super::Example;
use super::Shown::Host;
use crate::lint::host::{Failure, Hosting};
use crate::lint::table::{H1, H2, H3, H4, H5, H6, H7, H8, H9, H10, H11, H12, H13, H14};

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

fn set(host: &mut Hosting, name: &'static str, value: &str) {
    host.headers.insert(name, value.parse().expect("a value"));
}

pub(super) const EXAMPLES: &[Example] = &[
    Example(&H1, Host(|_| {}), Host(|host| host.asked = url("http://example.com/card")), ""),
    Example(
        &H2,
        Host(|_| {}),
        Host(|host| host.failure = Some(Failure::Fetch("no connection to `example.com`".into()))),
        "",
    ),
    Example(&H3, Host(|_| {}), Host(|host| host.status = 401), ""),
    Example(
        &H4,
        Host(|host| set(host, "content-type", "application/json; charset=utf-8")),
        Host(|host| set(host, "content-type", "text/html")),
        "header.content-type",
    ),
    Example(&H4, Host(|_| {}), Host(|host| _ = host.headers.remove("content-type")), "header.content-type"),
    Example(
        &H5,
        Host(|host| host.answered = url("https://www.example.com/card")),
        Host(|host| host.answered = url("https://example.net/card")),
        "",
    ),
    Example(
        &H6,
        Host(|_| {}),
        Host(|host| set(host, "access-control-allow-origin", "https://a.example")),
        "header.access-control-allow-origin",
    ),
    Example(
        &H7,
        Host(|host| {
            let mut preflight = host.headers.clone();
            preflight.insert("access-control-allow-headers", "*".parse().expect("a value"));
            host.headers.remove("access-control-allow-headers");
            host.preflight = Some(preflight);
        }),
        Host(|host| _ = host.headers.remove("access-control-allow-methods")),
        "header.access-control-allow-methods",
    ),
    Example(
        &H7,
        Host(|_| {}),
        Host(|host| set(host, "access-control-allow-headers", "content-type")),
        "header.access-control-allow-headers",
    ),
    Example(
        &H8,
        Host(|host| set(host, "access-control-expose-headers", "x-a, etag")),
        Host(|host| set(host, "access-control-expose-headers", "x-a")),
        "header.access-control-expose-headers",
    ),
    Example(
        &H9,
        Host(|host| set(host, "cache-control", "max-age=60")),
        Host(|host| set(host, "cache-control", "no-store")),
        "header.cache-control",
    ),
    Example(&H9, Host(|_| {}), Host(|host| _ = host.headers.remove("cache-control")), "header.cache-control"),
    Example(
        &H10,
        Host(|host| set(host, "etag", "W/\"1\"")),
        Host(|host| {
            host.headers.remove("etag");
            host.revalidated = None;
        }),
        "header.etag",
    ),
    Example(&H11, Host(|_| {}), Host(|host| host.revalidated = Some(200)), "header.etag"),
    Example(&H12, Host(|_| {}), Host(|host| host.plain = Some((406, false))), ""),
    Example(&H12, Host(|_| {}), Host(|host| host.plain = Some((200, false))), ""),
    Example(
        &H13,
        Host(|_| {}),
        Host(|host| host.failure = Some(Failure::Robots("robots.txt disallows `/card`".into()))),
        "robots.txt",
    ),
    Example(&H14, Host(|_| {}), Host(|host| host.is_catch_all = true), ""),
];
