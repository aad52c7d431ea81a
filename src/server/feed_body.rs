use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};

use super::backend::Feed;

/// How long nothing is sent before a sign that the connection is alive.
const QUIET: Duration = Duration::from_secs(15);

/// Becomes ready when the server stops: its sender is dropped then.
pub(super) type Stopping = watch::Receiver<()>;

/// A body that goes on until its feed ends or the server stops.
pub(super) struct FeedBody {
    beginning: Bytes,
    feed: Box<dyn Feed>,
    quiet: Pin<Box<Sleep>>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl FeedBody {
    pub(super) fn new(beginning: Bytes, feed: Box<dyn Feed>, mut stopping: Stopping) -> Self {
        let quiet = Box::pin(tokio::time::sleep(QUIET));
        let stopped = Box::pin(async move { while stopping.changed().await.is_ok() {} });
        Self { beginning, feed, quiet, stopped }
    }

    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        if !self.beginning.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut self.beginning)));
        }
        let piece = match self.feed.poll_next(cx) {
            Poll::Ready(piece) => piece,
            Poll::Pending => {
                ready!(self.quiet.as_mut().poll(cx));
                Some(self.feed.keep_alive())
            }
        };
        self.quiet.as_mut().reset(Instant::now() + QUIET);
        Poll::Ready(piece)
    }
}
