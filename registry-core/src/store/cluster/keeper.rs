//! Postgres under a small shell, which stops it when our end of a pipe closes.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::account::command;
use super::{Account, Binaries, ClusterError, leftovers, tail};

const SCRIPT: &str = include_str!("keeper.sh");

/// Its arguments: everything in the folder it is started in, no port, and no part in replication.
const ARGUMENTS: [&str; 16] = [
    "-D",
    ".",
    "-k",
    ".",
    "-h",
    "",
    "-p",
    "5432",
    "-c",
    "max_connections=50",
    "-c",
    "wal_level=minimal",
    "-c",
    "max_wal_senders=0",
    "-c",
    "unix_socket_permissions=0700",
];

/// A log larger than this is put aside at the next start.
const LARGEST_LOG: u64 = 16 << 20;

/// Recovery after a crash may take its time, and interrupting it helps nobody.
const START_PATIENCE: Duration = Duration::from_secs(600);
const STOP_PATIENCE: Duration = Duration::from_secs(120);
const SAY_EVERY: Duration = Duration::from_secs(10);

/// The shell and the Postgres under it. Dropping it closes the pipe.
#[derive(Debug)]
pub(super) struct Keeper {
    shell: Child,
    log: PathBuf,
    /// The length of the log before this run.
    log_start: u64,
}

impl Keeper {
    /// Starts Postgres in `folder` and waits until it answers; gives the postmaster's process too.
    pub(super) fn start(
        folder: &Path,
        binaries: &Binaries,
        account: Option<&Account>,
        log: &Path,
    ) -> Result<(Self, u32), ClusterError> {
        let (output, log_start) = open_log(log)?;
        let errors = output.try_clone().map_err(ClusterError::system("open", log))?;
        let shell = Path::new("/bin/sh");
        let child = command(shell, folder, account)
            .args(["-c", SCRIPT])
            .arg(binaries.program("postgres"))
            .args(ARGUMENTS)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            // A group of its own: Ctrl-C in a terminal reaches us alone.
            .process_group(0)
            .spawn()
            .map_err(ClusterError::system("run", shell))?;
        let mut keeper = Self { shell: child, log: log.to_owned(), log_start };
        let pid = keeper.wait_until_ready(folder)?;
        Ok((keeper, pid))
    }

    /// Whether Postgres has ended, and its last words if so.
    pub(super) fn ended(&mut self) -> Option<ClusterError> {
        let ended = self.shell.try_wait();
        matches!(ended, Ok(Some(_))).then(|| ClusterError::Ended { log: self.log.clone(), said: self.said() })
    }

    /// Stops Postgres and waits for its end.
    pub(super) fn stop(mut self) -> Result<(), ClusterError> {
        drop(self.shell.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < STOP_PATIENCE {
            match self.shell.try_wait() {
                Ok(None) => sleep(Duration::from_millis(2)),
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(_)) | Err(_) => break,
            }
        }
        Err(ClusterError::Unclean(self.log))
    }

    fn wait_until_ready(&mut self, folder: &Path) -> Result<u32, ClusterError> {
        let begun = Instant::now();
        let mut say_at = SAY_EVERY;
        while begun.elapsed() < START_PATIENCE {
            if let Some(pid) = leftovers::ready(folder) {
                let socket = folder.join(".s.PGSQL.5432");
                UnixStream::connect(&socket).map_err(ClusterError::system("connect to", &socket))?;
                return Ok(pid);
            }
            if self.ended().is_some() {
                let said = self.said();
                return Err(match tail::tells_of_full_disk(&said) {
                    true => ClusterError::DiskFull(folder.to_owned()),
                    false => ClusterError::Start { log: self.log.clone(), said },
                });
            }
            if begun.elapsed() > say_at {
                tracing::info!(
                    "Waiting for the database, which may be recovering; see `{}`",
                    self.log.display()
                );
                say_at += SAY_EVERY;
            }
            sleep(Duration::from_millis(5));
        }
        Err(ClusterError::Slow { seconds: START_PATIENCE.as_secs(), log: self.log.clone() })
    }

    fn said(&self) -> String {
        tail::of_file(&self.log, self.log_start)
    }
}

fn open_log(log: &Path) -> Result<(File, u64), ClusterError> {
    if fs::metadata(log).is_ok_and(|found| found.len() > LARGEST_LOG) {
        let old = log.with_extension("log.old");
        fs::rename(log, &old).map_err(ClusterError::system("rename", log))?;
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(log);
    let file = file.map_err(ClusterError::system("open", log))?;
    let length = file.metadata().map_err(ClusterError::system("open", log))?.len();
    Ok((file, length))
}
