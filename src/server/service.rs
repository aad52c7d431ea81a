use std::io;
use std::sync::Arc;

use http::header::{ALLOW, ORIGIN};
use http::{HeaderValue, Method, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::backend::{Port, Reply, Responder, respond_guarded};
use super::connection::ConnectionState;
use super::response_body::ResponseBody;
use super::{Shared, cors, read};
use crate::faults::{Delivery, Ending};
use crate::request::{Request, Response};

/// Serves one request.
///
/// # Errors
/// If a fault ends the connection instead of responding.
pub(super) async fn serve(
    shared: &Shared,
    port: Port,
    request: http::Request<Incoming>,
    connection: &Arc<ConnectionState>,
) -> io::Result<http::Response<ResponseBody>> {
    let origin = request.headers().get(ORIGIN).cloned();
    let mut log = shared.log.map(|log| log.begin(&request));
    let Reply { mut response, feed } = match read::read_request(&shared.responder.limits, request).await {
        Err(rejected) => rejected.into(),
        Ok(request) => {
            if let Some(log) = &mut log {
                log.set_body(&request.body);
            }
            respond(&shared.responder, port, request).await
        }
    };
    connection.end_response().await;
    let allowed = origin.filter(|origin| shared.responder.backend.allows_origin(port, origin));
    if port == Port::Api || allowed.is_some() {
        cors::allow(allowed, &mut response);
    }
    if let Some(log) = log {
        log.finish(&response);
    }
    let faults = response.meta.faults.take();
    let delivery = faults.as_ref().map(|effect| &effect.delivery);
    if let Some(delivery) = delivery {
        begin_delivery(delivery, connection).await?;
    }
    let body = match feed {
        Some(feed) => {
            ResponseBody::followed(response.body, feed, shared.stopping.clone(), shared.responder.threads(port))
        }
        None => ResponseBody::new(response.body, delivery, connection),
    };
    let mut written = http::Response::new(body);
    *written.status_mut() = response.status;
    for (name, value) in response.headers {
        written.headers_mut().append(name, value);
    }
    Ok(written)
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
    if port == Port::Api {
        if let Some(response) = cors::preflight(&request.method, &request.headers) {
            return response.into();
        }
        // `OPTIONS *` is about the server, not about a path of the API (RFC 9110, section 9.3.7).
        if request.method == Method::OPTIONS && request.path == "*" {
            let mut response = Response::empty(StatusCode::NO_CONTENT);
            response.headers.push((ALLOW, HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")));
            return response.into();
        }
    }
    let bug = "internal error; please report the panic message on stderr";
    respond_guarded(responder, port, request)
        .await
        .unwrap_or_else(|| error_response(StatusCode::INTERNAL_SERVER_ERROR, bug).into())
}

/// A response of the server itself, not of the API.
pub(super) fn error_response(status: StatusCode, message: &str) -> Response {
    Response::json(status.as_u16(), json!({"standin": message}).to_string())
}
