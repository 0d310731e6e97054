//! The end of what a program said, as it goes into a sentence.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

const LINES: usize = 5;
const BYTES: u64 = 4096;

/// The last lines of an output, on one line.
pub(super) fn of(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match &lines[lines.len().saturating_sub(LINES)..] {
        [] => "nothing".to_owned(),
        last => last.join(" | "),
    }
}

/// The last lines of what has been added to a file since it had `from` bytes.
pub(super) fn of_file(path: &Path, from: u64) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(BYTES).max(from)))?;
        let mut end = Vec::new();
        file.take(BYTES).read_to_end(&mut end)?;
        std::io::Result::Ok(end)
    };
    of(&read().unwrap_or_default())
}

/// Whether it tells of a full disk, in the words of the C library.
pub(super) fn tells_of_full_disk(said: &str) -> bool {
    said.contains("No space left on device") || said.contains("Disk quota exceeded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_lines() {
        assert_eq!(of(b"1\n2\n3\n\n4\n5\n6\n"), "2 | 3 | 4 | 5 | 6");
        assert_eq!(of(b"\n \n"), "nothing");
    }

    #[test]
    fn reads_only_what_was_added() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "old\nnew\n").unwrap();
        assert_eq!(of_file(file.path(), 4), "new");
        assert_eq!(of_file(Path::new("/nonexistent"), 0), "nothing");
    }
}
