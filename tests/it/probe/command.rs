//! `cardinal probe`, as an operator runs it.

use serde_json::Value;

use crate::crawl::{CARD, card, serve};
use crate::harness::host::Hosts;
use crate::harness::mcp::{self, Kind};
use crate::harness::program::{Said, data_dir, run};

/// The program with a data directory, reaching these hosts.
fn said(hosts: &Hosts, data: &std::path::Path, arguments: &[&str]) -> Said {
    let (connect_to, authority) = (hosts.connect_to(), hosts.ca_file().display().to_string());
    let place = data.to_str().expect("a path");
    let reached = [
        "--data-dir",
        place,
        "--crawler-connect-to",
        &connect_to,
        "--crawler-ca-file",
        &authority,
        "--crawler-own-hosts",
        "*.com",
    ];
    run(&[arguments, &reached[..]].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_a_listed_server_is_asked_now() {
    let (data, hosts) = (data_dir(), Hosts::start().await);
    mcp::serve(&hosts, "acme.com", Kind::Legacy("2025-06-18"), &[("forecast", "Tells the tides")]);
    mcp::serve(&hosts, "gone.com", Kind::NotFound, &[]);
    serve(&hosts, "acme.com", CARD, &card("com.acme/tides", "https://acme.com/mcp"));

    let alive = said(&hosts, data.path(), &["probe", "https://acme.com/mcp"]);
    assert_eq!(alive.code, Some(0), "{}{}", alive.out, alive.err);
    for part in ["https://acme.com/mcp", "alive", "2025-06-18", "forecast"] {
        assert!(alive.out.contains(part), "{part}: {}", alive.out);
    }
    let gone = said(&hosts, data.path(), &["probe", "https://gone.com/mcp", "--json"]);
    assert_eq!(gone.code, Some(1), "{}{}", gone.out, gone.err);
    let report: Value = serde_json::from_str(&gone.out).expect("JSON");
    assert_eq!(
        (&report[0]["url"], &report[0]["found"]),
        (&"https://gone.com/mcp".into(), &"not-mcp".into()),
        "{report}"
    );

    let crawled = said(&hosts, data.path(), &["crawl", "acme.com"]);
    assert_eq!(crawled.code, Some(0), "{}{}", crawled.out, crawled.err);
    let listed = said(&hosts, data.path(), &["probe", "com.acme/tides", "--json"]);
    assert_eq!(listed.code, Some(0), "{}{}", listed.out, listed.err);
    let report: Value = serde_json::from_str(&listed.out).expect("JSON");
    assert_eq!(
        (&report[0]["state"], &report[0]["tools"][0]),
        (&"alive".into(), &"forecast".into()),
        "{report}"
    );
}

#[test]
fn what_cannot_be_asked_is_told_in_a_sentence() {
    let data = data_dir();
    let place = data.path().to_str().expect("a path");
    for (what, parts) in [
        ("com.acme/nothing", ["no server `com.acme/nothing`", "cardinal search"]),
        ("http://acme.com/mcp", ["http://acme.com/mcp", "cannot be probed"]),
        ("acme", ["`acme`", "namespace/name"]),
    ] {
        let said = run(&["probe", what, "--data-dir", place]);
        assert_eq!(said.code, Some(1), "{what}: {}{}", said.out, said.err);
        for part in parts {
            assert!(said.err.contains(part), "{what}: {}", said.err);
        }
    }
}
