//! What a command may know of its surroundings, as values.

use std::path::PathBuf;

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub struct Env {
    /// The user's home directory, where the token file lies; none where the system names none.
    pub home: Option<PathBuf>,
    /// The working directory, which relative file names start from.
    pub directory: PathBuf,
}

impl Env {
    /// The surroundings of this process; called once, at start.
    pub fn of_process() -> Self {
        Self { home: std::env::home_dir(), directory: std::env::current_dir().unwrap_or_default() }
    }
}
