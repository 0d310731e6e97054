//! Where a command writes: data on stdout, talk on stderr, and the code it ends with.
//!
//! Texts of a registry pass through [`printable`], so that no document can write to the terminal in escape sequences.

use std::io::{self, Write};

use anstream::StripStream;
use owo_colors::OwoColorize;
use serde_json::Value;

use crate::failure::Failure;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked (0).
    Done,
    /// It was refused, or what was asked for is not there (1).
    Refused,
    /// It was asked for in a way it does not understand (2).
    Usage,
}

impl Exit {
    /// The number a shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The two streams of a command, and how wide a table may be.
pub struct Out<'a> {
    stdout: Box<dyn Write + Send + 'a>,
    stderr: Box<dyn Write + Send + 'a>,
    width: Option<u16>,
}

impl Out<'static> {
    /// The streams of this process: colours where a terminal shows them and `NO_COLOR` does not forbid them.
    pub fn of_process() -> Self {
        let width = comfy_table::Table::new().width();
        Self { stdout: Box::new(anstream::stdout()), stderr: Box::new(anstream::stderr()), width }
    }
}

impl<'a> Out<'a> {
    /// Two buffers, written to without colours; tables are cut to `width` columns where there is one.
    pub fn plain(stdout: &'a mut Vec<u8>, stderr: &'a mut Vec<u8>, width: Option<u16>) -> Self {
        Self { stdout: Box::new(StripStream::new(stdout)), stderr: Box::new(StripStream::new(stderr)), width }
    }

    /// The width of the terminal that stdout is; none where it is a file or a pipe.
    pub(crate) fn width(&self) -> Option<u16> {
        self.width
    }

    /// One line of data, or several.
    pub(crate) fn data(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.stdout, "{text}")
    }

    /// The registry's answer, laid out for reading.
    pub(crate) fn json(&mut self, answer: &Value) -> io::Result<()> {
        writeln!(self.stdout, "{answer:#}")
    }

    /// One line of talk.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.stderr, "{text}")
    }

    /// A line that says that something worked.
    pub(crate) fn done(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.stderr, "{} {text}", "✓".green())
    }

    /// Says what went wrong; a reader that has gone away is told nothing, and that is no failure.
    pub(crate) fn fail(&mut self, failure: &Failure) -> Exit {
        if failure.is_broken_pipe() {
            return Exit::Done;
        }
        let sentence = printable(&failure.to_string());
        let mut text = format!("{} {sentence}\n", "error:".red().bold());
        for detail in failure.details() {
            text.push_str(&format!("  {}\n", printable(&detail)));
        }
        // Nothing is left to tell it to when stderr is closed.
        let _ = self.stderr.write_all(text.as_bytes());
        failure.exit()
    }
}

/// A foreign text on one line: white space becomes blanks; control characters, and those that change the direction of
/// text or cannot be seen, are left out.
pub(crate) fn printable(text: &str) -> String {
    let blank = |c: char| if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') { ' ' } else { c };
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.trim().chars().map(blank).filter(|c| !hidden(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}2Jc\n\td\u{202e}e"), "a[31mb2Jc  de");
        assert_eq!(printable(" Wetter für Zürich 🌦 "), "Wetter für Zürich 🌦");
    }
}
