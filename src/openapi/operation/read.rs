//! Reads the operations of a document.

use std::sync::Arc;

use http::Method;
use rayon::prelude::*;
use serde_json::Value;
use thin_vec::ThinVec;

use super::body::OtherMedia;
use super::callback::read_callbacks;
use super::page_parameter;
use super::parameter::read_examples;
use super::response::is_json;
use super::well_formed::{is_parameter, is_well_formed};
use super::{
    Body, HeaderSpec, MediaSpec, Operation, Parameter, ParameterLocation, ParameterStyle, ResponseSpec, StatusMap,
    is_merge_patch, is_patch, security, usual_pointer,
};
use crate::model::clone_compact;
use crate::openapi::document::{Document, METHODS, server_path};
use crate::openapi::normalize::{Run, UnreadPaths};
use crate::openapi::schema::SchemaPool;
use crate::openapi::template::parameter_names;
use crate::openapi::{Code, Note, Role, Schema, escape_pointer};

/// Reads all operations of a document, and passes them to `add`. An operation that violates OpenAPI gets a note and is read as far
/// as possible.
///
/// Paths are read on all processors; operations and notes are in the order of the document. What was read is freed while the rest
/// is read.
pub fn read(document: &mut Document, notes: &mut Vec<Note>, mut add: impl FnMut(Operation)) {
    let pool = SchemaPool::new(Arc::clone(document.share_components()));
    let mut paths = document.take_paths().into_iter();
    let unread = document.paths.take();
    let document = &*document;
    let read = |(path, item): (String, Value)| {
        let mut notes = Vec::new();
        (read_path(document, &pool, &path, &item, &mut notes), notes)
    };
    let mut add_all = |read: Vec<(Vec<Operation>, Vec<Note>)>| {
        for (of_path, more) in read {
            of_path.into_iter().for_each(&mut add);
            notes.extend(more);
        }
    };
    while paths.len() > 0 {
        let some = paths.by_ref().take(PATHS);
        add_all(match some.len() {
            ..PARALLEL_PATHS => some.map(read).collect(),
            _ => some.collect::<Vec<_>>().into_par_iter().map(read).collect(),
        });
    }
    let Some(unread) = unread else { return };
    for runs in unread.runs().chunks(rayon::current_num_threads()) {
        let read_run = |run: &Run<'_>| unread.parse(run).into_iter().map(read).collect::<Vec<_>>();
        add_all(runs.par_iter().flat_map_iter(read_run).collect());
    }
}

/// The maximum number of operations of a document.
pub fn count(document: &Document) -> usize {
    let unread = document.paths.as_ref().map_or(0, UnreadPaths::operations);
    let paths = document.root.get("paths").and_then(Value::as_object);
    let read: usize = paths
        .into_iter()
        .flat_map(|paths| paths.values())
        .map(|item| item.as_object().map_or(0, |item| item.len()))
        .sum();
    unread + read
}

/// The number of paths that are read at once.
const PATHS: usize = 2048;

/// Fewer paths are read faster by one thread.
const PARALLEL_PATHS: usize = 32;

/// Reads the operations of one path.
fn read_path(
    document: &Document,
    pool: &SchemaPool,
    path: &str,
    item: &Value,
    notes: &mut Vec<Note>,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    let item = document.resolve(item);
    let common = item.get("parameters");
    for (method, raw) in item.as_object().into_iter().flatten() {
        // OpenAPI 3.2 allows any method. Fields of a path item without `responses` are not operations.
        let is_other = !method.starts_with("x-") && raw.get("responses").is_some();
        if !METHODS.contains(&method.to_ascii_lowercase().as_str()) && !is_other {
            continue;
        }
        let Ok(verb) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
        let pointer = format!("/paths/{}/{method}", escape_pointer(path));
        if !raw.is_object() {
            let message = format!("`{method}` of `{path}` must be an object");
            notes.push(Note::new(Code::OperationMalformed, &document.file, pointer, message));
            continue;
        }
        let inherited = inherited_parameters(raw, common);
        // The typed reader finds violations; the operation itself is read from the raw document.
        let is_known = is_well_formed(raw) && inherited.iter().all(|parameter| is_parameter(parameter));
        if let Some(error) = (!is_known).then(|| typed_error(&with_parameters(raw, &inherited))).flatten() {
            notes.push(Note::new(Code::OperationOdd, &document.file, &pointer, error));
        }
        // The servers of an operation override those of its path, which override those of the document.
        let own_server = server_path(raw).or_else(|| server_path(item));
        let base_path = own_server.as_deref().unwrap_or(&document.base_path);
        let reader = Reader { document, pool, raw, inherited, pointer: &pointer, base_path };
        operations.push(reader.read(path, verb, notes));
    }
    operations
}

/// What the typed reader does not accept in an operation; `None` if it accepts everything.
pub(super) fn typed_error(operation: &Value) -> Option<String> {
    let read = serde_json::from_value::<openapiv3::Operation>(without_schemas(operation));
    read.err().map(|error| error.to_string())
}

/// An operation without schemas, which have a reader of their own, and without examples, which can be anything.
fn without_schemas(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let checked = map.iter().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples"));
            let part = |name: &str, value: &Value| {
                if name == "schema" { Value::Object(Default::default()) } else { without_schemas(value) }
            };
            Value::Object(checked.map(|(name, value)| (name.clone(), part(name, value))).collect())
        }
        Value::Array(list) => list.iter().map(without_schemas).collect(),
        other => other.clone(),
    }
}

/// The parameters of a path item, except those that the operation overrides.
fn inherited_parameters<'v>(operation: &Value, common: Option<&'v Value>) -> Vec<&'v Value> {
    let own = match operation.get("parameters") {
        Some(Value::Array(own)) => own.as_slice(),
        None => &[],
        Some(_) => return Vec::new(),
    };
    let same = |a: &Value, b: &Value| a.get("name") == b.get("name") && a.get("in") == b.get("in");
    let is_missing = |common: &&Value| {
        common.get("$ref").is_some() || !own.iter().any(|own| own.get("name").is_some() && same(own, common))
    };
    common.and_then(Value::as_array).into_iter().flatten().filter(is_missing).collect()
}

/// An operation with more parameters.
fn with_parameters(operation: &Value, more: &[&Value]) -> Value {
    let mut operation = operation.clone();
    if let Some(operation) = operation.as_object_mut().filter(|_| !more.is_empty())
        && let Value::Array(own) = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()))
    {
        own.extend(more.iter().copied().cloned());
    }
    operation
}

/// The documented responses of one operation.
#[derive(Default)]
struct Responses {
    exact: StatusMap<ResponseSpec>,
    ranges: StatusMap<ResponseSpec>,
    default: Option<Box<ResponseSpec>>,
}

/// Reads one operation.
struct Reader<'d> {
    document: &'d Document<'d>,
    pool: &'d SchemaPool,
    /// The operation as it is in the document.
    raw: &'d Value,
    /// The parameters of its path item.
    inherited: Vec<&'d Value>,
    /// Its JSON pointer.
    pointer: &'d str,
    base_path: &'d str,
}

impl Reader<'_> {
    fn read(&self, path: &str, method: Method, notes: &mut Vec<Note>) -> Operation {
        let path = format!("{}/{}", self.base_path, path.trim_start_matches('/'));
        let key: Arc<str> = format!("{method} {path}").into();
        let (path, selectors) = split_selectors(path);
        let parameters = self.parameters(&key, notes);
        for name in parameter_names(&path) {
            let declares = |known: &Parameter| known.location == ParameterLocation::Path && known.name == name;
            if !parameters.iter().any(declares) {
                let message = format!("{key} does not declare {{{name}}}");
                notes.push(Note::new(Code::ParameterUndeclared, &self.document.file, self.pointer, message));
            }
        }
        let responses = self.responses(&key);
        let own_pointer = (usual_pointer(&method, &path) != self.pointer).then(|| self.pointer.into());
        let operation = Operation {
            key,
            method,
            path: path.into(),
            selectors: selectors.into(),
            file: Arc::clone(&self.document.file),
            line: self.document.lines.get(self.pointer),
            own_pointer,
            summary: self.raw.get("summary").and_then(Value::as_str).unwrap_or_default().into(),
            tags: self.tags(),
            parameters,
            body: self.body(),
            security: security::read(self.document, self.raw).into(),
            responses: responses.exact,
            ranges: responses.ranges,
            default: responses.default,
            callbacks: read_callbacks(self.document, self.pool, self.raw).into(),
            role: Role::default(),
        };
        let has_success = operation.responses.statuses().any(|status| (200..400).contains(&status));
        if !has_success && operation.only_error().is_none() {
            let message = format!("{} documents no success", operation.key);
            notes.push(Note::new(Code::SuccessMissing, &self.document.file, self.pointer, message));
        }
        operation
    }

    fn tags(&self) -> ThinVec<String> {
        let tags = self.raw.get("tags").and_then(Value::as_array).into_iter().flatten();
        let mut tags: ThinVec<String> = tags.filter_map(Value::as_str).map(str::to_owned).collect();
        tags.shrink_to_fit();
        tags
    }

    fn schema(&self, raw: &Value) -> Schema {
        self.pool.schema(raw)
    }

    fn parameters(&self, key: &str, notes: &mut Vec<Note>) -> ThinVec<Parameter> {
        let mut parameters = ThinVec::new();
        let list = self.raw.get("parameters").and_then(Value::as_array).into_iter().flatten();
        for (index, raw) in list.chain(self.inherited.iter().copied()).enumerate() {
            let raw = self.document.resolve(raw);
            let text = |name: &str| raw.get(name).and_then(Value::as_str);
            // `querystring` (3.2) is the whole query as one value.
            if text("in") == Some("querystring") {
                continue;
            }
            let location = text("in").and_then(ParameterLocation::from_name);
            let (Some(name), Some(location)) = (text("name"), location) else {
                let pointer = format!("{}/parameters/{index}", self.pointer);
                let message = format!("a parameter of {key} has no `name` or no valid `in`");
                notes.push(Note::new(Code::ParameterMalformed, &self.document.file, pointer, message));
                continue;
            };
            let required = raw.get("required").and_then(Value::as_bool).unwrap_or(false);
            let media = content(raw).into_iter().next();
            let (style, explode) = ParameterStyle::read(raw, location, media.map(|(kind, _)| kind.as_str()));
            let schema = raw.get("schema").or_else(|| media.and_then(|(_, media)| media.get("schema")));
            parameters.push(Parameter {
                name: name.to_owned(),
                location,
                required,
                allows_empty: raw.get("allowEmptyValue") == Some(&Value::Bool(true)),
                style,
                explode,
                examples: read_examples(self.document, raw, schema.unwrap_or(&Value::Null)),
                schema: self.schema(schema.unwrap_or(&Value::Null)),
                page: None,
            });
        }
        parameters.shrink_to_fit();
        page_parameter::assign(&mut parameters);
        parameters
    }

    fn body(&self) -> Option<Box<Body>> {
        let body = self.document.resolve(self.raw.get("requestBody")?);
        let mut content = content(body);
        // The default describes the record rather than a patch document.
        content.sort_by_key(|(kind, _)| (!is_json(kind), is_patch(kind), !is_merge_patch(kind)));
        let ((_, first), others) = content.split_first()?;
        let encoding = |media: &Value| media.get("encoding").map(clone_compact).unwrap_or_default();
        let others = others.iter().map(|(_, media)| {
            let schema = media.get("schema");
            let own = (schema != first.get("schema")).then(|| self.schema(schema.unwrap_or(&Value::Null)));
            OtherMedia { schema: own, encoding: encoding(media) }
        });
        Some(Box::new(Body {
            required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
            schema: self.schema(first.get("schema").unwrap_or(&Value::Null)),
            example: examples(self.document, first).into_iter().next().map(|(_, example)| example),
            encoding: encoding(first),
            others: others.collect(),
            kinds: content.iter().map(|(kind, _)| (*kind).clone()).collect(),
        }))
    }

    fn responses(&self, key: &Arc<str>) -> Responses {
        let mut responses = Responses::default();
        let documented = self.raw.get("responses").and_then(Value::as_object);
        for (status, response) in documented.into_iter().flatten() {
            match status.as_bytes() {
                [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => {
                    let class = u16::from(class - b'0');
                    responses.ranges.insert(class, self.response(response, (key, class * 100)));
                }
                // The default is that of errors; where it is the success too, it is read again as one.
                b"default" => responses.default = Some(Box::new(self.response(response, (key, 500)))),
                _ => {
                    if let Some(code) = status.parse().ok().filter(|code| (100..600).contains(code)) {
                        responses.exact.insert(code, self.response(response, (key, code)));
                    }
                }
            }
        }
        // A success needs one status: the lowest of a range, or 200 if only the default is documented.
        for (class, range) in [(2, "2XX"), (3, "3XX")] {
            let is_exact = responses.exact.statuses().any(|code| code / 100 == class);
            if responses.ranges.contains(class) && !is_exact {
                let raw = documented.and_then(|all| all.iter().find(|(status, _)| status.eq_ignore_ascii_case(range)));
                let code = class * 100;
                if let Some((_, raw)) = raw {
                    responses.exact.insert(code, self.response(raw, (key, code)));
                }
            }
        }
        // The default is the success of an operation that documents no other, unless it is the error that it documents.
        let default = documented.and_then(|all| all.get("default"));
        let has_success = responses.exact.statuses().any(|status| status < 400);
        let content = |raw| self.document.resolve(raw).get("content");
        if let Some(raw) = default.filter(|_| !has_success) {
            let mut others = documented.into_iter().flatten().filter(|(status, _)| *status != "default");
            if others.all(|(_, other)| content(other) != content(raw)) {
                responses.exact.insert(200, self.response(raw, (key, 200)));
            }
        }
        responses
    }

    fn response(&self, raw: &Value, key_and_status: (&Arc<str>, u16)) -> ResponseSpec {
        let raw = self.document.resolve(raw);
        let media = content(raw).into_iter().map(|(kind, media)| {
            let schema = media.get("schema").map(|schema| self.schema(schema));
            MediaSpec::new(kind, examples(self.document, media), schema, key_and_status)
        });
        let (operation, status) = key_and_status;
        let (documents, stream) = ((self.document, self.pool), format!("{operation} {status}"));
        let headers = raw.get("headers").and_then(Value::as_object).into_iter().flatten();
        let headers = headers.filter_map(|(name, raw)| HeaderSpec::read(documents, (name, raw), &stream));
        ResponseSpec::new(media.collect(), headers.collect())
    }
}

/// A path key without its query and fragment, and the names and values in these. A value that is a parameter can be any.
fn split_selectors(key: String) -> (String, Vec<(String, Option<String>)>) {
    let Some(end) = key.find(['?', '#']) else { return (key, Vec::new()) };
    let pairs = key[end + 1..].split(['&', '?', '#', ',']).filter(|pair| !pair.is_empty());
    let selectors = pairs.filter_map(|pair| match pair.split_once('=') {
        Some((name, value)) => Some((decode(name), Some(value).filter(|value| !value.contains('{')).map(decode))),
        // A fragment without a value only makes the key unique.
        None => key[..=end].ends_with('?').then(|| (decode(pair), None)),
    });
    let selectors = selectors.collect();
    (key[..end].to_owned(), selectors)
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The media types of a body or response, JSON first, the others in their order.
pub(super) fn content(value: &Value) -> Vec<(&String, &Value)> {
    let mut media: Vec<_> = value.get("content").and_then(Value::as_object).into_iter().flatten().collect();
    media.sort_by_key(|(kind, _)| !is_json(kind));
    media
}

/// The documented examples by name. An example that is JSON in a string is parsed.
pub(super) fn examples(document: &Document, media: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    if let Some(example) = media.get("example") {
        found.push((String::new(), clone_compact(example)));
    }
    for (name, example) in media.get("examples").and_then(Value::as_object).into_iter().flatten() {
        let example = document.resolve(example);
        let value = ["value", "dataValue", "serializedValue"].iter().find_map(|key| example.get(*key));
        found.extend(value.map(|value| (name.clone(), clone_compact(value))));
    }
    let unwrapped = |value: Value| match &value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    };
    for (_, value) in &mut found {
        *value = unwrapped(value.take());
    }
    found.shrink_to_fit();
    found
}
