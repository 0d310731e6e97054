//! Bytes of a file or an answer: counted, unpacked, and their form told by looking at them.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use tokio::runtime::Handle;

/// How much is looked at before the form is decided.
const HEAD: usize = 64 * 1024;

/// The form of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An array of documents.
    Array,
    /// A registry's list answer.
    List,
    /// An entry a line.
    Lines,
    /// One document, over several lines.
    Single,
    /// A web page, which holds no entries.
    Page,
}

/// A source, unpacked.
pub(super) type Unpacked = BufReader<Box<dyn Read + Send>>;

/// Counts what goes through it.
struct Counted<R> {
    from: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Unpacks `from` where it is gzip, and tells its form.
pub(super) fn open(from: impl Read + Send + 'static, count: Arc<AtomicU64>) -> io::Result<(Unpacked, Form)> {
    let (head, from) = peek(Box::new(Counted { from, count }), 2)?;
    let from: Box<dyn Read + Send> = match head.as_slice() {
        [0x1f, 0x8b] => Box::new(MultiGzDecoder::new(BufReader::new(from))),
        _ => from,
    };
    let (head, mut from) = peek(from, HEAD)?;
    if head.starts_with(b"\xef\xbb\xbf") {
        from.read_exact(&mut [0; 3])?;
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    Ok((BufReader::with_capacity(HEAD, from), form(head)))
}

/// The first bytes, and a reader that still has them.
fn peek(mut from: Box<dyn Read + Send>, length: usize) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    from.by_ref().take(length as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(from))))
}

fn form(head: &[u8]) -> Form {
    let whole = head.len() < HEAD;
    let text = head.trim_ascii_start();
    match text.first() {
        Some(b'[') => Form::Array,
        Some(b'<') => Form::Page,
        Some(b'{') if matches!(first_name(text), Some(b"servers" | b"metadata")) => Form::List,
        Some(b'{') if whole && !first_line_is_json(text) && is_json(text) => Form::Single,
        _ => Form::Lines,
    }
}

/// The name of an object's first member.
fn first_name(object: &[u8]) -> Option<&[u8]> {
    let name = object.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    Some(&name[..name.iter().position(|byte| *byte == b'"')?])
}

fn first_line_is_json(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').next().is_some_and(is_json)
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// An answer's body as something to read from, on a thread that may wait.
pub(super) struct Body {
    response: reqwest::Response,
    chunk: Cursor<bytes::Bytes>,
    runtime: Handle,
}

impl Body {
    pub(super) fn new(response: reqwest::Response, runtime: Handle) -> Self {
        Self { response, chunk: Cursor::default(), runtime }
    }
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.chunk.fill_buf()?.is_empty() {
            match self.runtime.block_on(self.response.chunk()) {
                Ok(Some(chunk)) => self.chunk = Cursor::new(chunk),
                Ok(None) => return Ok(0),
                Err(error) => return Err(io::Error::other(registry_core::outbound::reason(&error))),
            }
        }
        self.chunk.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn opened(bytes: &[u8]) -> (String, Form, u64) {
        let count = Arc::new(AtomicU64::new(0));
        let (mut from, form) = open(Cursor::new(bytes.to_vec()), count.clone()).expect("it opens");
        let mut text = String::new();
        from.read_to_string(&mut text).expect("it is text");
        (text, form, count.load(Ordering::Relaxed))
    }

    #[test]
    fn the_form_is_told_by_the_content() {
        for (text, form) in [
            (" [\n]", Form::Array),
            ("{\"servers\":[]}", Form::List),
            ("{ \"metadata\" : {}, \"servers\":[]}", Form::List),
            ("{\"server\":{}}\n{\"server\":{}}", Form::Lines),
            ("{\"name\":\"a/b\"}", Form::Lines),
            ("{\n \"name\": \"a/b\"\n}\n", Form::Single),
            ("{\nno json\n{}", Form::Lines),
            ("no json\n{}", Form::Lines),
            ("<!doctype html>", Form::Page),
            ("", Form::Lines),
        ] {
            assert_eq!(opened(text.as_bytes()), (text.to_owned(), form, text.len() as u64));
        }
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes_and_may_have_several_members() {
        let pack = |text: &str| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text.as_bytes()).expect("memory takes it");
            encoder.finish().expect("memory takes it")
        };
        let packed = [pack("{\"a\":1}\n"), pack("{\"b\":2}\n")].concat();
        let length = packed.len() as u64;
        assert_eq!(opened(&packed), ("{\"a\":1}\n{\"b\":2}\n".to_owned(), Form::Lines, length));
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(opened(b"\xef\xbb\xbf[]"), ("[]".to_owned(), Form::Array, 5));
    }
}
