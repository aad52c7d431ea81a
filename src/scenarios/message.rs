//! Requests and responses as scenarios, recordings and fixtures hold them: plain values, not bound to a server. The gateway
//! and the token are names, the query is decoded, the body is JSON.

use bytes::Bytes;
use compact_str::CompactString;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::{decode_body, encode_body, is_json};
use super::credentials::Credentials;
use crate::api::Gateways;
use crate::openapi::escape_pointer;
use crate::request::{Query, Request};

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlainRequest {
    /// The name of the gateway, as `standin.yaml` has it.
    pub gateway: String,
    /// The method.
    pub method: String,
    /// The path without the gateway's prefix, percent-encoded.
    pub path: String,
    /// The query, decoded.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "pairs")]
    pub query: Vec<(String, String)>,
    /// The name of the token, as `standin tokens` lists it. An unknown name is itself sent as a bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The headers except that of the token; names in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "pairs")]
    pub headers: Vec<(String, String)>,
    /// The body, as [`encode_body`] writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlainResponse {
    /// The status.
    pub status: u16,
    /// The headers; names in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "pairs")]
    pub headers: Vec<(String, String)>,
    /// The body as [`decode_body`](super::decode_body) reads it.
    #[serde(default)]
    pub body: Value,
}

/// A response with what is known about how it was made.
#[derive(Clone, Debug)]
pub struct Received {
    /// The response.
    pub response: PlainResponse,
    /// The ids of the quirks that were applied.
    pub quirks: Vec<String>,
    /// Whether the response matches the contract, or how it differs; `None` if unknown.
    pub conforms: Option<Result<(), String>>,
}

impl PlainRequest {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        named(&self.headers, name)
    }

    /// The body as it is sent; empty if there is none.
    pub fn body_bytes(&self) -> Vec<u8> {
        let content_type = self.header(CONTENT_TYPE.as_str());
        self.body.as_ref().map(|body| encode_body(body, content_type)).unwrap_or_default()
    }

    /// Whether the body is text or bytes, not JSON.
    pub fn is_text(&self) -> bool {
        let content_type = self.header(CONTENT_TYPE.as_str());
        self.body.as_ref().is_some_and(Value::is_string) && content_type.is_some_and(|kind| !is_json(kind))
    }

    /// The path with the prefix of the gateway.
    pub fn prefixed_path(&self, gateways: &Gateways) -> String {
        let prefix = gateways.named(&self.gateway).map_or("", |gateway| gateway.prefix());
        format!("{prefix}{}", self.path)
    }

    /// Whether the method changes nothing (RFC 9110, section 9.2.1).
    pub fn is_safe(&self) -> bool {
        Method::from_bytes(self.method.as_bytes()).is_ok_and(|method| method.is_safe())
    }

    /// The value of the `Authorization` header, if the request has a token.
    pub fn authorization(&self, credentials: &Credentials) -> Option<String> {
        let name = self.token.as_deref()?;
        Some(credentials.authorization(name).unwrap_or_else(|| format!("Bearer {name}")))
    }

    /// Replaces an `authorization` header by the name of its token. The header stays if its token is unknown and its scheme
    /// is not `Bearer`.
    pub fn name_token(&mut self, credentials: &Credentials) {
        let Some(place) = self.headers.iter().position(|(name, _)| name == AUTHORIZATION.as_str()) else { return };
        let value = &self.headers[place].1;
        let names = credentials.tokens.iter().map(|(name, _)| name);
        let known = names.clone().find(|name| credentials.authorization(name).as_ref() == Some(value)).cloned();
        let unknown = || value.strip_prefix("Bearer ").filter(|token| !token.contains(' ')).map(str::to_owned);
        if let Some(name) = known.or_else(unknown) {
            self.headers.remove(place);
            self.token = Some(name);
        }
    }

    /// Sets a header in place of one of the same name.
    pub fn set_header(&mut self, name: &str, value: String) {
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.headers.push((name.to_owned(), value)),
        }
    }

    /// The path and the query, percent-encoded.
    pub fn target(&self) -> String {
        let mut target = self.path.clone();
        for (place, (name, value)) in self.query.iter().enumerate() {
            target.push(if place == 0 { '?' } else { '&' });
            target.push_str(&percent_encoded(name));
            target.push('=');
            target.push_str(&percent_encoded(value));
        }
        target
    }

    /// All headers as they are sent. Headers that HTTP does not allow are left out.
    pub fn header_map(&self, credentials: &Credentials) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let token = self.authorization(credentials).and_then(|value| HeaderValue::from_str(&value).ok());
        headers.extend(token.map(|value| (AUTHORIZATION, value)));
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        headers
    }

    /// The same request for an engine, sent at that time.
    pub fn bind(&self, credentials: &Credentials, at: Timestamp) -> Request {
        let target = self.target();
        let query = target.split_once('?').map(|(_, query)| query.to_owned());
        Request {
            method: Method::from_bytes(self.method.as_bytes()).unwrap_or_default(),
            path: CompactString::from(self.prefixed_path(&credentials.api.gateways)),
            query,
            headers: self.header_map(credentials),
            body: Bytes::from(self.body_bytes()),
            at,
        }
    }

    /// Replaces the value at a location: `/path/3` (the index of a segment), `/query/name`, `/headers/name`, or a JSON
    /// pointer below `/body`.
    pub fn set(&mut self, at: &str, value: &Value) {
        let text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let Some((part, rest)) = at.get(1..).and_then(|at| at.split_once('/')) else { return };
        let set_named = |list: &mut Vec<(String, String)>| {
            let name = unescaped(rest);
            list.iter_mut().filter(|(known, _)| *known == name).for_each(|(_, old)| *old = text());
        };
        match part {
            "path" => {
                let index: Option<usize> = rest.parse().ok();
                let segment = |(place, old): (usize, &str)| match Some(place) == index {
                    true => percent_encoded(&text()),
                    false => old.to_owned(),
                };
                let segments: Vec<String> = self.path.split('/').skip(1).enumerate().map(segment).collect();
                self.path = format!("/{}", segments.join("/"));
            }
            "query" => set_named(&mut self.query),
            "headers" => set_named(&mut self.headers),
            "body" => {
                if let Some(old) = self.body.as_mut().and_then(|body| body.pointer_mut(&format!("/{rest}"))) {
                    *old = match old {
                        Value::Number(_) => text().parse().map_or_else(|_| value.clone(), Value::Number),
                        Value::String(_) => text().into(),
                        _ => value.clone(),
                    };
                }
            }
            _ => {}
        }
    }

    /// Every value of the path, query, headers and body with its location, as [`PlainRequest::set`] takes it.
    pub fn places(&self) -> Vec<(String, Value)> {
        let mut places = Vec::new();
        for (place, segment) in self.path.split('/').skip(1).enumerate() {
            let segment = percent_decode_str(segment).decode_utf8_lossy();
            places.push((format!("/path/{place}"), Value::from(segment.into_owned())));
        }
        for (part, list) in [("query", &self.query), ("headers", &self.headers)] {
            for (name, value) in list {
                places.push((format!("/{part}/{}", escape_pointer(name)), value.as_str().into()));
            }
        }
        if let Some(body) = &self.body {
            collect_leaves(body, "/body", &mut places);
        }
        places
    }
}

impl PlainResponse {
    /// A response as it was received.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: &[u8]) -> Self {
        let body = decode_body(body, named(&headers, CONTENT_TYPE.as_str()));
        Self { status, headers, body }
    }

    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        named(&self.headers, name)
    }

    /// The media type without its parameters.
    pub fn media_type(&self) -> Option<&str> {
        self.header("content-type").and_then(|kind| kind.split(';').next())
    }

    /// The body as it is sent; empty if there is none.
    pub fn body_bytes(&self) -> Vec<u8> {
        let content_type = self.header(CONTENT_TYPE.as_str()).unwrap_or("text/plain");
        if self.body.is_null() { Vec::new() } else { encode_body(&self.body, Some(content_type)) }
    }
}

/// The first value of a header, by its name in lower case.
fn named<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Headers as pairs of text.
pub fn header_pairs<'h>(headers: impl IntoIterator<Item = (&'h HeaderName, &'h HeaderValue)>) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.into_iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// A query string as decoded pairs.
pub fn query_pairs(query: Option<&str>) -> Vec<(String, String)> {
    let query = Query::parse(query.filter(|query| !query.is_empty()));
    query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Collects every value that is neither an array nor an object, with its JSON pointer.
pub fn collect_leaves(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            map.iter()
                .for_each(|(name, value)| collect_leaves(value, &format!("{at}/{}", escape_pointer(name)), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(place, value)| collect_leaves(value, &format!("{at}/{place}"), found));
        }
        other => found.push((at.to_owned(), other.clone())),
    }
}

/// A text percent-encoded for a path segment or a query.
pub fn percent_encoded(text: &str) -> String {
    const PLAIN: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b',');
    utf8_percent_encode(text, PLAIN).to_string()
}

/// A step of a JSON pointer without its escapes (RFC 6901).
pub fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// Pairs as a JSON object; a repeated name has an array of texts.
mod pairs {
    use indexmap::IndexMap;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }

    pub(super) fn serialize<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        let mut named: IndexMap<&str, Texts> = IndexMap::new();
        for (name, text) in pairs {
            let texts = match named.shift_remove(name.as_str()) {
                None => Texts::One(text.clone()),
                Some(Texts::One(first)) => Texts::Many(vec![first, text.clone()]),
                Some(Texts::Many(mut list)) => {
                    list.push(text.clone());
                    Texts::Many(list)
                }
            };
            named.insert(name, texts);
        }
        named.serialize(serializer)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
        let named = IndexMap::<String, Texts>::deserialize(deserializer)?;
        let pairs = named.into_iter().flat_map(|(name, texts)| {
            let texts = match texts {
                Texts::One(text) => vec![text],
                Texts::Many(list) => list,
            };
            texts.into_iter().map(move |text| (name.clone(), text))
        });
        Ok(pairs.collect())
    }
}
