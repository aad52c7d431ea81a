use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::Value;
use smallvec::SmallVec;

use super::{ApiError, Reply, State};
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

/// Which base URL a call came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// The main gateway: `/apigw`, and no prefix.
    Main,
    /// The fallback: `/api2`.
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

    /// What stands before a path that goes through it.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Main => "/apigw",
            Self::Fallback => "/api2",
        }
    }
}

/// The kinds of tokens that the API knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A member of staff, for the business of that member.
    Staff,
    /// A directory, for the business named by `X-On-Behalf-Of`.
    Directory,
    /// An app, for the business named by `X-On-Behalf-Of`.
    App,
    /// A client of a business: a JWT.
    Client,
    /// A business.
    Business,
    /// An operator.
    Operator,
    /// An administrator of the platform.
    Admin,
    /// A service of the platform; the same header as an administrator.
    Internal,
}

impl TokenKind {
    /// All kinds, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Staff,
        Self::Directory,
        Self::App,
        Self::Client,
        Self::Business,
        Self::Operator,
        Self::Admin,
        Self::Internal,
    ];

    /// The name as scenarios and quirks write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Directory => "directory",
            Self::App => "app",
            Self::Client => "client",
            Self::Business => "business",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Internal => "internal",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who calls, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The kind of the token.
    pub kind: TokenKind,
    /// The business the call is about; a directory or app token has none without `X-On-Behalf-Of`.
    pub business: Option<CompactString>,
    /// The member of staff behind a staff token.
    pub staff: Option<CompactString>,
    /// The client behind a client token.
    pub client: Option<CompactString>,
    /// The directory behind a directory or app token.
    pub directory: Option<CompactString>,
}

impl Caller {
    /// Whoever calls an API of which no family says what tokens it has.
    pub fn anyone() -> Self {
        Self { kind: TokenKind::Internal, business: None, staff: None, client: None, directory: None }
    }

    /// Whether what belongs to any business is shown to them: the platform's own people, and whoever asks for what is
    /// public.
    pub fn sees_all(&self) -> bool {
        self.business.is_none() && matches!(self.kind, TokenKind::Admin | TokenKind::Internal)
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

/// The business that a record names, whichever of the API's two words it has for that.
pub fn record_business(record: &Record) -> Option<&str> {
    ["business_uid", "business_id"].iter().find_map(|name| record.get(name).as_text())
}

/// The client that a record names, under either of the API's two words for that.
pub fn record_client(record: &Record) -> Option<&str> {
    ["client_uid", "client_id"].iter().find_map(|name| record.get(name).as_text())
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
    /// The business the call is about.
    ///
    /// # Errors
    /// Unauthorized, when the token belongs to none and none was named.
    pub fn business(&self) -> Result<CompactString, ApiError> {
        self.caller.business.clone().ok_or_else(ApiError::unauthorized)
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

    /// A record of the caller's business. What belongs to another business is as good as absent.
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

    /// Whether a record belongs to the caller's business.
    pub fn is_own(&self, record: &Record) -> bool {
        match self.resources.get(&record.kind).and_then(Resource::owner) {
            Some(owner) => match self.caller.business.as_deref() {
                Some(business) => record.text(owner) == business,
                None => self.caller.sees_all(),
            },
            // A kind that nobody described says by its fields whose it is.
            None => {
                let named = record_business(record);
                let known = named.is_none_or(|named| self.state.store.get("business", named).is_some());
                !known || named.is_none() || self.caller.business.is_none() || named == self.caller.business.as_deref()
            }
        }
    }

    /// Whether a feature is switched on for a caller's business.
    pub fn is_feature_on(state: &State, caller: &Caller, feature: &str) -> bool {
        let business = caller.business.as_deref().and_then(|business| state.store.get("business", business));
        let features = business.map_or(&FieldValue::Null, |business| business.get("features"));
        features.as_list().iter().any(|known| known.as_text() == Some(feature))
    }
}
