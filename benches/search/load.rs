//! Clients: one after the other, or many at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// How long each takes on one connection; every answer is one that a client can use.
pub(crate) fn one_by_one(url: &str, paths: &[String]) -> Vec<Duration> {
    let mut connection = Connection::open(url);
    paths.iter().map(|path| timed(&mut connection, path)).collect()
}

/// How many a second so many clients get, and how long each answer takes; each path is asked for once.
pub(crate) fn together(url: &str, paths: &[String], clients: usize) -> (f64, Vec<Duration>) {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let times: Vec<Vec<Duration>> = std::thread::scope(|scope| {
        let client = || {
            scope.spawn(|| {
                let mut connection = Connection::open(url);
                let mut times = Vec::new();
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    times.push(timed(&mut connection, path));
                }
                times
            })
        };
        let clients: Vec<_> = (0..clients).map(|_| client()).collect();
        clients.into_iter().map(|client| client.join().expect("a client")).collect()
    });
    let all: Vec<Duration> = times.into_iter().flatten().collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of requests")]
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    (rate, all)
}

fn timed(connection: &mut Connection, path: &str) -> Duration {
    let begun = Instant::now();
    let answer = connection.get(path, "");
    let took = begun.elapsed();
    assert!(matches!(answer.status, 200 | 400 | 414 | 422 | 431), "{} {path}", answer.status);
    took
}
