use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Limits, content_encoding};
use crate::admin;
use crate::pipeline::{Engine, Session};
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
    fn respond(&self, port: Port, request: &Request) -> Response;

    /// Whether requests are forwarded to another server. The server then runs each request on a thread of its own,
    /// because it waits for I/O, and leaves the body as it was sent.
    fn is_proxy(&self) -> bool {
        false
    }
}

/// The mock: an engine with one session on the API port, and the control API of both on the control port.
pub struct Mock {
    /// The API.
    pub engine: Box<Engine>,
    /// The session that all requests share.
    pub session: Box<Session>,
}

impl Backend for Mock {
    fn respond(&self, port: Port, request: &Request) -> Response {
        match port {
            Port::Api => self.engine.answer(&self.session, request),
            Port::Control => admin::respond(&self.engine, &self.session, request),
        }
    }
}

/// Wraps a function that waits for another server, such as the recording proxy.
pub struct Proxy<F>(pub F);

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> Backend for Proxy<F> {
    fn respond(&self, _: Port, request: &Request) -> Response {
        (self.0)(request)
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
    let catch = |respond: &dyn Fn() -> Response| catch_unwind(AssertUnwindSafe(respond)).ok();
    if backend.is_proxy() {
        let backend = Arc::clone(backend);
        let forward = move || catch(&|| backend.respond(port, &request));
        return tokio::task::spawn_blocking(forward).await.ok().flatten();
    }
    catch(&|| match content_encoding::decode(&request, limits.body_bytes) {
        Ok(None) => backend.respond(port, &request),
        Ok(Some(decoded)) => backend.respond(port, &decoded),
        Err(rejected) => *rejected,
    })
}
