//! CORS of the API port: pages of any origin may call it.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, EXPIRES,
    LAST_MODIFIED, ORIGIN, PRAGMA, SET_COOKIE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::request::Response;

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Response headers that scripts can read, whether the response has them or not.
const EXPOSED_HEADERS: [&str; 6] =
    ["x-standin-quirks", "x-standin-refused", "x-standin-nearest", "x-standin-faults", "x-standin-session", "allow"];

/// Response headers that scripts can always read (Fetch, section 2.2.2), or never.
const OTHER_HEADERS: [HeaderName; 9] =
    [CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, EXPIRES, LAST_MODIFIED, PRAGMA, SET_COOKIE, VARY];

/// The response to an `OPTIONS` request that is a preflight, which has no token; `None` for other requests.
pub(super) fn preflight(headers: &HeaderMap) -> Option<Response> {
    let requested_method = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    headers.get(ORIGIN)?;
    let mut response = Response::empty(StatusCode::NO_CONTENT);
    response.headers.push((ACCESS_CONTROL_ALLOW_METHODS, requested_method.clone()));
    if let Some(names) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        response.headers.push((ACCESS_CONTROL_ALLOW_HEADERS, names.clone()));
    }
    if headers.contains_key(REQUEST_PRIVATE_NETWORK) {
        response.headers.push((ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true")));
    }
    response.headers.push((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")));
    Some(response)
}

/// Lets pages of the request's origin read the response, whatever its status and whatever the contract documents. `Vary` is
/// sent without an origin too, so that caches keep both responses apart.
pub(super) fn allow(origin: Option<HeaderValue>, response: &mut Response) {
    response.headers.push((VARY, HeaderValue::from_static("origin")));
    let Some(origin) = origin else { return };
    let own = [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_EXPOSE_HEADERS];
    response.headers.retain(|(name, _)| !own.contains(name));
    let exposed = exposed_headers(response);
    response.headers.push((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
    response.headers.push((ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
    response.headers.extend(exposed.map(|exposed| (ACCESS_CONTROL_EXPOSE_HEADERS, exposed)));
}

/// All headers of the response by name: `*` exposes none of a response to a request with credentials.
fn exposed_headers(response: &Response) -> Option<HeaderValue> {
    let mut names = EXPOSED_HEADERS.to_vec();
    for (name, _) in &response.headers {
        let is_cors = name.as_str().starts_with("access-control-");
        if !is_cors && !OTHER_HEADERS.contains(name) && !names.contains(&name.as_str()) {
            names.push(name.as_str());
        }
    }
    HeaderValue::from_str(&names.join(", ")).ok()
}
