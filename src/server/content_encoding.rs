//! Compressed request bodies (RFC 9110, section 8.4).

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, StatusCode};

use super::service::error_response;
use crate::request::{CodingError, Request, Response, SUPPORTED_CODINGS, decode_content};

/// Decodes the body of a request, if it is encoded. `max_bytes` bounds each decoded body.
///
/// # Errors
/// The error response: 415 for an unknown coding, 400 for a corrupt body, 413 for a body that is too large.
pub(super) fn decode(mut request: Request, max_bytes: usize) -> Result<Request, Box<Response>> {
    let decoded = decode_content(&request.headers, &request.body, max_bytes);
    if let Some(body) = decoded.map_err(|error| Box::new(reject(&error)))? {
        request.body = body;
        request.headers.remove(CONTENT_ENCODING);
        request.headers.remove(CONTENT_LENGTH);
    }
    Ok(request)
}

fn reject(error: &CodingError) -> Response {
    let status = match error {
        CodingError::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        CodingError::Corrupt { .. } => StatusCode::BAD_REQUEST,
        CodingError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
    };
    let mut response = error_response(status, &error.to_string());
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        response.headers.push((ACCEPT_ENCODING, HeaderValue::from_static(SUPPORTED_CODINGS)));
    }
    response
}
