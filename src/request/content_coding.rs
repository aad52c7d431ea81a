//! Content codings of bodies (RFC 9110, section 8.4).

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The codings that can be decoded, for `Accept-Encoding`.
pub const SUPPORTED_CODINGS: &str = if cfg!(feature = "codings") { "gzip, deflate, br, zstd" } else { "gzip, deflate" };
/// Maximum number of codings of one body.
const MAX_CODINGS: usize = 4;
/// Buffer of the brotli decoder, bytes.
#[cfg(feature = "codings")]
const BROTLI_BUFFER: usize = 4096;

/// Why a body cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// The codings are unknown or too many.
    #[error("unsupported content coding `{0}`; supported: {SUPPORTED_CODINGS}")]
    Unsupported(String),
    /// The body is not in its coding.
    #[error("invalid {coding} body: {message}")]
    Corrupt {
        /// The coding.
        coding: String,
        /// The message of the decoder.
        message: String,
    },
    /// The decoded body exceeds a limit.
    #[error("the decoded body exceeds {max_bytes} bytes")]
    TooLarge {
        /// The limit, bytes.
        max_bytes: usize,
    },
}

/// Decodes a body by its `Content-Encoding`; `None` if it is empty or has no coding. `max_bytes` bounds each decoded body.
///
/// # Errors
/// When a coding is unknown, the body is corrupt, or the decoded body is too large.
pub fn decode_content(headers: &HeaderMap, body: &[u8], max_bytes: usize) -> Result<Option<Bytes>, CodingError> {
    if body.is_empty() {
        return Ok(None);
    }
    let codings: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .into_iter()
        .flat_map(|header| String::from_utf8_lossy(header.as_bytes()).split(',').map(normalize).collect::<Vec<_>>())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    if codings.is_empty() {
        return Ok(None);
    }
    if codings.len() > MAX_CODINGS {
        return Err(CodingError::Unsupported(codings.join(", ")));
    }
    // The header lists codings in the order in which they were applied.
    let body = Bytes::copy_from_slice(body);
    codings.iter().rev().try_fold(body, |body, coding| decode_one(&body, coding, max_bytes)).map(Some)
}

fn normalize(coding: &str) -> String {
    coding.trim().to_ascii_lowercase()
}

fn decode_one(body: &[u8], coding: &str, max_bytes: usize) -> Result<Bytes, CodingError> {
    match coding {
        "gzip" | "x-gzip" => read_bounded(MultiGzDecoder::new(body), coding, max_bytes),
        // The standard means zlib; some clients send the raw stream.
        "deflate" if is_zlib(body) => read_bounded(ZlibDecoder::new(body), coding, max_bytes),
        "deflate" => read_bounded(DeflateDecoder::new(body), coding, max_bytes),
        #[cfg(feature = "codings")]
        "br" => read_bounded(brotli_decompressor::Decompressor::new(body, BROTLI_BUFFER), coding, max_bytes),
        #[cfg(feature = "codings")]
        "zstd" => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(body).map_err(|error| corrupt(coding, &error))?;
            read_bounded(decoder, coding, max_bytes)
        }
        other => Err(CodingError::Unsupported(other.to_owned())),
    }
}

/// Whether a body begins with a zlib header (RFC 1950, section 2.2).
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

fn read_bounded(decoder: impl Read, coding: &str, max_bytes: usize) -> Result<Bytes, CodingError> {
    let mut decoded = Vec::new();
    let read = decoder.take(max_bytes as u64 + 1).read_to_end(&mut decoded);
    read.map_err(|error| corrupt(coding, &error))?;
    match decoded.len() > max_bytes {
        true => Err(CodingError::TooLarge { max_bytes }),
        false => Ok(decoded.into()),
    }
}

fn corrupt(coding: &str, error: &dyn std::fmt::Display) -> CodingError {
    CodingError::Corrupt { coding: coding.to_owned(), message: error.to_string() }
}
