//! Processes that die without a word: the database stops by itself, and the next start finds everything.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::stand_in::{As, Order, StandIn, accounts, folder};
use super::{kill, postmaster, runs, wait_for};

/// The second start after a first one that ended in its own way; gives what Postgres has logged since.
fn starts_again(account: As, data: &Path, logged_before: usize) -> String {
    let (again, said) = StandIn::joined(account, Order::serve(data));
    assert_eq!(said, "owner 2");
    assert_eq!(again.finish(), "stopped");
    log(data).split_off(logged_before)
}

fn log(data: &Path) -> String {
    fs::read_to_string(data.join("pg.log")).expect("an owner has a log")
}

/// The shell above a postmaster.
fn keeper_of(postmaster: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{postmaster}/stat")).expect("Postgres runs");
    let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
    parent.expect("a process has a parent")
}

/// Everything in the keeper's process group but Postgres: the shell, and the one that watches the pipe.
fn shells_of(postmaster: u32) -> Vec<u32> {
    let group = keeper_of(postmaster);
    let processes = fs::read_dir("/proc").expect("/proc is mounted").flatten();
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    let shells = numbers.filter(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let mut fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ')).into_iter().flatten();
        fields.nth(2) == Some(&group.to_string()) && stat.contains("(sh)")
    });
    shells.collect()
}

#[test]
fn a_signal_to_the_owner_stops_the_database_cleanly() {
    for account in accounts() {
        for (signal, whole_group) in [("TERM", false), ("INT", true), ("HUP", true), ("KILL", false)] {
            let folder = folder(account);
            let data = folder.path().join("data");
            let (mut owner, _) = StandIn::joined(account, Order::serve(&data));
            let postmaster = postmaster(&data.join("pg"));

            owner.signal(signal, whole_group);
            owner.wait();

            wait_for("Postgres ends", || !runs(postmaster));
            let logged = log(&data);
            assert!(logged.contains("database system is shut down"), "{signal}: {logged}");
            let logged = starts_again(account, &data, logged.len());
            assert!(!logged.contains("not properly shut down"), "{signal}: {logged}");
        }
    }
}

#[test]
fn the_next_owner_does_not_wait_for_the_last_one_to_be_cleared_away() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (owner, _) = StandIn::joined(account, Order::serve(&data));

        owner.signal("KILL", false);

        // At once, while the old Postgres may still be stopping.
        let logged = starts_again(account, &data, log(&data).len());
        assert!(!logged.contains("not properly shut down"), "{logged}");
    }
}

#[test]
fn a_killed_owner_and_keeper_leave_no_database_behind() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (owner, _) = StandIn::joined(account, Order::serve(&data));
        let postmaster = postmaster(&data.join("pg"));

        kill("KILL", keeper_of(postmaster).into());
        owner.signal("KILL", false);

        wait_for("Postgres ends", || !runs(postmaster));
        let logged = starts_again(account, &data, log(&data).len());
        assert!(!logged.contains("not properly shut down"), "{logged}");
    }
}

#[test]
fn a_database_that_outlives_owner_and_keeper_is_stopped_by_the_next_owner() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (mut owner, _) = StandIn::joined(account, Order::serve(&data));
        let postmaster = postmaster(&data.join("pg"));
        let shells = shells_of(postmaster);
        assert_eq!(shells.len(), 2);

        for shell in shells {
            kill("KILL", shell.into());
        }
        owner.signal("KILL", false);
        owner.wait();
        assert!(runs(postmaster));

        let logged = starts_again(account, &data, log(&data).len());
        assert!(!runs(postmaster));
        assert!(logged.contains("received fast shutdown request"), "{logged}");
        assert!(!logged.contains("not properly shut down"), "{logged}");
    }
}

#[test]
fn a_database_killed_with_everybody_recovers() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (mut owner, _) = StandIn::joined(account, Order::serve(&data));
        let postmaster = postmaster(&data.join("pg"));

        kill("KILL", -i64::from(keeper_of(postmaster)));
        owner.signal("KILL", false);
        owner.wait();

        wait_for("Postgres ends", || !runs(postmaster));
        let logged = starts_again(account, &data, log(&data).len());
        assert!(logged.contains("not properly shut down"), "{logged}");
    }
}

#[test]
fn an_owner_learns_that_its_database_has_died() {
    let folder = folder(As::Ourselves);
    let data = folder.path().join("data");
    let (mut owner, _) = StandIn::joined(As::Ourselves, Order::serve(&data));

    kill("INT", postmaster(&data.join("pg")).into());

    let said = owner.says();
    assert!(said.starts_with("error the database ended by itself; the last words in `"), "{said}");
    assert!(said.ends_with("database system is shut down"), "{said}");
}

#[test]
fn the_number_of_a_stranger_in_a_stale_file_harms_neither() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (first, _) = StandIn::joined(account, Order::serve(&data));
        assert_eq!(first.finish(), "stopped");
        let mut stranger =
            Command::new("/bin/sh").args(["-c", "read _"]).stdin(Stdio::piped()).spawn().unwrap();
        let pid = stranger.id();
        let cluster = data.join("pg");
        let state = format!("{pid}\n{}\n1\n5432\n.\n\n1 1\nready   \n", cluster.display());
        fs::write(cluster.join("postmaster.pid"), state).unwrap();
        fs::write(cluster.join(".s.PGSQL.5432.lock"), format!("{pid}\n")).unwrap();

        starts_again(account, &data, 0);

        assert!(runs(pid));
        drop(stranger.stdin.take());
        assert!(stranger.wait().is_ok());
    }
}

#[test]
fn a_half_made_database_is_made_anew() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let half = data.join("pg.new");
        fs::create_dir_all(&half).unwrap();
        fs::write(half.join("PG_VERSION"), "15\n").unwrap();
        if account == As::Nobody {
            for path in [&data, &half, &half.join("PG_VERSION")] {
                std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
            }
        }

        let (owner, said) = StandIn::joined(account, Order::serve(&data));

        assert_eq!(said, "owner 1");
        assert_eq!(owner.finish(), "stopped");
    }
}
