//! The account that Postgres runs as: ours, or where we are root, which Postgres refuses, another.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ClusterError;

/// An account of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, or its number where it has none.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

impl Account {
    /// The account to run Postgres as when that is not our own: nothing unless we are root.
    ///
    /// A cluster that exists goes on running as its owner.
    pub fn to_run_as(folder: &Path) -> Result<Option<Self>, ClusterError> {
        let ours = own_uid()?;
        let owner = fs::metadata(folder).ok().map(|found| (found.uid(), found.gid()));
        match (ours, owner) {
            (0, Some((uid, gid))) if uid != 0 => {
                let name =
                    named(|_, found, _| found == uid).map_or_else(|| uid.to_string(), |found| found.name);
                Ok(Some(Self { name, uid, gid }))
            }
            (0, _) => {
                let account =
                    named(|name, _, _| name == "postgres").or_else(|| named(|name, _, _| name == "nobody"));
                account.map(Some).ok_or(ClusterError::NoAccount)
            }
            (ours, Some((uid, _))) if uid != ours => {
                Err(ClusterError::Foreign { folder: folder.to_owned(), uid })
            }
            _ => Ok(None),
        }
    }

    /// Whether the account may pass through a folder of this owner, group and mode.
    pub(super) fn may_enter(&self, uid: u32, gid: u32, mode: u32) -> bool {
        let bit = match (uid == self.uid, gid == self.gid) {
            (true, _) => 0o100,
            (_, true) => 0o010,
            _ => 0o001,
        };
        mode & bit != 0
    }
}

/// A program to be run in a folder, as an account or as ourselves, without our environment: `PGPORT` and its like would
/// change what it does.
pub(super) fn command(program: &Path, folder: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir(folder).stdin(Stdio::null());
    if let Some(account) = account {
        // With a uid given, std empties the supplementary groups.
        command.uid(account.uid).gid(account.gid);
    }
    command
}

fn own_uid() -> Result<u32, ClusterError> {
    if let Ok(process) = fs::metadata("/proc/self") {
        return Ok(process.uid());
    }
    let id = Path::new("/usr/bin/id");
    let said = Command::new(id).arg("-u").output().map_err(ClusterError::system("run", id))?;
    let uid = String::from_utf8_lossy(&said.stdout).trim().parse();
    uid.map_err(|_| ClusterError::system("read the answer of", id)(std::io::ErrorKind::InvalidData.into()))
}

fn named(wanted: impl Fn(&str, u32, u32) -> bool) -> Option<Account> {
    find(&fs::read_to_string("/etc/passwd").ok()?, wanted)
}

fn find(passwd: &str, wanted: impl Fn(&str, u32, u32) -> bool) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        wanted(&name, uid, gid).then_some(Account { name, uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_accounts_and_skips_lines_that_are_none() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\n# postgres\npostgres:x:101\npostgres:x:101:104::/:/bin/sh\n";
        let found = find(passwd, |name, _, _| name == "postgres").unwrap();
        assert_eq!(found, Account { name: "postgres".into(), uid: 101, gid: 104 });
        assert_eq!(find(passwd, |_, uid, _| uid == 7), None);
    }

    #[test]
    fn enters_folders_by_the_bit_that_counts() {
        let account = Account { name: "postgres".into(), uid: 101, gid: 104 };
        assert!(account.may_enter(0, 0, 0o755));
        assert!(account.may_enter(101, 0, 0o700));
        assert!(account.may_enter(0, 104, 0o710));
        assert!(!account.may_enter(0, 0, 0o700));
        assert!(!account.may_enter(101, 104, 0o011));
    }
}
