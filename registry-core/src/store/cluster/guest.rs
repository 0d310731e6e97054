//! A process that uses a cluster which another one owns.

use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::holder::Running;
use super::{ClusterError, Holder, leftovers, place};

/// A cluster that another process runs.
#[derive(Debug)]
pub struct Guest {
    folder: PathBuf,
    postmaster: u32,
    holder: Holder,
}

impl Guest {
    /// The holder's cluster, if it is up; fails where we may not connect to it.
    pub(super) fn of(holder: &Holder, data: &Path) -> Result<Option<Self>, ClusterError> {
        let Some(Running { folder, pid }) = &holder.running else { return Ok(None) };
        let folder = reachable(folder, data);
        let socket = folder.join(".s.PGSQL.5432");
        match UnixStream::connect(&socket) {
            Ok(_) => Ok(Some(Self { folder, postmaster: *pid, holder: holder.clone() })),
            Err(source) if source.kind() == ErrorKind::PermissionDenied => {
                Err(ClusterError::Unreachable { holder: holder.to_string(), socket, source })
            }
            Err(_) => Ok(None),
        }
    }

    /// Who runs the cluster.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) async fn ended(&self) -> ClusterError {
        while leftovers::ready(&self.folder) == Some(self.postmaster)
            && leftovers::runs_in(self.postmaster, &self.folder)
        {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        ClusterError::OwnerEnded(self.holder.clone())
    }
}

/// The folder by its absolute path, or by ours where that is too long for a socket.
fn reachable(folder: &Path, data: &Path) -> PathBuf {
    let ours = data.join("pg");
    match folder.as_os_str().as_bytes().len() {
        bytes if bytes > place::LONGEST && ours.exists() => ours,
        _ => folder.to_owned(),
    }
}
