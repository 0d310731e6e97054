//! How fast the registry answers: `make bench`. The program itself serves some 20,000 versions over sockets; each figure is
//! held against `/v0/ping`, which does nothing.

mod connection;
mod corpus;
mod figures;
#[path = "../../tests/harness/program.rs"]
#[expect(dead_code, unreachable_pub, reason = "the harness is the tests'; this takes what it needs of it")]
mod program;

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;

use connection::Connection;
use figures::Figures;
use program::{Serving, data_dir, run};

/// How many pages of one entry a client walks when it is first told of a registry, and how long it may take.
const WALK: usize = 5_000;
const WALK_TIME: Duration = Duration::from_secs(2);

fn main() {
    let data = data_dir();
    let folder = data.path().to_str().expect("a path");
    for source in corpus::sources(data.path()) {
        let report = data.path().join("report.ndjson");
        let report = report.to_str().expect("a path");
        let said =
            run(&["import", source.to_str().expect("a path"), "--data-dir", folder, "--report", report]);
        assert!(said.out.contains("Imported") || said.code == Some(0), "{}{}", said.out, said.err);
    }
    let flags = ["--role", "api", "--enable-anonymous-auth=true", "--enable-registry-validation=false"];
    let serving = Serving::start(data.path(), &flags);
    let mut connection = Connection::open(&serving.url);
    connection.wait_until_indexed();

    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    let mut figures = Figures::default();
    reads(&mut criterion, &mut connection, &mut figures);
    walk(&mut criterion, &mut connection, &mut figures);
    publications(&mut criterion, &mut connection, &mut figures);
    criterion.final_summary();
    let slow = figures.print(WALK, WALK_TIME);
    assert!(serving.terminate().success(), "it ends well");
    assert!(!slow, "{WALK} pages of one entry take longer than {WALK_TIME:?}");
}

/// One read after the other on one connection.
fn reads(criterion: &mut Criterion, connection: &mut Connection, figures: &mut Figures) {
    let list = "/v0.1/servers?limit=100&version=latest";
    let etag = connection.get(list, "").header("etag").to_owned();
    let known = format!("If-None-Match: {etag}\r\n");
    for (what, path, more, status) in [
        ("ping", "/v0/ping", "", 200),
        ("page of 100", list, "", 200),
        ("page of 100, gzip", list, "Accept-Encoding: gzip\r\n", 200),
        ("page of 100, not modified", list, known.as_str(), 304),
        ("latest version of one", &corpus::latest_path(), "", 200),
        ("search by words", "/v0.1/servers?search=weather%20forecast&version=latest", "", 200),
        ("search by a part of a name", "/v0.1/servers?search=example/server-1&version=latest", "", 200),
    ] {
        figures.measure(criterion, what, || {
            let answer = connection.get(path, more);
            assert_eq!(answer.status, status, "{what}");
            black_box(answer);
        });
    }
}

/// The whole walk, page by page, as its client does it.
fn walk(criterion: &mut Criterion, connection: &mut Connection, figures: &mut Figures) {
    figures.measure_few(criterion, "walk", || {
        let mut cursor = String::new();
        for _ in 0..WALK {
            let page = connection.get(&format!("/v0.1/servers?limit=1&version=latest{cursor}"), "");
            assert_eq!(page.status, 200);
            cursor = format!("&cursor={}", page.next_cursor().expect("there are more"));
        }
    });
}

/// Publications of one server after the other by one publisher.
fn publications(criterion: &mut Criterion, connection: &mut Connection, figures: &mut Figures) {
    let mut serial = 0;
    figures.measure(criterion, "publication", || {
        // A token lasts for minutes, and costs little beside a publication.
        let token = if serial % 1_000 == 0 { Some(connection.token()) } else { None };
        let answer = connection.publish(token, &corpus::publication(serial));
        assert_eq!(answer.status, 200, "{}", answer.body);
        serial += 1;
    });
}
