use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use compact_str::CompactString;
use http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderValue, StatusCode};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde_json::Value;
use smallvec::SmallVec;

use super::ErrorKind;
use crate::faults::FaultEffect;
use crate::model::exact_number::write_digits;

/// The response header with the ids of the quirks that changed the response.
pub const QUIRKS_HEADER: HeaderName = HeaderName::from_static("x-standin-quirks");
/// The response header with the route that is most similar to an unknown path.
pub const NEAREST_HEADER: HeaderName = HeaderName::from_static("x-standin-nearest");
/// The response header with the reason for an error: a code for `standin explain` and, if the request violates the
/// contract, the JSON pointer in the request, the violated rule, and the contract's file and line.
pub const REJECTED_HEADER: HeaderName = HeaderName::from_static("x-standin-refused");

/// The response header with the ids of the faults that took part.
pub const FAULTS_HEADER: HeaderName = HeaderName::from_static("x-standin-faults");

/// How many headers most responses have.
const USUAL_HEADERS: usize = 6;

/// A response.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The whole body.
    pub body: Bytes,
    /// What the engine knows about the response.
    pub meta: ResponseMeta,
}

/// What the engine knows about a response: operation, quirks and error. The `x-standin-*` headers are written from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseMeta {
    /// Index of the operation in the contract; `None` if the path has no operation of the method.
    pub operation: Option<usize>,
    /// Indexes of the quirks that changed the response, in the list of all quirks.
    pub quirks: AppliedQuirks,
    /// The kind of the caller's token; empty if it has none.
    pub caller: CompactString,
    /// What faults do to the response, if there are any.
    pub faults: Option<Box<FaultEffect>>,
    /// The error, if the response is one in the dialect of its path.
    pub error: Option<Box<ErrorMeta>>,
}

/// Indexes of applied quirks, in the order in which they were applied.
pub type AppliedQuirks = SmallVec<[usize; 2]>;

/// The reason for an error response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorMeta {
    /// The kind of error.
    pub kind: ErrorKind,
    /// Its code, with the API's own word for the owner (`foreign_business`).
    pub code: std::borrow::Cow<'static, str>,
    /// The violation of the contract, if there is one.
    pub violation: Option<ContractViolation>,
    /// The route that is most similar to an unknown path.
    pub nearest: Option<String>,
}

/// How a request violates its contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractViolation {
    /// Where in the request: a JSON pointer into the body, or `/query/page` for a parameter; empty for the whole body.
    pub pointer: String,
    /// The violated rule: a keyword of JSON Schema, or `syntax`.
    pub rule: String,
    /// `file:line` of the operation in its contract.
    pub location: String,
}

impl fmt::Display for ErrorMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        match &self.violation {
            Some(ContractViolation { pointer, rule, location }) => {
                let at = if pointer.is_empty() { "/" } else { pointer };
                write!(f, "; at={at}; rule={rule}; contract={location}")
            }
            None => Ok(()),
        }
    }
}

impl Clone for Response {
    /// A copy to which headers can be added without another allocation.
    fn clone(&self) -> Self {
        let mut headers = Vec::with_capacity(self.headers.len().max(USUAL_HEADERS));
        headers.extend_from_slice(&self.headers);
        Self { status: self.status, headers, body: self.body.clone(), meta: self.meta.clone() }
    }
}

impl Response {
    /// A response with a JSON body.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::with_type(status, HeaderValue::from_static("application/json"), body)
    }

    /// A response with a body of a content type.
    pub fn with_type(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let mut response = Self::empty(status);
        response.headers.push((CONTENT_TYPE, content_type));
        response.body = with_digits(body.into());
        response
    }

    /// A response with a plain text body.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::with_type(status, HeaderValue::from_static("text/plain; charset=utf-8"), body)
    }

    /// A response that a quirk fixes: JSON, or plain text or HTML if the body is a string.
    pub fn fixed(status: StatusCode, body: &Value) -> Self {
        match body {
            Value::String(text) if text.starts_with("<!") => {
                Self::with_type(status, HeaderValue::from_static("text/html; charset=utf-8"), text.clone())
            }
            Value::String(text) => Self::text(status.as_u16(), text.clone()),
            body => Self::json(status.as_u16(), body.to_string()),
        }
    }

    /// A redirect to a URL, which is escaped as far as a header requires.
    pub fn redirect(status: u16, url: &str) -> Self {
        let url = utf8_percent_encode(url, CONTROLS).to_string();
        let mut response = Self::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND));
        response.headers.extend(HeaderValue::from_str(&url).ok().map(|url| (LOCATION, url)));
        response
    }

    /// A response without a body.
    pub fn empty(status: StatusCode) -> Self {
        let headers = Vec::with_capacity(USUAL_HEADERS);
        Self { status, headers, body: Bytes::new(), meta: ResponseMeta::default() }
    }
}

/// A body, or a piece of one, whose numbers have all their digits.
pub fn with_digits(body: Bytes) -> Bytes {
    match write_digits(&body) {
        Cow::Owned(digits) => digits.into(),
        Cow::Borrowed(_) => body,
    }
}
