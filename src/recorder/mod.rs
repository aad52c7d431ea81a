//! Records the requests of an app and the responses of a real API, or of another mock, as a scenario and as fixtures.
//!
//! | file | what it does |
//! |---|---|
//! | this | passes requests on and records them |
//! | `redirect` | keeps redirects of an upstream to itself on the proxy |
//! | `mask` | replaces credentials and personal data |
//! | `writer`, `scenario_file`, `seed` | turn the recorded requests into fixtures and a scenario |

mod mask;
mod redirect;
mod scenario_file;
mod seed;
mod writer;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use serde_json::json;

pub use writer::{RecordingContext, WriteError};

use crate::api::Api;
use crate::fixtures::Fixtures;
use crate::request::{Request, Response, ResponseMeta, decode_content};
use crate::scenarios::{PlainRequest, PlainResponse, Received, Upstream, decode_body, header_pairs, query_pairs};

/// Maximum number of recorded requests. Later ones are passed on and not recorded.
const MAX_REQUESTS: usize = 1_000;
/// Maximum size of a decoded body, bytes.
const MAX_DECODED: usize = 64 << 20;

/// Headers of one connection (RFC 9110, section 7.6.1), which are not passed on.
const HOP_BY_HOP: [&str; 8] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"];
/// A proxy that records.
pub struct Recorder {
    api: Arc<Api>,
    /// By the names of gateways and separate hosts.
    upstreams: HashMap<String, Upstream>,
    recorded: Mutex<Vec<(PlainRequest, Received)>>,
}

impl Recorder {
    /// A proxy for the gateways and separate hosts of an API that have an upstream, by their names. It calls no other host.
    pub fn new(api: Arc<Api>, upstreams: HashMap<String, Upstream>) -> Self {
        Self { api, upstreams, recorded: Mutex::default() }
    }

    /// Passes a request on and returns the response of the upstream, or 502 if there is none. Blocks.
    pub fn forward(&self, request: &Request) -> Response {
        let (gateway, path) = self.api.gateways.split(&request.path);
        let host = self.api.gateways.separate_host(path).and_then(|host| self.upstreams.get(host));
        let Some(upstream) = host.or_else(|| self.upstreams.get(gateway.name.as_str())) else {
            let name = &gateway.name;
            let advice = format!("start standin record with --upstream {name}=URL");
            return bad_gateway(&format!("the gateway `{name}` has no upstream; {advice}"));
        };
        let target = request.query.as_ref().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        let headers = without(&request.headers, &[HOST, CONTENT_LENGTH, ACCEPT_ENCODING]);
        let response = match upstream.send(&request.method, &target, &headers, &request.body) {
            Ok(response) => response,
            Err(why) => return bad_gateway(&why),
        };
        let sent = decoded(&request.headers, &request.body);
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let plain = PlainRequest {
            gateway: gateway.name.to_string(),
            method: request.method.to_string(),
            path: path.to_owned(),
            query: query_pairs(request.query.as_deref()),
            token: None,
            headers: header_pairs(&headers),
            body: (!sent.is_empty()).then(|| decode_body(&sent, content_type)),
        };
        let mut headers = without(response.headers(), &[CONTENT_LENGTH]);
        self.record(plain, response.status().as_u16(), &headers, response.body());
        self.keep_redirect(&mut headers, request, gateway.prefix(), upstream);
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Response {
            status: response.status(),
            headers,
            body: response.into_body().into(),
            meta: ResponseMeta::default(),
        }
    }

    /// Turns a redirect to an upstream into one to this proxy.
    fn keep_redirect(&self, headers: &mut HeaderMap, request: &Request, prefix: &str, upstream: &Upstream) {
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let prefixes = self.upstreams.iter().map(|(name, upstream)| {
            let prefix = self.api.gateways.named(name).map_or("", |gateway| gateway.prefix());
            (upstream.base(), prefix)
        });
        let bases: Vec<(&str, &str)> = std::iter::once((upstream.base(), prefix)).chain(prefixes).collect();
        for name in [LOCATION, CONTENT_LOCATION] {
            let target = headers.get(&name).and_then(|value| value.to_str().ok());
            let own = target.and_then(|target| redirect::to_proxy(target, &bases, host));
            if let Some(value) = own.and_then(|own| HeaderValue::from_str(&own).ok()) {
                headers.insert(name, value);
            }
        }
    }

    fn record(&self, request: PlainRequest, status: u16, headers: &HeaderMap, body: &[u8]) {
        let response = PlainResponse::new(status, header_pairs(headers), &decoded(headers, body));
        let mut recorded = self.recorded.lock();
        if recorded.len() < MAX_REQUESTS {
            recorded.push((request, Received { response, quirks: Vec::new(), conforms: None }));
        }
    }

    /// The number of recorded requests.
    pub fn count(&self) -> usize {
        self.recorded.lock().len()
    }

    /// The recording without credentials and personal data, as fixtures and as the text of a scenario file.
    ///
    /// # Errors
    /// If a value that must be replaced is left in them.
    pub fn finish<'e>(&self, name: &str, context: &RecordingContext<'e>) -> Result<(Fixtures<'e>, String), WriteError> {
        writer::write(name, context, self.recorded.lock().clone())
    }
}

/// A body without its content codings, or as it is if it cannot be decoded. The coding is not recorded.
fn decoded(headers: &HeaderMap, body: &[u8]) -> Bytes {
    let decoded = decode_content(headers, body, MAX_DECODED).ok().flatten();
    decoded.unwrap_or_else(|| Bytes::copy_from_slice(body))
}

fn bad_gateway(why: &str) -> Response {
    Response::json(502, json!({"standin": why}).to_string())
}

/// Headers without those of the connection and some others.
fn without(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let mut headers = headers.clone();
    for name in HOP_BY_HOP.into_iter().map(HeaderName::from_static).chain(names.iter().cloned()) {
        headers.remove(name);
    }
    headers
}
