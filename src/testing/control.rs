use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::Value;

use crate::admin::Admin;
use crate::pipeline::Mock;
use crate::request::Request;

/// The host of a mock without a socket.
const LOCALHOST: &str = "localhost";

/// The control API of a mock in the same process: the checks and messages of a test are those of programs that use the port.
#[derive(Clone)]
pub(super) struct Control {
    mock: Arc<Mock>,
    /// The host and port of the API.
    host: String,
}

impl Control {
    pub(super) fn new(mock: Mock) -> Self {
        Self { mock: Arc::new(mock), host: LOCALHOST.to_owned() }
    }

    /// The API listens on that address.
    pub(super) fn set_address(&mut self, address: SocketAddr) {
        self.host = address.to_string();
    }

    /// The host of the API, with its port if it has one.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn mock(&self) -> &Mock {
        &self.mock
    }

    /// What a server serves on both ports.
    pub(super) fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.mock))
    }

    /// Sends a request; returns the JSON body of the response, which is null if it is empty.
    ///
    /// # Errors
    /// The error of the control API, as a text.
    pub(super) fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(LOCALHOST));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.to_owned())));
        let body = body.map(Value::to_string).unwrap_or_default().into();
        let request = Request { method, path: path.into(), query, headers, body, at: Timestamp::now() };
        let response = self.admin().respond(&request);
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        match response.status.is_success() {
            true => Ok(body),
            false => Err(describe_problem(&body)),
        }
    }
}

/// The detail of a problem document, and each of its errors.
fn describe_problem(problem: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().into_iter().flatten();
    let lines = errors.map(|error| format!("\n  {}: {}", text(&error["pointer"]), text(&error["detail"])));
    text(&problem["detail"]) + &lines.collect::<String>()
}
