//! Compressed request bodies (RFC 9110, section 8.4).

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, StatusCode};

use super::service::error_response;
use crate::request::{Request, Response};

/// The codings that are decoded, for `Accept-Encoding`.
const SUPPORTED: &str = "gzip, deflate, br, zstd";
/// Maximum number of codings of one body.
const MAX_CODINGS: usize = 4;
/// Buffer of the brotli decoder, bytes.
const BROTLI_BUFFER: usize = 4096;

enum DecodeError {
    Unsupported(String),
    Corrupt(String),
    TooLarge,
}

/// Decodes the body of a request; `None` when it is not encoded. `max_bytes` bounds each decoded body.
///
/// # Errors
/// The error response: 415 for an unknown coding, 400 for a corrupt body, 413 for a body that is too large.
pub(super) fn decode(request: &Request, max_bytes: usize) -> Result<Option<Request>, Box<Response>> {
    let headers = request.headers.get_all(CONTENT_ENCODING).into_iter();
    let codings: Vec<String> = headers
        .flat_map(|header| String::from_utf8_lossy(header.as_bytes()).split(',').map(normalize).collect::<Vec<_>>())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    if codings.is_empty() || request.body.is_empty() {
        return Ok(None);
    }
    let body =
        decode_all(&request.body, &codings, max_bytes).map_err(|error| Box::new(error.into_response(max_bytes)))?;
    let mut decoded = Request { body, ..request.clone() };
    decoded.headers.remove(CONTENT_ENCODING);
    decoded.headers.remove(CONTENT_LENGTH);
    Ok(Some(decoded))
}

fn normalize(coding: &str) -> String {
    coding.trim().to_ascii_lowercase()
}

/// The header lists codings in the order in which they were applied.
fn decode_all(body: &Bytes, codings: &[String], max_bytes: usize) -> Result<Bytes, DecodeError> {
    if codings.len() > MAX_CODINGS {
        return Err(DecodeError::Unsupported(codings.join(", ")));
    }
    codings.iter().rev().try_fold(body.clone(), |body, coding| decode_one(&body, coding, max_bytes))
}

fn decode_one(body: &[u8], coding: &str, max_bytes: usize) -> Result<Bytes, DecodeError> {
    let corrupt = |error: &dyn std::fmt::Display| DecodeError::Corrupt(format!("invalid {coding} body: {error}"));
    match coding {
        "gzip" | "x-gzip" => read_bounded(MultiGzDecoder::new(body), coding, max_bytes),
        // The standard means zlib; some clients send the raw stream.
        "deflate" if is_zlib(body) => read_bounded(ZlibDecoder::new(body), coding, max_bytes),
        "deflate" => read_bounded(DeflateDecoder::new(body), coding, max_bytes),
        "br" => read_bounded(brotli_decompressor::Decompressor::new(body, BROTLI_BUFFER), coding, max_bytes),
        "zstd" => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(body).map_err(|error| corrupt(&error))?;
            read_bounded(decoder, coding, max_bytes)
        }
        other => Err(DecodeError::Unsupported(other.to_owned())),
    }
}

/// Whether a body begins with a zlib header (RFC 1950, section 2.2).
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

fn read_bounded(decoder: impl Read, coding: &str, max_bytes: usize) -> Result<Bytes, DecodeError> {
    let mut decoded = Vec::new();
    let read = decoder.take(max_bytes as u64 + 1).read_to_end(&mut decoded);
    read.map_err(|error| DecodeError::Corrupt(format!("invalid {coding} body: {error}")))?;
    match decoded.len() > max_bytes {
        true => Err(DecodeError::TooLarge),
        false => Ok(decoded.into()),
    }
}

impl DecodeError {
    fn into_response(self, max_bytes: usize) -> Response {
        match self {
            Self::Corrupt(message) => error_response(StatusCode::BAD_REQUEST, &message),
            Self::TooLarge => {
                error_response(StatusCode::PAYLOAD_TOO_LARGE, &format!("the decoded body exceeds {max_bytes} bytes"))
            }
            Self::Unsupported(coding) => {
                let message = format!("unsupported content coding `{coding}`; supported: {SUPPORTED}");
                let mut response = error_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message);
                response.headers.push((ACCEPT_ENCODING, HeaderValue::from_static(SUPPORTED)));
                response
            }
        }
    }
}
