use bytes::Bytes;
use compact_str::CompactString;
use http::{HeaderMap, Method};
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

/// The two gateways that fixtures and steps know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// The main gateway.
    Main,
    /// The fallback.
    Fallback,
}

impl Gateway {
    /// The name as quirks and fixtures write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Fallback => "fallback",
        }
    }

    /// The prefix of paths that go through it.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Main => "/apigw",
            Self::Fallback => "/api2",
        }
    }

    /// The gateway that a path goes through, and the path without the prefix.
    pub fn split(path: &str) -> (Self, &str) {
        for gateway in [Self::Main, Self::Fallback] {
            match path.strip_prefix(gateway.prefix()) {
                Some("") => return (gateway, "/"),
                Some(rest) if rest.starts_with('/') => return (gateway, rest),
                _ => {}
            }
        }
        (Self::Main, path)
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
