use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, Sleep};

use super::backend::Feed;

/// How long nothing is sent before a sign that the connection is alive.
const QUIET: Duration = Duration::from_secs(15);

/// Becomes ready when the server stops: its sender is dropped then.
pub(super) type Stopping = watch::Receiver<()>;

/// A body that goes on until its feed ends or the server stops. Its pieces are made on threads for work that may take long: many
/// clients that follow a journal do not keep other requests waiting.
pub(super) struct FeedBody {
    beginning: Bytes,
    feed: FeedState,
    threads: Arc<Semaphore>,
    quiet: Pin<Box<Sleep>>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
}

enum FeedState {
    /// It is polled again once the signal was given.
    Waiting(Box<dyn Feed>, Arc<Signal>),
    /// A thread looks for the next piece.
    Working(Pin<Box<dyn Future<Output = Option<Polled>> + Send>>, Arc<Signal>),
    Ended,
}

/// Remembers that a feed may have more: this can happen before the thread that has polled it returns.
struct Signal {
    is_given: AtomicBool,
    task: Waker,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.is_given.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

/// A feed after it was polled.
type Polled = (Box<dyn Feed>, Poll<Option<Bytes>>);

impl FeedBody {
    pub(super) fn new(beginning: Bytes, feed: Box<dyn Feed>, mut stopping: Stopping, threads: Arc<Semaphore>) -> Self {
        let quiet = Box::pin(tokio::time::sleep(QUIET));
        let stopped = Box::pin(async move { while stopping.changed().await.is_ok() {} });
        let signal = Arc::new(Signal { is_given: AtomicBool::new(true), task: Waker::noop().clone() });
        Self { beginning, feed: FeedState::Waiting(feed, signal), threads, quiet, stopped }
    }

    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        if !self.beginning.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut self.beginning)));
        }
        let piece = match self.poll_feed(cx) {
            Poll::Ready(piece) => piece,
            Poll::Pending => {
                let FeedState::Waiting(feed, _) = &self.feed else { return Poll::Pending };
                ready!(self.quiet.as_mut().poll(cx));
                Some(feed.keep_alive())
            }
        };
        self.quiet.as_mut().reset(Instant::now() + QUIET);
        Poll::Ready(piece)
    }

    fn poll_feed(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let FeedState::Waiting(feed, _) = &mut self.feed
            && let Some(piece) = feed.next_ready()
        {
            return Poll::Ready(Some(piece));
        }
        loop {
            self.feed = match std::mem::replace(&mut self.feed, FeedState::Ended) {
                FeedState::Waiting(feed, signal) if !signal.is_given.load(Ordering::Acquire) => {
                    self.feed = FeedState::Waiting(feed, signal);
                    return Poll::Pending;
                }
                FeedState::Waiting(feed, _) => {
                    let signal = Arc::new(Signal { is_given: AtomicBool::new(false), task: cx.waker().clone() });
                    let work = poll_on_thread(feed, Arc::clone(&self.threads), Arc::clone(&signal).into());
                    FeedState::Working(Box::pin(work), signal)
                }
                FeedState::Working(mut work, signal) => match work.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.feed = FeedState::Working(work, signal);
                        return Poll::Pending;
                    }
                    Poll::Ready(Some((feed, Poll::Pending))) => FeedState::Waiting(feed, signal),
                    Poll::Ready(Some((feed, Poll::Ready(piece)))) => {
                        signal.is_given.store(true, Ordering::Release);
                        self.feed = FeedState::Waiting(feed, signal);
                        return Poll::Ready(piece);
                    }
                    // A panic ends the body.
                    Poll::Ready(None) => return Poll::Ready(None),
                },
                FeedState::Ended => return Poll::Ready(None),
            }
        }
    }
}

/// Polls a feed on a thread of its own once one is free.
async fn poll_on_thread(mut feed: Box<dyn Feed>, threads: Arc<Semaphore>, waker: Waker) -> Option<Polled> {
    let permit = threads.acquire_owned().await;
    let work = move || {
        let piece = feed.poll_next(&mut Context::from_waker(&waker));
        drop(permit);
        (feed, piece)
    };
    tokio::task::spawn_blocking(work).await.ok()
}
