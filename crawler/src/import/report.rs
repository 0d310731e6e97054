//! The report of what was not imported: a file of one JSON object a line, made only when there is something to say.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::entry::{Bad, Place};

/// The longest text that is repeated in a report.
const LONGEST: usize = 1000;

/// A report being written.
pub(super) struct Report {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u64>,
    line: u64,
    entry: u64,
    name: Option<&'a str>,
    version: Option<&'a str>,
    reason: &'a str,
}

impl Report {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None }
    }

    /// Adds a line; the first one replaces what an earlier import left.
    pub(super) fn add(&mut self, place: Place, bad: &Bad) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(File::create(&self.path)?)),
        };
        let line = Line {
            page: place.page,
            line: place.line,
            entry: place.entry,
            name: bad.name.as_deref().map(short),
            version: bad.version.as_deref().map(short),
            reason: short(&bad.reason),
        };
        serde_json::to_writer(&mut *file, &line)?;
        file.write_all(b"\n")
    }

    /// Hands what was added to the system.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }

    /// The file, if there is one.
    pub(super) fn written(&self) -> Option<PathBuf> {
        self.file.is_some().then(|| self.path.clone())
    }
}

fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}
