//! `POST /sessions/{session}/send`: a request that the server sends to itself, for programs that cannot reach the API port.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::{Answer, Context, ok};
use crate::diagnostics::JsonFields;
use crate::request::{Request, Response};

const FIELDS: [&str; 4] = ["method", "path", "headers", "body"];

pub(super) fn post(ctx: &Context<'_>) -> Answer {
    let mut body = JsonFields::read(&ctx.request.body, &FIELDS)?;
    let method = body.parsed::<Method>("method", "write a method such as GET").unwrap_or(Method::GET);
    let target = body.text("path").unwrap_or_default();
    if !target.starts_with('/') || target.parse::<http::Uri>().is_err() {
        body.reject("path", "write a path with its query, such as /v1/pets?page=2");
    }
    let headers = headers(ctx, &mut body);
    let content = body.take("body").filter(|content| !content.is_null());
    body.finish()?;
    let session = ctx.session_or_new()?;
    let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
    let (headers, content) = with_content(headers, content);
    let request = Request {
        method,
        path: path.into(),
        query: query.map(str::to_owned),
        headers,
        body: content,
        at: ctx.request.at,
    };
    ok(&response_json(&ctx.mock.answer(&session, &request, || None)))
}

fn headers(ctx: &Context<'_>, body: &mut JsonFields) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.extend(ctx.request.headers.get(HOST).cloned().map(|host| (HOST, host)));
    let given = match body.take("headers") {
        None => return headers,
        Some(Value::Object(given)) => given,
        Some(_) => {
            body.reject("headers", "write an object of names and values");
            return headers;
        }
    };
    for (name, value) in given {
        let parsed =
            name.parse::<HeaderName>().ok().zip(value.as_str().and_then(|text| HeaderValue::from_str(text).ok()));
        match parsed {
            Some((name, value)) => {
                headers.insert(name, value);
            }
            None => body.reject("headers", format!("`{name}` and its value are no header")),
        }
    }
    headers
}

/// A text is sent as it is, anything else as JSON.
fn with_content(mut headers: HeaderMap, content: Option<Value>) -> (HeaderMap, Bytes) {
    match content {
        None => (headers, Bytes::new()),
        Some(Value::String(text)) => (headers, text.into()),
        Some(json) => {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            (headers, json.to_string().into())
        }
    }
}

/// A response: its body as JSON if it is JSON, else as text or base64.
fn response_json(response: &Response) -> Value {
    let headers: Map<String, Value> = response
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned().into()))
        .collect();
    let text = || std::str::from_utf8(&response.body).map(Value::from);
    let body = match serde_json::from_slice::<Value>(&response.body) {
        _ if response.body.is_empty() => Value::Null,
        Ok(json) => json,
        Err(_) => text().unwrap_or_else(|_| BASE64_STANDARD.encode(&response.body).into()),
    };
    json!({"status": response.status.as_u16(), "headers": headers, "body": body})
}
