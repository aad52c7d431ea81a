use std::convert::Infallible;
use std::ops::Deref;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use tower_service::Service;

use super::MockSession;
use crate::server::{BackgroundServer, DirectService};

/// A mock on a port of this machine. Dropping it closes the port.
///
/// It dereferences to its session `default`, so that `mock.seed(…)` and `mock.verify(…)` need no session.
pub struct MockServer {
    session: MockSession,
    server: BackgroundServer,
}

impl MockServer {
    pub(super) fn new(session: MockSession, server: BackgroundServer) -> Self {
        Self { session, server }
    }

    /// The base URL of the control API, such as `http://127.0.0.1:40233`.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.server.control())
    }
}

impl Deref for MockServer {
    type Target = MockSession;

    fn deref(&self) -> &MockSession {
        &self.session
    }
}

/// A mock without a socket: a [`Service`] of HTTP requests, for tests of programs that are built on `tower`.
///
/// A request selects a session as over a socket. A response that a fault delays, cuts or resets is returned whole and at
/// once; its extensions then have the [`Delivery`](crate::faults::Delivery). Like [`MockServer`], it dereferences to its session
/// `default`.
///
/// ```
/// use standin::Mock;
/// use tower_service::Service;
///
/// # let contract = r#"
/// # openapi: 3.0.3
/// # info: {title: Shop, version: "1"}
/// # paths:
/// #   /v1/orders:
/// #     get: {responses: {"200": {description: orders, content: {application/json: {example: [{id: o1, item: tea}]}}}}}
/// # "#;
/// let mut mock = Mock::builder().contract("shop.yaml", contract).service();
/// let request = http::Request::get("/v1/orders").body(String::new()).unwrap();
/// # fn wait<F: Future>(future: F) -> F::Output {
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     match std::pin::pin!(future).poll(&mut context) {
/// #         std::task::Poll::Ready(output) => output,
/// #         std::task::Poll::Pending => unreachable!("the body is complete"),
/// #     }
/// # }
/// let response = wait(mock.call(request)).unwrap();       // `.await` in an asynchronous test
/// assert_eq!(response.status(), 200);
/// assert_eq!(mock.requests().len(), 1);
/// ```
#[derive(Clone)]
pub struct MockService {
    session: MockSession,
    service: DirectService,
}

impl MockService {
    pub(super) fn new(session: MockSession, service: DirectService) -> Self {
        Self { session, service }
    }
}

impl Deref for MockService {
    type Target = MockSession;

    fn deref(&self) -> &MockSession {
        &self.session
    }
}

impl<B> Service<http::Request<B>> for MockService
where
    DirectService: Service<http::Request<B>, Response = http::Response<Full<Bytes>>, Error = Infallible>,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = <DirectService as Service<http::Request<B>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        self.service.call(request)
    }
}
