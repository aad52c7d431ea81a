//! One operation of the API, as the rest of the house sees it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use http::Method;
use serde_json::Value;

use super::fit::fit;
use super::generate::{generate, stream};
use super::normalize::Document;
use super::{Code, Note, Role, Schema, Shape, escaped};

/// One operation: a method on a path.
#[derive(Debug)]
pub struct Operation {
    /// `METHOD /full/path/{parameter}`: the key under which a behaviour is registered.
    pub key: String,
    /// The method.
    pub method: Method,
    /// The full path with the base path, parameters in braces.
    pub path: String,
    /// The contract that promises it.
    pub file: String,
    /// The line of it where the operation begins.
    pub line: usize,
    pointer: String,
    /// One line about it.
    pub summary: String,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// The request body, where one is documented.
    pub body: Option<Body>,
    /// The documented answers by status.
    pub responses: BTreeMap<u16, ResponseSpec>,
    /// What it does to which resource; settled when all operations are known.
    pub role: Role,
}

/// A parameter outside the body.
#[derive(Debug)]
pub struct Parameter {
    /// Its name as sent.
    pub name: String,
    /// Where it is sent.
    pub location: ParameterLocation,
    /// Whether the contract requires it.
    pub required: bool,
    /// What it may be.
    pub schema: Schema,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

impl ParameterLocation {
    /// The word that contracts use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Path, Self::Query, Self::Header, Self::Cookie].into_iter().find(|index| index.name() == name)
    }
}

/// A documented request body.
#[derive(Debug)]
pub struct Body {
    /// Whether the contract requires one.
    pub required: bool,
    /// What it looks like.
    pub schema: Schema,
    /// A documented example, without what tells it apart from others.
    pub example: Option<Value>,
    /// The media types in which it is taken.
    pub kinds: Vec<String>,
    /// The `encoding` object of its media type: how fields of a form are serialized.
    pub encoding: Value,
}

impl Body {
    /// The delimiter between the elements of a list that a form sends as one value; `None` when each element is a field.
    pub fn delimiter(&self, field: &str) -> Option<&'static str> {
        let encoding = self.encoding.get(field)?;
        let style = encoding.get("style").and_then(Value::as_str).unwrap_or("form");
        let explode = encoding.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        match style {
            _ if explode => None,
            "spaceDelimited" => Some(" "),
            "pipeDelimited" => Some("|"),
            "tabDelimited" => Some("\t"),
            _ => Some(","),
        }
    }
}

/// A documented answer.
#[derive(Debug, Default)]
pub struct ResponseSpec {
    /// Its forms, JSON first.
    pub media: Vec<MediaSpec>,
    shape: OnceLock<(Option<Shape>, bool)>,
}

/// One form of a documented answer.
#[derive(Debug)]
pub struct MediaSpec {
    /// The media type: `application/json`.
    pub kind: String,
    /// The documented examples by name, with their envelopes; one without a name has an empty one.
    pub examples: Vec<(String, Value)>,
    /// The documented schema of the body.
    pub schema: Option<Schema>,
    is_success: bool,
    /// What values are made from, so that they are the same every time.
    stream: String,
    sample: OnceLock<Option<Value>>,
}

impl ResponseSpec {
    /// The form that is answered when nobody asks for another: JSON where there is one.
    pub fn first(&self) -> Option<&MediaSpec> {
        self.media.first()
    }

    /// The documented answer as one value.
    pub fn sample(&self) -> Option<&Value> {
        self.first()?.sample()
    }

    /// What the documented answer tells about names and types.
    pub fn shape(&self) -> Option<&Shape> {
        self.shapes().0.as_ref()
    }

    /// Whether an answer has time stamps in the business's time zone.
    pub fn needs_zone(&self) -> bool {
        self.shapes().1
    }

    fn shapes(&self) -> &(Option<Shape>, bool) {
        self.shape.get_or_init(|| {
            let shape = self.sample().map(Shape::of);
            let needs_zone = shape.as_ref().is_some_and(Shape::needs_zone);
            (shape, needs_zone)
        })
    }
}

impl MediaSpec {
    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        is_json(&self.kind)
    }

    /// The documented example, bent to the schema where it breaks it; a value made from the schema where there is no
    /// example.
    pub fn sample(&self) -> Option<&Value> {
        self.sample.get_or_init(|| self.example(None)).as_ref()
    }

    /// The example of that name, or the first one, bent to the schema; else a value made from the schema.
    pub fn example(&self, name: Option<&str>) -> Option<Value> {
        let valid = |example: &Value| self.schema.as_ref().is_none_or(|schema| schema.violations(example).is_empty());
        let wanted = |(known, example): &&(String, Value)| match name {
            Some(name) => known == name,
            // Of several the first that keeps its own schema.
            None => self.examples.len() == 1 || valid(example),
        };
        let example = self.examples.iter().find(wanted).or_else(|| self.examples.first());
        let random = &mut stream(0, &self.stream);
        match (example, &self.schema) {
            (Some((_, example)), None) => Some(example.clone()),
            (Some((_, example)), Some(schema)) => Some(fit(schema, example.clone(), random)),
            (None, Some(schema)) => Some(self.without_errors(generate(schema, random))),
            (None, None) => None,
        }
    }

    /// A made success without the names under which refusals of the same schema say what is wrong.
    fn without_errors(&self, mut made: Value) -> Value {
        if let (true, Value::Object(map)) = (self.is_success, &mut made) {
            let required =
                self.schema.as_ref().and_then(|schema| schema.follow(schema.raw()).get("required")?.as_array());
            let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|known| known == name));
            map.retain(|name, _| !matches!(name.as_str(), "error" | "errors") || is_required(name));
        }
        made
    }

    /// What the sample is before it is bent: for recognising lists, without compiling a schema.
    pub fn draft(&self) -> Option<Value> {
        match (self.examples.first(), &self.schema) {
            (Some((_, example)), _) => Some(example.clone()),
            (None, Some(schema)) => Some(self.without_errors(generate(schema, &mut stream(0, &self.stream)))),
            (None, None) => None,
        }
    }
}

impl Operation {
    /// The success status: the first documented one of the 2xx, else of the 3xx, else 200.
    pub fn success(&self) -> u16 {
        let first = |class: std::ops::Range<u16>| self.responses.keys().copied().find(|status| class.contains(status));
        first(200..300).or_else(|| first(300..400)).unwrap_or(200)
    }

    /// The documented success.
    pub fn success_response(&self) -> Option<&ResponseSpec> {
        self.responses.get(&self.success())
    }

    /// Its JSON pointer.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where it stands: `file:line`.
    pub fn location(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// The methods under which a path has operations. `query` came with 3.2.
pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "query"];

/// All operations of a document. One that departs from OpenAPI leaves a note and is read as far as it goes.
pub fn read(document: &Document, notes: &mut Vec<Note>) -> Vec<Operation> {
    let mut operations = Vec::new();
    let components = Arc::new(document.root.get("components").cloned().unwrap_or_default());
    let paths = document.root.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let item = resolve(document, item);
        let common = item.get("parameters");
        for (method, raw) in item.as_object().into_iter().flatten() {
            // Other methods came with 3.2; what has no answers is none.
            let is_other = !method.starts_with("x-") && raw.get("responses").is_some();
            if !METHODS.contains(&method.to_ascii_lowercase().as_str()) && !is_other {
                continue;
            }
            let Ok(verb) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
            let pointer = format!("/paths/{}/{method}", escaped(path));
            if !raw.is_object() {
                let message = format!("{method} {path} is no object");
                notes.push(Note::new(Code::OperationMalformed, &document.file, pointer, message));
                continue;
            }
            let mut raw = raw.clone();
            inherit(&mut raw, common);
            // The types judge; what is served is read from the raw document, as far as it can be.
            if let Err(error) = serde_json::from_value::<openapiv3::Operation>(without_schemas(&raw)) {
                notes.push(Note::new(Code::OperationOdd, &document.file, &pointer, error.to_string()));
            }
            operations.push(build(document, &components, path, verb, &raw, &pointer, notes));
        }
    }
    operations
}

/// An operation without its schemas, which have a reader of their own, and without examples, which may be anything.
fn without_schemas(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples"));
            let part = |name: &str, value: &Value| {
                if name == "schema" { Value::Object(Default::default()) } else { without_schemas(value) }
            };
            Value::Object(kept.map(|(name, value)| (name.clone(), part(name, value))).collect())
        }
        Value::Array(list) => list.iter().map(without_schemas).collect(),
        other => other.clone(),
    }
}

fn inherit(operation: &mut Value, common: Option<&Value>) {
    let (Some(Value::Array(common)), Some(operation)) = (common, operation.as_object_mut()) else { return };
    let own = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(own) = own {
        let same = |a: &Value, b: &Value| a.get("name") == b.get("name") && a.get("in") == b.get("in");
        let missing = common.iter().filter(|common| {
            common.get("$ref").is_some() || !own.iter().any(|own| own.get("name").is_some() && same(own, common))
        });
        let missing: Vec<Value> = missing.cloned().collect();
        own.extend(missing);
    }
}

/// The value itself, or what it refers to within its document.
fn resolve(document: &Document, value: &Value) -> Value {
    let mut value = value;
    for _ in 0..16 {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else { break };
        let pointer =
            target.strip_prefix('#').map(|pointer| percent_encoding::percent_decode_str(pointer).decode_utf8_lossy());
        match pointer.and_then(|pointer| document.root.pointer(&pointer)) {
            Some(found) => value = found,
            None => return Value::Null,
        }
    }
    value.clone()
}

fn build(
    document: &Document,
    components: &Arc<Value>,
    path: &str,
    method: Method,
    raw: &Value,
    pointer: &str,
    notes: &mut Vec<Note>,
) -> Operation {
    let line = document.lines.get(pointer).copied().unwrap_or(1);
    let full = format!("{}/{}", document.base_path, path.trim_start_matches('/'));
    let key = format!("{method} {full}");
    let schema_of = |schema: &Value| Schema::new(schema.clone(), Arc::clone(components));
    let mut parameters: Vec<Parameter> = Vec::new();
    for (index, written) in raw.get("parameters").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let parameter = resolve(document, written);
        let text = |name: &str| parameter.get(name).and_then(Value::as_str);
        let location = text("in").and_then(ParameterLocation::named);
        // `querystring` (3.2) is the whole query as one value, which nothing here takes apart.
        if text("in") == Some("querystring") {
            continue;
        }
        let (Some(name), Some(location)) = (text("name"), location) else {
            let pointer = format!("{pointer}/parameters/{index}");
            let message = format!("a parameter of {key} has no name, or no place that is known");
            notes.push(Note::new(Code::ParameterMalformed, &document.file, pointer, message));
            continue;
        };
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
        let schema =
            parameter.get("schema").or_else(|| content(&parameter).first().and_then(|(_, media)| media.get("schema")));
        let schema = schema_of(schema.unwrap_or(&Value::Null));
        parameters.push(Parameter { name: name.to_owned(), location, required, schema });
    }
    for name in full.split('/').filter_map(parameter_name) {
        let declared = |known: &Parameter| known.location == ParameterLocation::Path && known.name == name;
        if !parameters.iter().any(declared) {
            let message = format!("{key} does not declare {{{name}}}");
            notes.push(Note::new(Code::ParameterUndeclared, &document.file, pointer, message));
        }
    }
    let body = raw.get("requestBody").map(|body| resolve(document, body)).and_then(|body| {
        let forms = content(&body);
        let (_, media) = forms.first()?;
        Some(Body {
            required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
            schema: schema_of(media.get("schema").unwrap_or(&Value::Null)),
            example: examples(document, media).into_iter().next().map(|(_, example)| example),
            kinds: forms.iter().map(|(kind, _)| (*kind).clone()).collect(),
            encoding: media.get("encoding").cloned().unwrap_or_default(),
        })
    });
    let mut responses = BTreeMap::new();
    let documented = raw.get("responses").and_then(Value::as_object);
    for (status, response) in documented.into_iter().flatten() {
        // `2XX` and the like promise a class; the plainest status of it stands for all.
        let class = |digit: char| digit.to_digit(10).and_then(|digit| u16::try_from(digit * 100).ok());
        let code = match status.as_bytes() {
            [digit, b'X' | b'x', b'X' | b'x'] => class(char::from(*digit)),
            // Where `default` is all that is documented, it documents the success.
            b"default" if documented.is_some_and(|all| all.len() == 1) => Some(200),
            _ => status.parse().ok(),
        };
        let Some(code) = code.filter(|code| (100..600).contains(code)) else { continue };
        let response = resolve(document, response);
        let media = content(&response).into_iter().map(|(kind, media)| MediaSpec {
            kind: kind.clone(),
            examples: examples(document, media),
            schema: media.get("schema").map(schema_of),
            is_success: (200..300).contains(&code),
            stream: format!("{key} {code} {kind}"),
            sample: OnceLock::new(),
        });
        responses.insert(code, ResponseSpec { media: media.collect(), shape: OnceLock::new() });
    }
    if !responses.keys().any(|status| (200..400).contains(status)) {
        let message = format!("{key} documents no success");
        notes.push(Note::new(Code::SuccessMissing, &document.file, pointer, message));
    }
    Operation {
        key,
        method,
        path: full,
        file: document.file.clone(),
        line,
        pointer: pointer.to_owned(),
        summary: raw.get("summary").and_then(Value::as_str).unwrap_or_default().to_owned(),
        parameters,
        body,
        responses,
        role: Role::default(),
    }
}

/// The name of a parameter that a segment of a path has: `{id}`, `{id}.json`, `@{name}`.
pub fn parameter_name(segment: &str) -> Option<&str> {
    let (_, rest) = segment.split_once('{')?;
    rest.split_once('}').map(|(name, _)| name)
}

/// The forms of a body or response, JSON first, the others in their order.
fn content(value: &Value) -> Vec<(&String, &Value)> {
    let mut forms: Vec<_> = value.get("content").and_then(Value::as_object).into_iter().flatten().collect();
    forms.sort_by_key(|(kind, _)| !is_json(kind));
    forms
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json"
        || kind == "*/*"
        || kind == "application/*"
        || kind.ends_with("+json")
        || kind == "text/json"
}

/// The documented examples by name. One that is JSON written as text is taken for what it says.
fn examples(document: &Document, media: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    if let Some(example) = media.get("example") {
        found.push((String::new(), example.clone()));
    }
    for (name, example) in media.get("examples").and_then(Value::as_object).into_iter().flatten() {
        let example = resolve(document, example);
        let value = ["value", "dataValue", "serializedValue"].iter().find_map(|key| example.get(*key));
        found.extend(value.map(|value| (name.clone(), value.clone())));
    }
    let unwrapped = |value: Value| match &value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    };
    found.into_iter().map(|(name, value)| (name, unwrapped(value))).collect()
}
