use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::body::{Body as _, Incoming};
use serde_json::json;

use super::access_log::LogEntry;
use super::backend::{Port, Reply, Responder, Waiting, respond_at_once, respond_waiting};
use super::connection::ConnectionState;
use super::response_body::ResponseBody;
use super::{Shared, cors, read};
use crate::faults::{Delivery, Ending};
use crate::request::{Request, Response};

/// The result of a request; an error if a fault ends the connection instead of responding.
type Served = io::Result<http::Response<ResponseBody>>;

/// A request that is being served.
pub(super) enum Serving {
    /// Its response, until it is taken.
    Done(Option<http::Response<ResponseBody>>, Arc<ConnectionState>),
    /// It waits: for its body, a thread, a fault, or its session.
    Later(Pin<Box<dyn Future<Output = Served> + Send>>),
}

impl Future for Serving {
    type Output = Served;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Served> {
        match &mut *self {
            Self::Done(response, connection) => {
                // Not before: until the HTTP parser takes the response, it would drop it if the client had closed its side.
                connection.end_response(cx);
                Poll::Ready(Ok(response.take().expect("a future is not polled after its end")))
            }
            Self::Later(serving) => serving.as_mut().poll(cx),
        }
    }
}

/// What is known of a request when its response is written.
struct Exchange {
    port: Port,
    origin: Option<HeaderValue>,
    log: Option<LogEntry>,
}

/// How far a request is that is not served at once.
enum Begun {
    Unread(http::Request<Incoming>),
    Waiting(Box<Waiting>),
    Replied(Reply),
}

/// Serves one request. Most requests without a body are served at once: a future that could wait would add a tenth to the cost of
/// a response from the cache.
pub(super) fn serve(
    shared: &Arc<Shared>,
    port: Port,
    request: http::Request<Incoming>,
    connection: &Arc<ConnectionState>,
) -> Serving {
    connection.busy();
    let origin = request.headers().get(ORIGIN).cloned();
    let exchange = Exchange { port, origin, log: shared.log.map(|log| log.begin(&request)) };
    let begun = match request.body().is_end_stream() {
        false => Begun::Unread(request),
        true => match begin(shared, port, request) {
            Err(waiting) => Begun::Waiting(waiting),
            Ok(reply) if reply.feed.is_none() && reply.response.meta.faults.is_none() => {
                let mut response = reply.response;
                exchange.finish(shared, &mut response);
                let response = write(response, |body| ResponseBody::new(body, None, connection));
                return Serving::Done(Some(response), Arc::clone(connection));
            }
            Ok(reply) => Begun::Replied(reply),
        },
    };
    Serving::Later(Box::pin(serve_later(Arc::clone(shared), exchange, begun, Arc::clone(connection))))
}

/// Responds to a request without a body, unless it has to wait.
fn begin(shared: &Shared, port: Port, request: http::Request<Incoming>) -> Result<Reply, Box<Waiting>> {
    match read::read_head(&shared.responder.limits, request) {
        Err(rejected) => Ok((*rejected).into()),
        Ok(request) => respond_or_wait(&shared.responder, port, request),
    }
}

async fn serve_later(
    shared: Arc<Shared>,
    mut exchange: Exchange,
    begun: Begun,
    connection: Arc<ConnectionState>,
) -> Served {
    let responder = &shared.responder;
    let Reply { mut response, feed } = match begun {
        Begun::Replied(reply) => reply,
        Begun::Waiting(waiting) => wait(responder, exchange.port, waiting).await,
        Begun::Unread(request) => match read::read_request(&responder.limits, request).await {
            Err(rejected) => rejected.into(),
            Ok(request) => {
                if let Some(log) = &mut exchange.log {
                    log.set_body(&request.body);
                }
                respond(responder, exchange.port, request).await
            }
        },
    };
    poll_fn(|cx| {
        connection.end_response(cx);
        Poll::Ready(())
    })
    .await;
    let port = exchange.port;
    exchange.finish(&shared, &mut response);
    let faults = response.meta.faults.take();
    let delivery = faults.as_ref().map(|effect| &effect.delivery);
    if let Some(delivery) = delivery {
        begin_delivery(delivery, &connection).await?;
    }
    Ok(write(response, |body| match feed {
        Some(feed) => ResponseBody::followed(body, feed, shared.stopping.clone(), responder.threads(port)),
        None => ResponseBody::new(body, delivery, &connection),
    }))
}

impl Exchange {
    /// Adds the headers for pages to a response, and its line to the log.
    fn finish(self, shared: &Shared, response: &mut Response) {
        let allowed = self.origin.filter(|origin| shared.responder.backend.allows_origin(self.port, origin));
        if self.port == Port::Api || allowed.is_some() {
            cors::allow(allowed, response);
        }
        if let Some(log) = self.log {
            log.finish(response);
        }
    }
}

/// A response with its body in the form that a server needs.
pub(super) fn write<B>(response: Response, body: impl FnOnce(Bytes) -> B) -> http::Response<B> {
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    for (name, value) in response.headers {
        headers.append(name, value);
    }
    let mut written = http::Response::new(body(response.body));
    (*written.status_mut(), *written.headers_mut()) = (response.status, headers);
    written
}

/// Waits until a response begins.
///
/// # Errors
/// If it never begins: the connection closes.
async fn begin_delivery(delivery: &Delivery, connection: &ConnectionState) -> io::Result<()> {
    if !delivery.delay.is_zero() {
        tokio::time::sleep(delivery.delay).await;
    }
    match delivery.ending {
        Ending::Whole | Ending::Truncated(_) => Ok(()),
        Ending::Reset => {
            connection.reset_on_close();
            Err(io::ErrorKind::ConnectionReset.into())
        }
        Ending::Silent(Some(time)) => {
            tokio::time::sleep(time).await;
            Err(io::ErrorKind::TimedOut.into())
        }
        Ending::Silent(None) => std::future::pending().await,
    }
}

/// Responds to a request that has been read.
pub(super) async fn respond(responder: &Responder, port: Port, request: Request) -> Reply {
    match respond_or_wait(responder, port, request) {
        Ok(reply) => reply,
        Err(waiting) => wait(responder, port, waiting).await,
    }
}

/// Responds to a request that has been read, unless it has to wait.
fn respond_or_wait(responder: &Responder, port: Port, request: Request) -> Result<Reply, Box<Waiting>> {
    match respond_to_options(port, &request) {
        Some(response) => Ok(response.into()),
        None => Ok(respond_at_once(responder, port, request)?.unwrap_or_else(after_panic)),
    }
}

async fn wait(responder: &Responder, port: Port, waiting: Box<Waiting>) -> Reply {
    respond_waiting(responder, port, waiting).await.unwrap_or_else(after_panic)
}

/// The response to an `OPTIONS` request that is not about an operation of the API.
fn respond_to_options(port: Port, request: &Request) -> Option<Response> {
    if port != Port::Api || request.method != Method::OPTIONS {
        return None;
    }
    if let Some(response) = cors::preflight(&request.headers) {
        return Some(response);
    }
    // `OPTIONS *` is about the server, not about a path of the API (RFC 9110, section 9.3.7).
    (request.path == "*").then(|| {
        let mut response = Response::empty(StatusCode::NO_CONTENT);
        response.headers.push((ALLOW, HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")));
        response
    })
}

fn after_panic() -> Reply {
    let bug = "internal error; please report the panic message on stderr";
    error_response(StatusCode::INTERNAL_SERVER_ERROR, bug).into()
}

/// A response of the server itself, not of the API.
pub(super) fn error_response(status: StatusCode, message: &str) -> Response {
    Response::json(status.as_u16(), json!({"standin": message}).to_string())
}
