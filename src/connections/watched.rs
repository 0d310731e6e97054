//! A connection that looks at the clock.

use std::io::{Error, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::Limits;

/// What an HTTP/2 connection begins with.
const HTTP2: &[u8] = b"PRI ";

/// How many requests came on a connection, and how many are being answered.
#[derive(Debug, Default)]
pub(super) struct Progress {
    begun: AtomicUsize,
    running: AtomicUsize,
}

impl Progress {
    /// A request came; it is being answered until the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self.clone())
    }
}

/// A request that is being answered.
pub(super) struct Running(Arc<Progress>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream whose reads fail when nothing comes in time.
pub(super) struct Watched<S> {
    stream: S,
    limits: Limits,
    progress: Arc<Progress>,
    begun: usize,
    head_since: Option<Instant>,
    moved: Instant,
    opening: Vec<u8>,
    timer: Pin<Box<Sleep>>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, limits: Limits, progress: Arc<Progress>) -> Self {
        let now = Instant::now();
        Self {
            stream,
            limits,
            progress,
            begun: 0,
            head_since: Some(now),
            moved: now,
            opening: Vec::with_capacity(HTTP2.len()),
            timer: Box::pin(tokio::time::sleep_until(now + limits.head)),
        }
    }

    /// Bytes came: the next request's, unless one is being answered or they may be anything, as in HTTP/2.
    fn note_read(&mut self, bytes: &[u8]) {
        self.moved = Instant::now();
        let missing = HTTP2.len() - self.opening.len();
        self.opening.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.note_begun();
        let is_head = self.head_since.is_none() && !self.is_answering() && self.opening != HTTP2;
        if is_head && !bytes.is_empty() {
            self.head_since = Some(self.moved);
        }
    }

    fn note_begun(&mut self) {
        let begun = self.progress.begun.load(Ordering::Relaxed);
        if begun != self.begun {
            self.begun = begun;
            self.head_since = None;
        }
    }

    fn is_answering(&self) -> bool {
        self.progress.running.load(Ordering::Relaxed) > 0
    }

    fn deadline(&mut self) -> Option<Instant> {
        self.note_begun();
        match self.head_since {
            _ if self.is_answering() => None,
            Some(since) => Some(since + self.limits.head),
            None => Some(self.moved + self.limits.idle),
        }
    }

    /// Fails when the time is over; otherwise makes sure that it is noticed.
    fn poll_time(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let Some(deadline) = self.deadline() else { return Poll::Pending };
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(ErrorKind::TimedOut.into())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            read?;
            self.note_read(&buffer.filled()[before..]);
            // Bytes that trickle do not buy time.
            let overdue = self.deadline().is_some_and(|deadline| deadline <= Instant::now());
            return Poll::Ready(if overdue { Err(ErrorKind::TimedOut.into()) } else { Ok(()) });
        }
        self.poll_time(context).map(Err)
    }
}

impl<S: AsyncWrite + Unpin> Watched<S> {
    fn wrote(
        &mut self,
        written: Poll<Result<usize, Error>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<usize, Error>> {
        if written.is_pending() {
            return self.poll_time(context).map(Err);
        }
        self.moved = Instant::now();
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize, Error>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
