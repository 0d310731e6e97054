//! A walk through the whole list while the list changes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::client_rows::{World, upstream};
use crate::harness::registry::document;

/// How many versions a page has; the walk takes a hundred pages and more.
const PAGE: usize = 5;
const OLD: usize = 500;

fn old_name(n: usize) -> String {
    format!("com.example/s{n:03}")
}

/// One change after the other, all over the list, until the walk has ended; counts them.
async fn keep_changing(world: &World, done: &AtomicUsize, ended: &AtomicBool) {
    let everybody = world.registry.publisher("everybody", &["*"]);
    for n in 0.. {
        if ended.load(Ordering::SeqCst) {
            break;
        }
        // 211 and 500 share no divisor, so that every place of the list is hit, before the walk and behind it.
        let place = n * 211 % OLD;
        let name = old_name(place);
        let new = match n % 4 {
            0 => document(&format!("{name}-new-{n}"), "1.0.0"),
            1 => document(&name, &format!("2.{n}.0")),
            2 => document(&name, &format!("0.{n}.0")),
            _ => document(&format!("com.example/{n}-ahead-of-all"), "1.0.0"),
        };
        everybody.publish(&new).await.expect_status(200);
        let status = format!("/v0/servers/com.example%2Fs{place:03}/versions/1.0.0/status");
        let why = json!({ "status": "deprecated", "statusMessage": format!("change {n}") });
        everybody.patch(&status, &why).await.expect_status(200);
        done.fetch_add(1, Ordering::SeqCst);
    }
}

/// The whole list, a change and more between every two pages.
async fn walk(world: &World, list: &str, done: &AtomicUsize) -> (Vec<String>, usize) {
    let client = world.client("/v0.1", &[]);
    let (mut seen, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = client.get(&format!("{list}&limit={PAGE}{cursor}")).await.expect_status(200);
        seen.extend(page.items());
        pages += 1;
        let Some(next) = page.next_cursor() else { return (seen, pages) };
        cursor = format!("&cursor={next}");
        let before = done.load(Ordering::SeqCst);
        while done.load(Ordering::SeqCst) == before {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_of_a_hundred_pages_misses_no_old_row_and_meets_none_twice() {
    let world = World::empty(|_| {}).await;
    let old: Vec<_> = (0..OLD).map(|n| upstream(&document(&old_name(n), "1.0.0"))).collect();
    world.import(&old).await;
    let (done, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let walking = async {
        let walked = walk(&world, "/servers?include_deleted=true", &done).await;
        ended.store(true, Ordering::SeqCst);
        walked
    };
    let ((seen, pages), ()) = tokio::join!(walking, keep_changing(&world, &done, &ended));
    assert!(pages >= 100, "{pages}");
    assert!(done.load(Ordering::SeqCst) >= 99, "it was changed all the while");
    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "no row comes twice");
    let missed: Vec<_> =
        (0..OLD).map(|n| format!("{}:1.0.0", old_name(n))).filter(|row| !distinct.contains(row)).collect();
    assert!(missed.is_empty(), "{missed:?}");
    assert!(seen.is_sorted_by_key(|row| row.replacen(':', "\0", 1)), "in the list's order throughout");
    assert!(seen.len() > OLD, "what was published ahead of the walk is met too");
}
