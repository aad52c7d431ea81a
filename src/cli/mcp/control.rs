use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::admin::Admin;
use crate::cli::CliError;
use crate::request::Request;
use crate::scenarios::Upstream;

/// The maximum size of a body that a tool returns, bytes. It becomes a part of an agent's context.
const MAX_BODY: usize = 100_000;

/// The control API that the tools work on.
pub(super) enum Control {
    /// Of a mock in this process.
    InProcess(Box<Admin>),
    /// Of a running server, with the headers that each request carries.
    Remote(Upstream, HeaderMap),
}

/// A request to the control API.
pub(super) struct ControlRequest {
    pub(super) method: Method,
    /// The path with the query.
    pub(super) target: String,
    /// The JSON body, if the route has one.
    pub(super) body: Option<Value>,
}

/// What the control API has responded.
pub(super) struct ControlReply {
    pub(super) is_success: bool,
    /// The body; `{"status": "done"}` if it is empty.
    pub(super) body: Value,
}

impl Control {
    pub(super) fn in_process(admin: Admin) -> Self {
        Self::InProcess(Box::new(admin))
    }

    /// # Errors
    /// If the token cannot be in a header.
    pub(super) fn remote(url: &str, token: Option<&str>) -> Result<Self, CliError> {
        let header = |token: &str| HeaderValue::from_str(&format!("Bearer {token}"));
        let authorization = token.map(header).transpose();
        let authorization =
            authorization.map_err(|_| CliError::Usage("--admin-token must be visible ASCII characters".to_owned()))?;
        let headers = authorization.map(|value| (AUTHORIZATION, value)).into_iter().collect();
        Ok(Self::Remote(Upstream::new(url), headers))
    }

    /// Sends a request of a tool.
    ///
    /// # Errors
    /// A sentence, if there is no response or it is too long for an agent.
    pub(super) fn send(&self, request: &ControlRequest) -> Result<ControlReply, String> {
        let (status, body) = self.receive(request)?;
        if body.len() > MAX_BODY {
            let length = body.len();
            return Err(format!(
                "the response has {length} bytes, more than the {MAX_BODY} that a tool returns; ask for less: the parameters of \
                 this tool select a part, or another tool shows a single item"
            ));
        }
        read(status, &body)
    }

    /// The OpenAPI document of the control API.
    ///
    /// # Errors
    /// A sentence, if the server does not return it.
    pub(super) fn document(&self) -> Result<Value, String> {
        let request = ControlRequest { method: Method::GET, target: "/openapi.json".to_owned(), body: None };
        let (status, body) = self.receive(&request)?;
        let reply = read(status, &body)?;
        match reply.is_success {
            true => Ok(reply.body),
            false => Err(format!("the control API responds with {status} to GET /openapi.json: {}", reply.body)),
        }
    }

    fn receive(&self, request: &ControlRequest) -> Result<(StatusCode, Bytes), String> {
        let ControlRequest { method, target, body } = request;
        let json = body.as_ref().map(|_| (CONTENT_TYPE, HeaderValue::from_static("application/json")));
        let content = body.as_ref().map(Value::to_string).unwrap_or_default();
        match self {
            Self::InProcess(admin) => {
                let (path, query) =
                    target.split_once('?').map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
                let host = (HOST, HeaderValue::from_static("localhost"));
                let response = admin.respond(&Request {
                    method: method.clone(),
                    path: path.into(),
                    query: query.map(str::to_owned),
                    headers: json.into_iter().chain([host]).collect(),
                    body: content.into(),
                    at: Timestamp::now(),
                });
                Ok((response.status, response.body))
            }
            Self::Remote(server, headers) => {
                let mut headers = headers.clone();
                headers.extend(json.map(|(name, value)| (Some(name), value)));
                let response = server.send(method, target, &headers, content.as_bytes())?;
                Ok((response.status(), response.into_body().into()))
            }
        }
    }
}

/// # Errors
/// A sentence, if the body is not JSON.
fn read(status: StatusCode, body: &[u8]) -> Result<ControlReply, String> {
    let body = match body {
        [] => json!({"status": "done"}),
        body => serde_json::from_slice(body).map_err(|_| {
            format!("the response with status {status} is not JSON; is this the control port of standin?")
        })?,
    };
    Ok(ControlReply { is_success: status.is_success(), body })
}
