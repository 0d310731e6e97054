//! What a killed process leaves behind: a Postgres without its keeper, or files that name a process long gone.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use super::account::command;
use super::{Account, Binaries, ClusterError, LOOK_EVERY, PATIENCE, tail};

const PID_FILE: &str = "postmaster.pid";
const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";

/// Stops a Postgres that still runs in `folder`, then removes the files that would keep a new one from starting.
pub(super) fn clear(
    folder: &Path,
    binaries: &Binaries,
    account: Option<&Account>,
) -> Result<(), ClusterError> {
    for name in [PID_FILE, SOCKET_LOCK] {
        let file = folder.join(name);
        if let Some(pid) = first_pid(&file)
            && runs_in(pid, folder)
        {
            stop(pid, folder, binaries, account)?;
        }
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(ClusterError::system("remove", &file)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The postmaster that has written that it is ready, and answers.
pub(super) fn ready(folder: &Path) -> Option<u32> {
    let text = fs::read_to_string(folder.join(PID_FILE)).ok()?;
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    (lines.nth(6)?.trim() == "ready").then_some(pid)
}

/// Whether `pid` is the postmaster of the cluster in `folder`, whatever a file says: numbers are used again.
pub(super) fn runs_in(pid: u32, folder: &Path) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    match (fs::metadata(process.join("cwd")).map(identity), fs::metadata(folder).map(identity)) {
        (Ok(working), Ok(cluster)) => {
            let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
            working == cluster && name.trim() == "postgres"
        }
        // Looking there takes a capability that root lacks in a container, and /proc is Linux' own: ask the socket.
        (Err(error), _)
            if error.kind() == ErrorKind::PermissionDenied || !Path::new("/proc/self").exists() =>
        {
            UnixStream::connect(folder.join(".s.PGSQL.5432")).is_ok()
        }
        _ => false,
    }
}

fn first_pid(file: &Path) -> Option<u32> {
    fs::read_to_string(file).ok()?.lines().next()?.trim().trim_start_matches('-').parse().ok()
}

fn stop(pid: u32, folder: &Path, binaries: &Binaries, account: Option<&Account>) -> Result<(), ClusterError> {
    tracing::info!(
        postgres.pid = pid,
        "Stopping a Postgres that an earlier run has left in `{}`",
        folder.display()
    );
    let pg_ctl = binaries.program("pg_ctl");
    let said = command(&pg_ctl, folder, account)
        .args(["stop", "-D", ".", "-m", "fast", "-w"])
        .output()
        .map_err(ClusterError::system("run", &pg_ctl))?;
    // It may be ending by itself, its pid file already gone, which pg_ctl takes for a failure.
    let begun = Instant::now();
    while runs_in(pid, folder) && begun.elapsed() < PATIENCE {
        std::thread::sleep(LOOK_EVERY);
    }
    if said.status.success() || !runs_in(pid, folder) {
        return Ok(());
    }
    let said = tail::of(&[said.stdout, said.stderr].concat());
    Err(ClusterError::Leftover { pid, folder: folder.to_owned(), said })
}
