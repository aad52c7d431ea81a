//! Requests to a running server, the mock or the real API.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, Uri};
use serde_json::Value;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Request as HttpRequest;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::credentials::Credentials;
use super::message::{PlainRequest, PlainResponse, Received, header_pairs};
use super::transport::{Transport, check_absolute_path};
use crate::api::Gateways;
use crate::request::{QUIRKS_HEADER, decode_content};

/// Maximum time for one response.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum size of a response body, bytes.
const MAX_BODY: u64 = 64 << 20;

/// A server behind one base URL. Redirects are returned like any response and never followed.
pub struct Upstream {
    agent: Agent,
    base: String,
}

impl Upstream {
    /// A server by its base URL.
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(TIMEOUT));
        Self { agent: config.build().into(), base: base.trim_end_matches('/').to_owned() }
    }

    /// A server by its base URL, at these addresses whatever its name resolves to later.
    pub fn pinned(base: &str, addresses: Vec<SocketAddr>) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(TIMEOUT));
        // A proxy of the environment would resolve the name itself.
        let config = config.proxy(None).build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), PinnedAddresses(addresses));
        Self { agent, base: base.trim_end_matches('/').to_owned() }
    }

    /// The base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request to a path and query below the base URL.
    ///
    /// # Errors
    /// A sentence, if the target is not a path or there is no response.
    pub fn send(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Response<Vec<u8>>, String> {
        check_absolute_path(target)?;
        let url = format!("{}{target}", self.base);
        let failed = |error: &dyn std::fmt::Display| format!("no response from {url}: {error}");
        let mut builder = HttpRequest::builder().method(method).uri(&url);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        let request = builder.body(body).map_err(|error| failed(&error))?;
        let request = self.agent.configure_request(request).allow_non_standard_methods(true).build();
        let response = self.agent.run(request);
        let (parts, mut body) = response.map_err(|error| failed(&error))?.into_parts();
        let body = body.with_config().limit(MAX_BODY).read_to_vec().map_err(|error| failed(&error))?;
        Ok(Response::from_parts(parts, body))
    }
}

/// The addresses of a host, resolved once.
#[derive(Debug)]
struct PinnedAddresses(Vec<SocketAddr>);

impl Resolver for PinnedAddresses {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        // The list of the client has a fixed length.
        self.0.iter().take(16).for_each(|address| found.push(*address));
        if found.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(found) }
    }
}

/// A server with a base URL for each gateway and separate host, by their names in the API.
pub struct Remote(HashMap<String, Upstream>);

impl Remote {
    /// A server by its base URLs.
    pub fn new(upstreams: HashMap<String, Upstream>) -> Self {
        Self(upstreams)
    }

    /// The upstream of a request: that of its separate host, else that of its gateway, else that of the default gateway.
    fn upstream(&self, request: &PlainRequest, gateways: &Gateways) -> Result<&Upstream, String> {
        let host = gateways.separate_host(&request.path).and_then(|host| self.0.get(host));
        let own = || self.0.get(request.gateway.as_str());
        let default = || self.0.get(gateways.default_gateway().name.as_str());
        let missing = || format!("not sent: no base URL is given for the gateway `{}`", request.gateway);
        host.or_else(own).or_else(default).ok_or_else(missing)
    }
}

impl Transport for Remote {
    fn send(&mut self, request: &PlainRequest, credentials: &Credentials) -> Result<Received, String> {
        let upstream = self.upstream(request, &credentials.api.gateways)?;
        let method = Method::from_bytes(request.method.as_bytes());
        let method = method.map_err(|_| format!("not sent: `{}` is not a method", request.method))?;
        let headers = request.header_map(credentials);
        let response = upstream.send(&method, &request.target(), &headers, &request.body_bytes())?;
        let (head, body) = response.into_parts();
        let decoded = decode_content(&head.headers, &body, MAX_BODY as usize);
        let decoded =
            decoded.map_err(|error| format!("the response to {} {}: {error}", request.method, request.path))?;
        let body = decoded.unwrap_or_else(|| body.into());
        let plain = PlainResponse::new(head.status.as_u16(), header_pairs(&head.headers), &body);
        Ok(Received { response: plain, quirks: applied_quirks(&head.headers), conforms: None })
    }
}

/// Sends a POST with a JSON body, of whose response only the success counts.
///
/// # Errors
/// A sentence, if there is no response or its status is not a success.
pub fn post(url: &str, body: &Value) -> Result<(), String> {
    let (base, target) = url.split_at(url.rfind('/').unwrap_or(url.len()));
    let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let response = Upstream::new(base).send(&Method::POST, target, &json, body.to_string().as_bytes())?;
    match response.status().is_success() {
        true => Ok(()),
        false => Err(format!("{url}: {}: {}", response.status(), String::from_utf8_lossy(response.body()))),
    }
}

/// The ids of the quirks that a response names in its header.
fn applied_quirks<'h>(headers: impl IntoIterator<Item = (&'h HeaderName, &'h HeaderValue)>) -> Vec<String> {
    let header = headers.into_iter().find(|(name, _)| **name == QUIRKS_HEADER);
    let ids = header.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default();
    ids.split(", ").filter(|id| !id.is_empty()).map(str::to_owned).collect()
}
