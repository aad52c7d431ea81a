use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Body;
use tower_service::Service;

use super::backend::Responder;
use super::{Backend, Limits, Port, read, service};
use crate::request::{Request, Response};

/// The port of the API without a socket: a [`Service`] of HTTP requests, for tests of programs that are built on `tower`.
///
/// A response that a fault delays, cuts or resets is returned whole and at once; its extensions then have the
/// [`Delivery`](crate::faults::Delivery).
#[derive(Clone)]
pub struct DirectService {
    responder: Arc<Responder>,
}

impl DirectService {
    /// The port of the API of a backend.
    pub fn new(backend: impl Backend) -> Self {
        Self { responder: Arc::new(Responder::new(Arc::new(backend), Limits::default())) }
    }
}

impl<B> Service<http::Request<B>> for DirectService
where
    B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    B::Data: Send,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let responder = Arc::clone(&self.responder);
        Box::pin(async move {
            let response = match read_request(&responder.limits, request).await {
                Ok(request) => service::respond(&responder, Port::Api, request).await.response,
                Err(rejected) => *rejected,
            };
            Ok(write(response))
        })
    }
}

async fn read_request<B>(limits: &Limits, request: http::Request<B>) -> Result<Request, Box<Response>>
where
    B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let (parts, body) = request.into_parts();
    let whole = Limited::new(Box::pin(body), limits.body_bytes).collect().await;
    let body = whole.map_err(|error| Box::new(read::body_error(limits, &*error)))?;
    Ok(read::request_of(parts, body.to_bytes()))
}

fn write(mut response: Response) -> http::Response<Full<Bytes>> {
    let faults = response.meta.faults.take();
    let mut written = service::write(response, Full::new);
    if let Some(effect) = faults {
        written.extensions_mut().insert(effect.delivery);
    }
    written
}
