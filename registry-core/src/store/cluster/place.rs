//! The folder of the cluster.

use std::fs::{self, DirBuilder};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::{Account, ClusterError};
use crate::digest::Digest;

/// The longest path of a folder with a socket: the system allows 107 bytes with the socket's own name.
pub(super) const LONGEST: usize = 90;

/// How much of a data directory's path is repeated in the name of its place elsewhere.
const LONGEST_NAME: usize = 40;

/// The folder for the cluster of a data directory: `pg` in it, or where that is closed to the account that runs Postgres,
/// a folder in `elsewhere`.
pub(super) fn choose(
    data: &Path,
    account: Option<&Account>,
    elsewhere: &Path,
) -> Result<PathBuf, ClusterError> {
    let usual = data.join("pg");
    let Some(account) = account else { return short_enough(usual) };
    let path = fs::canonicalize(data).map_err(ClusterError::system("find", data))?;
    let other = elsewhere.join(name(&path)).join("pg");
    match (closed_above(&path, account)?, holds_cluster(&usual)) {
        (None, true) => short_enough(usual),
        (Some(closed), true) => {
            Err(ClusterError::Closed { folder: usual, closed, account: account.name.clone() })
        }
        // A cluster that was made elsewhere stays there when the folders are opened afterwards.
        (None, false) if !holds_cluster(&other) => short_enough(usual),
        (closed, _) => {
            if let Some(closed) = closed {
                tracing::info!(
                    "`{}` is closed to the account `{}`, so the database is kept in `{}`",
                    closed.display(),
                    account.name,
                    other.display()
                );
            }
            make(other)
        }
    }
}

/// Whether a cluster has been made in a folder.
pub(super) fn holds_cluster(folder: &Path) -> bool {
    folder.join("PG_VERSION").exists()
}

fn make(folder: PathBuf) -> Result<PathBuf, ClusterError> {
    if let Some(above) = folder.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o755).create(above);
        made.map_err(ClusterError::system("create", above))?;
    }
    short_enough(folder)
}

fn short_enough(folder: PathBuf) -> Result<PathBuf, ClusterError> {
    match folder.as_os_str().as_bytes().len() {
        bytes if bytes > LONGEST => Err(ClusterError::PathTooLong { folder, bytes }),
        _ => Ok(folder),
    }
}

/// The first folder on the way to `path` that the account may not enter.
fn closed_above(path: &Path, account: &Account) -> Result<Option<PathBuf>, ClusterError> {
    for folder in path.ancestors() {
        let found = fs::metadata(folder).map_err(ClusterError::system("look at", folder))?;
        if !account.may_enter(found.uid(), found.gid(), found.mode()) {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// The end of the path with dashes, for people, and a hash of all of it, since different paths may read alike then.
fn name(path: &Path) -> String {
    let plain: String = path
        .to_string_lossy()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._".contains(letter) { letter } else { '-' })
        .collect();
    let hash = Digest::of(path.as_os_str().as_bytes()).to_string();
    let end = &plain[plain.len().saturating_sub(LONGEST_NAME)..];
    format!("{}-{}", end.trim_start_matches(['-', '.']), &hash[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_elsewhere_is_named_after_the_folder() {
        let (one, other) = (name(Path::new("/root/app/data")), name(Path::new("/root/app-data")));
        assert!(one.starts_with("root-app-data-"), "{one}");
        assert_ne!(one, other);
        let long = name(Path::new(&format!("/{}/ü/data", "x".repeat(300))));
        assert!(long.ends_with("-data-") || long.len() <= LONGEST_NAME + 9, "{long}");
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_refused() {
        let folder = PathBuf::from(format!("/{}", "x".repeat(LONGEST)));
        let refused = short_enough(folder).unwrap_err().to_string();
        assert!(refused.contains("has 91 bytes, and the database's socket allows for 90"), "{refused}");
        assert!(short_enough(PathBuf::from("x".repeat(LONGEST))).is_ok());
    }
}
