//! How a family of paths writes success and refusal: `families.yaml` beside the contracts.
//!
//! ```yaml
//! families:
//!   - paths: /platform/v1/**
//!     success: {status: OK, data: $data}
//!     refusals:
//!       not_found: {status: 404, body: {status: Error, error: $message}}
//! ```
//!
//! A status may be a list, `[400, 422]`: the first that the operation documents, else the first. A body that is text is
//! sent as text.
//!
//! `public: [/oauth/token]` names paths of the family that need no token: who calls is said in the body, or does not
//! matter.
//!
//! `$data`, `$message` and `$field` stand for what is answered; an entry whose value is `$field` is left out
//! when the refusal is about no field.

use std::collections::HashMap;

use bytes::Bytes;
use compact_str::CompactString;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, YamlNode, YamlValue};
use crate::openapi::{Operation, PathPattern, ResponseSpec, Shape};
use crate::request::{ApiError, ErrorKind, Reply, ReplyMode, Response, ShapedWriter};

/// All families, the first that matches a path is the one.
pub struct Dialects {
    dialects: Vec<Dialect>,
    plain: Dialect,
}

/// One family.
pub struct Dialect {
    paths: Vec<PathPattern>,
    /// Those that need no token.
    public: Vec<PathPattern>,
    /// What stands before and after the data of a success.
    before: String,
    after: String,
    data: Vec<CompactString>,
    /// The statuses, of which the first that the operation documents is the one, and the body.
    refusals: HashMap<ErrorKind, (Vec<u16>, Value)>,
}

/// A status and a body, JSON or, where a family refuses in words, text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The status.
    pub status: u16,
    /// The body; empty for none.
    pub body: Bytes,
}

const DATA: &str = "$data";

impl Dialects {
    /// Reads the family files.
    ///
    /// # Errors
    /// When one is wrong.
    pub fn read(files: &[SourceFile]) -> Result<Self, Diagnostics> {
        let mut dialects = Vec::new();
        for file in files {
            let tree = YamlNode::read(file)?;
            let read = || -> Result<Vec<Dialect>, Diagnostic> {
                let mut entries = tree.entries("a families file")?;
                let list = entries.require("families")?.list()?.iter().map(read_family).collect::<Result<_, _>>()?;
                entries.finish()?;
                Ok(list)
            };
            dialects.extend(read().map_err(|diagnostic| Diagnostics::new(&file.name, &file.text, vec![diagnostic]))?);
        }
        Ok(Self { dialects, plain: Dialect::plain() })
    }

    /// The family of a path; a plain one where none is named.
    pub fn of(&self, path: &str) -> &Dialect {
        self.at(self.index_of(path))
    }

    /// The place of a path's family in the list, for [`Dialects::at`].
    pub fn index_of(&self, path: &str) -> usize {
        let of = |dialect: &Dialect| dialect.paths.iter().any(|paths| paths.matches(path));
        self.dialects.iter().position(of).unwrap_or(self.dialects.len())
    }

    /// The family at a place of the list; the plain one behind its end.
    pub fn at(&self, place: usize) -> &Dialect {
        self.dialects.get(place).unwrap_or(&self.plain)
    }
}

fn read_family(tree: &YamlNode) -> Result<Dialect, Diagnostic> {
    let mut entries = tree.entries("a family")?;
    let paths = entries.require("paths")?;
    let pattern = |tree: &YamlNode, text: &str| {
        PathPattern::parse(text).ok_or_else(|| {
            Diagnostic::new(tree.span, format!("`{text}` is no path pattern")).help("write `/a/*/b` or `/a/**`")
        })
    };
    let read = |tree: &YamlNode| -> Result<Vec<PathPattern>, Diagnostic> {
        tree.texts()?.into_iter().map(|text| pattern(tree, text)).collect()
    };
    let patterns = read(paths)?;
    let public = entries.take("public").map(read).transpose()?.unwrap_or_default();
    let success = entries.require("success")?;
    let (before, after, data) = envelope(&success.to_json()).ok_or_else(|| {
        Diagnostic::new(success.span, "the success form has no `$data`").help("write `{data: $data}`, or `$data` alone")
    })?;
    let mut refusals = HashMap::new();
    let mut wanted = entries.require("refusals")?.entries("the refusals")?;
    for (kind, name) in ErrorKind::ALL {
        if let Some(tree) = wanted.take(name) {
            let mut error = tree.entries("a refusal")?;
            let status = error.require("status")?;
            let code = |tree: &YamlNode| {
                let code = u16::try_from(tree.count()?).ok().filter(|code| (400..600).contains(code));
                code.ok_or_else(|| tree.expected("a status from 400 to 599"))
            };
            let codes = match &status.node {
                YamlValue::List(list) if !list.is_empty() => list.iter().map(code).collect::<Result<_, _>>()?,
                _ => vec![code(status)?],
            };
            refusals.insert(kind, (codes, error.require("body")?.to_json()));
            error.finish()?;
        }
    }
    wanted.finish()?;
    entries.finish()?;
    if let YamlValue::Map(_) = tree.node
        && let Some((_, missing)) = ErrorKind::ALL.iter().find(|(kind, _)| !refusals.contains_key(kind))
    {
        return Err(Diagnostic::new(tree.span, format!("the family does not say how it writes `{missing}`")));
    }
    Ok(Dialect { paths: patterns, public, before, after, data, refusals })
}

/// A success form cut at its `$data`: the text before and after, and the way to it.
fn envelope(form: &Value) -> Option<(String, String, Vec<CompactString>)> {
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

impl Dialect {
    /// The family of paths that no file speaks of.
    fn plain() -> Self {
        let statuses = [
            (ErrorKind::Unauthenticated, &[401][..]),
            (ErrorKind::Unauthorized, &[403]),
            (ErrorKind::ForeignBusiness, &[401]),
            (ErrorKind::NotFound, &[404]),
            (ErrorKind::Absent, &[404]),
            (ErrorKind::Missing, &[422, 400, 405]),
            (ErrorKind::Invalid, &[422, 400, 405]),
            (ErrorKind::Conflict, &[409, 422, 400]),
            (ErrorKind::Malformed, &[400]),
            (ErrorKind::NoRoute, &[404]),
            (ErrorKind::MethodNotAllowed, &[405]),
            (ErrorKind::Full, &[507]),
        ];
        let body = json!({"error": "$message", "field": "$field"});
        Self {
            paths: Vec::new(),
            public: Vec::new(),
            before: String::new(),
            after: String::new(),
            data: Vec::new(),
            refusals: statuses.into_iter().map(|(kind, statuses)| (kind, (statuses.to_vec(), body.clone()))).collect(),
        }
    }

    /// Whether calls need a token. Of an API that no file describes nobody knows what tokens it has.
    pub fn requires_token(&self) -> bool {
        !self.paths.is_empty()
    }

    /// Whether calls of a path need no token although others of the family do.
    pub fn is_public(&self, path: &str) -> bool {
        self.public.iter().any(|pattern| pattern.matches(path))
    }

    /// The way from a documented body to its data.
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

    /// Whether `null` is documented where the data of a success stands.
    fn has_null(&self, response: &ResponseSpec) -> bool {
        let sample = response.first().and_then(|media| media.sample());
        sample.and_then(|sample| self.data.iter().try_fold(sample, |at, name| at.get(name.as_str())))
            == Some(&Value::Null)
    }

    /// A refusal in the family's words, with the status that the operation documents for it, where there is one.
    pub fn error(&self, error: &ApiError, operation: Option<&Operation>) -> Rendered {
        let (statuses, form) = &self.refusals[&error.kind];
        let is_exact = |status: &&u16| operation.is_some_and(|operation| operation.responses.contains_key(status));
        let is_in_range = |status: &&u16| operation.is_some_and(|operation| operation.response(**status).is_some());
        let documented = statuses.iter().find(is_exact).or_else(|| statuses.iter().find(is_in_range));
        let status = documented.unwrap_or(&statuses[0]);
        // Where a family refuses in words, they are text and not JSON.
        let body = match fill(form, error).unwrap_or_default() {
            Value::String(text) => text,
            body => body.to_string(),
        };
        Rendered { status: *status, body: body.into() }
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
