//! Cuts a stream into entries without reading JSON: lines, the elements of an array, the `servers` of a list answer.
//!
//! Only strings and brackets are followed, so an entry that is no JSON, or far too long, does not take the next ones with it.

use std::io::{self, BufRead};

/// The longest entry that is read.
pub(super) const MAX_ENTRY: usize = 4 * 1024 * 1024;

/// What stands at the place of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Its bytes.
    Bytes(&'a [u8]),
    /// More than [`MAX_ENTRY`] bytes.
    TooLong,
}

/// Why a stream cannot be cut.
#[derive(Debug, thiserror::Error)]
pub(super) enum SplitError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It ends too early.
    #[error("it ends in the middle of what begins in line {0}; fetch it again")]
    Ends(u64),
    /// It has another form.
    #[error("line {line} should have {wanted}")]
    Form {
        /// Where.
        line: u64,
        /// What should stand there.
        wanted: &'static str,
    },
    /// Nobody wants the rest.
    #[error("it was stopped")]
    Stopped,
}

/// Takes one piece, with the line where it begins.
pub(super) type Each<'a> = &'a mut dyn FnMut(u64, Piece<'_>) -> Result<(), SplitError>;

/// A stream being cut.
pub(super) struct Splitter<R> {
    from: R,
    line: u64,
    piece: Vec<u8>,
    too_long: bool,
}

impl<R: BufRead> Splitter<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, line: 1, piece: Vec::new(), too_long: false }
    }

    /// Every line that is not blank.
    pub(super) fn lines(&mut self, each: Each<'_>) -> Result<(), SplitError> {
        loop {
            let line = self.line;
            if !self.read_line()? {
                return Ok(());
            }
            if !self.too_long && self.piece.trim_ascii().is_empty() {
                continue;
            }
            each(line, self.piece())?;
        }
    }

    /// The value that comes next, and nothing after it.
    pub(super) fn single(&mut self, each: Each<'_>) -> Result<(), SplitError> {
        self.peek()?;
        let line = self.line;
        self.read_value()?;
        each(line, self.piece())?;
        self.end()
    }

    /// Every element of the array that comes next.
    pub(super) fn array(&mut self, each: Each<'_>) -> Result<(), SplitError> {
        let begins = self.line;
        self.expect(b'[', "an array")?;
        loop {
            match self.peek()?.ok_or(SplitError::Ends(begins))? {
                b']' => return self.skip(),
                b',' => self.skip()?,
                _ => {
                    let line = self.line;
                    self.read_value()?;
                    each(line, self.piece())?;
                }
            }
        }
    }

    /// Every element of the `servers` of the object that comes next, and then its `metadata`.
    pub(super) fn list(&mut self, each: Each<'_>) -> Result<Option<Vec<u8>>, SplitError> {
        let begins = self.line;
        let mut metadata = None;
        let mut listed = false;
        self.expect(b'{', "a registry's list")?;
        loop {
            match self.peek()?.ok_or(SplitError::Ends(begins))? {
                b'}' => break self.skip()?,
                b',' => self.skip()?,
                b'"' => {
                    self.read_value()?;
                    let key = std::mem::take(&mut self.piece);
                    self.expect(b':', "a colon")?;
                    if key == br#""servers""# {
                        listed = true;
                        self.servers(each)?;
                    } else {
                        self.peek()?;
                        self.read_value()?;
                        if key == br#""metadata""# {
                            metadata = Some(std::mem::take(&mut self.piece));
                        }
                    }
                }
                _ => return Err(self.wanted("a member's name")),
            }
        }
        if listed { Ok(metadata) } else { Err(self.wanted("`servers`, as a registry's list has")) }
    }

    /// The array; `null` is what a registry without servers may say.
    fn servers(&mut self, each: Each<'_>) -> Result<(), SplitError> {
        if self.peek()? != Some(b'n') {
            return self.array(each);
        }
        self.read_value()?;
        if self.piece == b"null" { Ok(()) } else { Err(self.wanted("an array of servers")) }
    }

    /// Demands that nothing more follows.
    pub(super) fn end(&mut self) -> Result<(), SplitError> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.wanted("nothing after the end of the list")),
        }
    }

    fn piece(&self) -> Piece<'_> {
        if self.too_long { Piece::TooLong } else { Piece::Bytes(&self.piece) }
    }

    fn wanted(&self, wanted: &'static str) -> SplitError {
        SplitError::Form { line: self.line, wanted }
    }

    fn expect(&mut self, byte: u8, wanted: &'static str) -> Result<(), SplitError> {
        if self.peek()? == Some(byte) { self.skip() } else { Err(self.wanted(wanted)) }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<Option<u8>, SplitError> {
        loop {
            let buffer = self.from.fill_buf()?;
            let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.line += newlines(&buffer[..blank]);
            let next = buffer.get(blank).copied();
            let ended = buffer.is_empty();
            self.from.consume(blank);
            if next.is_some() || ended {
                return Ok(next);
            }
        }
    }

    fn skip(&mut self) -> Result<(), SplitError> {
        self.from.consume(1);
        Ok(())
    }

    fn begin(&mut self) {
        self.piece.clear();
        self.too_long = false;
    }

    /// Whether there is a line; its end is not part of it.
    fn read_line(&mut self) -> Result<bool, SplitError> {
        self.begin();
        let mut any = false;
        loop {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(buffer.len());
            keep(&mut self.piece, &mut self.too_long, &buffer[..taken]);
            self.from.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                self.line += 1;
                return Ok(true);
            }
        }
    }

    /// The value that begins with the next byte.
    fn read_value(&mut self) -> Result<(), SplitError> {
        self.begin();
        let begins = self.line;
        let mut scan = Scan::default();
        loop {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Err(SplitError::Ends(begins));
            }
            let end = scan.end_in(buffer);
            let taken = end.unwrap_or(buffer.len());
            keep(&mut self.piece, &mut self.too_long, &buffer[..taken]);
            self.line += newlines(&buffer[..taken]);
            self.from.consume(taken);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

fn keep(piece: &mut Vec<u8>, too_long: &mut bool, bytes: &[u8]) {
    if *too_long || piece.len() + bytes.len() > MAX_ENTRY {
        *too_long = true;
        piece.clear();
    } else {
        piece.extend_from_slice(bytes);
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Where in a value one is.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    in_word: bool,
}

impl Scan {
    /// Where the value ends, if it does within these bytes.
    fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        for (i, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(i + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' if self.in_word && self.depth == 0 => return Some(i),
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Some(i.max(usize::from(!self.in_word))),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(i + 1);
                    }
                }
                b',' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => return Some(i),
                _ if self.depth == 0 => self.in_word = true,
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
