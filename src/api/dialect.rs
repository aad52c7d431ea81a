//! How the responses of an API are written: the `dialects` section of `standin.yaml`.
//!
//! ```yaml
//! dialects:
//!   - name: platform
//!     paths: /platform/v1/**
//!     success: {status: OK, data: $data}
//!     errors:
//!       not_found: {status: 404, body: {status: Error, error: $message}}
//!   - name: platform-forms
//!     extends: platform
//!     paths: /platform/v1/forms/**
//!     errors:
//!       not_found: {status: 422}
//! ```
//!
//! The first dialect that matches a path applies. `extends` takes everything that is not given from another dialect of the
//! list; a dialect that extends none takes it from the built-in one (`{"error": …, "field": …}`). A dialect without paths
//! is only there to be extended.
//!
//! A status may be a list, `[400, 422]`: the first one that the operation documents applies, else the first. A body that
//! is a text is sent as plain text. `default` gives the body of all errors that name none.
//!
//! `public: [/oauth/token]` names paths of the dialect that need no token.
//!
//! `$data`, `$message` and `$field` stand for the values of a response; an entry whose value is `$field` is left out if the
//! error is about no field.

use std::collections::HashMap;

use bytes::Bytes;
use compact_str::CompactString;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::diagnostics::{Collector, Diagnostic, YamlNode, YamlValue};
use crate::openapi::{Operation, PathPattern, ResponseSpec, Shape};
use crate::request::{ApiError, ErrorKind, Reply, ReplyMode, Response, ShapedWriter};

/// The dialects of an API; the first one that matches a path applies.
#[derive(Clone, Debug, Default)]
pub struct Dialects {
    list: Vec<Dialect>,
    plain: Dialect,
}

/// One dialect.
#[derive(Clone, Debug)]
pub struct Dialect {
    name: String,
    paths: Vec<PathPattern>,
    /// Paths that need no token.
    public: Vec<PathPattern>,
    /// The text before and after the data of a success.
    before: String,
    after: String,
    /// A success as a value, with a placeholder at `data`.
    envelope: Value,
    data: Vec<CompactString>,
    /// For each kind of error the statuses, of which the first documented one applies, and the body.
    errors: HashMap<ErrorKind, (Vec<u16>, Value)>,
}

/// A status and a body, JSON or plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The status.
    pub status: u16,
    /// The body; empty for none.
    pub body: Bytes,
}

const DATA: &str = "$data";

impl Dialects {
    /// Reads the `dialects` section. Dialects of `base`, the API that the file extends, apply after those of the file.
    pub(super) fn read(tree: &YamlNode, base: &Self, diagnostics: &mut Collector) -> Self {
        let mut list: Vec<Dialect> = Vec::new();
        for tree in diagnostics.collect(tree.list()).unwrap_or_default() {
            let known = list.iter().chain(&base.list);
            let read = read_dialect(tree, &known.collect::<Vec<_>>());
            list.extend(diagnostics.collect(read));
        }
        list.extend(base.list.iter().cloned());
        Self { list, plain: base.plain.clone() }
    }

    /// Whether the API has no dialect of its own.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The dialect of a path; the built-in one if none matches.
    pub fn of(&self, path: &str) -> &Dialect {
        self.at(self.index_of(path))
    }

    /// The index of a path's dialect, for [`Dialects::at`].
    pub fn index_of(&self, path: &str) -> usize {
        let matches = |dialect: &Dialect| dialect.paths.iter().any(|pattern| pattern.matches(path));
        self.list.iter().position(matches).unwrap_or(self.list.len())
    }

    /// The dialect at an index; the built-in one behind the end.
    pub fn at(&self, index: usize) -> &Dialect {
        self.list.get(index).unwrap_or(&self.plain)
    }
}

fn read_dialect(tree: &YamlNode, known: &[&Dialect]) -> Result<Dialect, Diagnostic> {
    let mut entries = tree.entries("a dialect")?;
    let name = entries.take("name").map_or(Ok(""), YamlNode::text)?.to_owned();
    let mut dialect = match entries.take("extends") {
        Some(tree) => {
            let wanted = tree.text()?;
            let names: Vec<&str> = known.iter().map(|dialect| dialect.name.as_str()).collect();
            let base = known.iter().find(|dialect| dialect.name == wanted);
            base.map(|base| Dialect::clone(base))
                .ok_or_else(|| Diagnostic::unknown(tree.span, "dialect", wanted, &names))?
        }
        None => Dialect::default(),
    };
    dialect.name = name;
    dialect.paths = entries.take("paths").map_or(Ok(Vec::new()), PathPattern::read_list)?;
    dialect.public = entries.take("public").map_or(Ok(Vec::new()), PathPattern::read_list)?;
    if let Some(success) = entries.take("success") {
        dialect.envelope = success.to_json();
        (dialect.before, dialect.after, dialect.data) = split_envelope(&dialect.envelope).ok_or_else(|| {
            Diagnostic::new(success.span, "`success` has no `$data`").help("write `{data: $data}`, or `$data` alone")
        })?;
    }
    if let Some(tree) = entries.take("errors") {
        read_errors(tree, &mut dialect.errors)?;
    }
    entries.finish()?;
    Ok(dialect)
}

/// Reads the errors of a dialect over those of the one that it extends.
fn read_errors(tree: &YamlNode, errors: &mut HashMap<ErrorKind, (Vec<u16>, Value)>) -> Result<(), Diagnostic> {
    let mut entries = tree.entries("`errors`")?;
    if let Some(body) = entries.take("default") {
        errors.values_mut().for_each(|(_, known)| *known = body.to_json());
    }
    for (kind, name) in ErrorKind::ALL {
        let Some(tree) = entries.take(name) else { continue };
        let mut error = tree.entries("an error")?;
        let (mut statuses, mut body) = errors.get(&kind).cloned().unwrap_or_default();
        if let Some(status) = error.take("status") {
            statuses = match &status.node {
                YamlValue::List(list) if !list.is_empty() => list.iter().map(read_status).collect::<Result<_, _>>()?,
                _ => vec![read_status(status)?],
            };
        }
        if let Some(written) = error.take("body") {
            body = written.to_json();
        }
        error.finish()?;
        errors.insert(kind, (statuses, body));
    }
    entries.finish()
}

fn read_status(tree: &YamlNode) -> Result<u16, Diagnostic> {
    let status = u16::try_from(tree.count()?).ok().filter(|status| (400..600).contains(status));
    status.ok_or_else(|| tree.expected("a status from 400 to 599"))
}

/// A success form cut at its `$data`: the text before and after, and the way to it.
fn split_envelope(form: &Value) -> Option<(String, String, Vec<CompactString>)> {
    fn field_path(form: &Value) -> Option<Vec<CompactString>> {
        match form {
            Value::String(text) if text == DATA => Some(Vec::new()),
            Value::Object(map) => map.iter().find_map(|(name, part)| {
                let mut below = field_path(part)?;
                below.insert(0, name.into());
                Some(below)
            }),
            _ => None,
        }
    }
    let data = field_path(form)?;
    let text = form.to_string();
    let (before, after) = text.split_once(&format!("\"{DATA}\""))?;
    Some((before.to_owned(), after.to_owned(), data))
}

impl Default for Dialect {
    /// The dialect of paths that no `standin.yaml` describes.
    fn default() -> Self {
        let statuses = [
            (ErrorKind::Unauthenticated, &[401][..]),
            (ErrorKind::Unauthorized, &[403]),
            (ErrorKind::ForeignOwner, &[401]),
            (ErrorKind::NotFound, &[404]),
            (ErrorKind::Absent, &[404]),
            (ErrorKind::Missing, &[422, 400, 405]),
            (ErrorKind::Invalid, &[422, 400, 405]),
            (ErrorKind::Conflict, &[409, 422, 400]),
            (ErrorKind::Malformed, &[400]),
            (ErrorKind::NoRoute, &[404]),
            (ErrorKind::MethodNotAllowed, &[405]),
            (ErrorKind::Full, &[507]),
            (ErrorKind::Fault, &[500]),
            (ErrorKind::Expression, &[500]),
            (ErrorKind::Unavailable, &[503]),
        ];
        let body = json!({"error": "$message", "field": "$field"});
        Self {
            name: String::new(),
            paths: Vec::new(),
            public: Vec::new(),
            before: String::new(),
            after: String::new(),
            envelope: Value::Null,
            data: Vec::new(),
            errors: statuses.into_iter().map(|(kind, statuses)| (kind, (statuses.to_vec(), body.clone()))).collect(),
        }
    }
}

impl Dialect {
    /// Whether requests need a token, if the API has any.
    pub fn requires_token(&self) -> bool {
        !self.paths.is_empty()
    }

    /// Whether calls of a path need no token although others of the family do.
    pub fn is_public(&self, path: &str) -> bool {
        self.public.iter().any(|pattern| pattern.matches(path))
    }

    /// Path to the data in the body of a success.
    pub fn data(&self) -> &[CompactString] {
        &self.data
    }

    /// A success: the payload through the shape of the documented answer.
    pub fn success(&self, status: u16, response: Option<&ResponseSpec>, reply: &Reply, zone: &TimeZone) -> Rendered {
        let response = response.filter(|_| reply.form == ReplyMode::Documented);
        let shape = response.and_then(ResponseSpec::shape).and_then(|shape| shape.at(&self.data));
        // Most answers have about so much; more than the allocator keeps at hand would be looked for each time.
        let mut body = Vec::with_capacity(1024);
        body.extend_from_slice(self.before.as_bytes());
        if reply.parts.is_empty() && response.is_some_and(|response| self.has_null(response)) {
            body.extend_from_slice(b"null");
        } else {
            ShapedWriter::write(&mut body, shape.unwrap_or(&Shape::Any), reply, zone);
        }
        body.extend_from_slice(self.after.as_bytes());
        Rendered { status, body: body.into() }
    }

    /// The body of a success as a value, which is written as [`Dialect::success`] writes it.
    pub fn success_document(&self, response: Option<&ResponseSpec>, reply: &Reply, zone: &TimeZone) -> Value {
        let response = response.filter(|_| reply.form == ReplyMode::Documented);
        let shape = response.and_then(ResponseSpec::shape).and_then(|shape| shape.at(&self.data));
        let data = match reply.parts.is_empty() && response.is_some_and(|response| self.has_null(response)) {
            true => Value::Null,
            false => ShapedWriter::build(shape.unwrap_or(&Shape::Any), reply, zone),
        };
        let mut body = self.envelope.clone();
        if let Some(place) = self.data.iter().try_fold(&mut body, |value, name| value.get_mut(name.as_str())) {
            *place = data;
        }
        body
    }

    /// Whether `null` is documented where the data of a success stands.
    fn has_null(&self, response: &ResponseSpec) -> bool {
        let sample = response.first().and_then(|media| media.sample());
        sample.and_then(|sample| self.data.iter().try_fold(sample, |at, name| at.get(name.as_str())))
            == Some(&Value::Null)
    }

    /// A refusal in the family's words, with the status that the operation documents for it, where there is one.
    pub fn error(&self, error: &ApiError, operation: Option<&Operation>) -> Rendered {
        let (_, form) = &self.errors[&error.kind];
        let status = self.status(error, operation);
        // Where a family refuses in words, they are text and not JSON.
        let body = match fill(form, error).unwrap_or_default() {
            Value::String(text) => text,
            body => body.to_string(),
        };
        Rendered { status, body: body.into() }
    }

    /// The status of an error: the first of the dialect's that the operation documents, otherwise the first. Where only
    /// `default` or a range documents them, an invalid request gets the general 400.
    pub fn status(&self, error: &ApiError, operation: Option<&Operation>) -> u16 {
        if let Some(status) = error.status {
            return status;
        }
        let (statuses, _) = &self.errors[&error.kind];
        let is_general =
            |status: &&u16| **status == 400 && matches!(error.kind, ErrorKind::Missing | ErrorKind::Invalid);
        let is_exact = |status: &&u16| operation.is_some_and(|operation| operation.responses.contains(**status));
        let is_in_range = |status: &&u16| operation.is_some_and(|operation| operation.response(**status).is_some());
        let in_range = || statuses.iter().filter(is_in_range);
        let documented = statuses.iter().find(is_exact).or_else(|| in_range().find(is_general).or(in_range().next()));
        *documented.unwrap_or(&statuses[0])
    }
}

fn fill(form: &Value, error: &ApiError) -> Option<Value> {
    match form {
        Value::String(text) if text == "$field" => error.field.clone().map(Value::String),
        Value::String(text) if text == "$message" => Some(error.message.clone().into()),
        Value::Object(map) => {
            let filled = map.iter().filter_map(|(name, part)| Some((name.clone(), fill(part, error)?)));
            Some(Value::Object(filled.collect::<Map<_, _>>()))
        }
        Value::Array(list) => Some(list.iter().filter_map(|part| fill(part, error)).collect()),
        other => Some(other.clone()),
    }
}

impl From<Rendered> for Response {
    fn from(written: Rendered) -> Self {
        let is_json = written.body.first().is_none_or(|first| matches!(first, b'{' | b'[' | b'"'));
        match is_json {
            true => Self::json(written.status, written.body),
            false => Self::text(written.status, written.body),
        }
    }
}
