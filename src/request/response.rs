use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderValue, StatusCode};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde_json::Value;
use smallvec::{SmallVec, smallvec};

use crate::model::exact_number::write_digits;

/// Names the quirks that changed an answer.
pub const QUIRKS_HEADER: HeaderName = HeaderName::from_static("x-standin-quirks");
/// Names the route that is most like an unknown path.
pub const NEAREST_HEADER: HeaderName = HeaderName::from_static("x-standin-nearest");

/// Says why a call was refused: a code that `standin explain` knows and, where a contract was broken, the place in the
/// request, the rule, and the contract's file and line.
pub const REJECTED_HEADER: HeaderName = HeaderName::from_static("x-standin-refused");

/// What is answered.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: SmallVec<[(HeaderName, HeaderValue); 3]>,
    /// The body, whole.
    pub body: Bytes,
}

impl Response {
    /// A JSON body with a status.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = smallvec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let body: Bytes = body.into();
        let body = match write_digits(&body) {
            Cow::Owned(digits) => digits.into(),
            Cow::Borrowed(_) => body,
        };
        Self { status, headers, body }
    }

    /// Plain words with a status.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::json(status, body);
        answer.headers[0].1 = HeaderValue::from_static("text/plain; charset=utf-8");
        answer
    }

    /// What a quirk says: JSON, or plain words where the body is nothing but text, or a page where that is one.
    pub fn said(status: u16, body: &Value) -> Self {
        match body {
            Value::String(text) => {
                let mut answer = Self::text(status, text.clone());
                if text.starts_with("<!") {
                    answer.headers[0].1 = HeaderValue::from_static("text/html; charset=utf-8");
                }
                answer
            }
            body => Self::json(status, body.to_string()),
        }
    }

    /// The way to another URL, in letters that a header takes.
    pub fn redirect(status: u16, to: &str) -> Self {
        let to = utf8_percent_encode(to, CONTROLS).to_string();
        let mut answer = Self::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND));
        answer.headers.extend(HeaderValue::from_str(&to).ok().map(|to| (LOCATION, to)));
        answer
    }

    /// A status without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: SmallVec::new(), body: Bytes::new() }
    }
}
