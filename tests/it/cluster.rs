//! The built-in database: started, shared, killed in every way, and refused for every reason, as each account we have.

mod death;
mod refusal;
mod stand_in;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use stand_in::{As, Order, StandIn, accounts, folder};

/// Waits for a condition that comes about by itself.
#[track_caller]
fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn kill(signal: &str, pid: i64) {
    let command = format!("kill -s {signal} -- {pid}");
    let sent = Command::new("/bin/sh").args(["-c", &command]).status().expect("there is a shell");
    assert!(sent.success(), "{command}");
}

fn postmaster(cluster: &Path) -> u32 {
    let file = fs::read_to_string(cluster.join("postmaster.pid")).expect("Postgres runs");
    file.lines().next().and_then(|line| line.parse().ok()).expect("the first line is the process")
}

/// Whether a process runs; a zombie does not.
fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[test]
fn the_first_start_makes_a_database_and_later_ones_keep_it() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        for visit in 1..=2 {
            let (owner, said) = StandIn::joined(account, Order::serve(&data));
            assert_eq!(said, format!("owner {visit}"));
            let postmaster = postmaster(&data.join("pg"));
            assert_eq!(owner.finish(), "stopped");
            assert!(!runs(postmaster));
        }
        assert!(!data.join("pg.new").exists());
    }
}

#[tokio::test]
async fn it_listens_on_no_port_and_keeps_fsync_on() {
    let folder = folder(As::Ourselves);
    let order = Order::serve(&folder.path().join("data"));
    let cluster = registry_core::store::cluster::Cluster::join(order.settings()).await.unwrap();
    let pool = sqlx::PgPool::connect_with(cluster.options()).await.unwrap();

    let settings: (String, String) =
        sqlx::query_as("SELECT current_setting('listen_addresses'), current_setting('fsync')")
            .fetch_one(&pool)
            .await
            .unwrap();

    assert_eq!(settings, (String::new(), "on".to_owned()));
    assert!(cluster.to_string().starts_with("built-in Postgres "), "{cluster}");
    pool.close().await;
    cluster.stop().await.unwrap();
}

#[test]
fn a_command_is_the_guest_of_a_server_and_learns_of_its_end() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (server, said) = StandIn::joined(account, Order::serve(&data));
        assert_eq!(said, "owner 1");
        let server_pid = server.pid();

        let (done, said) = StandIn::joined(account, Order::command(&data));
        assert_eq!(said, "guest 2");
        assert_eq!(done.finish(), "stopped");
        let (mut guest, said) = StandIn::joined(account, Order::command(&data));
        assert_eq!(said, "guest 3");

        assert_eq!(server.finish(), "stopped");
        let expected = format!(
            "error the database ended with `serve` on `127.0.0.1:8080` (pid {server_pid}, since 2026-11-24 20:53:40 \
             UTC), which was running it; run this again"
        );
        assert_eq!(guest.says(), expected);
    }
}

#[test]
fn a_second_server_is_refused_by_the_name_of_the_first() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (first, _) = StandIn::joined(account, Order::serve(&data));

        let mut second = StandIn::start(account, Order::serve(&data));

        let expected = format!(
            "error the data directory `{}` is in use by `serve` on `127.0.0.1:8080` (pid {}, since 2026-11-24 \
             20:53:40 UTC); stop that first, or choose another data directory",
            data.display(),
            first.pid()
        );
        assert_eq!(second.says(), expected);
        assert_eq!(first.finish(), "stopped");
    }
}

#[test]
fn a_server_waits_for_the_command_that_owns_the_database() {
    let folder = folder(As::Ourselves);
    let data = folder.path().join("data");
    let (command, said) = StandIn::joined(As::Ourselves, Order::command(&data));
    assert_eq!(said, "owner 1");

    let mut server = StandIn::start(As::Ourselves, Order::serve(&data));
    assert_eq!(command.finish(), "stopped");

    assert_eq!(server.says(), "owner 2");
    assert_eq!(server.finish(), "stopped");
}

#[test]
fn of_four_commands_at_once_one_owns_the_database_and_all_use_it() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let mut all: Vec<_> = (0..4).map(|_| StandIn::start(account, Order::command(&data))).collect();

        let mut said: Vec<_> = all.iter_mut().map(StandIn::says).collect();

        said.sort_by_key(|said| said.split_once(' ').map(|(_, visits)| visits.to_owned()));
        let visits: Vec<_> = said.iter().filter_map(|said| said.split_once(' ')).map(|(_, n)| n).collect();
        assert_eq!(visits, ["1", "2", "3", "4"], "{said:?}");
        assert_eq!(said.iter().filter(|said| said.starts_with("owner")).count(), 1, "{said:?}");
    }
}
