//! Workflows told to a running server, ours or the real one.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Response};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Request as HttpRequest;

use super::runner::{Transport, WireRequest, WireResponse, decode_body, ensure_absolute_path};
use crate::request::{Gateway, QUIRKS_HEADER};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How large it may be, bytes.
const MAX_BODY: u64 = 64 << 20;

/// A server with a URL for each door.
pub struct Remote {
    agent: Agent,
    gateway: String,
    fallback: String,
    partners: Option<String>,
}

impl Remote {
    /// A server by its base URLs, without a slash at the end. `partners` is that of `/v1/partners`, where it is another.
    pub fn new(gateway: &str, fallback: &str, partners: Option<&str>) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(PATIENCE));
        let base = |url: &str| url.trim_end_matches('/').to_owned();
        Self {
            agent: config.build().into(),
            gateway: base(gateway),
            fallback: base(fallback),
            partners: partners.map(base),
        }
    }
}

fn below(base: &str, target: &str) -> Result<String, String> {
    ensure_absolute_path(target).map(|()| format!("{base}{target}"))
}

/// A server that calls are passed on to as they are.
pub struct Upstream {
    agent: Agent,
    base: String,
}

impl Upstream {
    /// To a server by its base URL. Redirects are answers like others, and never followed.
    pub fn new(base: &str) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(PATIENCE));
        Self { agent: config.build().into(), base: base.trim_end_matches('/').to_owned() }
    }

    /// Passes a call on.
    ///
    /// # Errors
    /// A sentence, when no answer came.
    pub fn pass(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Response<Vec<u8>>, String> {
        let url = below(&self.base, target)?;
        let failed = |error: &dyn std::fmt::Display| format!("no answer from {url}: {error}");
        let mut builder = HttpRequest::builder().method(method).uri(&url);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        let request = builder.body(body).map_err(|error| failed(&error))?;
        let request = self.agent.configure_request(request).allow_non_standard_methods(true).build();
        let answered = self.agent.run(request);
        let (parts, mut body) = answered.map_err(|error| failed(&error))?.into_parts();
        let body = body.with_config().limit(MAX_BODY).read_to_vec().map_err(|error| failed(&error))?;
        Ok(Response::from_parts(parts, body))
    }
}

/// Tells a server something: a POST with JSON, whose answer says nothing but that it was done.
///
/// # Errors
/// A sentence, when no answer came or it was a refusal.
pub fn post(url: &str, body: &Value) -> Result<(), String> {
    let (base, target) = url.split_at(url.rfind('/').unwrap_or(url.len()));
    let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let answer = Upstream::new(base).pass(&Method::POST, target, &json, body.to_string().as_bytes())?;
    match answer.status().is_success() {
        true => Ok(()),
        false => Err(format!("{url}: {}: {}", answer.status(), String::from_utf8_lossy(answer.body()))),
    }
}

impl Transport for Remote {
    fn send(&mut self, request: &WireRequest) -> Result<WireResponse, String> {
        let base = match (&self.partners, request.gateway) {
            (Some(partners), _) if request.target.starts_with("/v1/partners") => partners,
            (_, Gateway::Main) => &self.gateway,
            (_, Gateway::Fallback) => &self.fallback,
        };
        let url = below(base, &request.target)?;
        let mut builder = HttpRequest::builder().method(request.method.as_str()).uri(&url);
        for (name, value) in &request.headers {
            builder = builder.header(name.as_str(), value.as_bytes());
        }
        let failed = |error: &dyn std::fmt::Display| format!("no answer from {url}: {error}");
        let body = request.body.as_ref().map(ToString::to_string).unwrap_or_default();
        let http = builder.body(body).map_err(|error| failed(&error))?;
        let mut response = self.agent.run(http).map_err(|error| failed(&error))?;
        let quirks = response.headers().get(QUIRKS_HEADER).and_then(|value| value.to_str().ok());
        let quirks = quirks.into_iter().flat_map(|ids| ids.split(", ")).map(str::to_owned).collect();
        let body = response.body_mut().with_config().limit(MAX_BODY).read_to_vec().map_err(|error| failed(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = decode_body(&body);
        Ok(WireResponse { status, operation: None, quirks, headers, body, conforms: None })
    }
}
