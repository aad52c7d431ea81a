//! The HTTP client of the object stores.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use tokio::sync::Semaphore;
use ureq::Agent;

use super::store::{MAX_OPERATIONS, MAX_SIZE};

/// The time for one attempt. The store repeats some that fail.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Connects stores with [`ureq`], which the program uses for all requests to other servers.
#[derive(Debug)]
pub(super) struct UreqConnector;

#[derive(Debug)]
struct UreqService {
    agent: Agent,
    /// A request whose result is not awaited any more has its thread until it ends.
    threads: Arc<Semaphore>,
}

impl HttpConnector for UreqConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .max_idle_connections(MAX_OPERATIONS)
            .max_idle_connections_per_host(MAX_OPERATIONS);
        let threads = Arc::new(Semaphore::new(MAX_OPERATIONS));
        Ok(HttpClient::new(UreqService { agent: config.build().into(), threads }))
    }
}

impl HttpService for UreqService {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let closed = |error| HttpError::new(HttpErrorKind::Unknown, error);
            let permit = Arc::clone(&self.threads).acquire_owned().await.map_err(closed)?;
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let agent = self.agent.clone();
            let send = move || {
                let response = send(&agent, http::Request::from_parts(head, body));
                drop(permit);
                response
            };
            let sent = tokio::task::spawn_blocking(send).await;
            sent.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error))?.map_err(http_error)
        })
    }
}

fn send(agent: &Agent, request: http::Request<Bytes>) -> Result<HttpResponse, ureq::Error> {
    let (head, body) = request.into_parts();
    let response = match body.is_empty() {
        true if head.method != http::Method::PUT => agent.run(http::Request::from_parts(head, ()))?,
        _ => agent.run(http::Request::from_parts(head, &*body))?,
    };
    let (head, mut body) = response.into_parts();
    let body = Bytes::from(body.with_config().limit(MAX_SIZE as u64).read_to_vec()?);
    let body = HttpResponseBody::new(Full::new(body).map_err(|never| match never {}));
    Ok(HttpResponse::from_parts(head, body))
}

fn http_error(error: ureq::Error) -> HttpError {
    let kind = match &error {
        ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => HttpErrorKind::Connect,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => HttpErrorKind::Connect,
        ureq::Error::Io(_) => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error)
}
