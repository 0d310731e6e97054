//! Joining the server of this workspace, or starting it: `initdb`, then `postgres` without fsync under `keeper.sh`.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use registry_core::store::cluster::{Account, Binaries};
use url::Url;

const PATIENCE: Duration = Duration::from_secs(60);

/// Shared by every process that uses the server; the keeper looks whether anybody has it.
static IN_USE: OnceLock<File> = OnceLock::new();

/// The address of the running server, which stays until this process ends, however it ends.
pub(super) fn join() -> Url {
    let base = base();
    // One process looks or starts, the others wait for it.
    let starting = lock_file(&base.join("starting.lock"));
    starting.lock().expect("a file can be locked");
    let in_use = lock_file(&base.join("in-use.lock"));
    in_use.lock_shared().expect("a file can be locked");
    IN_USE.set(in_use).expect("this process joins once");
    let data = base.join("pg");
    if !is_ready(&data) {
        start(&base, &data);
    }
    address(&data)
}

/// One folder for each workspace and account, short enough for a socket's path and open to Postgres' account.
fn base() -> PathBuf {
    let mut workspace = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut workspace);
    let uid = uid();
    let base = std::env::temp_dir().join(format!("cardinal-test-{uid}-{:016x}", workspace.finish()));
    if let Err(error) = DirBuilder::new().mode(0o755).create(&base) {
        let owner = fs::symlink_metadata(&base).map(|found| (found.is_dir(), found.uid()));
        assert!(
            owner.is_ok_and(|owner| owner == (true, uid)),
            "`{}` is not this account's folder: {error}",
            base.display()
        );
    }
    base
}

fn lock_file(path: &Path) -> File {
    let file = OpenOptions::new().create(true).append(true).read(true).mode(0o644).open(path);
    file.unwrap_or_else(|error| panic!("`{}` cannot be opened: {error}", path.display()))
}

#[expect(clippy::zombie_processes, reason = "the keeper outlives this process; nobody waits for it")]
fn start(base: &Path, data: &Path) {
    remove_leftovers(base, data);
    let account = Account::to_run_as(data).expect("there is an account to run Postgres as");
    let path = std::env::var_os("PATH");
    let binaries =
        Binaries::find(None, path.as_deref(), data).expect("Postgres or TEST_DATABASE_URL is there");
    DirBuilder::new().mode(0o700).create(data).expect("the test folder is writable");
    if let Some(account) = &account {
        chown(data, Some(account.uid), Some(account.gid)).expect("root may give folders away");
    }
    let run = |program: &Path| {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir(data).stdin(Stdio::null());
        if let Some(account) = &account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    };
    let made = run(&binaries.program("initdb"))
        .args(["-D", ".", "-U", "registry", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        .output()
        .expect("initdb can be run");
    assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));

    let log = base.join("pg.log");
    let log_file = File::create(&log).expect("the test folder is writable");
    let mut keeper = run(Path::new("/bin/sh"));
    keeper.args(["-c", include_str!("keeper.sh"), "keeper"]).arg(base.join("in-use.lock"));
    keeper.arg(binaries.program("postgres")).args(["-D", ".", "-k", ".", "-h", "", "-p", "5432"]);
    for setting in SETTINGS {
        keeper.args(["-c", setting]);
    }
    keeper.stdout(log_file.try_clone().expect("a file can be shared")).stderr(log_file).process_group(0);
    let mut keeper = keeper.spawn().expect("the shell can be run");
    let started = Instant::now();
    while !is_ready(data) {
        let ended = keeper.try_wait().expect("a child can be asked");
        assert!(
            ended.is_none() && started.elapsed() < PATIENCE,
            "the test server did not start: {}",
            fs::read_to_string(&log).unwrap_or_default()
        );
        sleep(Duration::from_millis(5));
    }
}

const SETTINGS: [&str; 9] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=300",
    "shared_buffers=64MB",
    "autovacuum=off",
    "log_checkpoints=off",
];

/// The folder is renamed first: a server that still runs in it, its keeper killed, must not touch the new one, and ends
/// within a minute of finding its files gone.
fn remove_leftovers(base: &Path, data: &Path) {
    let _ = fs::rename(data, base.join(format!("old-{}", std::process::id())));
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("old-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_ready(data: &Path) -> bool {
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    pid_file.lines().nth(7).is_some_and(|state| state.trim() == "ready")
        && UnixStream::connect(data.join(".s.PGSQL.5432")).is_ok()
}

fn address(data: &Path) -> Url {
    let mut url: Url = "postgres://registry@localhost/postgres".parse().expect("the address is well formed");
    url.query_pairs_mut().append_pair("host", data.to_str().expect("the temporary folder has a plain name"));
    url
}

fn uid() -> u32 {
    fs::metadata("/proc/self").expect("/proc is mounted").uid()
}
