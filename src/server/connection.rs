use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::Limits;
use super::head_scan::HeadScan;

/// How much of heads and short bodies is read at once, bytes.
const PIECE_BYTES: usize = 4 << 10;
/// How much of a long body is read at once, bytes.
const LONG_PIECE_BYTES: usize = 64 << 10;

/// A connection with deadlines for reading (headers, idle) and for writing.
pub(super) struct TimedStream {
    stream: TokioIo<TcpStream>,
    connection_state: Arc<ConnectionState>,
    limits: Limits,
    /// One timer for all deadlines. It is reset only when it fires or is set too late, not for every request.
    timer: Pin<Box<Sleep>>,
    stalled_since: Option<Instant>,
    head: HeadScan,
    /// Storage for a piece of a long body, while one is read.
    long_body: Vec<u8>,
}

/// What the server waits for on a connection; shared by its stream and its service.
pub(super) struct ConnectionState {
    born: Instant,
    idle: Duration,
    /// The deadline in milliseconds after `born`, shifted left by two; the lowest two bits hold the state.
    deadline: AtomicU64,
    /// Whether the connection ends with a reset instead of an orderly close.
    is_reset: AtomicBool,
    /// The number of responses that have been made.
    responses: AtomicU64,
    /// Whether the end of what the client sends was not passed on, because the HTTP parser would drop a response that is being
    /// made. A client may close its side after a request (RFC 9112, section 9.6).
    is_withheld: AtomicBool,
}

const BUSY: u64 = 0;
const WAITING: u64 = 1;
const HEADERS: u64 = 2;
/// The first bytes have arrived. The deadline of the headers is computed only when the rest does not follow at once,
/// because reading the clock for every request is measurable.
const BEGUN: u64 = 3;

impl ConnectionState {
    /// A request is being served: no read deadline applies.
    pub(super) fn busy(&self) {
        self.deadline.store(BUSY, Ordering::Relaxed);
    }

    /// The response is ready: the idle deadline starts.
    pub(super) fn idle(&self) {
        self.expect(WAITING, self.idle);
    }

    /// The connection will end with a reset.
    pub(super) fn reset_on_close(&self) {
        self.is_reset.store(true, Ordering::Relaxed);
    }

    /// A response is made. If the client has closed its side, the connection is read again, and closes.
    pub(super) fn end_response(&self, cx: &Context<'_>) {
        self.responses.fetch_add(1, Ordering::Relaxed);
        if self.is_withheld.load(Ordering::Relaxed) {
            cx.waker().wake_by_ref();
        }
    }

    fn begin(&self) {
        self.deadline.store(BEGUN, Ordering::Relaxed);
    }

    fn expect(&self, state: u64, within: Duration) {
        let by = (self.born.elapsed() + within).as_millis() as u64;
        self.deadline.store((by << 2) | state, Ordering::Relaxed);
    }

    fn state(&self) -> u64 {
        self.deadline.load(Ordering::Relaxed) & 3
    }

    fn deadline(&self) -> Option<Instant> {
        let deadline = self.deadline.load(Ordering::Relaxed);
        (deadline & 3 != BUSY).then(|| self.born + Duration::from_millis(deadline >> 2))
    }
}

impl TimedStream {
    pub(super) fn new(stream: TcpStream, limits: Limits) -> (Self, Arc<ConnectionState>) {
        let born = Instant::now();
        let connection_state = Arc::new(ConnectionState {
            born,
            idle: limits.idle,
            deadline: AtomicU64::new(BUSY),
            is_reset: AtomicBool::new(false),
            responses: AtomicU64::new(0),
            is_withheld: AtomicBool::new(false),
        });
        connection_state.expect(WAITING, limits.header);
        let timer = Box::pin(tokio::time::sleep(limits.header));
        let timed = Self {
            stream: TokioIo::new(stream),
            connection_state: Arc::clone(&connection_state),
            limits,
            timer,
            stalled_since: None,
            head: HeadScan::default(),
            long_body: Vec::new(),
        };
        (timed, connection_state)
    }

    /// Ready once the deadline has passed.
    fn poll_late(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if self.timer.deadline() > deadline {
            self.timer.as_mut().reset(deadline);
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(deadline);
        }
    }

    /// Reads bytes, which are checked before the HTTP parser has them.
    fn poll_checked(&mut self, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        if self.head.body_bytes() <= PIECE_BYTES as u64 {
            self.long_body = Vec::new();
            // To fill the storage with zeros would take longer than all checks.
            let mut bytes = [const { MaybeUninit::uninit() }; PIECE_BYTES];
            let size = buf.remaining().min(PIECE_BYTES);
            return self.poll_into(cx, ReadBuf::uninit(&mut bytes[..size]), buf);
        }
        let mut bytes = std::mem::take(&mut self.long_body);
        bytes.resize(LONG_PIECE_BYTES, 0);
        let size = buf.remaining().min(LONG_PIECE_BYTES);
        let read = self.poll_into(cx, ReadBuf::new(&mut bytes[..size]), buf);
        self.long_body = bytes;
        read
    }

    fn poll_into(
        &mut self,
        cx: &mut Context<'_>,
        mut own: ReadBuf<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_read(cx, own.unfilled()))?;
        let bytes = own.filled();
        let responses = self.connection_state.responses.load(Ordering::Relaxed);
        if bytes.is_empty() && self.head.complete_requests().is_some_and(|requests| requests > responses) {
            self.connection_state.is_withheld.store(true, Ordering::Relaxed);
            return Poll::Pending;
        }
        match self.head.check(bytes) {
            None => buf.put_slice(bytes),
            Some(place) => {
                buf.put_slice(&bytes[..place]);
                buf.put_slice(&[0]);
                buf.put_slice(&bytes[place + 1..]);
            }
        }
        Poll::Ready(Ok(()))
    }

    fn check_write<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled_since = None;
            return written;
        }
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        let limit = self.limits.write;
        ready!(self.poll_late(cx, since + limit));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for TimedStream {
    fn drop(&mut self) {
        if self.connection_state.is_reset.load(Ordering::Relaxed) {
            // If the system refuses, the connection closes in an orderly way, which clients also see as an error.
            let _ = self.stream.inner().set_zero_linger();
        }
    }
}

impl Read for TimedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let read = self.poll_checked(cx, buf);
        if read.is_ready() {
            if self.connection_state.state() == WAITING {
                self.connection_state.begin();
            }
            return read;
        }
        if self.connection_state.state() == BEGUN {
            self.connection_state.expect(HEADERS, self.limits.header);
        }
        match self.connection_state.deadline() {
            None => Poll::Pending,
            Some(deadline) => {
                ready!(self.poll_late(cx, deadline));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl Write for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.check_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.check_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
