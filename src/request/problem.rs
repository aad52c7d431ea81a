use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::Response;
use crate::diagnostics::FieldError;

/// An error of the tool itself, not of the API: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
}

#[derive(Serialize)]
struct Document<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem with a status and a sentence about it.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new() }
    }

    /// A request that is wrong in one place.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        vec![FieldError { pointer: pointer.into(), detail: detail.into() }].into()
    }

    /// The sentence about it.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// A request that is wrong in one or more places.
impl From<Vec<FieldError>> for Problem {
    fn from(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.detail.clone(),
            all => format!("the request has {} errors", all.len()),
        };
        Self { status: StatusCode::BAD_REQUEST, detail, errors }
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        let title = problem.status.canonical_reason().unwrap_or("Error");
        let document =
            Document { title, status: problem.status.as_u16(), detail: &problem.detail, errors: &problem.errors };
        // A struct of texts and numbers is always valid JSON.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Self::json(problem.status.as_u16(), body);
        response.headers.retain(|(name, _)| *name != CONTENT_TYPE);
        response.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        response
    }
}
