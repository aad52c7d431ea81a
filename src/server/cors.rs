//! Browsers on other origins: the API port is meant for them.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::request::Response;

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// The answer to a preflight, which needs no token; `None` when the request is none.
pub(super) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response> {
    if method != Method::OPTIONS {
        return None;
    }
    let wanted = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    headers.get(ORIGIN)?;
    let mut answer = Response::empty(StatusCode::NO_CONTENT);
    answer.headers.push((ACCESS_CONTROL_ALLOW_METHODS, wanted.clone()));
    if let Some(names) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.headers.push((ACCESS_CONTROL_ALLOW_HEADERS, names.clone()));
    }
    if headers.contains_key(REQUEST_PRIVATE_NETWORK) {
        answer.headers.push((ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true")));
    }
    answer.headers.push((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")));
    Some(answer)
}

/// Lets the page of that origin read the answer, whatever its status. Without one the answer is another, which caches have
/// to know.
pub(super) fn allow(origin: Option<HeaderValue>, answer: &mut Response) {
    answer.headers.push((VARY, HeaderValue::from_static("origin")));
    let Some(origin) = origin else { return };
    answer.headers.push((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
    answer.headers.push((ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
    let readable = HeaderValue::from_static("x-standin-quirks, x-standin-refused, x-standin-nearest, allow");
    answer.headers.push((ACCESS_CONTROL_EXPOSE_HEADERS, readable));
}
