use bytes::Bytes;
use compact_str::CompactString;
use http::header::HOST;
use http::{HeaderMap, HeaderName, Method};
use jiff::Timestamp;
use smallvec::SmallVec;

/// What a client sends.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent, with the prefix of the gateway, percent-encoded.
    pub path: CompactString,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// When it was sent, by the clock of the caller. A session with a frozen clock ignores it.
    pub at: Timestamp,
}

/// The request header with the prefix that was removed from the path, by a proxy or by the selection of a session.
pub const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl Request {
    /// Scheme and host that the client has sent, such as `http://localhost:4010`.
    pub fn origin(&self) -> Option<String> {
        let host = self.headers.get(HOST)?.to_str().ok()?;
        let is_secure = self.headers.get(FORWARDED_PROTO).is_some_and(|scheme| scheme == "https");
        Some(format!("{}://{host}", if is_secure { "https" } else { "http" }))
    }

    /// The prefix that clients write before the paths of the API, such as `/s/worker-3`; empty without one. A header of
    /// another form is ignored.
    pub fn prefix(&self) -> &str {
        let prefix = self.headers.get(FORWARDED_PREFIX).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match prefix.starts_with('/') && !prefix.starts_with("//") {
            true => prefix.trim_end_matches('/'),
            false => "",
        }
    }
}

/// The values of a path's parameters, decoded, in the order of the path.
pub type PathValues = SmallVec<[CompactString; 2]>;

/// The query of a call, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(SmallVec<[(CompactString, CompactString); 4]>);

impl Query {
    /// Parses a query string; a name without `=` has an empty value.
    pub fn parse(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.map(|(name, value)| (name.as_ref().into(), value.as_ref().into())).collect())
    }

    /// The value of that name; the last one when it was sent twice.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Says that the value of that name is this one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.into(), value.into()));
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
