//! Changing the status of versions (contract 2.4).

use chrono::{DateTime, Utc};

use super::Server;
use crate::listing::{InvalidTransition, Status, StatusChange};

/// Why a status is not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusRefused {
    /// No such version, or no version at all.
    #[error("no such version")]
    NotFound,
    /// The version says no.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// None of all versions would change.
    #[error("No changes to apply: all versions already have the requested status and message")]
    NothingChanges,
}

impl Server {
    /// Sets the status of one version (contract 2.4).
    pub fn set_status(
        &mut self,
        version: &str,
        change: &StatusChange,
        at: DateTime<Utc>,
    ) -> Result<(), StatusRefused> {
        let position = self.position(version).ok_or(StatusRefused::NotFound)?;
        let held = &mut self.versions[position];
        held.standing = held.standing.change(change, at)?;
        self.action = status_action(change.status);
        self.flag_latest();
        Ok(())
    }

    /// Sets the status of every version that it changes (contract 2.4), and says how many those are.
    pub fn set_status_of_all(
        &mut self,
        change: &StatusChange,
        at: DateTime<Utc>,
    ) -> Result<usize, StatusRefused> {
        if self.versions.is_empty() {
            return Err(StatusRefused::NotFound);
        }
        let mut changed = 0;
        for held in &mut self.versions {
            match held.standing.change(change, at) {
                Ok(standing) => {
                    held.standing = standing;
                    changed += 1;
                }
                Err(InvalidTransition::NothingChanges) => {}
                Err(refused) => return Err(refused.into()),
            }
        }
        if changed == 0 {
            return Err(StatusRefused::NothingChanges);
        }
        self.action = status_action(change.status);
        self.flag_latest();
        Ok(changed)
    }
}

fn status_action(status: Status) -> &'static str {
    match status {
        Status::Active => "restore",
        Status::Deprecated => "deprecate",
        Status::Deleted => "delete",
    }
}
