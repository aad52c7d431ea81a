use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep};

use super::backend::Feed;
use super::connection::ConnectionState;
use super::feed_body::{FeedBody, Stopping};
use crate::faults::{Delivery, Ending};

/// How long a body waits between two pieces when its bandwidth is limited.
const TICK: Duration = Duration::from_millis(50);

/// The body of a response.
pub(super) enum ResponseBody {
    /// It is sent at once.
    Whole(Full<Bytes>),
    /// It is sent in pieces, or in part.
    Paced(Box<Paced>),
    /// It goes on until its feed ends or the server stops.
    Followed(Box<FeedBody>),
}

/// A body that is sent in pieces, or in part.
pub(super) struct Paced {
    rest: Bytes,
    /// The size of the whole body, bytes.
    size: u64,
    /// The size of a piece, bytes.
    piece: usize,
    pause: Duration,
    /// The time of the next piece.
    next: Pin<Box<Sleep>>,
    /// The number of bytes after which the connection closes.
    limit: Option<usize>,
    connection: Arc<ConnectionState>,
}

impl ResponseBody {
    /// A body that goes on. The connection stays busy.
    pub(super) fn followed(
        beginning: Bytes,
        feed: Box<dyn Feed>,
        stopping: Stopping,
        threads: &Arc<Semaphore>,
    ) -> Self {
        Self::Followed(Box::new(FeedBody::new(beginning, feed, stopping, Arc::clone(threads))))
    }

    /// A body that is sent as a delivery says. The connection is busy until its end.
    pub(super) fn new(body: Bytes, delivery: Option<&Delivery>, connection: &Arc<ConnectionState>) -> Self {
        let limit = |delivery: &Delivery| match delivery.ending {
            Ending::Truncated(bytes) => Some(bytes),
            _ => None,
        };
        let is_paced = |delivery: &&Delivery| {
            delivery.bytes_per_second.is_some() || delivery.pieces.is_some() || limit(delivery).is_some()
        };
        let Some(delivery) = delivery.filter(is_paced) else {
            connection.idle();
            return Self::Whole(Full::new(body));
        };
        let (mut piece, mut pause) = delivery.pieces.unwrap_or((usize::MAX, Duration::ZERO));
        if let Some(bytes) = delivery.bytes_per_second {
            let per_tick = usize::try_from(bytes / 20).unwrap_or(usize::MAX).max(1);
            piece = piece.min(per_tick);
            pause = pause.max(TICK.mul_f64(piece as f64 / per_tick as f64));
        }
        Self::Paced(Box::new(Paced {
            size: body.len() as u64,
            rest: body,
            piece,
            pause,
            next: Box::pin(tokio::time::sleep(Duration::ZERO)),
            limit: limit(delivery),
            connection: Arc::clone(connection),
        }))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Whole(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Paced(body) => body.poll_piece(cx),
            Self::Followed(body) => body.poll_piece(cx).map(|piece| Ok(piece.map(Frame::data)).transpose()),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Paced(body) => body.rest.is_empty() && body.limit.is_none(),
            Self::Followed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Paced(body) => SizeHint::with_exact(body.size),
            Self::Followed(_) => SizeHint::default(),
        }
    }
}

impl Paced {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.limit == Some(0) {
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
        }
        if self.rest.is_empty() {
            self.connection.idle();
            return Poll::Ready(None);
        }
        ready!(self.next.as_mut().poll(cx));
        self.next.as_mut().reset(Instant::now() + self.pause);
        let size = self.piece.min(self.rest.len()).min(self.limit.unwrap_or(usize::MAX));
        self.limit = self.limit.map(|limit| limit - size);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(size)))))
    }
}
