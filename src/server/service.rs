use bytes::Bytes;
use http::header::{ALLOW, ORIGIN};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;

use super::backend::{Port, respond_guarded};
use super::{Shared, access_log, cors, read};
use crate::request::{Request, Response};

/// Serves one request.
pub(super) async fn serve(
    shared: &Shared,
    port: Port,
    request: http::Request<Incoming>,
) -> http::Response<Full<Bytes>> {
    let origin = request.headers().get(ORIGIN).cloned();
    let log = shared.log.map(|log| (log, format!("{} {}", request.method(), request.uri())));
    let mut response = match read::read_request(&shared.limits, request).await {
        Err(rejected) => rejected,
        Ok(request) => respond(shared, port, request).await,
    };
    if port == Port::Api {
        cors::allow(origin, &mut response);
    }
    if let Some((log, target)) = log {
        log(&access_log::format_line(&target, &response));
    }
    let mut written = http::Response::new(Full::new(response.body));
    *written.status_mut() = response.status;
    for (name, value) in response.headers {
        written.headers_mut().append(name, value);
    }
    written
}

async fn respond(shared: &Shared, port: Port, request: Request) -> Response {
    if port == Port::Api {
        if let Some(response) = cors::preflight(&request.method, &request.headers) {
            return response;
        }
        // `OPTIONS *` is about the server, not about a path of the API (RFC 9110, section 9.3.7).
        if request.method == Method::OPTIONS && request.path == "*" {
            let mut response = Response::empty(StatusCode::NO_CONTENT);
            response.headers.push((ALLOW, HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")));
            return response;
        }
    }
    let bug = "internal error; please report the panic message on stderr";
    respond_guarded(&shared.backend, &shared.limits, port, request)
        .await
        .unwrap_or_else(|| error_response(StatusCode::INTERNAL_SERVER_ERROR, bug))
}

/// A response of the server itself, not of the API.
pub(super) fn error_response(status: StatusCode, message: &str) -> Response {
    Response::json(status.as_u16(), json!({"standin": message}).to_string())
}
