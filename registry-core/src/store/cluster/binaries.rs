//! Postgres' own programs on this machine.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// The oldest major version whose SQL and options we use.
pub(super) const MINIMUM: u32 = 15;

/// Where packages put them, besides Debian's folders with a version in them.
const USUAL: [&str; 4] = ["/opt/homebrew/bin", "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"];

/// A folder with the programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    version: String,
}

impl Binaries {
    /// Finds the newest programs of at least the version we need; in the given folder and nowhere else, if one is given.
    ///
    /// With a cluster in `cluster`, only programs of the major version that made it are good enough.
    pub fn find(
        given: Option<&Path>,
        search_path: Option<&OsStr>,
        cluster: &Path,
    ) -> Result<Self, ClusterError> {
        let wanted = fs::read_to_string(cluster.join("PG_VERSION")).ok().map(|text| text.trim().to_owned());
        let folders = given.map_or_else(|| folders(search_path), |given| vec![given.to_owned()]);
        let mut found = folders.into_iter().filter_map(Self::in_folder).peekable();
        let any = found.peek().is_some();
        let fits = |binaries: &Self| match &wanted {
            Some(wanted) => binaries.major() == *wanted,
            None => true,
        };
        match (found.find(fits), wanted, given) {
            (Some(binaries), ..) => Ok(binaries),
            (None, Some(wanted), _) if any => {
                Err(ClusterError::OtherMajor { folder: cluster.to_owned(), wanted })
            }
            (None, _, Some(given)) => Err(ClusterError::NotBinaries(given.to_owned())),
            (None, ..) => Err(ClusterError::NoBinaries),
        }
    }

    /// The path of a program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The version: `15.18`.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn major(&self) -> &str {
        self.version.split('.').next().unwrap_or_default()
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        // Programs are run in the cluster's folder, where a relative path means something else.
        let folder = fs::canonicalize(folder).ok()?;
        let complete = ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
        if !complete {
            return None;
        }
        let said = Command::new(folder.join("postgres")).env_clear().arg("--version").output().ok()?;
        let version = version(&String::from_utf8_lossy(&said.stdout))?;
        let binaries = Self { folder, version };
        (binaries.major().parse::<u32>().ok()? >= MINIMUM).then_some(binaries)
    }
}

fn folders(search_path: Option<&OsStr>) -> Vec<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort_by(|a, b| b.cmp(a));
    let usual = USUAL.into_iter().map(PathBuf::from);
    let searched =
        search_path.into_iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute());
    debian.into_iter().map(|(_, folder)| folder).chain(usual).chain(searched).collect()
}

/// The version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(said: &str) -> Option<String> {
    let version = said.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    // `18beta1` has the major version 18.
    let digits =
        version.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(version.len());
    version.starts_with(|letter: char| letter.is_ascii_digit()).then(|| version[..digits].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_as_packages_print_them() {
        for (said, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some("15.18")),
            ("postgres (PostgreSQL) 18.4\n", Some("18.4")),
            ("postgres (PostgreSQL) 19beta2\n", Some("19")),
            ("postgres (EnterpriseDB) 15\n", None),
            ("", None),
        ] {
            assert_eq!(version(said).as_deref(), expected, "{said}");
        }
    }

    #[test]
    fn a_folder_without_the_programs_is_refused_by_name() {
        let empty = tempfile::tempdir().unwrap();
        let refused = Binaries::find(Some(empty.path()), None, empty.path()).unwrap_err();
        assert!(matches!(refused, ClusterError::NotBinaries(folder) if folder == empty.path()));
    }
}
