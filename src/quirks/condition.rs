use std::sync::Arc;

use compact_str::CompactString;
use http::Method;
use serde_json::Value;

use crate::model::{FieldValue, Record, Store};
use crate::openapi::PathPattern;
use crate::openapi::template::parameter_names;
use crate::request::{Caller, Context, Progress, UnknownIds};

/// The requests to which a rule applies; a condition that is missing always holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    /// The paths, without the gateway's prefix.
    pub paths: Vec<PathPattern>,
    /// Exceptions among those paths.
    pub except: Vec<PathPattern>,
    /// Whether only paths without an operation match.
    pub is_unrouted: bool,
    /// The methods.
    pub methods: Vec<Method>,
    /// Pairs of a method and a path, for sets of operations that no list of methods and paths describes.
    pub operations: Vec<(Method, PathPattern)>,
    /// The gateway.
    pub gateway: Option<CompactString>,
    /// The kinds of token.
    pub tokens: Vec<CompactString>,
    /// A feature that the caller's owner lacks.
    pub without_feature: Option<String>,
    /// Values in headers, query and body.
    pub sent: Vec<RequestCondition>,
    /// The state of the record addressed by the path.
    pub record: Option<RecordCondition>,
    /// The kind of that record, where the path does not tell.
    pub kind: Option<String>,
}

/// The state of the record addressed by the path.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordCondition {
    /// `absent`: the record does not exist, or belongs to another owner.
    Absent,
    /// The record exists, and its fields match.
    With(Vec<(String, Matcher)>),
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// The headers.
    Headers,
    /// The query.
    Query,
    /// The body.
    Body,
}

/// A value that a request must have.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestCondition {
    /// The part of the request.
    pub part: RequestPart,
    /// Path to the value.
    pub field_path: Vec<String>,
    /// What matches.
    pub is: Matcher,
}

/// Matches a value of a request or of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// `absent`: missing, null or blank.
    Absent,
    /// `present`: neither missing, null nor blank.
    Present,
    /// One of these values.
    OneOf(Vec<Value>),
    /// `not: …`: present, and none of these values.
    NoneOf(Vec<Value>),
}

impl When {
    /// Whether the method and the path match.
    pub(super) fn matches_target(&self, method: &Method, path: &str) -> bool {
        let is_path = self.paths.iter().any(|pattern| pattern.matches(path))
            && (self.methods.is_empty() || self.methods.contains(method));
        let is_operation = || self.operations.iter().any(|(known, pattern)| known == method && pattern.matches(path));
        (is_path || is_operation()) && !self.except.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether all other conditions hold. Those about something that is not known yet do not.
    pub(super) fn holds(&self, ctx: &Context<'_>) -> bool {
        let caller = (ctx.progress >= Progress::Authenticated).then_some(ctx.caller);
        let has_token = |caller: &Caller| self.tokens.contains(&caller.kind);
        let lacks = |feature: &str| {
            let owner = caller.and_then(|caller| caller.owner.as_deref());
            owner.is_some_and(|owner| !ctx.state.ownership.has_feature(&ctx.state.store, owner, feature))
        };
        self.gateway.as_ref().is_none_or(|gateway| *gateway == ctx.gateway)
            && (self.tokens.is_empty() || caller.is_some_and(has_token))
            && self.without_feature.as_deref().is_none_or(lacks)
            && self.sent.iter().all(|sent| sent.holds(ctx))
            // Last, because it looks into the store.
            && self.record.as_ref().is_none_or(|record| ctx.progress >= Progress::Parsed && self.holds_for(record, ctx))
    }

    /// Whether the record addressed by the path is in the expected state.
    fn holds_for(&self, expected: &RecordCondition, ctx: &Context<'_>) -> bool {
        match (expected, find_record(ctx, self.kind.as_deref())) {
            // If unknown ids get the documented response, every record exists.
            (RecordCondition::Absent, found) => found.is_none() && ctx.state.settings.unknown_ids == UnknownIds::Refuse,
            (RecordCondition::With(_), None) => false,
            (RecordCondition::With(fields), Some(record)) => {
                fields.iter().all(|(path, is)| is.matches(Some(&field_value(&ctx.state.store, record, path))))
            }
        }
    }
}

/// The value of a field; `matter_uid/staff_uid` is a field of the matter that the record refers to. An empty list counts
/// as missing.
fn field_value(store: &Store, record: &Record, path: &str) -> Value {
    if let Some((name, rest)) = path.split_once('/') {
        let kind = ["_uid", "_id"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        return store.get(kind, record.text(name)).map_or(Value::Null, |other| field_value(store, other, rest));
    }
    match record.get(path) {
        FieldValue::List(list) if list.is_empty() => Value::Null,
        value => serde_json::to_value(value).unwrap_or_default(),
    }
}

/// Whether a record names the caller's owner or none.
pub(super) fn names_own_owner(ctx: &Context<'_>, record: &Record) -> bool {
    let own = ctx.caller.owner.as_deref();
    let owner = ctx.state.ownership.of(record);
    owner.is_none() || own.is_none() || owner == own
}

/// The caller's record that the path addresses: by its id, or by the field with the name of the path parameter. `kind` is
/// its kind where the path does not tell.
fn find_record<'c>(ctx: &'c Context<'_>, kind: Option<&str>) -> Option<&'c Arc<Record>> {
    let role = &ctx.operation.role;
    let (item, kind) = (role.item?, kind.or(role.resource.as_deref())?);
    let id = ctx.path.get(item)?;
    let store = &ctx.state.store;
    let by_field = || {
        let name = parameter_names(&ctx.operation.path).nth(item)?;
        store.all(kind).find(|record| record.text(name) == id)
    };
    store.get(kind, id).or_else(by_field).filter(|record| names_own_owner(ctx, record))
}

impl RequestCondition {
    fn holds(&self, ctx: &Context<'_>) -> bool {
        let matches_text = |text: Option<&str>| self.is.matches(Some(&Value::from(text.unwrap_or_default())));
        let name = || self.field_path.join("/");
        match self.part {
            RequestPart::Headers => {
                matches_text(ctx.request.headers.get(name().as_str()).and_then(|value| value.to_str().ok()))
            }
            _ if ctx.progress < Progress::Parsed => false,
            RequestPart::Query => matches_text(ctx.sent_query.get(&name())),
            RequestPart::Body => {
                let body = ctx.current_body();
                let value = self.field_path.iter().try_fold(body, |value, step| match step.parse::<usize>() {
                    Ok(index) if value.is_array() => value.get(index),
                    _ => value.get(step),
                });
                self.is.matches(value)
            }
        }
    }
}

impl Matcher {
    fn matches(&self, value: Option<&Value>) -> bool {
        let is_blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        let is_present = value.is_some_and(|value| !is_blank(value));
        // Numbers are text in a query, and in many bodies.
        let equals = |expected: &Value| {
            value.is_some_and(|value| {
                value == expected
                    || value.as_str().is_some_and(|text| !expected.is_string() && text == expected.to_string().as_str())
            })
        };
        match self {
            Self::Absent => !is_present,
            Self::Present => is_present,
            Self::OneOf(values) => values.iter().any(equals),
            Self::NoneOf(values) => is_present && !values.iter().any(equals),
        }
    }
}
