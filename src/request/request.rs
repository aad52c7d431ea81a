use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::Value;
use smallvec::SmallVec;

use super::{ApiError, Caller, Reply, State};
use crate::model::{FieldValue, Record};
use crate::openapi::{Operation, Resource, Resources};

/// What a client sends.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent, with the prefix of the door, percent-encoded.
    pub path: CompactString,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// When it was sent: the caller's clock. A world with a frozen clock does not look at it.
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
    /// Reads a query string; a name without `=` has an empty value.
    pub fn parse(query: Option<&str>) -> Self {
        let pairs = query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
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

fn decode(text: &str) -> CompactString {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().as_ref().into()
}

/// Handles one operation.
pub type Handler = fn(&mut Context<'_>) -> Result<Reply, ApiError>;

/// Runs after the CRUD handler has created or changed a record; returns the record as it is then.
pub type AfterWrite = fn(&mut Context<'_>, &Arc<Record>) -> Arc<Record>;

/// A call that has found its operation, with everything a behaviour may look at.
pub struct Context<'a> {
    /// What is remembered, and time, ids and quirks.
    pub state: &'a mut State,
    /// The operation that was called.
    pub operation: &'a Operation,
    /// What runs after the CRUD handler has created or changed a record, if the API has anything registered for the
    /// operation.
    pub after_write: Option<AfterWrite>,
    /// All operations: what one does not document, another may.
    pub operations: &'a [Operation],
    /// What is remembered, by kind.
    pub resources: &'a Resources,
    /// Who calls.
    pub caller: &'a Caller,
    /// The values of the path's parameters.
    pub path: &'a PathValues,
    /// The query.
    pub query: &'a Query,
    /// The body after coercion; `null` when there was none.
    pub body: &'a Value,
}

impl Context<'_> {
    /// The id of the record that owns what the request is about.
    ///
    /// # Errors
    /// Unauthorized if the token belongs to no owner and the request names none.
    pub fn owner(&self) -> Result<CompactString, ApiError> {
        self.caller.owner.clone().ok_or_else(ApiError::unauthorized)
    }

    /// A field of the body, also below an object (`["client_package", "valid_until"]`); `null` when absent.
    pub fn body_field(&self, path: &[&str]) -> &Value {
        // Most bodies have few names: to compare them all costs less than to hash one.
        path.iter()
            .try_fold(self.body, |value, name| Some(value.as_object()?.iter().find(|(known, _)| known == name)?.1))
            .unwrap_or(&Value::Null)
    }

    /// A text field of the body; an empty text counts as absent.
    pub fn body_text(&self, name: &str) -> Option<&str> {
        self.body_field(&[name]).as_str().filter(|text| !text.is_empty())
    }

    /// A record of the caller's owner. A record of another owner counts as missing.
    pub fn owned_record(&self, kind: &str, id: &str) -> Option<Arc<Record>> {
        let record = self.state.store.get(kind, id)?;
        self.is_own(record).then(|| Arc::clone(record))
    }

    /// Remembers a new record; fields that are not given have the defaults of its kind.
    pub fn insert<N: AsRef<str>>(
        &mut self,
        kind: &str,
        id: CompactString,
        given: impl IntoIterator<Item = (N, FieldValue)>,
    ) -> Arc<Record> {
        let record = match self.resources.get(kind) {
            Some(resource) => resource.record(id, given),
            None => {
                let fields = given.into_iter().map(|(name, value)| (CompactString::from(name.as_ref()), value));
                Record { kind: kind.into(), id, fields: fields.collect() }
            }
        };
        self.state.store.put(record)
    }

    /// Whether a record belongs to the caller's owner.
    pub fn is_own(&self, record: &Record) -> bool {
        let ownership = &self.state.ownership;
        match self.resources.get(&record.kind).and_then(Resource::owner) {
            Some(owner) => match self.caller.owner.as_deref() {
                Some(id) => record.text(owner) == id,
                None => self.caller.sees_all_owners(),
            },
            // A kind without a resources entry names its owner in one of the API's owner fields.
            None => {
                let named = ownership.of(record);
                let exists = named.is_none_or(|named| ownership.owner(&self.state.store, named).is_some());
                !exists || named.is_none() || self.caller.owner.is_none() || named == self.caller.owner.as_deref()
            }
        }
    }
}
