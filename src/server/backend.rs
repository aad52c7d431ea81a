use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use http::HeaderValue;

use super::{Limits, content_encoding};
use crate::admin::Admin;
use crate::request::{Request, Response};

/// The port that received a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The port of the API.
    Api,
    /// The port of the control API, for programs on this machine only.
    Control,
}

/// Produces the responses of a [`super::Server`].
///
/// A panic in [`Backend::respond`] costs its request (500), not the server.
pub trait Backend: Send + Sync + 'static {
    /// Responds to a request.
    fn respond(&self, port: Port, request: Request) -> Response;

    /// Whether pages of an origin may read responses of a port.
    fn allows_origin(&self, port: Port, origin: &HeaderValue) -> bool {
        let _ = origin;
        port == Port::Api
    }

    /// Whether requests are forwarded to another server. The server then runs each request on a thread of its own,
    /// because it waits for I/O, and leaves the body as it was sent.
    fn is_proxy(&self) -> bool {
        false
    }
}

/// The mock on the API port, and the control API for it on the control port.
impl Backend for Admin {
    fn respond(&self, port: Port, request: Request) -> Response {
        match port {
            Port::Api => {
                let begun = Instant::now();
                self.mock.respond(request, || Some(begun.elapsed()))
            }
            Port::Control => Self::respond(self, &request),
        }
    }

    fn allows_origin(&self, port: Port, origin: &HeaderValue) -> bool {
        port == Port::Api || self.access.allows_origin(origin)
    }
}

/// Wraps a function that waits for another server, such as the recording proxy.
pub struct Proxy<F>(pub F);

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> Backend for Proxy<F> {
    fn respond(&self, _: Port, request: Request) -> Response {
        (self.0)(&request)
    }

    fn is_proxy(&self) -> bool {
        true
    }
}

/// Decodes the body of a request and runs a backend. `None` after a panic.
pub(super) async fn respond_guarded(
    backend: &Arc<dyn Backend>,
    limits: &Limits,
    port: Port,
    request: Request,
) -> Option<Response> {
    if backend.is_proxy() {
        let backend = Arc::clone(backend);
        let forward = move || catch(|| backend.respond(port, request));
        return tokio::task::spawn_blocking(forward).await.ok().flatten();
    }
    catch(|| match content_encoding::decode(request, limits.body_bytes) {
        Ok(request) => backend.respond(port, request),
        Err(rejected) => *rejected,
    })
}

fn catch(respond: impl FnOnce() -> Response) -> Option<Response> {
    catch_unwind(AssertUnwindSafe(respond)).ok()
}
