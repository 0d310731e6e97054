//! Who owns a cluster, as written in its lock file for everyone else.

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a process is for the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Serves until it is stopped: owns the cluster or does not start.
    Serve,
    /// Does one thing and ends: a guest where somebody owns the cluster already.
    Command,
}

/// The process that owns a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// What it is for the cluster.
    pub role: Role,
    /// Its command: `serve`, `import`.
    pub command: String,
    /// The address at which it answers, if it does and has said so.
    pub address: Option<String>,
    /// When it began.
    pub since: DateTime<Utc>,
    /// The folder of the running cluster, and the process of its Postgres; absent while it is being started.
    pub running: Option<Running>,
}

/// A running Postgres.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The folder of the cluster, as an absolute path.
    pub folder: PathBuf,
    /// The postmaster's process.
    pub pid: u32,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.command)?;
        if let Some(address) = &self.address {
            write!(f, " on `{address}`")?;
        }
        write!(f, " (pid {}, since {})", self.pid, self.since.format("%Y-%m-%d %H:%M:%S UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_where_and_since_when() {
        let since = DateTime::from_timestamp(1_795_553_620, 0).unwrap();
        let mut holder = Holder {
            pid: 12,
            role: Role::Serve,
            command: "serve".into(),
            address: None,
            since,
            running: None,
        };
        assert_eq!(holder.to_string(), "`serve` (pid 12, since 2026-11-24 20:53:40 UTC)");
        holder.address = Some("127.0.0.1:8080".into());
        assert_eq!(holder.to_string(), "`serve` on `127.0.0.1:8080` (pid 12, since 2026-11-24 20:53:40 UTC)");
    }
}
