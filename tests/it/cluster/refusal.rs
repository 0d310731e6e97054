//! Data directories and machines that cannot have the database: one sentence each, and nothing is lost.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::stand_in::{As, Order, StandIn, accounts, folder, is_root};
use registry_core::store::cluster::Binaries;

fn refusal(account: As, order: Order) -> String {
    let mut stand_in = StandIn::start(account, order);
    let said = stand_in.says();
    said.strip_prefix("error ").unwrap_or_else(|| panic!("it joined: {said}")).to_owned()
}

/// Postgres' programs, with an `initdb` that says something and fails.
fn failing_initdb(folder: &Path, says: &str) -> PathBuf {
    let real = Binaries::find(None, None, folder).expect("Postgres is installed");
    let programs = folder.join("programs");
    fs::create_dir(&programs).expect("the test folder is writable");
    for name in ["postgres", "pg_ctl"] {
        symlink(real.program(name), programs.join(name)).expect("the test folder is writable");
    }
    fs::write(programs.join("initdb"), format!("#!/bin/sh\necho making it\necho '{says}' >&2\nexit 1\n"))
        .expect("the test folder is writable");
    fs::set_permissions(programs.join("initdb"), Permissions::from_mode(0o755))
        .expect("the test folder is writable");
    programs
}

#[test]
fn an_unwritable_data_directory_is_refused() {
    // Root may write everywhere.
    let account = if is_root() { As::Nobody } else { As::Ourselves };
    let folder = folder(account);
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o555)).unwrap();

    let below = closed.join("data");
    assert_eq!(
        refusal(account, Order::serve(&below)),
        format!(
            "the data directory `{}` cannot be used: Permission denied (os error 13); make it writable or choose \
             another one",
            below.display()
        )
    );
    assert!(refusal(account, Order::serve(&closed)).contains("cannot be used: Permission denied"));
}

#[test]
fn another_accounts_database_is_refused() {
    if !is_root() {
        // Nobody but root can make one.
        return;
    }
    let folder = folder(As::Nobody);
    let data = folder.path().join("data");
    let (owner, _) = StandIn::joined(As::Nobody, Order::serve(&data));
    assert_eq!(owner.finish(), "stopped");

    // Root runs it as its owner; a third account would be refused, as this one is after the change.
    let (root, said) = StandIn::joined(As::Ourselves, Order::serve(&data));
    assert_eq!(said, "owner 2");
    assert_eq!(root.finish(), "stopped");
    fs::set_permissions(data.join("pg.log"), Permissions::from_mode(0o666)).unwrap();
    std::os::unix::fs::chown(data.join("pg"), Some(1), Some(1)).unwrap();
    let said = refusal(As::Nobody, Order::serve(&data));
    assert!(said.ends_with("belongs to the account with the number 1; run this as that account"), "{said}");
}

#[test]
fn a_folder_closed_to_postgres_gets_its_database_elsewhere() {
    if !is_root() {
        // Postgres runs as ourselves then, and what is closed to us is refused above.
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
    let open = folder(As::Ourselves);
    let data = closed.path().join("data");
    let order = || Order { closed_place: Some(open.path().join("elsewhere")), ..Order::serve(&data) };

    let (owner, said) = StandIn::joined(As::Ourselves, order());
    assert_eq!(said, "owner 1");
    let (guest, said) = StandIn::joined(As::Ourselves, Order::command(&data));
    assert_eq!(said, "guest 2");
    assert_eq!(guest.finish(), "stopped");
    assert_eq!(owner.finish(), "stopped");
    assert!(!data.join("pg").exists());

    // It stays there when the folder is opened afterwards.
    fs::set_permissions(closed.path(), Permissions::from_mode(0o755)).unwrap();
    let (owner, said) = StandIn::joined(As::Ourselves, order());
    assert_eq!(said, "owner 3");
    assert_eq!(owner.finish(), "stopped");
    assert!(!data.join("pg").exists());
}

#[test]
fn a_database_in_a_folder_that_was_closed_afterwards_is_not_replaced() {
    if !is_root() {
        return;
    }
    let folder = folder(As::Ourselves);
    let data = folder.path().join("data");
    let (owner, _) = StandIn::joined(As::Ourselves, Order::serve(&data));
    assert_eq!(owner.finish(), "stopped");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();

    let said = refusal(As::Ourselves, Order::serve(&data));

    let expected = format!(
        "there is a database in `{}`, but `{}` is closed",
        data.join("pg").display(),
        folder.path().display()
    );
    assert!(said.starts_with(&expected), "{said}");
}

#[test]
fn a_path_too_long_for_a_socket_is_refused() {
    for account in accounts() {
        let folder = folder(account);
        let said = refusal(account, Order::serve(&folder.path().join("long").join("x".repeat(90))));
        assert!(said.contains("and the database's socket allows for 90; choose a data directory"), "{said}");
    }
}

#[test]
fn a_folder_without_postgres_is_refused() {
    for account in accounts() {
        let folder = folder(account);
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let order = Order { binaries: Some(empty.clone()), ..Order::serve(&folder.path().join("data")) };
        assert_eq!(
            refusal(account, order),
            format!(
                "`{}` does not hold Postgres' programs `initdb`, `postgres` and `pg_ctl`, of version 15 or newer",
                empty.display()
            )
        );
    }
}

#[test]
fn a_database_of_another_major_version_is_left_alone() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let (owner, _) = StandIn::joined(account, Order::serve(&data));
        assert_eq!(owner.finish(), "stopped");
        let version = data.join("pg/PG_VERSION");
        let ours = fs::read(&version).unwrap();
        fs::write(&version, "14\n").unwrap();

        let said = refusal(account, Order::serve(&data));

        assert!(
            said.contains("was made by Postgres 14, and of that version no programs are found"),
            "{said}"
        );
        fs::write(&version, ours).unwrap();
        let (owner, said) = StandIn::joined(account, Order::serve(&data));
        assert_eq!(said, "owner 2");
        assert_eq!(owner.finish(), "stopped");
    }
}

#[test]
fn a_failing_initdb_is_quoted_and_leaves_nothing() {
    for account in accounts() {
        let folder = folder(account);
        let data = folder.path().join("data");
        let binaries = Some(failing_initdb(folder.path(), "initdb: error: out of luck"));

        let said = refusal(account, Order { binaries, ..Order::serve(&data) });

        let expected = "initdb said: making it | initdb: error: out of luck";
        assert!(said.contains(expected), "{said}");
        assert!(!data.join("pg").exists() && !data.join("pg.new").exists());
    }
}

#[test]
fn a_full_disk_has_its_own_sentence() {
    let folder = folder(As::Ourselves);
    let data = folder.path().join("data");
    let binaries =
        Some(failing_initdb(folder.path(), "initdb: error: could not write: No space left on device"));

    let said = refusal(As::Ourselves, Order { binaries, ..Order::serve(&data) });

    assert!(
        said.starts_with("the disk that holds `") && said.ends_with("make room, then start again"),
        "{said}"
    );
}

#[test]
fn a_database_that_does_not_start_is_quoted() {
    let folder = folder(As::Ourselves);
    let data = folder.path().join("data");
    let (owner, _) = StandIn::joined(As::Ourselves, Order::serve(&data));
    assert_eq!(owner.finish(), "stopped");
    let configuration = data.join("pg/postgresql.conf");
    let before = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, "no_such_setting = 1\n").unwrap();

    let said = refusal(As::Ourselves, Order::serve(&data));

    assert!(said.starts_with("the database did not start; the last words in `"), "{said}");
    assert!(said.contains("no_such_setting"), "{said}");
    fs::write(&configuration, before).unwrap();
    let (owner, said) = StandIn::joined(As::Ourselves, Order::serve(&data));
    assert_eq!(said, "owner 2");
    assert_eq!(owner.finish(), "stopped");
}
