//! Cutting a connection: so hard that the client sees a reset, or in the middle of an answer's head.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A handle to cut a connection by. Clones cut the same one. Until it is told otherwise (0),
/// everything comes through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

/// One half of the next write comes through.
const BREAKING: u8 = 1;
/// Nothing comes through any more, and the connection ends in good order.
const BROKEN: u8 = 2;
/// Nothing comes through any more, and the connection ends in a reset.
const CUT: u8 = 3;

impl Line {
    /// From now on nothing more comes through, and the connection ends in a reset.
    pub(crate) fn cut(&self) {
        self.set(CUT);
    }

    /// One half of what is written next comes through, and nothing more.
    pub(crate) fn break_off(&self) {
        self.set(BREAKING);
    }

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    fn is(&self, state: u8) -> bool {
        self.0.load(Ordering::Relaxed) == state
    }

    fn check(&self) -> io::Result<()> {
        if self.is(CUT) || self.is(BROKEN) {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

/// A connection that can be cut.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    line: Line,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, line: Line) -> Self {
        Self { stream, line }
    }

    /// Writes one half, at least a byte, after which the line is broken.
    fn write_half(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let half = bytes.get(..bytes.len().div_ceil(2)).unwrap_or(bytes);
        let written = Pin::new(&mut self.stream).poll_write(context, half);
        if written.is_ready() {
            self.line.set(BROKEN);
        }
        written
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.is(CUT) {
            // Closing without lingering sends a reset instead of an orderly end. Should it fail,
            // the client sees the orderly end, which is no answer either.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        if self.line.is(BREAKING) {
            return self.write_half(context, bytes);
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        if self.line.is(BREAKING) {
            let first = parts.iter().find(|part| !part.is_empty());
            return self.write_half(context, first.map_or(&[], |part| part));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
