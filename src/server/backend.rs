use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use smallvec::SmallVec;
use tokio::sync::Semaphore;

use super::{Limits, content_encoding};
use crate::admin::{Admin, AdminFeed};
use crate::request::{LARGE_BODY, Request, Response};
use crate::session::{SESSION_STATE_HEADER, Session};

/// The port that received a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The port of the API.
    Api,
    /// The port of the control API, for programs on this machine only.
    Control,
}

/// What a backend returns.
pub struct Reply {
    /// The response.
    pub response: Response,
    /// What continues its body.
    pub feed: Option<Box<dyn Feed>>,
}

/// The rest of a body that is written in pieces.
pub trait Feed: Send + 'static {
    /// The next piece; ready with `None` at the end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// The next piece if it is ready already, so that it takes no work.
    fn next_ready(&mut self) -> Option<Bytes>;

    /// What is sent if there was nothing for a while, so that both sides notice when the connection is lost.
    fn keep_alive(&self) -> Bytes;
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self { response, feed: None }
    }
}

/// Whether a request is served at once.
pub enum Admission {
    /// It is.
    At(Pass),
    /// It waits; or it is rejected with a response.
    Later(Pin<Box<dyn Future<Output = Result<Pass, Box<Response>>> + Send>>),
}

/// What lasts until the response to a request is made.
#[derive(Default)]
pub struct Pass {
    /// The sessions that the request needs; they are not removed meanwhile.
    pub sessions: SmallVec<[Arc<Session>; 1]>,
    /// How the session came to this server: the value of [`SESSION_STATE_HEADER`].
    pub state: Option<HeaderValue>,
    /// What is done after the response is made and before it is sent.
    pub after: Option<After>,
}

/// Work that depends on a response, which it may replace.
pub type After = Box<dyn FnOnce(Response) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send>;

impl Pass {
    /// Completes the response to a request that was admitted.
    pub async fn finish(self, reply: &mut Reply) {
        reply.response.headers.extend(self.state.map(|state| (SESSION_STATE_HEADER, state)));
        if let Some(after) = self.after {
            let response = std::mem::replace(&mut reply.response, Response::empty(StatusCode::NO_CONTENT));
            reply.response = after(response).await;
        }
    }
}

/// Produces the responses of a [`super::Server`].
///
/// A panic in [`Backend::respond`] costs its request (500), not the server.
pub trait Backend: Send + Sync + 'static {
    /// Responds to a request.
    fn respond(&self, port: Port, request: Request) -> Reply;

    /// What a request waits for before it is served. It may be changed. The server does not wait on a thread.
    fn admit(&self, port: Port, request: &mut Request) -> Admission {
        let _ = (port, request);
        Admission::At(Pass::default())
    }

    /// Whether pages of an origin may read responses of a port.
    fn allows_origin(&self, port: Port, origin: &HeaderValue) -> bool {
        let _ = origin;
        port == Port::Api
    }

    /// Whether a request to a port may take long. The server then runs it on a thread of its own, so that it responds to
    /// others meanwhile.
    fn may_take_long(&self, port: Port, request: &Request) -> bool {
        port == Port::Control || has_large_body(request)
    }

    /// Applies events of clocks that are due without a request. It is called once a second, on a thread of its own.
    fn pass_time(&self) {}

    /// Whether requests are forwarded to another server. The server then runs each request on a thread of its own,
    /// because it waits for I/O, and leaves the body as it was sent.
    fn is_proxy(&self) -> bool {
        false
    }
}

/// The mock on the API port, and the control API for it on the control port.
impl Backend for Admin {
    fn respond(&self, port: Port, request: Request) -> Reply {
        match port {
            Port::Api => {
                let begun = Instant::now();
                self.mock.respond(request, || Some(begun.elapsed())).into()
            }
            Port::Control => {
                let (response, feed) = self.serve(&request);
                Reply { response, feed: feed.map(|feed| Box::new(feed) as Box<dyn Feed>) }
            }
        }
    }

    /// A request to the control API may replay a scenario or write all records, and one to the API may look through them.
    fn may_take_long(&self, port: Port, request: &Request) -> bool {
        port == Port::Control || has_large_body(request) || self.mock.may_take_long(request)
    }

    fn allows_origin(&self, port: Port, origin: &HeaderValue) -> bool {
        port == Port::Api || self.access.allows_origin(origin)
    }

    fn pass_time(&self) {
        self.mock.pass_time(Timestamp::now());
    }
}

impl Feed for AdminFeed {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        Self::poll_next(self, cx)
    }

    fn next_ready(&mut self) -> Option<Bytes> {
        Self::next_ready(self)
    }

    fn keep_alive(&self) -> Bytes {
        // A comment of the format of server-sent events.
        Bytes::from_static(b":\n\n")
    }
}

/// Wraps a function that waits for another server, such as the recording proxy.
pub struct Proxy<F>(pub F);

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> Backend for Proxy<F> {
    fn respond(&self, _: Port, request: Request) -> Reply {
        (self.0)(&request).into()
    }

    fn is_proxy(&self) -> bool {
        true
    }
}

/// A backend with the limits of its requests.
pub(super) struct Responder {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) limits: Limits,
    /// The threads for requests that may take long, of the API and of the control API.
    threads: [Arc<Semaphore>; 2],
    /// The number of requests to the API that may take long and are being served.
    slow: Arc<AtomicUsize>,
}

impl Responder {
    pub(super) fn new(backend: Arc<dyn Backend>, limits: Limits) -> Self {
        let threads = [limits.threads, limits.control_threads].map(|count| Arc::new(Semaphore::new(count)));
        Self { backend, limits, threads, slow: Arc::default() }
    }

    /// The threads of a port.
    pub(super) fn threads(&self, port: Port) -> &Arc<Semaphore> {
        &self.threads[usize::from(port == Port::Control)]
    }
}

/// One of the requests that may take long, while it is served.
struct SlowRequest(Arc<AtomicUsize>);

impl SlowRequest {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for SlowRequest {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that is not served at once.
pub(super) struct Waiting {
    request: Request,
    admission: Admission,
}

/// Runs a backend if the request has to wait for nothing and cannot take long. `None` after a panic.
///
/// # Errors
/// The request for [`respond_waiting`], if it waits.
pub(super) fn respond_at_once(
    responder: &Responder,
    port: Port,
    mut request: Request,
) -> Result<Option<Reply>, Box<Waiting>> {
    let backend = &*responder.backend;
    match backend.admit(port, &mut request) {
        Admission::At(pass) if pass.after.is_none() && is_quick(responder, port, &request) => {
            let reply = catch(|| backend.respond(port, request));
            Ok(reply.map(|mut reply| {
                reply.response.headers.extend(pass.state.map(|state| (SESSION_STATE_HEADER, state)));
                reply
            }))
        }
        admission => Err(Box::new(Waiting { request, admission })),
    }
}

/// Whether a request that is admitted can be served on the thread that serves the connection.
fn is_quick(responder: &Responder, port: Port, request: &Request) -> bool {
    let backend = &*responder.backend;
    // A quick request may have to wait for a slow one of the same session.
    !backend.is_proxy()
        && responder.slow.load(Ordering::Relaxed) == 0
        && !request.headers.contains_key(CONTENT_ENCODING)
        && !backend.may_take_long(port, request)
}

/// Runs a backend when it admits the request. `None` after a panic.
pub(super) async fn respond_waiting(responder: &Responder, port: Port, waiting: Box<Waiting>) -> Option<Reply> {
    let Waiting { request, admission } = *waiting;
    let pass = match admission {
        Admission::At(pass) => pass,
        Admission::Later(admitted) => match admitted.await {
            Ok(pass) => pass,
            Err(response) => return Some((*response).into()),
        },
    };
    let mut reply = respond_admitted(responder, port, request).await?;
    pass.finish(&mut reply).await;
    Some(reply)
}

/// Decodes the body of a request and runs a backend. `None` after a panic.
async fn respond_admitted(responder: &Responder, port: Port, request: Request) -> Option<Reply> {
    let backend = Arc::clone(&responder.backend);
    if backend.is_proxy() {
        return spawn(move || backend.respond(port, request)).await;
    }
    if is_quick(responder, port, &request) {
        return catch(|| backend.respond(port, request));
    }
    let max_size = responder.limits.body_bytes;
    let is_slow = backend.may_take_long(port, &request);
    let slow = (is_slow && port == Port::Api).then(|| SlowRequest::begin(&responder.slow));
    // The thread holds the permit: it goes on if the client is gone.
    let permit = Arc::clone(responder.threads(port)).acquire_owned().await;
    spawn(move || {
        let reply = match content_encoding::decode(request, max_size) {
            Ok(request) => backend.respond(port, request),
            Err(rejected) => (*rejected).into(),
        };
        drop((slow, permit));
        reply
    })
    .await
}

/// Whether a body is large, or may be large once it is decoded.
fn has_large_body(request: &Request) -> bool {
    request.body.len() >= LARGE_BODY || !request.body.is_empty() && request.headers.contains_key(CONTENT_ENCODING)
}

/// Runs on a thread of its own.
async fn spawn(respond: impl FnOnce() -> Reply + Send + 'static) -> Option<Reply> {
    tokio::task::spawn_blocking(|| catch(respond)).await.ok().flatten()
}

fn catch(respond: impl FnOnce() -> Reply) -> Option<Reply> {
    catch_unwind(AssertUnwindSafe(respond)).ok()
}
