//! Making a cluster: beside its place, then renamed, so that a half-made one never counts.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::Path;
use std::process::Output;

use super::account::command;
use super::{Account, Binaries, ClusterError, USER, place, tail};

/// Makes the cluster in `folder`, if there is none.
pub(super) fn ensure(
    folder: &Path,
    binaries: &Binaries,
    account: Option<&Account>,
) -> Result<(), ClusterError> {
    if place::holds_cluster(folder) {
        return Ok(());
    }
    let new = folder.with_extension("new");
    let mut made = initdb(&new, "C.UTF-8", binaries, account)?;
    if !made.status.success() && String::from_utf8_lossy(&made.stderr).contains("invalid locale") {
        made = initdb(&new, "C", binaries, account)?;
    }
    if made.status.success() {
        return fs::rename(&new, folder).map_err(ClusterError::system("create", folder));
    }
    let said = tail::of(&[made.stdout, made.stderr].concat());
    let _ = fs::remove_dir_all(&new);
    Err(match tail::tells_of_full_disk(&said) {
        true => ClusterError::DiskFull(folder.to_owned()),
        false => ClusterError::Create { folder: folder.to_owned(), said },
    })
}

fn initdb(
    new: &Path,
    locale: &str,
    binaries: &Binaries,
    account: Option<&Account>,
) -> Result<Output, ClusterError> {
    empty_folder(new, account).map_err(ClusterError::system("create", new))?;
    let initdb = binaries.program("initdb");
    let mut command = command(&initdb, new, account);
    command.args(["-D", ".", "-U", USER, "--auth=trust", "-E", "UTF8", "--no-instructions", "--no-sync"]);
    command.arg(format!("--locale={locale}"));
    command.output().map_err(ClusterError::system("run", &initdb))
}

fn empty_folder(new: &Path, account: Option<&Account>) -> io::Result<()> {
    match fs::remove_dir_all(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(new)?;
    match account {
        Some(account) => chown(new, Some(account.uid), Some(account.gid)),
        None => Ok(()),
    }
}
