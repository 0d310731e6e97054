//! The lock that makes a process the owner of a cluster; the kernel frees it at any death.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Holder;

/// The lock, ours until this is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock, unless another process has it.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let file = options.create(true).read(true).write(true).truncate(false).mode(0o644).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                // The last owner's record, if it was killed.
                file.set_len(0)?;
                Ok(Some(Self(file)))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Tells the others who we are.
    pub(super) fn tell(&self, holder: &Holder) -> io::Result<()> {
        let text = serde_json::to_vec(holder)?;
        let mut file = &self.0;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&text)
    }
}

/// Who has the lock, or had it last; nothing if that has not been written yet.
pub(super) fn read(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
